"""The clock of a demo installation: moved ahead day by day, each day with its nightly jobs (decision 10)."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.http import Http404

from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.jobs import every, registry
from core.jobs.scheduling import run_by_hand
from core.models import ClockOffset, JobRun
from core.rights import require
from partners.models import Employee
from partners.rights import Right

MOST_DAYS = 800
ONCE = frozenset({"core.invariants", "core.prune", "partners.follow_directory", "partners.prune_sessions"})
"""Daily jobs that one run at the end stands for: they look after the installation, not after the days."""
EACH_DAY = ("clients.deliver_invitations", "renewals.deliver")
"""Jobs of every minute whose letters belong to a day."""


def require_demo() -> None:
    """Nobody moves the clock of a real installation: the page is not there."""
    if not settings.DEMO:
        raise Http404


def days_ahead() -> int:
    """How far the business clock is ahead of the real one."""
    return ClockOffset.objects.values_list("days", flat=True).first() or 0


@in_transaction
def clock_set(*, days: int, by: Employee | None = None) -> None:
    """Set the offset in days. The day that is left is journalled when a person moves it."""
    before = days_ahead()
    ClockOffset.objects.update_or_create(id=1, defaults={"days": days})
    clock.set_offset(timedelta(days=days))
    if by is not None:
        journal.record(ClockOffset(id=1), "clock.moved", by=by, data={"from": before, "to": days})


def target_of(to: date, *, by: Employee) -> int:
    """The offset at which today is `to`; DomainError for the past and for more than MOST_DAYS at once."""
    require_demo()
    require(by, Right.ADMIN)
    step = (to - clock.today()).days
    if step <= 0:
        raise DomainError("Назад время не идет. Укажите день позже сегодняшнего дня программы.", field="to")
    if step > MOST_DAYS:
        raise DomainError(f"За один раз — не больше {MOST_DAYS} дней. Выберите день ближе.", field="to")
    return days_ahead() + step


def days_run(run, *, until: int, by: Employee) -> None:
    """Move day by day to the offset `until`: set the day, do its jobs, say how far it is. What stopped goes on from its day.

    A job that fails is counted and does not stop the days: it stands in «Последний запуск».
    """
    first = run.params.get("first", days_ahead())
    run.advance(done=days_ahead() - first, total=until - first)
    while (days := days_ahead() + 1) <= until:
        clock_set(days=days, by=by if days == until else None)
        for name in _jobs_of(is_last=days == until):
            for row in run_by_hand(registry.get(name), None):
                run.count(jobs=1, failed=int(row.state != JobRun.State.DONE))
        run.count(days=1)
        run.advance(done=days - first)


def _jobs_of(*, is_last: bool) -> list[str]:
    """Names in the order of the night: the sweep before what reads it."""
    order = {name: n for n, name in enumerate(_nightly())}
    daily = [job.name for job in every() if job.daily and not job.user and (is_last or job.name not in ONCE)]
    daily.sort(key=lambda name: (order.get(name, len(order)), name))
    return [*daily, *(name for name in EACH_DAY if name in {job.name for job in every()})]


def _nightly() -> list[str]:
    from sbilling.celery import JOBS

    timed = [(name, when) for name, when in JOBS.items() if not isinstance(when, float)]
    # Local days begin at 22:00 UTC: what runs then comes before the morning.
    return [name for name, when in sorted(timed, key=lambda one: ((min(one[1].hour) + 3) % 24, min(one[1].minute)))]
