"""What the pages of background jobs read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from core.models import JobRun

from . import registry

RIGHT_ALL = "jobs.view"
SHOWN_DAYS = 7
CLOCK_MARK = "core.clock"


def visible_to(employee) -> QuerySet[JobRun]:
    """One's own runs; all of them with the right «Смотреть все фоновые задачи»."""
    rows = JobRun.objects.exclude(job=CLOCK_MARK)
    return rows if employee.has_right(RIGHT_ALL) else rows.filter(owner=employee)


def recent_of(employee) -> QuerySet[JobRun]:
    """«Мои задачи»: what the person started in the last 7 days."""
    return JobRun.objects.filter(owner=employee, created_at__gte=Now() - timedelta(days=SHOWN_DAYS))


def open_of(employee) -> list[JobRun]:
    """Work of the person that goes on, for the header."""
    return list(recent_of(employee).filter(state__in=["queued", "running"])[:5])


@dataclass(frozen=True)
class JobLine:
    """A scheduled job and its newest run, for «Последний запуск»."""

    name: str
    title: str
    daily: bool
    last: JobRun | None


def last_runs() -> list[JobLine]:
    """Scheduled jobs by title, one query for all of them."""
    newest = {
        row.job: row
        for row in JobRun.objects.filter(owner__isnull=True)
        .order_by("job", "-business_date", "-id")
        .distinct("job")
    }
    lines = [JobLine(job.name, job.title, job.daily, newest.get(job.name)) for job in registry.every() if not job.user]
    return sorted(lines, key=lambda line: line.title)
