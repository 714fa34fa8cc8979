"""One migrated template database per state of the code; every test process works in a copy of it.

A copy takes 0.1 s where the migrations take many seconds. Templates and copies carry the tag of this checkout and are
the only databases ever dropped: the database that DATABASE_URL names is never touched.
"""

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
    """The template and this process's copy on the server of DATABASE_URL.

    A process keeps a shared advisory lock on its template as long as it lives, so that another one, started after the
    migrations have changed, does not drop it from under the tests.
    """

    def __init__(self) -> None:
        self.connection = connections["default"]
        self.template = TEMPLATES + migrations_hash()
        self.copy = f"{COPIES}{os.getpid()}"
        self.server: psycopg.Connection | None = None

    def set_up(self) -> None:
        self.server = self._connect()
        self.server.execute("select pg_advisory_lock_shared(hashtext(%s))", (self.template,))
        self.server.execute("select pg_advisory_lock(hashtext(%s))", (TEMPLATES,))  # one builds, the others wait
        if not self._exists(self.template):
            self.sweep()
            self._build()
        self.server.execute("select pg_advisory_unlock(hashtext(%s))", (TEMPLATES,))
        self.renew()

    def renew(self) -> None:
        """A fresh copy in place of this process's, whatever the last test has left in it."""
        self.connection.close()
        connections.close_all()  # a browser test's event loop has a connection object of its own
        self._drop(self.copy)
        self._create(self.copy, self.template)
        self._use(self.copy)

    def tear_down(self) -> None:
        self.connection.close()
        self._drop(self.copy)
        self.server.close()

    def sweep(self) -> None:
        """Drop this checkout's templates that nobody works with, and copies of killed processes."""
        for name in self._names(TEMPLATES):
            if name != self.template and self._one("select pg_try_advisory_lock(hashtext(%s))", name):
                self._drop(name)
                self.server.execute("select pg_advisory_unlock(hashtext(%s))", (name,))
        for name in self._names(COPIES):
            if not _is_running(int(name.removeprefix(COPIES))):
                self._drop(name)

    def _build(self) -> None:
        """Under another name first: a template is either whole or not there."""
        half = f"{self.template}_half"
        self._drop(half)
        self._create(half)
        self._use(half)
        call_command("migrate", verbosity=0, interactive=False)
        self.connection.close()
        names = map(sql.Identifier, (half, self.template))
        self.server.execute(sql.SQL("alter database {} rename to {}").format(*names))

    def _connect(self) -> psycopg.Connection:
        """To the maintenance database: from there the others are made and dropped."""
        told = self.connection.get_connection_params() | {"dbname": "postgres", "autocommit": True}
        known = {"host", "port", "user", "password", "dbname", "autocommit", "sslmode", "sslrootcert"}
        return psycopg.connect(**{name: value for name, value in told.items() if name in known})

    def _use(self, name: str) -> None:
        self.connection.close()
        self.connection.settings_dict["NAME"] = name

    def _one(self, query: str, *values: str):
        row = self.server.execute(query, values).fetchone()
        return row and row[0]

    def _exists(self, name: str) -> bool:
        return bool(self._one("select true from pg_database where datname = %s", name))

    def _names(self, prefix: str) -> list[str]:
        found = self.server.execute("select datname from pg_database where starts_with(datname, %s)", (prefix,))
        return [name for (name,) in found]

    def _create(self, name: str, template: str = "template0") -> None:
        names = map(sql.Identifier, (name, template))
        self.server.execute(sql.SQL("create database {} template {}").format(*names))

    def _drop(self, name: str) -> None:
        """Ends our own sessions first; WITH (FORCE) would trip over an autovacuum worker."""
        self.server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = current_user",
            (name,),
        )
        self.server.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))


def migrations_hash() -> str:
    digest = hashlib.sha256(django.__version__.encode())
    for path in sorted(ROOT.glob("*/migrations/**/*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@pytest.fixture(scope="session")
def databases(django_test_environment, django_db_blocker):
    databases = Databases()
    with django_db_blocker.unblock():
        databases.set_up()
        yield databases
        databases.tear_down()


@pytest.fixture(scope="session")
def django_db_setup(databases):
    """In place of pytest-django's: `--create-db` and `--reuse-db` mean nothing here."""
    with pytest.MonkeyPatch.context() as patch:
        # Django would TRUNCATE after a test that commits: append-only tables refuse that, and rows of migrations
        # would be gone. A new copy is as quick.
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: databases.renew())
        yield
