"""Jobs: due dates and catch-up, attempts, progress, cancelling, results, the clock's sanity, the sweeper."""

import os
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from core import clock
from core.errors import Conflict, DomainError, Forbidden
from core.jobs import registry, running, scheduling, selectors, services
from core.models import JobRun, JournalEntry

State = JobRun.State
MONDAY = date(2026, 2, 27)


@pytest.fixture
def hints(monkeypatch):
    sent = []
    monkeypatch.setattr(scheduling, "hint", sent.append)
    monkeypatch.setattr(services, "hint", sent.append)
    return sent


def aged(**age):
    """Every open run was last heard of so long ago."""
    JobRun.objects.filter(state__in=["queued", "running"]).update(heartbeat_at=Now() - timedelta(**age))


@pytest.mark.rows("RX.7")
def test_daily_job_runs_once_per_business_date(db, declared, clock_at):
    seen = []
    name = declared(lambda run, on: seen.append(on), daily=True)
    clock_at(MONDAY)
    scheduling.wake(name)
    scheduling.wake(name)
    assert seen == [MONDAY]
    assert JobRun.objects.get(job=name).state == State.DONE


@pytest.mark.rows("RX.7")
def test_missed_dates_are_caught_up_in_order_over_the_end_of_a_month(db, declared, clock_at):
    seen = []
    name = declared(lambda run, on: seen.append(on), daily=True)
    clock_at(MONDAY)
    scheduling.wake(name)
    clock_at(date(2026, 3, 2))
    scheduling.wake(name)
    assert seen == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)]


def test_job_that_heals_itself_takes_only_the_newest_date(db, declared, clock_at):
    seen = []
    name = declared(lambda run, on: seen.append(on), daily=True, catch_up=False)
    clock_at(MONDAY)
    scheduling.wake(name)
    clock_at(date(2026, 3, 2))
    scheduling.wake(name)
    assert seen == [MONDAY, date(2026, 3, 2)]


def test_date_is_not_due_before_its_hour(db, declared, clock_at, monkeypatch):
    from celery.schedules import crontab

    name = declared(lambda run, on: None, daily=True)
    entry = {"task": scheduling.WAKE_TASK, "schedule": crontab(hour=5, minute=30), "args": [name]}
    monkeypatch.setitem(scheduling.current_app.conf.beat_schedule, "x", entry)
    clock_at(datetime(2026, 3, 2, 5, 29, tzinfo=UTC))
    assert scheduling.due_dates(registry.get(name)) == []
    clock_at(datetime(2026, 3, 2, 5, 31, tzinfo=UTC))
    assert scheduling.due_dates(registry.get(name)) == [date(2026, 3, 2)]


def test_job_of_zones_starts_with_the_local_day(db, declared, clock_at):
    seen = []
    zones = ("Europe/Kaliningrad", "Asia/Vladivostok")
    name = declared(lambda run, on: seen.append((run.scope, on)), daily=True, zones=lambda: zones)
    clock_at(datetime(2026, 3, 1, 16, tzinfo=UTC))  # 18:00 in Kaliningrad, 2:00 of the next day in Vladivostok
    scheduling.wake(name)
    assert set(seen) == {("Europe/Kaliningrad", date(2026, 3, 1)), ("Asia/Vladivostok", date(2026, 3, 2))}


def test_job_of_minutes_reuses_its_row(db, declared):
    seen = []
    name = declared(lambda run, on: seen.append(run.id))
    scheduling.wake(name)
    scheduling.wake(name)
    assert len(seen) == 2
    assert JobRun.objects.filter(job=name).count() == 1


def test_failure_is_tried_three_times_and_parked(db, declared):
    calls = []

    def body(run, on):
        calls.append(1)
        raise ValueError("secret detail")

    name = declared(body, daily=True)
    scheduling.wake(name)
    row = JobRun.objects.get(job=name)
    assert (row.state, row.attempts) == (State.QUEUED, 1)
    for _ in range(5):
        running.execute(row.pk)
    row.refresh_from_db()
    assert (row.state, len(calls)) == (State.PARKED, 3)
    assert "secret detail" not in row.message


def test_refusal_of_a_persons_job_is_told_and_not_retried(db, declared, manager, hints):
    def body(run, on):
        raise DomainError("Отбор пуст: измените фильтр.")

    row = services.start_user_job(declared(body, user=True), {}, manager)
    running.execute(row.pk)
    row.refresh_from_db()
    assert (row.state, row.message, row.attempts) == (State.FAILED, "Отбор пуст: измените фильтр.", 1)


