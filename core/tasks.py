"""Celery's side of the jobs: wakes only, every truth stands in the database (decision 35)."""

from __future__ import annotations

from celery import shared_task

from . import health
from .jobs import running, scheduling


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
    """Every minute."""
    health.worker_seen()
    scheduling.sweep()
