"""`./run test`: pytest on services of its own. Nothing is printed after pytest's closing line."""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from . import chromium
from .console import Stop, say
from .places import ROOT
from .services import Busy, Services, program_environment, services

SLOTS = ("t1-", "t2-", "t3-")
"""Servers of simultaneous test runs; each keeps its own data, its template database among it."""
NARROWING = (
    "-k",
    "-m",
    "-s",
    "--lf",
    "--last-failed",
    "--ff",
    "--sw",
    "--co",
    "--collect-only",
    "--pdb",
    "--trace",
    "--pyargs",
)
MAX_WORKERS = 4


def test(args: list[str]) -> int:
    with ExitStack() as stack:
        env = stack.enter_context(_test_services()).env
        env.setdefault("DJANGO_LIVE_TEST_SERVER_ADDRESS", "127.0.0.1")  # a bare machine knows no "localhost"
        _refuse_without_createdb(env)
        if _may_need_browser(args):
            found = chromium.find_or_install()
            env |= {"CHROMIUM": found} if found else {}
        return _pytest([*_parallel(args), *args], env)


def is_whole(args: list[str]) -> bool:
    """No path and nothing that picks tests: the suite itself."""
    return all(arg.startswith("-") and not arg.startswith(NARROWING) for arg in args)


def _parallel(args: list[str]) -> list[str]:
    """As many workers as cores for the whole suite, unless the caller has chosen."""
    chosen = any(arg.startswith(("-n", "--numprocesses", "-p")) for arg in args)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if chosen or not is_whole(args) or cores < 2:
        return []
    return [f"--numprocesses={min(cores, MAX_WORKERS)}", "--dist=worksteal"]


def _may_need_browser(args: list[str]) -> bool:
    """Chromium is fetched for a run that is likely to want it, not for one file of unit tests."""
    return is_whole(args) or any("browser" in arg or "e2e" in arg for arg in args)


def _test_services():
    """The first free slot, or the environment's own servers; with all slots taken, wait."""
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return _OfEnvironment()
    return _FirstFree()


class _OfEnvironment:
    def __enter__(self) -> Services:
        return Services("", program_environment())

    def __exit__(self, *error) -> None:
        """They are not ours to stop."""


class _FirstFree:
    def __enter__(self) -> Services:
        self.stack = ExitStack()
        told = False
        while True:
            for prefix in SLOTS:
                try:
                    return self.stack.enter_context(services(prefix, durable=False, quiet=True))
                except Busy:
                    continue
            if not told:
                say(f"{len(SLOTS)} test runs of this checkout are going on: waiting for one to end (Ctrl-C gives up)")
                told = True
            time.sleep(1)

    def __exit__(self, *error) -> None:
        self.stack.close()


def _refuse_without_createdb(env: dict[str, str]) -> None:
    """The tests make databases of their own and leave the named one alone."""
    import dj_database_url
    import psycopg

    told = dj_database_url.parse(env["DATABASE_URL"])
    login = {"host": told["HOST"], "port": told["PORT"], "user": told["USER"], "password": told["PASSWORD"]}
    try:
        with psycopg.connect(**{k: v for k, v in login.items() if v}, dbname="postgres", connect_timeout=10) as server:
            may = server.execute("select rolcreatedb or rolsuper from pg_roles where rolname = current_user").fetchone()
    except psycopg.OperationalError as error:
        raise Stop(f"cannot connect to the server of DATABASE_URL: {error}".strip()) from None
    if not may[0]:
        role = told["USER"]
        raise Stop(f"the tests need a role that may create databases: ALTER ROLE {role} CREATEDB (as a superuser).")


def _pytest(args: list[str], env: dict[str, str]) -> int:
    """In the terminal's own group, so that Ctrl-C reaches pytest, which then says what has failed so far."""
    child = subprocess.Popen([sys.executable, "-m", "pytest", *args], cwd=Path(ROOT), env=env)
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGINT)),
        signal.SIGHUP: signal.signal(signal.SIGHUP, lambda *_: child.send_signal(signal.SIGINT)),
    }
    try:
        return child.wait()
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
