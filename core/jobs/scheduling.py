"""Which runs are due, and who wakes them: beat, the sweeper of every minute, or a person's hint (F1-F8, F22)."""

from __future__ import annotations

import logging
import shutil
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from celery import current_app
from celery.schedules import crontab
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now

from core import clock, locks
from core.errors import DomainError
from core.models import ClockOffset, JobRun

from . import registry
from .registry import ATTEMPTS, Job
from .running import HEARTBEAT_SECONDS, execute

log = logging.getLogger(__name__)
State = JobRun.State

STALE = timedelta(seconds=4 * HEARTBEAT_SECONDS)
HINT_AGAIN = timedelta(seconds=30)
HINTS_PER_SWEEP = 100
RESULT_KEPT = timedelta(hours=24)
REVIVE_AFTER = timedelta(minutes=15)
CLOCK_MARK = "core.clock"  # the row that keeps when jobs last ran: not a job
CLOCK_BACK, CLOCK_AHEAD = timedelta(minutes=1), timedelta(days=7)
HINT_TASK, SWEEP_TASK, WAKE_TASK = "core.tasks.run", "core.tasks.sweep", "core.tasks.wake"
_HINTS_PAUSE = 30.0
_no_hints_until = 0.0


# --- the clock ---------------------------------------------------------------------------------------------------


def read_offset() -> None:
    """Set the demo's business clock for this process; a worker lives longer than a setting."""
    days = ClockOffset.objects.values_list("days", flat=True).first() or 0
    clock.set_offset(timedelta(days=days))


def clock_refusal() -> DomainError | None:
    """Why scheduled jobs are held back, or None: the system clock went back, or jumped more than 7 days (F22)."""
    last = JobRun.objects.filter(job=CLOCK_MARK).values_list("heartbeat_at", flat=True).first()
    now = clock.system_now()
    if last is None or last - CLOCK_BACK <= now <= last + CLOCK_AHEAD:
        return None
    where = "назад" if now < last else "вперед"
    return DomainError(
        f"Часы сервера ушли {where}: последняя работа была {last:%d.%m.%Y %H:%M} UTC, сейчас {now:%d.%m.%Y %H:%M} UTC. "
        "Проверьте часы и подтвердите их на странице «Фоновые задачи».",
        code="clock",
    )


@transaction.atomic
def mark_clock() -> None:
    """Remember that jobs run now. Callers have checked `clock_refusal`, or an operator confirmed the clock."""
    locks.advisory_xact_lock("job", CLOCK_MARK)
    now = clock.system_now()
    if not JobRun.objects.filter(job=CLOCK_MARK).update(heartbeat_at=now):
        JobRun.objects.create(job=CLOCK_MARK, state=State.DONE, created_at=now, heartbeat_at=now)


def last_sweep_at() -> datetime | None:
    """When the sweeper last passed: `/health/ready` calls the worker dead after three minutes."""
    return JobRun.objects.filter(job=CLOCK_MARK).values_list("heartbeat_at", flat=True).first()


# --- what is due -------------------------------------------------------------------------------------------------


def _hour_of(job: Job) -> time_of_day:
    """UTC time of day from the beat schedule: before it a business date is not late yet."""
    for entry in current_app.conf.beat_schedule.values():
        schedule = entry["schedule"]
        if entry.get("args") and entry["args"][0] == job.name and isinstance(schedule, crontab):
            return time_of_day(min(schedule.hour), min(schedule.minute))
    return time_of_day(0)


def due_dates(job: Job, zone: str = "") -> list[date]:
    """Business dates without a run: every one after the newest run, through today (only today the first time)."""
    today = clock.today(zone or None)
    if not job.zones and clock.now() < datetime.combine(today, _hour_of(job), UTC):
        today -= timedelta(days=1)
    planned = JobRun.objects.filter(job=job.name, scope=zone, business_date__lte=today).exclude(
        params__has_key="by_hand"
    )
    last = planned.aggregate(last=Max("business_date"))["last"]
    if last is None:
        return [today] if today == clock.today(zone or None) else []
    missed = [last + timedelta(days=n) for n in range(1, (today - last).days + 1)]
    return missed if job.catch_up else missed[-1:]


