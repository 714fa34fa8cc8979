"""What the pages of background jobs read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.text import Truncator

from core import formats
from core.jobs import registry
from core.models import JobRun

RIGHT_ALL = "jobs.view"
SHOWN_DAYS = 7
READY_SHOWN = timedelta(minutes=10)
CLOCK_MARK = "core.clock"


def visible_to(employee) -> QuerySet[JobRun]:
    """One's own runs; all of them with the right «Смотреть все фоновые задачи»."""
    rows = JobRun.objects.exclude(job=CLOCK_MARK)
    return rows if employee.has_right(RIGHT_ALL) else rows.filter(owner=employee)


def recent_of(employee) -> QuerySet[JobRun]:
    """«Мои задачи»: what the person started in the last 7 days."""
    return JobRun.objects.filter(owner=employee, created_at__gte=Now() - timedelta(days=SHOWN_DAYS))


HAS_NEWS = """EXISTS (SELECT FROM core_jobrun j WHERE j.owner_id = {owner} AND j.created_at >= now() - interval '7 days'
AND (j.state IN ('queued', 'running') OR j.finished_at >= now() - interval '10 minutes'))"""
"""For the query that finds the session: whether `open_of` can give anything. As wide as it at least."""


def open_of(employee) -> list[JobRun]:
    """For the header, one query: the file that became ready in the last ten minutes, then the newest work that goes on.

    At most one of each; `others` is the number of further open runs. Not asked where the session told there are none.
    """
    if not getattr(employee, "has_news", True):
        return []
    ready = Q(state="done", finished_at__gte=Now() - READY_SHOWN) & ~Q(result_file="")
    rows = list(recent_of(employee).filter(Q(state__in=["queued", "running"]) | ready).order_by("-id")[:20])
    files = [row for row in rows if row.state == JobRun.State.DONE][:1]
    open_ = [row for row in rows if row.state != JobRun.State.DONE]
    for row in open_:
        row.others = len(open_) - 1
    return files + open_[:1]


def title_of(run: JobRun) -> str:
    """What a person called it, else the job's title."""
    return run.params.get("title") or registry.title_of(run.job)


def date_of(run: JobRun) -> str:
    """«за 03.11.2026, Asia/Vladivostok» of a daily job; "" otherwise."""
    day = f"за {formats.day(run.business_date)}" if run.business_date else ""
    return ", ".join(filter(None, [day, run.scope]))


def percent_of(run: JobRun) -> int | None:
    """Whole per cent, None while the total is unknown; 100 only at the end."""
    if not run.progress_total:
        return None
    most = 100 if run.state == JobRun.State.DONE else 99
    return min(100 * run.progress_done // run.progress_total, most)


def progress_of(run: JobRun) -> str:
    """«64 %», or the number of rows while the total is unknown."""
    percent = percent_of(run)
    return f"{percent}{formats.NB}%" if percent is not None else formats.group(run.progress_done or None)


def outcome_of(run: JobRun) -> str:
    """«Строк 312, пропущено 4»: the counts in the words of the job, after what it says itself."""
    labels = registry.labels_of(run.job)
    counts = ", ".join(f"{labels.get(name, name)} {formats.group(number)}" for name, number in run.counts.items())
    return ". ".join(filter(None, [run.message.rstrip("."), counts[:1].upper() + counts[1:]]))


def summary_of(run: JobRun) -> str:
    """The second line of a row: the date, then what came of it, cut to a line."""
    return Truncator(" · ".join(filter(None, [date_of(run), outcome_of(run)]))).chars(110)


def state_of(run: JobRun) -> str:
    """The state in one word."""
    return "Остановлено" if run.state == JobRun.State.PARKED else run.get_state_display()


def facts_of(run: JobRun) -> list[tuple[str, str]]:
    """Lines of the card of a run."""
    labels = registry.labels_of(run.job)
    lines = [
        ("Рабочая дата", formats.day(run.business_date)),
        ("Часовой пояс", run.scope),
        ("Кто запустил", str(run.owner) if run.owner else "по расписанию"),
        ("Создана", formats.moment(run.created_at)),
        ("Начата", formats.moment(run.started_at)),
        ("Закончена", formats.moment(run.finished_at)),
        ("Попыток", str(run.attempts) if run.attempts > 1 else ""),
        *((labels.get(name, name).capitalize(), formats.group(number)) for name, number in run.counts.items()),
    ]
    return [(name, value) for name, value in lines if value]


@dataclass(frozen=True)
class JobLine:
    """A scheduled job and its newest run, for «Последний запуск»."""

    name: str
    title: str
    daily: bool
    last: JobRun | None

    @property
    def outcome(self) -> str:
        return outcome_of(self.last) if self.last else ""


def last_runs() -> list[JobLine]:
    """Scheduled jobs by title, one query for all of them."""
    newest = {
        row.job: row
        for row in JobRun.objects.filter(owner__isnull=True).order_by("job", "-business_date", "-id").distinct("job")
    }
    lines = [JobLine(job.name, job.title, job.daily, newest.get(job.name)) for job in registry.every() if not job.user]
    return sorted(lines, key=lambda line: line.title)