def test_later_date_waits_for_an_earlier_one(db, declared):
    name = declared(lambda run, on: None, daily=True)
    now = clock.system_now()
    first, second = (
        JobRun.objects.create(job=name, business_date=MONDAY + timedelta(days=n), created_at=now) for n in (0, 1)
    )
    assert running.claim(second.pk) is None
    assert running.claim(first.pk) is not None
    assert running.claim(second.pk) is None


def test_chunks_go_on_behind_the_checkpoint_with_their_counts(db, declared):
    done, broken = [], [True]

    def body(run, on):
        for chunk in run.chunks(range(1, 11), 3):
            with chunk:
                done.extend(chunk)
                run.count(rows=len(chunk))
                if 7 in chunk and broken.pop():
                    broken.append(False)
                    raise ValueError

    name = declared(body, daily=True)
    (row,) = scheduling.wake(name)
    assert (row.state, row.checkpoint, row.progress_done, row.progress_total) == (State.QUEUED, {"ids": 6}, 6, 10)
    broken[:] = [False, False]
    row = running.execute(row.pk)
    assert done == [1, 2, 3, 4, 5, 6, 7, 8, 9, 7, 8, 9, 10]  # the list is no table: its part of the third slice stayed
    assert (row.state, row.counts, row.progress_done) == (State.DONE, {"rows": 10}, 10)


def test_progress_is_visible_while_the_job_runs(db, declared, monkeypatch):
    monkeypatch.setattr(running, "WRITE_SECONDS", 0)
    seen = []

    def body(run, on):
        run.advance(3, 12, {"formed": 2})
        seen.append(JobRun.objects.values_list("progress_done", "progress_total", "counts").get(pk=run.id))

    scheduling.wake(declared(body, daily=True))
    assert seen == [(3, 12, {"formed": 2})]


def test_double_start_gives_one_run(db, declared, manager, colleague, hints):
    name = declared(lambda run, on: None, user=True)
    first = services.start_user_job(name, {"ids": [1, 2]}, manager)
    assert services.start_user_job(name, {"ids": [1, 2]}, manager).pk == first.pk
    assert services.start_user_job(name, {"ids": [3]}, manager).pk != first.pk
    assert services.start_user_job(name, {"ids": [1, 2]}, colleague).pk != first.pk


def test_hint_goes_out_after_the_commit_only(db, declared, manager, hints, django_capture_on_commit_callbacks):
    name = declared(lambda run, on: None, user=True)
    with django_capture_on_commit_callbacks(execute=True):
        row = services.start_user_job(name, {}, manager)
        assert hints == []
    assert hints == [row.pk]


def test_dead_broker_never_fails_the_request(db, monkeypatch):
    def broken(*args, **kwargs):
        raise ConnectionError

    calls = []
    monkeypatch.setattr(scheduling, "_no_hints_until", 0.0)
    monkeypatch.setattr(scheduling.current_app, "send_task", lambda *a, **k: calls.append(1) or broken())
    scheduling.hint(1)
    scheduling.hint(2)  # the second one does not even wait for the timeout
    assert calls == [1]


def test_cancel_in_the_queue_and_while_it_runs(db, declared, manager, hints, monkeypatch):
    monkeypatch.setattr(running, "WRITE_SECONDS", 0)
    steps = []

    def body(run, on):
        for n in range(3):
            run.advance(n, 3)
            steps.append(n)
            services.job_cancel(run_id=run.id, by=manager)

    name = declared(body, user=True)
    row = services.start_user_job(name, {}, manager)
    running.execute(row.pk)
    row.refresh_from_db()
    assert (row.state, steps) == (State.CANCELLED, [0])
    with pytest.raises(Conflict):
        services.job_cancel(run_id=row.pk, by=manager)
    waiting = services.start_user_job(name, {"n": 2}, manager)
    services.job_cancel(run_id=waiting.pk, by=manager)
    assert running.execute(waiting.pk) is None


def test_nobody_cancels_a_colleagues_work_but_the_operator(db, declared, manager, colleague, operator, hints):
    row = services.start_user_job(declared(lambda run, on: None, user=True), {}, manager)
    with pytest.raises(JobRun.DoesNotExist):
        services.job_cancel(run_id=row.pk, by=colleague)
    assert services.job_cancel(run_id=row.pk, by=operator).state == State.CANCELLED


