"""Jobs of the whole program."""

from __future__ import annotations

from datetime import date

from core.jobs import job
from partners.models import Employee
from sbilling.demo import days


@job(
    "sbilling.move_clock",
    "Машина времени",
    user=True,
    labels={"days": "дней пройдено", "jobs": "заданий выполнено", "failed": "с ошибкой"},
)
def move_clock(run, on: date) -> None:
    """The days between, one after the other, for the operator of a demo installation."""
    days.require_demo()
    days.days_run(run, until=int(run.params["until"]), by=Employee.objects.get(pk=run.owner.pk))
    run.result_url = "/demo/time/"
