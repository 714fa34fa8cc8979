"""The fixtures every other test rests on."""

import datetime as dt

import pytest
from django.db import connection

from core import clock
from partners.models import Region
from tests.plugins.databases import COPIES, TEMPLATES


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_committed_rows_do_not_reach_the_next_test(time):
    """And what the migrations have put in is there again."""
    assert Region.objects.filter(code="39").exists()
    assert not Region.objects.filter(name="Тридевятая").exists()
    Region.objects.filter(code="39").update(code="00", name="Тридевятая")


@pytest.mark.django_db
def test_the_named_database_is_not_the_one_in_use():
    with connection.cursor() as cursor:
        cursor.execute("select current_database()")
        assert cursor.fetchone()[0].startswith(COPIES)


@pytest.mark.django_db
def test_only_our_own_idle_databases_are_dropped(databases):
    theirs, busy, stale, dead = "sb_template_ffffffff_0", f"{TEMPLATES}busy", f"{TEMPLATES}stale", f"{COPIES}4194999"
    with databases._connect() as other_run:
        for name in (theirs, busy, stale, dead):
            databases._drop(name)
            databases._create(name)
        other_run.execute("select pg_advisory_lock_shared(hashtext(%s))", (busy,))
        databases.sweep()
    there = set(databases._names("sb_"))
    databases._drop(theirs)
    databases._drop(busy)
    assert {theirs, busy, databases.template, databases.copy} <= there
    assert not {stale, dead} & there


def test_threads_start_together_on_connections_of_their_own(threads, clock_at):
    clock_at(dt.date(2030, 1, 2))

    def one(index: int):
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            return index, cursor.fetchone()[0], clock.today()

    results = threads(4, one)
    assert [index for index, _, _ in results] == [0, 1, 2, 3]
    assert len({pid for _, pid, _ in results}) == 4
    assert {day for _, _, day in results} == {dt.date(2030, 1, 2)}


def test_threads_hand_over_or_raise_errors(threads):
    def fail(index: int):
        raise ValueError(index)

    assert [str(error) for error in threads(2, fail, catch=(ValueError,))] == ["0", "1"]
    with pytest.raises(ValueError, match="0"):
        threads(2, fail)