def plan(job: Job) -> None:
    """Write the queued rows of a daily job; a second planner's rows fall on UNIQUE(job, date, scope)."""
    now = clock.system_now()
    params = {} if job.catch_up else {"newest_only": True}
    rows = [
        JobRun(job=job.name, scope=zone, business_date=on, params=params, created_at=now, heartbeat_at=now)
        for zone in (job.zones() if job.zones else [""])
        for on in due_dates(job, zone)
    ]
    JobRun.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def renew(job: Job) -> int | None:
    """The row of a job that runs every few minutes, queued again; None while it runs or is parked."""
    locks.advisory_xact_lock("job", f"{job.name}/")
    now = clock.system_now()
    row = JobRun.objects.filter(job=job.name, owner=None, business_date=None).order_by("-id").first()
    if row is None:
        return JobRun.objects.create(job=job.name, created_at=now, heartbeat_at=now).pk
    if row.state == State.QUEUED:
        return row.pk
    rests = row.state == State.PARKED and row.finished_at > now - REVIVE_AFTER
    if row.state == State.RUNNING or rests:
        return None
    reset(row)
    return row.pk


def reset(row: JobRun) -> None:
    """Queue a finished row once more from its beginning. The caller holds its lock."""
    row.state, row.attempts, row.message = State.QUEUED, 0, ""
    row.counts, row.checkpoint, row.progress_done, row.progress_total = {}, {}, 0, None
    row.started_at = row.finished_at = row.cancel_requested_at = None
    row.heartbeat_at = clock.system_now()
    row.save(
        update_fields=[
            "state", "attempts", "message", "counts", "checkpoint", "progress_done", "progress_total",
            "started_at", "finished_at", "cancel_requested_at", "heartbeat_at",
        ]
    )  # fmt: skip


def wake(name: str, *, heartbeat: bool = False) -> list[JobRun]:
    """Run what is due of a scheduled job in this process, oldest date first; the rows that ended here."""
    read_offset()
    job, refused = registry.get(name), clock_refusal()
    if refused:
        log.error("clock_refused", extra={"job": name, "told": refused.message})
        return []
    mark_clock()
    if job.daily:
        plan(job)
        queued = JobRun.objects.filter(job=name, owner=None, state=State.QUEUED, business_date__isnull=False)
        due = list(queued.order_by("business_date", "scope").values_list("pk", flat=True))
    else:
        due = [pk for pk in [renew(job)] if pk]
    return [row for row in (execute(pk, heartbeat=heartbeat) for pk in due) if row]


@transaction.atomic
def _queue_by_hand(job: Job, on: date | None, zone: str) -> int | None:
    locks.advisory_xact_lock("job", f"{job.name}/{zone}")
    now = clock.system_now()
    row, created = JobRun.objects.select_for_update().get_or_create(
        job=job.name,
        scope=zone,
        business_date=on,
        owner=None,
        defaults={"created_at": now, "heartbeat_at": now, "params": {"by_hand": True}},
    )
    if row.state == State.RUNNING:
        return None
    if not created and row.state != State.QUEUED:
        reset(row)
    return row.pk


def run_by_hand(job: Job, on: date | None) -> list[JobRun]:
    """Run a scheduled job in this process, again if it was done: it leaves the same result. [] while it runs elsewhere.

    `on` None means today; jobs without business dates ignore it.
    """
    if not job.daily:
        due = [renew(job)]
    else:
        zones = job.zones() if job.zones else [""]
        due = [_queue_by_hand(job, on or clock.today(zone or None), zone) for zone in zones]
    return [row for row in (execute(pk, heartbeat=True) for pk in due if pk) if row]


