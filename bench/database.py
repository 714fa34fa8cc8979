"""A database for a scale, on the server of the environment or on one of our own; kept ones are used again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from dev import static
from dev.places import ROOT, STATE
from dev.services import services

SCALES = {"tiny": 2_000, "small": 200_000, "medium": 2_000_000, "full": 12_000_000}
MEMORY = {"small": ("256MB", "128MB", 2), "medium": ("1GB", "256MB", 3), "full": ("3GB", "1GB", 4)}
"""shared_buffers of our own server; maintenance_work_mem and connections while data is made."""


def settings(scale: str) -> dict[str, str]:
    """A server of our own may be ruined by a power cut: nothing in it is anybody's. Statistics are taken by the load."""
    return {
        "shared_buffers": MEMORY[scale][0],
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "16GB" if scale == "full" else "4GB",
        "checkpoint_timeout": "30min",
        "random_page_cost": "1.1",
        "autovacuum": "off",
    }


@contextlib.contextmanager
def database(scale: str, *, keep: bool) -> Iterator[dict[str, str]]:
    """The environment that leads to a migrated database `bench_<scale>`; dropped at the end unless kept."""
    import psycopg

    with services("bench-", durable=False, settings=settings(scale)) as running:
        name, parts = f"bench_{scale}", urlsplit(running.env["DATABASE_URL"])
        admin = urlunsplit(parts._replace(path="/postgres"))
        with psycopg.connect(admin, autocommit=True) as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                server.execute(f'CREATE DATABASE "{name}"')
        env = running.env | {
            "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")),
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "BENCH_PLANS": str(STATE / "logs"),
        }
        try:
            subprocess.run(
                [sys.executable, str(ROOT / "manage.py"), "migrate", "-v", "0"], env=env, cwd=ROOT, check=True
            )
            os.environ |= {name: env[name] for name in ("SBILLING_STATIC_ROOT",)}
            if not static.is_fresh(env["SBILLING_STATIC_ROOT"] and STATE / "static"):
                static.main()
            yield env
        finally:
            if not keep:
                with psycopg.connect(admin, autocommit=True) as server:
                    server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
