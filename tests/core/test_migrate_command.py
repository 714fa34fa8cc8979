"""A migration gives up on a busy table instead of making everybody wait behind it (decision 30)."""

from __future__ import annotations

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import db


@pytest.mark.django_db(transaction=True)
def test_a_busy_table_is_refused_in_words(monkeypatch):
    monkeypatch.setitem(db.TIMEOUTS, "migration", (0, 50))
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(CommandError, match="занята другим сеансом"):
            call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_for_the_migration_alone(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "django.core.management.commands.migrate.Command.handle", lambda self, *a, **k: seen.append(lock_timeout())
    )
    before = lock_timeout()
    call_command("migrate", verbosity=0)
    assert seen == ["2s"]
    assert lock_timeout() == before


def lock_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return cursor.fetchone()[0]
