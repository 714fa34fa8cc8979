"""A scratch database on the server of DATABASE_URL (or on servers of our own) round a process that does the work."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]


@contextlib.contextmanager
def servers():
    """The servers of the environment, or our own while this lasts."""
    from dev.services import services

    if os.environ.get("DATABASE_URL"):
        yield {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
        return
    with services("chaos-") as own:
        yield {name: own.env[name] for name in ("DATABASE_URL", "REDIS_URL") if name in own.env}


def run_inside(module: str, arguments: list[str]) -> int:
    """`python -m module … --inside` with a migrated database that is dropped afterwards."""
    import psycopg

    from dev.services import program_environment

    with servers() as urls:
        name = f"chaos_{module.rpartition('.')[2]}_{os.getpid()}"
        parts = urlsplit(urls["DATABASE_URL"])
        admin = urlunsplit(parts._replace(path="/postgres"))
        with psycopg.connect(admin, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
        try:
            env = program_environment() | urls | {"DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}
            subprocess.run([*MANAGE, "migrate", "-v", "0"], env=env, cwd=ROOT, check=True)
            return subprocess.run(
                [sys.executable, "-m", module, *arguments, "--inside"], env=env, cwd=ROOT, check=False
            ).returncode
        finally:
            with psycopg.connect(admin, autocommit=True) as server:
                server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
