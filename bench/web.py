"""gunicorn as `./run` starts it, behind the meter."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from dev.processes import Process


@contextmanager
def web() -> Iterator[int]:
    """Its port, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--no-control-socket",
        "--preload",
        "--workers=2",
        "--threads=4",
        "--worker-class=gthread",
    ]
    command += [f"--bind=127.0.0.1:{port}", "--timeout=180", "--keep-alive=75", "bench.wsgi"]
    process = Process("bench-web", command, env=dict(os.environ))
    try:
        ends = time.monotonic() + 90
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5):
                    break
            except (OSError, urllib.error.HTTPError) as error:
                if time.monotonic() > ends or not process.is_alive:
                    raise RuntimeError(f"the web server does not start: {error}\n{process.tail()}") from error
                time.sleep(0.2)
        yield port
    finally:
        process.stop()
