"""Scheduled jobs of renewals; when they run stands in sbilling/celery.py."""

from __future__ import annotations

from datetime import date

from core.jobs import job
from partners.models import SalesPoint
from renewals.services import prompts_make, ranges, renewals_sweep, rows_to_prompt


def zones() -> list[str]:
    """Zones of the sales points: a day begins in each at its own hour (decision 10)."""
    return sorted(set(SalesPoint.objects.values_list("zone", flat=True)))


# A category follows from facts and the date, not from yesterday's row: the newest missed day alone leaves the same.
@job("renewals.sweep", "Требуют продления: категории на сегодня", daily=True, zones=zones, catch_up=False,
     labels={"made": "добавлено", "gone": "убрано"})  # fmt: skip
def sweep(run, on: date) -> None:
    """R3.40–R3.41: rows enter the window of 60 days and leave it after the end."""
    zone = run.scope
    for span in ranges(zone):
        swept = renewals_sweep(span, on=on, zone=zone)
        run.count(made=swept.made, changed=swept.changed, gone=swept.gone)
        run.advance()


# Keys make a task once; a term whose day was missed is still in its window the day after.
@job("renewals.prompts", "Требуют продления: задачи «Позвонить» за 60 и 40 дней", daily=True, zones=zones, catch_up=False,
     labels={"made": "поставлено задач"})  # fmt: skip
def prompts(run, on: date) -> None:
    """R3.3: a call is due 60…40 days before the end. Runs after the sweep of its day."""
    ids = rows_to_prompt(on=on, zone=run.scope)
    for chunk in run.chunks(ids, 500, total=len(ids)):
        with chunk:
            run.count(made=prompts_make(chunk, on=on))
