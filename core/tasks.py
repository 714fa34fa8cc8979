"""Celery's side of the jobs, wakes only (decision 35); and the kernel's own jobs."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from celery import shared_task

from . import actions, clock, exporting, health, invariants, reference
from .jobs import job, running, scheduling
from .models import IdempotencyKey, JobRun

log = logging.getLogger(__name__)

TOKENS_KEPT = timedelta(days=2)
USER_RUNS_KEPT = timedelta(days=90)


@shared_task(name=scheduling.WAKE_TASK)
def wake_task(name: str) -> None:
    """Beat's tick of one scheduled job."""
    scheduling.wake(name, heartbeat=True)


@shared_task(name=scheduling.HINT_TASK)
def run_task(run_id: int) -> None:
    """A hint that a run is queued."""
    scheduling.read_offset()
    running.execute(run_id, heartbeat=True)


@shared_task(name=scheduling.SWEEP_TASK)
def sweep_task() -> None:
    """Every minute; also the worker's sign of life."""
    health.worker_seen()
    scheduling.sweep()


@job(
    "core.invariants",
    "Проверка целостности данных",
    daily=True,
    catch_up=False,
    labels={"checked": "проверок", "broken": "нарушено"},
)
def check_invariants(run: running.Run, on: date) -> None:
    """Run every invariant query; what is found is logged as an error and named in the run's message."""
    found = invariants.check()
    for finding in found:
        log.error("invariant_broken", extra={"code": finding.invariant.code, "rows": len(finding.rows)})
    run.count(checked=len(invariants.every()), broken=len(found))
    run.message = "Нарушено: " + "; ".join(finding.invariant.title for finding in found) if found else ""


@job(
    "core.prune",
    "Удаление устаревших служебных записей",
    daily=True,
    catch_up=False,
    labels={"forms": "меток форм", "runs": "задач", "changes": "отметок о справочниках"},
)
def prune(run: running.Run, on: date) -> None:
    """Drop form tokens after two days and people's finished runs after 90 days; records of exports stay."""
    now = clock.system_now()
    run.count(forms=IdempotencyKey.objects.filter(created_at__lt=now - TOKENS_KEPT).delete()[0])
    old = JobRun.objects.filter(owner__isnull=False, finished_at__lt=now - USER_RUNS_KEPT, result_file="")
    run.count(runs=old.exclude(pk__in=exporting.recorded_runs()).delete()[0])
    run.count(changes=reference.compact())


@job("core.export", "Выгрузка в Excel", user=True, may_download=exporting.may_download)
def export(run: running.Run, on: date) -> None:
    """The Excel of a list too long for a page (decision 31)."""
    exporting.export_list(run)


@job("core.bulk", "Массовая операция", user=True)
def bulk(run: running.Run, on: date) -> None:
    """A bulk action on more than 100 rows (R2.16)."""
    actions.run_in_background(run)