# --- the sweeper -------------------------------------------------------------------------------------------------


def sweep() -> dict[str, int]:
    """Every minute: put back what died, plan what was missed, remind the workers of all that is queued."""
    read_offset()
    found = {"stale": _requeue_stale(), "cancelled": _cancel_of_blocked(), "files": _drop_old_results()}
    refused = clock_refusal()
    if refused:
        log.error("clock_refused", extra={"told": refused.message})
    else:
        mark_clock()
        for job in registry.every():
            if job.daily:
                plan(job)
    found["hinted"] = _hint_queued(scheduled=not refused)
    return found


def _requeue_stale() -> int:
    """Running rows whose process is silent: to the queue, or parked after the third attempt (F4)."""
    stale = JobRun.objects.filter(state=State.RUNNING).filter(
        Q(heartbeat_at__lt=Now() - STALE) | Q(heartbeat_at__isnull=True)
    )
    parked = stale.filter(attempts__gte=ATTEMPTS).update(
        state=State.PARKED,
        finished_at=Now(),
        message="Остановлено: исполнитель трижды прервался. Сообщите администратору.",
    )
    if parked:
        log.error("jobs_parked", extra={"rows": parked})
    # The age of the heartbeat lets the hint below go out at once.
    back = stale.filter(attempts__lt=ATTEMPTS).update(
        state=State.QUEUED, message="Прервано, продолжается с места остановки."
    )
    return parked + back


def _cancel_of_blocked() -> int:
    from .services import cancel_all_of  # services hint through this module

    owners = JobRun.objects.filter(state__in=[State.QUEUED, State.RUNNING], owner__isnull=False).select_related("owner")
    blocked = {row.owner for row in owners if not row.owner.is_active}
    return sum(cancel_all_of(owner) for owner in blocked)


def _drop_old_results() -> int:
    """Files of a day ago, also those that no run knows because their writer was killed."""
    JobRun.objects.filter(finished_at__lt=Now() - RESULT_KEPT).exclude(result_file="").update(result_file="")
    oldest, dropped = (clock.system_now() - RESULT_KEPT).timestamp(), 0
    for path in (Path(settings.MEDIA_ROOT) / "jobs").glob("*"):
        if path.stat().st_mtime < oldest:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            dropped += 1
    return dropped


def _hint_queued(*, scheduled: bool) -> int:
    rows = JobRun.objects.filter(state=State.QUEUED).filter(
        Q(heartbeat_at__lt=Now() - HINT_AGAIN) | Q(heartbeat_at=None)
    )
    if not scheduled:
        rows = rows.filter(owner__isnull=False)
    ids = list(rows.order_by("business_date", "id").values_list("pk", flat=True)[:HINTS_PER_SWEEP])
    JobRun.objects.filter(pk__in=ids, state=State.QUEUED).update(heartbeat_at=Now())
    for pk in ids:
        hint(pk)
    return len(ids)


def hint(run_id: int) -> None:
    """Tell the workers that a run waits. Losing the hint loses a minute: the sweeper repeats it (decision 35)."""
    global _no_hints_until
    if time.monotonic() < _no_hints_until:
        return
    try:
        current_app.send_task(HINT_TASK, args=[run_id], expires=300, ignore_result=True, retry=False)
    except Exception as error:  # whatever a broken broker raises: the row stays queued
        _no_hints_until = time.monotonic() + _HINTS_PAUSE
        log.warning("hint_lost", extra={"run": run_id, "error": f"{type(error).__name__}: {error}"})


def run_queued() -> list[JobRun]:
    """Do everything queued in this process, hints or not; for tests and tools."""
    ended: list[JobRun] = []
    while True:
        ids = JobRun.objects.filter(state=State.QUEUED).order_by("business_date", "id").values_list("pk", flat=True)
        round_ = [row for row in map(execute, list(ids)) if row]
        ended += round_
        if not any(row.state == State.DONE for row in round_):
            return ended
