"""`./run`: prepare the database, start worker, beat and web, watch them, stop them all."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from . import static
from .console import Stop, say
from .places import LOGS, STATE
from .processes import Process
from .services import Busy, Services, log_tails, notes_of_running, services, wait_for_leftovers

LOGINS = "operator, head, manager, colleague, stranger, support, renewals"
NO_SPACE = "No space left on device"


def up() -> int:
    began = time.perf_counter()
    port = _chosen_port()
    with _stop_signals() as stopping:
        try:
            wait_for_leftovers()
            _refuse_taken(port)
            with services() as running:
                running.env.setdefault("SBILLING_SITE_URL", f"http://127.0.0.1:{port}")
                code = _prepare(running, stopping)
                if code is None:
                    _start_programs(running, port)
                    code = _wait_until_ready(running, port, stopping)
                if code is None:
                    _tell_ready(running, port, time.perf_counter() - began)
                    code = _watch(running, stopping)
                say("stopping everything")
        except Busy:
            told = notes_of_running()
            raise Stop(
                f"./run of this checkout is running already (pid {told.get('pid', '?')}, "
                f"{told.get('address', 'not served yet')}). Stop it with Ctrl-C there."
            ) from None
    return code


def _chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise Stop(f"PORT={text} is no port: a number from 1 to 65535 is needed.")
    return int(text)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Stop(f"port {port} is for root only. Take another one: PORT=8001 ./run") from None
        except OSError:
            free = port + 1 if port < 65535 else 8001
            raise Stop(f"port {port} is taken by another program. Take another one: PORT={free} ./run") from None


@contextlib.contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """Ctrl-C, SIGTERM and a closed terminal ask to stop; a second one does not cut the stopping short."""
    stopping = threading.Event()
    before = {s: signal.signal(s, lambda *_: stopping.set()) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield stopping
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _prepare(running: Services, stopping: threading.Event) -> int | None:
    """Migrations and the demo, static files beside them. None: go on; else the exit code."""
    steps = [_step(running, "prepare")]
    if not static.is_fresh(Path(running.env["SBILLING_STATIC_ROOT"])):
        steps.append(_step(running, "static"))
    while any(step.is_alive for step in steps):
        if stopping.wait(0.05):
            return 130
        if any(server in running.dead() for server in running.servers):
            return _tell_dead(running.servers)
    for step in steps:
        running.programs.remove(step)
    return 1 if any(step.popen.returncode for step in steps) else None


def _step(running: Services, name: str) -> Process:
    """A child that ends by itself and speaks for itself."""
    return running.add(Process(name, [sys.executable, "-m", f"dev.{name}"], env=running.env, log=False))


def _start_programs(running: Services, port: int) -> None:
    python, env = sys.executable, running.env
    celery = [python, "-m", "celery", "-A", "sbilling"]
    worker = [*celery, "worker", "--loglevel=info", "--concurrency=2", "--without-gossip", "--without-mingle"]
    # A dying launcher lets the worker drop its tasks at once: they are delivered again (acks_late).
    running.add(Process("worker", worker, env=env, grace=15, on_death=signal.SIGQUIT))
    beat = [*celery, "beat", "--loglevel=info", "--pidfile=", f"--schedule={STATE / 'beat'}"]
    running.add(Process("beat", beat, env=env))
    web = [
        python,
        "-m",
        "gunicorn",
        "--no-control-socket",
        "--preload",
        "--workers=2",
        "--threads=4",
        "--worker-class=gthread",
    ]
    web += [f"--bind=127.0.0.1:{port}", "--graceful-timeout=5", "--access-logfile=-", "sbilling.wsgi"]
    running.add(Process("web", web, env=env))


def _wait_until_ready(running: Services, port: int, stopping: threading.Event) -> int | None:
    ends, told = time.monotonic() + 120, "nothing"
    while time.monotonic() < ends:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
                return None
        except urllib.error.HTTPError as error:
            told = f"{error.code} {error.read(300).decode(errors='replace')}"
        except OSError as error:
            told = str(error)
        if stopping.wait(0.1):
            return 130
        if running.dead():
            return _tell_dead(running.dead())
    say(f"/health/ready is not well after two minutes: {told}\n    logs are in {LOGS}")
    return 1


def _tell_ready(running: Services, port: int, seconds: float) -> None:
    address = f"http://127.0.0.1:{port}/"
    running.remember(address=address)
    print(f"READY {address}  ({seconds:.1f} s)", flush=True)
    if running.env["SBILLING_DEMO"] == "1":
        print(f"      logins {LOGINS}; password demo", flush=True)
    print(f"      logs in {LOGS}; Ctrl-C stops everything", flush=True)


def _watch(running: Services, stopping: threading.Event) -> int:
    while not stopping.wait(0.3):
        if dead := running.dead():
            return _tell_dead(dead)
    return 0


def _tell_dead(processes: list[Process]) -> int:
    dead = [process for process in processes if not process.is_alive]
    tails = log_tails(dead)
    print(tails, file=sys.stderr)
    for process in dead:
        say(f"{process.name} {process.ended_how}; ./run cannot go on without it")
    if NO_SPACE in tails:
        say("the disk is full: free some space and start again, nothing that was saved is lost")
    return 1
