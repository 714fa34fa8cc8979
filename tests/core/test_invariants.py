"""check_invariants: silent when all is well, a table and exit 1 when a query finds rows."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from core import clock, invariants
from core.invariants import Invariant
from core.jobs import registry, scheduling
from core.models import JobRun

NOW = clock.system_now()


def found() -> set[str]:
    return {finding.invariant.code for finding in invariants.check()}


def test_every_query_runs_and_an_empty_database_is_whole(db):
    assert len(invariants.every()) >= 7
    assert invariants.check() == []


@pytest.mark.parametrize("invariant", invariants.every(), ids=lambda invariant: invariant.code)
def test_query_only_reads(db, invariant):
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(invariant.sql, {"on": clock.today()})


def run(**fields) -> None:
    JobRun.objects.create(**{"job": "test.work", "created_at": NOW, **fields})


def test_holes_in_business_dates(db):
    for day in (1, 2, 4):
        run(business_date=date(2026, 3, day), state="done")
    assert found() == {"core.job_missing"}
    run(business_date=date(2026, 3, 3), state="done", scope="Asia/Vladivostok")
    assert found() == {"core.job_missing"}
    JobRun.objects.filter(business_date=date(2026, 3, 4)).update(params={"by_hand": True})
    assert found() == set()


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("core.job_silent", {"state": "running", "heartbeat_at": NOW - timedelta(minutes=16)}),
        ("core.job_parked", {"state": "parked"}),
        ("core.job_waiting", {"state": "queued", "created_at": NOW - timedelta(days=2)}),
    ],
)
def test_jobs_in_trouble(db, code, fields):
    run(**fields)
    assert found() == {code}


def test_invalid_constraint(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_counter ADD CONSTRAINT test_later CHECK (value < 10) NOT VALID")
    assert found() == {"core.constraint_not_valid"}


def test_command_prints_a_table_and_fails(db, monkeypatch):
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert out.getvalue().strip() == f"Проверок {len(invariants.every())}, нарушено 0"
    bad = Invariant("test.bad", "Плохие строки", "SELECT n AS number, 'x' AS name FROM generate_series(1, 12) n")
    monkeypatch.setitem(invariants._registered, bad.code, bad)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants", "test.bad", stdout=out)
    assert ended.value.code == 1
    lines = out.getvalue().splitlines()
    assert lines[1] == "test.bad: Плохие строки" and lines[2].split() == ["number", "name"] and lines[-3].strip() == "…"
    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants", "no.such", stdout=StringIO(), stderr=StringIO())
    assert ended.value.code == 2


def test_nightly_job_names_what_is_broken(db, monkeypatch):
    bad = Invariant("test.bad", "Плохие строки", "SELECT 1")
    monkeypatch.setitem(invariants._registered, bad.code, bad)
    (row,) = scheduling.run_by_hand(registry.get("core.invariants"), None)
    assert (row.state, row.counts["broken"], row.message) == ("done", 1, "Нарушено: Плохие строки")


def test_code_is_registered_once():
    first = invariants.every()[0]
    invariants.register(first)
    with pytest.raises(ValueError, match=first.code):
        invariants.register(Invariant(first.code, "Другое", "SELECT 1"))
