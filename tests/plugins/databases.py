"""One migrated template database per state of the code; every test process works in a copy of it.

A copy takes 0.1 s where the migrations take many seconds. Templates and copies carry the tag of this checkout and are
the only databases ever dropped: the database that DATABASE_URL names is never touched.
"""

import contextlib
import hashlib
import os
import socket
from pathlib import Path

import django
import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent
TAG = hashlib.sha256(f"{socket.gethostname()}:{ROOT}:{os.geteuid()}".encode()).hexdigest()[:8]
TEMPLATES, COPIES = f"sb_template_{TAG}_", f"sb_test_{TAG}_"


class Databases:
    """The template and this process's copy on the server of DATABASE_URL."""

    def __init__(self) -> None:
        self.connection = connections["default"]
        self.template = TEMPLATES + migrations_hash()
        self.copy = f"{COPIES}{os.getpid()}"

    @contextlib.contextmanager
    def server(self):
        """An autocommit connection from which databases are made and dropped."""
        told = self.connection.get_connection_params() | {"dbname": "postgres", "autocommit": True}
        known = {"host", "port", "user", "password", "dbname", "autocommit", "sslmode", "sslrootcert"}
        with psycopg.connect(**{name: value for name, value in told.items() if name in known}) as connection:
            yield connection

    def use(self, name: str) -> None:
        self.connection.close()
        self.connection.settings_dict["NAME"] = name

    def set_up(self) -> None:
        with self.server() as server:
            server.execute("select pg_advisory_lock(hashtext(%s))", (TEMPLATES,))  # one process builds, others wait
            if not _exists(server, self.template):
                self._sweep(server, keep=self.template)
                self._build(server)
            server.execute("select pg_advisory_unlock(hashtext(%s))", (TEMPLATES,))
            self.renew(server)

    def renew(self, server: psycopg.Connection | None = None) -> None:
        """A fresh copy in place of this process's, whatever the last test has left in it."""
        self.connection.close()
        with contextlib.ExitStack() as stack:
            server = server or stack.enter_context(self.server())
            _drop(server, self.copy)
            _create(server, self.copy, self.template)
        self.use(self.copy)

    def tear_down(self) -> None:
        self.connection.close()
        with self.server() as server:
            _drop(server, self.copy)

    def _build(self, server: psycopg.Connection) -> None:
        """Under another name first: a template is either whole or not there."""
        half = f"{self.template}_half"
        _drop(server, half)
        _create(server, half)
        self.use(half)
        call_command("migrate", verbosity=0, interactive=False)
        self.connection.close()
        server.execute(sql.SQL("alter database {} rename to {}").format(*map(sql.Identifier, (half, self.template))))

    def _sweep(self, server: psycopg.Connection, *, keep: str) -> None:
        """Drop this checkout's older templates, unless somebody copies one now, and copies of killed processes."""
        for name in filter(lambda name: name != keep, _names(server, TEMPLATES)):
            with contextlib.suppress(psycopg.errors.ObjectInUse):
                _drop(server, name, force=False)
        for name in _names(server, COPIES):
            if not _is_running(int(name.removeprefix(COPIES))):
                _drop(server, name)


def migrations_hash() -> str:
    digest = hashlib.sha256(django.__version__.encode())
    for path in sorted(ROOT.glob("*/migrations/**/*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _exists(server: psycopg.Connection, name: str) -> bool:
    return server.execute("select 1 from pg_database where datname = %s", (name,)).fetchone() is not None


def _names(server: psycopg.Connection, prefix: str) -> list[str]:
    return [n for (n,) in server.execute("select datname from pg_database where starts_with(datname, %s)", (prefix,))]


def _create(server: psycopg.Connection, name: str, template: str = "template0") -> None:
    server.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))


def _drop(server: psycopg.Connection, name: str, *, force: bool = True) -> None:
    """`force` ends our own sessions first; WITH (FORCE) would trip over an autovacuum worker."""
    if force:
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = current_user",
            (name,),
        )
    server.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """In place of pytest-django's: `--create-db` and `--reuse-db` mean nothing here."""
    databases = Databases()
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        databases.set_up()
        # Django would TRUNCATE after a test that commits: append-only tables refuse that, and rows of migrations
        # would be gone. A new copy is as quick.
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: databases.renew())
        yield
        databases.tear_down()
