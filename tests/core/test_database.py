"""Locks, retries, timeouts, and sentences for broken constraints."""

import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.db.transaction import TransactionManagementError

from core import clock, constraint_messages, db, journal, locks
from core.errors import Conflict, DomainError
from core.models import Counter, IdempotencyKey, JobRun, Preference
from tests.factories import employee


def test_lock_outside_a_transaction_is_refused(transactional_db):
    with pytest.raises(TransactionManagementError):
        locks.advisory_xact_lock("inn", "1")
    with pytest.raises(TransactionManagementError):
        locks.try_advisory_xact_lock("inn", "1")


def test_lock_keys_differ_by_kind_and_fit_into_bigint():
    keys = {locks.lock_key(kind, n) for kind in ("inn", "job") for n in range(500)}
    assert len(keys) == 1000
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_locks_of_many_keys_never_deadlock(threads):
    def take(n):
        for _ in range(20):
            with transaction.atomic():
                locks.advisory_xact_lock("inn", *((1, 2, 3) if n % 2 else (3, 2, 1)))
        return True

    assert threads(4, take) == [True] * 4


def test_taken_lock_is_not_waited_for(threads):
    both = threading.Barrier(2)

    def take(n):
        with transaction.atomic():
            got = locks.try_advisory_xact_lock("inn", "7")
            both.wait(10)
        return got

    assert sorted(threads(2, take)) == [False, True]


def crossing(threads, wrapped):
    """Two transactions that take two rows in opposite order."""
    for n in (1, 2):
        Counter.objects.create(series=f"c{n}")
    both, met = threading.Barrier(2), [0, 0]

    def cross(n):
        first, second = (1, 2) if n else (2, 1)
        Counter.objects.filter(series=f"c{first}").update(value=1)
        met[n] += 1
        if met[n] == 1:
            both.wait(10)
        Counter.objects.filter(series=f"c{second}").update(value=1)
        return "done"

    return threads(2, wrapped(cross), catch=(OperationalError,))


def test_deadlock_is_retried(threads):
    assert crossing(threads, db.in_transaction) == ["done", "done"]


def test_control_without_the_retry_one_of_them_dies(threads):
    results = crossing(threads, transaction.atomic)
    (error,) = [r for r in results if r != "done"]
    assert db.sqlstate(error) == db.DEADLOCK
    assert db.refusal(error).code == "deadlock"


def test_retry_gives_up_after_three_and_never_repeats_other_errors(db):
    from core import db as database

    calls = []

    def failing(state):
        calls.append(state)
        cause = type("E", (Exception,), {"sqlstate": state})()
        raise OperationalError from cause

    for state, times in (("40001", 1), ("57014", 1)):  # inside a transaction nothing can be repeated
        calls.clear()
        with pytest.raises(OperationalError):
            database.retried(failing)(state)
        assert len(calls) == times


@pytest.mark.django_db(transaction=True)
def test_retry_outside_a_transaction_is_bounded():
    calls = []

    @db.retried
    def failing():
        calls.append(1)
        cause = type("E", (Exception,), {"sqlstate": "40001"})()
        raise OperationalError from cause

    with pytest.raises(OperationalError):
        failing()
    assert len(calls) == 3


def test_timeouts_hold_inside_and_come_back(transactional_db, monkeypatch):
    def current():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
            return cursor.fetchone()

    before = current()
    with db.timeouts("list"):
        assert current() == ("2s", "3s")
        with db.timeouts("job"):
            assert current() == ("0", "3s")
        assert current() == ("2s", "3s")
    assert current() == before
    monkeypatch.setitem(db.TIMEOUTS, "list", (20, 20))
    with pytest.raises(OperationalError) as caught, db.timeouts("list"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")
    assert db.refusal(caught.value).code == "timeout"
    assert current() == before


def test_waiting_too_long_for_a_row_is_a_sentence(transactional_db, monkeypatch):
    Counter.objects.create(series="c")
    monkeypatch.setitem(db.TIMEOUTS, "page", (0, 20))
    held, release = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Counter.objects.select_for_update().get(series="c")
            held.set()
            release.wait(10)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    with pytest.raises(OperationalError) as caught, db.timeouts("page"):
        Counter.objects.filter(series="c").update(value=1)
    release.set()
    holder.join()
    assert isinstance(db.refusal(caught.value), Conflict)


def refusal_of(broken) -> DomainError | None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        broken()
    return constraint_messages.translate_integrity_error(caught.value)


def test_broken_constraints_become_sentences(db):
    person = employee("manager", login="same")

    def unique():
        for _ in range(2):
            Preference.objects.create(employee=person, section="x", key="y", value=1)

    found = refusal_of(unique)
    assert isinstance(found, Conflict) and found.code == "preference_once"
    assert refusal_of(lambda: Counter.objects.create(series="c", value=-1)).code == "counter_positive"
    login = refusal_of(lambda: employee(None, login="same"))
    assert (login.field, login.message) == ("login", "Такое значение «логин» уже есть. Укажите другое.")
    missing = refusal_of(lambda: IdempotencyKey.objects.create(user=person, token=None, name="", payload_hash=""))
    assert missing.message == "Заполните все обязательные поля."
    JobRun.objects.create(job="x", owner=person, created_at=clock.now())

    def used():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("DELETE FROM partners_employee WHERE id = %s", [person.pk])

    assert refusal_of(used).message == "Запись связана с другими: сначала измените их, затем повторите."


@pytest.mark.rows("RX.5")
def test_sentence_of_a_trigger(db):
    entry = journal.record(employee("manager"), "x.done", by=None, source="job")
    refusal = refusal_of(lambda: type(entry).objects.filter(pk=entry.pk).delete())
    assert refusal.message == "Записи журнала не меняются и не удаляются."


def test_unknown_constraint_stays_an_error(db):
    class Diag:
        constraint_name, table_name, column_name, message_detail = "nobody_knows", "t", None, ""

    error = IntegrityError()
    error.__cause__ = type("E", (Exception,), {"diag": Diag, "sqlstate": "23514"})()
    assert constraint_messages.translate_integrity_error(error) is None
    assert db_refusal(IntegrityError()) is None


def db_refusal(error):
    from core import db as database

    return database.refusal(error)


def test_one_sentence_per_constraint():
    constraint_messages.register({"test_constraint": "Первое."})
    constraint_messages.register({"test_constraint": "Первое."})
    with pytest.raises(ValueError, match="test_constraint"):
        constraint_messages.register({"test_constraint": "Второе."})
    assert constraint_messages.sentence_of("test_constraint") == "Первое."
