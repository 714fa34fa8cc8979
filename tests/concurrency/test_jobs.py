"""Jobs under kill -9, a lost queue, poison, two beats and workers that come back from the dead (F1-F8, C1, C4, C5).

A forked child of the test is the worker: it is really killed. What it does is written to a ledger, so that lost
work is a missing line and doubled work a line too many. Every protection has its control: without it the fault shows.
"""

import os
import signal
import threading
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connection, connections
from django.db.models.functions import Now

from core import clock, faults
from core.faults import kill_at_pass
from core.jobs import registry, running, scheduling, services
from core.models import Counter, JobRun
from tests.factories import employee

State = JobRun.State
WORK = range(1, 13)


@pytest.fixture
def declared(monkeypatch, transactional_db):
    """declared(body): the only job there is."""
    monkeypatch.setattr(registry, "_jobs", {})

    def declare(body, name: str = "test.work", **options):
        registry._jobs[name] = registry.Job(name, "Проверка", body, **{"daily": True, **options})
        return name

    return declare


def note(number: int) -> None:
    """One line of the ledger, in the transaction of the caller."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_counter (series, value) VALUES (%s, 1)"
            " ON CONFLICT (series) DO UPDATE SET value = core_counter.value + 1",
            [f"work-{number:03}"],
        )


def ledger() -> dict[int, int]:
    return {int(series[5:]): value for series, value in Counter.objects.values_list("series", "value")}


def work_in_chunks(run, on) -> None:
    for chunk in run.chunks(WORK, 3):
        with chunk:
            for number in chunk:
                note(number)


def in_killed_child(action) -> None:
    """Do it in a process of its own, which has to die by SIGKILL on the way."""
    assert killed(action)


def killed(action) -> bool:
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            action()
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def dead_for(**age) -> None:
    JobRun.objects.filter(state=State.RUNNING).update(heartbeat_at=Now() - timedelta(**age))


def recover() -> None:
    """What the next minute brings: the sweeper puts back, a worker takes on."""
    dead_for(minutes=2)
    scheduling.sweep()
    scheduling.run_queued()


POINTS = ("jobs.claimed", "jobs.chunk.before_commit", "jobs.chunk.after_commit", "jobs.done.before_mark")


@pytest.mark.parametrize("point", POINTS)
def test_kill_at_any_point_neither_loses_nor_doubles(declared, point):
    name = declared(work_in_chunks)
    with faults.at(point, kill_at_pass(1)):
        in_killed_child(lambda: scheduling.wake(name))
    recover()
    assert ledger() == dict.fromkeys(WORK, 1)
    row = JobRun.objects.get(job=name)
    assert (row.state, row.progress_done, row.checkpoint) == (State.DONE, 12, {"ids": 12})


def test_kill_after_kill_goes_on_as_long_as_each_attempt_finishes_something(declared):
    name = declared(work_in_chunks)
    scheduling.plan(registry.get(name))
    run_id = JobRun.objects.get(job=name).pk
    for _ in range(4):  # more often than the three attempts of a run that does not move
        with faults.at("jobs.chunk.after_commit", kill_at_pass(1)):
            in_killed_child(partial(running.execute, run_id))
        dead_for(minutes=2)
        scheduling.sweep()
    scheduling.run_queued()
    assert ledger() == dict.fromkeys(WORK, 1)
    assert JobRun.objects.get(pk=run_id).state == State.DONE


def test_control_without_the_common_transaction_the_kill_doubles(declared):
    def body(run, on):
        for chunk in run.chunks(WORK, 3):
            for number in chunk:
                note(number)
            faults.hit("test.before_checkpoint")

    name = declared(body)
    with faults.at("test.before_checkpoint", kill_at_pass(2)):
        in_killed_child(lambda: scheduling.wake(name))
    recover()
    assert ledger() == {**dict.fromkeys(WORK, 1), 4: 2, 5: 2, 6: 2}


def test_lost_queue_is_made_good_by_the_sweeper(declared, monkeypatch):
    person = employee("manager")
    sent = []
    monkeypatch.setattr(scheduling, "hint", sent.append)
    monkeypatch.setattr(services, "hint", sent.append)
    name = declared(work_in_chunks, user=True, daily=False)
    row = services.start_user_job(name, {}, person)
    assert sent == [row.pk]
    sent.clear()  # FLUSHALL
    assert JobRun.objects.get(pk=row.pk).state == State.QUEUED  # control: nobody would come
    JobRun.objects.update(heartbeat_at=Now() - timedelta(minutes=1))
    scheduling.sweep()
    assert sent == [row.pk]
    running.execute(sent[0])
    assert ledger() == dict.fromkeys(WORK, 1)


def poison(run, on) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_poison_is_parked_after_three_deaths_and_neighbours_go_on(declared):
    bad = declared(poison, "test.poison")
    good = declared(work_in_chunks, "test.good")
    deaths = 0
    for _ in range(6):
        scheduling.sweep()
        run_id = JobRun.objects.get(job=bad).pk
        deaths += killed(partial(running.execute, run_id))
        dead_for(minutes=2)
    scheduling.sweep()
    row = JobRun.objects.get(job=bad)
    assert (row.state, row.attempts, deaths) == (State.PARKED, 3, 3)
    assert [r.state for r in scheduling.wake(good)] == [State.DONE]
    assert ledger() == dict.fromkeys(WORK, 1)


def test_control_without_the_limit_poison_kills_for_ever(declared, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_jobrun DROP CONSTRAINT job_attempts")
    monkeypatch.setattr(scheduling, "ATTEMPTS", 99)
    monkeypatch.setattr(running, "ATTEMPTS", 99)
    bad = declared(poison)
    for _ in range(5):
        scheduling.sweep()
        run_id = JobRun.objects.get(job=bad).pk
        in_killed_child(partial(running.execute, run_id))
        dead_for(minutes=2)
    assert JobRun.objects.get(job=bad).attempts == 5


def test_two_beats_and_double_deliveries_run_each_date_once(declared, threads, clock_at):
    name = declared(work_in_chunks)
    clock_at(date(2026, 2, 27))
    scheduling.wake(name)
    clock_at(date(2026, 3, 1))
    rows = threads(4, lambda n: scheduling.wake(name))
    assert sorted(row.business_date for ended in rows for row in ended) == [date(2026, 2, 28), date(2026, 3, 1)]
    assert ledger() == dict.fromkeys(WORK, 3)
    assert JobRun.objects.filter(job=name, state=State.DONE).count() == 3


def test_control_without_the_lock_a_run_is_claimed_twice(declared, threads):
    name = declared(lambda run, on: note(1))
    scheduling.plan(registry.get(name))
    run_id = JobRun.objects.get(job=name).pk
    with faults.without_protection("jobs.claim.lock"), faults.at("jobs.claim.read", threading.Barrier(2).wait):
        threads(2, lambda n: running.execute(run_id))
    assert ledger() == {1: 2}


def test_control_without_the_constraint_two_planners_double_the_date(declared, threads):
    name = declared(work_in_chunks)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX job_once_per_date")
    both = threading.Barrier(2)
    bulk_create = JobRun.objects.bulk_create

    def plan(n):
        rows = [
            JobRun(job=name, business_date=on, created_at=clock.now())
            for on in scheduling.due_dates(registry.get(name))
        ]
        both.wait(10)
        bulk_create(rows, ignore_conflicts=True)

    threads(2, plan)
    assert JobRun.objects.filter(job=name).count() == 2


def test_two_planners_with_the_constraint(declared, threads):
    name = declared(work_in_chunks)
    threads(4, lambda n: scheduling.plan(registry.get(name)))
    assert JobRun.objects.filter(job=name).count() == 1


def test_worker_that_comes_back_from_the_dead_writes_nothing(declared):
    taken_over = []

    def body(run, on):
        for chunk in run.chunks(WORK, 3):
            with chunk:
                for number in chunk:
                    note(number)
                if chunk[0] == 4 and not taken_over:
                    taken_over.append(True)
                    raise_dead(run.id)

    def raise_dead(run_id):
        """The process was suspended; meanwhile the run is given to another one, which finishes it."""

        def other():
            dead_for(minutes=2)
            scheduling._requeue_stale()
            running.execute(run_id)
            connections.close_all()

        thread = threading.Thread(target=other)
        holder.append(thread)
        thread.start()
        wait_until(lambda: JobRun.objects.get(pk=run_id).started_at != stamps[0])

    holder, stamps = [], []
    name = declared(body)
    scheduling.plan(registry.get(name))
    run_id = JobRun.objects.get(job=name).pk
    with faults.at("jobs.claimed", lambda: stamps.append(JobRun.objects.get(pk=run_id).started_at)):
        running.execute(run_id)
    holder[0].join(30)
    assert ledger() == dict.fromkeys(WORK, 1)
    assert JobRun.objects.get(pk=run_id).state == State.DONE


def wait_until(condition, seconds: float = 10) -> None:
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError("it never came true")


def test_beat_absent_for_days_leaves_what_an_undisturbed_run_leaves(declared, clock_at):
    def body(run, on):
        note(on.day)

    name = declared(body)
    for day in (date(2026, 2, 26), date(2026, 2, 27)):
        clock_at(day)
        scheduling.wake(name)
    clock_at(date(2026, 3, 2))
    scheduling.sweep()
    scheduling.run_queued()
    assert ledger() == {26: 1, 27: 1, 28: 1, 1: 1, 2: 1}
    assert list(JobRun.objects.filter(job=name).values_list("business_date", flat=True).order_by("business_date")) == [
        date(2026, 2, 26) + timedelta(days=n) for n in range(5)
    ]


def test_broken_connection_is_no_failed_attempt(declared):
    def body(run, on):
        for chunk in run.chunks(WORK, 3):
            with chunk:
                for number in chunk:
                    note(number)
                if 5 in chunk and not broken:
                    broken.append(True)
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    broken = []
    name = declared(body)
    scheduling.wake(name)
    row = JobRun.objects.get(job=name)
    assert (row.state, row.attempts) == (State.QUEUED, 0)
    running.execute(row.pk)
    assert ledger() == dict.fromkeys(WORK, 1)


def test_heartbeat_goes_on_while_one_statement_takes_long(declared, monkeypatch):
    monkeypatch.setattr(running, "HEARTBEAT_SECONDS", 0.05)

    def body(run, on):
        before = JobRun.objects.get(pk=run.id).heartbeat_at
        wait_until(lambda: JobRun.objects.get(pk=run.id).heartbeat_at > before)

    name = declared(body)
    (row,) = scheduling.wake(name, heartbeat=True)
    assert row.state == State.DONE
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("heartbeat-")]


def test_hung_body_loses_its_heartbeat(declared, monkeypatch):
    monkeypatch.setattr(running, "HEARTBEAT_SECONDS", 0.02)

    def body(run, on):
        wait_until(lambda: not [t for t in threading.enumerate() if t.name == f"heartbeat-{run.id}"])

    (row,) = scheduling.wake(declared(body, silence=0), heartbeat=True)
    assert row.state == State.DONE