def test_blocked_employees_work_never_runs(db, declared, manager, hints):
    ran = []
    name = declared(lambda run, on: ran.append(1), user=True)
    first = services.start_user_job(name, {}, manager)
    type(manager).objects.filter(pk=manager.pk).update(access="forbidden", blocked_at=clock.now())
    assert running.execute(first.pk) is None
    type(manager).objects.filter(pk=manager.pk).update(access="allowed", blocked_at=None)
    second = services.start_user_job(name, {}, manager)
    type(manager).objects.filter(pk=manager.pk).update(access="forbidden", blocked_at=clock.now())
    assert scheduling.sweep()["cancelled"] == 1
    assert set(JobRun.objects.filter(pk__in=[first.pk, second.pk]).values_list("state", flat=True)) == {"cancelled"}
    assert ran == []


def test_blocking_cancels_at_once_what_waits_and_what_runs(db, declared, manager, colleague, hints):
    name = declared(lambda run, on: None, user=True)
    rows = [services.start_user_job(name, {"n": n}, manager) for n in range(2)]
    other = services.start_user_job(name, {}, colleague)
    running.claim(rows[0].pk)
    assert services.cancel_all_of(manager) == 2
    rows[0].refresh_from_db()
    assert (rows[0].state, rows[0].cancel_requested_at is not None) == (State.RUNNING, True)
    assert running.execute(rows[1].pk) is None
    assert running.execute(other.pk).state == State.DONE


def test_result_is_the_owners_for_a_day(db, declared, manager, colleague, operator, hints):
    allowed = [True]

    def body(run, on):
        run.result_path("Отчет.xlsx").write_bytes(b"rows")

    row = services.start_user_job(declared(body, user=True, may_download=lambda row, by: allowed[0]), {}, manager)
    running.execute(row.pk)
    path, filename = services.result_of(row.pk, manager)
    assert (path.read_bytes(), filename) == (b"rows", "Отчет.xlsx")
    for stranger in (colleague, operator):
        with pytest.raises(JobRun.DoesNotExist):
            services.result_of(row.pk, stranger)
    allowed[0] = False
    with pytest.raises(JobRun.DoesNotExist):
        services.result_of(row.pk, manager)
    allowed[0] = True
    JobRun.objects.filter(pk=row.pk).update(finished_at=Now() - timedelta(hours=25))
    killed = path.with_name("left by a killed writer")
    killed.mkdir()
    for old in (path, killed):
        os.utime(old, times=(0, 0))
    with pytest.raises(DomainError, match="сутки"):
        services.result_of(row.pk, manager)
    assert scheduling.sweep()["files"] == 2
    assert not path.exists() and not killed.exists()


def test_restart_of_what_was_parked(db, declared, operator, manager):
    broken = [True]

    def body(run, on):
        if broken[0]:
            raise ValueError

    (row,) = scheduling.wake(declared(body, daily=True))
    for _ in range(2):
        running.execute(row.pk)
    broken[0] = False
    with pytest.raises(JobRun.DoesNotExist):
        services.job_restart(run_id=row.pk, by=manager)
    services.job_restart(run_id=row.pk, by=operator)
    assert running.execute(row.pk).state == State.DONE
    with pytest.raises(Conflict):
        services.job_restart(run_id=row.pk, by=operator)


@pytest.mark.parametrize("jump", [timedelta(days=8), timedelta(hours=-1)])
def test_jumped_clock_stops_scheduled_jobs_until_the_operator_confirms(
    db, declared, operator, manager, monkeypatch, jump
):
    name = declared(lambda run, on: None, daily=True)
    scheduling.mark_clock()
    real = clock.system_now
    monkeypatch.setattr(clock, "system_now", lambda: real() + jump)
    assert scheduling.wake(name) == []
    assert scheduling.clock_refusal().code == "clock"
    with pytest.raises(Forbidden):
        services.clock_confirm(by=manager)
    services.clock_confirm(by=operator)
    assert [row.state for row in scheduling.wake(name)] == [State.DONE]
    assert JournalEntry.objects.filter(code="clock.confirmed", by=operator).count() == 1


def test_moved_demo_clock_is_no_jump(db, declared):
    from core.models import ClockOffset

    seen = []
    name = declared(lambda run, on: seen.append(on), daily=True)
    scheduling.wake(name)
    ClockOffset.objects.update_or_create(id=1, defaults={"days": 40})
    try:
        scheduling.wake(name)
    finally:
        clock.set_offset(timedelta())
    assert len(seen) == 41


def test_sweeper_puts_back_what_died_and_reminds_of_what_waits(db, declared, manager, hints):
    name = declared(lambda run, on: None, user=True)
    row = services.start_user_job(name, {}, manager)
    assert scheduling.sweep()["hinted"] == 0  # its own hint is still fresh
    running.claim(row.pk)
    assert scheduling.sweep()["stale"] == 0
    aged(minutes=2)
    assert scheduling.sweep() | {"files": 0} == {"stale": 1, "cancelled": 0, "files": 0, "hinted": 1}
    assert hints[-1] == row.pk
    assert running.execute(row.pk).state == State.DONE


@pytest.mark.rows("RX.7")
def test_sweeper_plans_what_beat_has_missed(db, declared, clock_at, hints):
    name = declared(lambda run, on: None, daily=True)
    clock_at(MONDAY)
    scheduling.wake(name)
    clock_at(MONDAY + timedelta(days=2))
    scheduling.sweep()
    assert JobRun.objects.filter(job=name, state=State.QUEUED).count() == 2


def test_last_runs_and_what_a_person_sees(db, declared, manager, operator, hints):
    daily = declared(lambda run, on: None, daily=True)
    scheduling.wake(daily)
    own = services.start_user_job(declared(lambda run, on: None, "test.own", user=True), {}, manager)
    assert {line.name: line.last and line.last.state for line in selectors.last_runs()}[daily] == State.DONE
    assert [row.pk for row in selectors.visible_to(manager)] == [own.pk]
    assert [row.pk for row in selectors.open_of(manager)] == [own.pk]
    assert {row.job for row in selectors.visible_to(operator)} == {daily, "test.own"}


def test_run_job_by_hand_for_a_date_and_again(db, declared, clock_at):
    seen = []
    name = declared(lambda run, on: (seen.append((on, clock.today())), run.count(rows=2)), daily=True)
    clock_at(MONDAY)
    out = StringIO()
    call_command("run_job", name, "--on", "2026-02-03", stdout=out)
    call_command("run_job", name, "--on", "2026-02-03", stdout=out)
    assert seen == [(date(2026, 2, 3), date(2026, 2, 3))] * 2
    assert "test.work за 03.02.2026: Готово. Строк 2" in out.getvalue()
    scheduling.wake(name)  # a date by hand moves no schedule
    assert [on for on, _ in seen[2:]] == [MONDAY]


def test_run_job_says_what_went_wrong(db, declared, manager):
    def body(run, on):
        raise ValueError

    with pytest.raises(CommandError, match="не выполнена"):
        call_command("run_job", declared(body, daily=True), stdout=StringIO())
    with pytest.raises(CommandError, match="list_jobs"):
        call_command("run_job", "no.such")
    with pytest.raises(CommandError, match="на странице"):
        call_command("run_job", declared(body, "test.own", user=True))


def test_list_jobs_names_every_scheduled_job(db):
    out = StringIO()
    call_command("list_jobs", stdout=out)
    for job in registry.every():
        assert (job.name in out.getvalue()) is not job.user
    assert "не запускалась" in out.getvalue()


def test_beat_schedule_and_jobs_name_each_other():
    from sbilling.celery import JOBS

    scheduled = {job.name for job in registry.every() if not job.user}
    assert set(JOBS) == scheduled
    for name, when in JOBS.items():
        if registry.get(name).daily and not registry.get(name).zones:
            assert (len(when.hour), len(when.minute)) == (1, 1), name


def test_prune_drops_what_is_old(db, manager):
    from core.models import ExportRecord, IdempotencyKey, ReferenceChange

    old = clock.system_now() - timedelta(days=100)
    runs = [
        JobRun.objects.create(job="core.export", owner=manager, state="done", created_at=old, finished_at=old)
        for _ in range(2)
    ]
    ExportRecord.objects.create(at=old, by=manager, section="x", rows=1, job=runs[0])
    IdempotencyKey.objects.create(
        user=manager, token="00000000-0000-4000-8000-000000000001", name="x", payload_hash="", created_at=old
    )
    (row,) = scheduling.run_by_hand(registry.get("core.prune"), None)
    assert (row.counts["forms"], row.counts["runs"]) == (1, 1)
    assert ReferenceChange.objects.count() == 1, "marks of changed reference data became one"
    assert JobRun.objects.filter(owner=manager).get() == runs[0]
