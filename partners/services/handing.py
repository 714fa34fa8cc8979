"""Handing over what hangs on a person or a sales point: started by a page, done by a job in batches (R1.17, R1.26)."""

from __future__ import annotations

from django.db import transaction

from core import clock, journal
from core.errors import DomainError, Forbidden
from core.jobs.running import Run
from core.jobs.services import start_user_job
from core.models import JobRun
from core.rights import require
from partners import handover
from partners.models import Employee, SalesPoint
from partners.rights import Right


@transaction.atomic
def hand_over_start(*, employee_id: int, to_id: int, by: Employee) -> JobRun:
    """Give everything of one employee to another, in the background. Either both are in one point, or by reaches both."""
    giver, taker = _people(employee_id, to_id, by)
    params = {"employee": giver.pk, "to": taker.pk}
    title = f"Передача: {giver.short_name} → {taker.short_name}"
    run = start_user_job("partners.hand_over", params, by, title=title)
    journal.record(giver, "employee.hand_over_started", by=by, data={"to": taker.pk, "to_name": taker.short_name})
    return run


def _people(employee_id: int, to_id: int, by: Employee) -> tuple[Employee, Employee]:
    people = Employee.objects.select_related("salespoint").in_bulk([employee_id, to_id])
    if employee_id not in people:
        raise Employee.DoesNotExist
    require(by, Right.EMPLOYEE_BLOCK, people[employee_id])
    taker = people.get(to_id)
    if taker is None or not taker.is_active or not by.may(Right.EMPLOYEE_BLOCK, taker):
        raise DomainError("Выберите работающего сотрудника, которому передать.", field="to")
    if taker.pk == employee_id:
        raise DomainError("Передать можно только другому сотруднику.", field="to")
    return people[employee_id], taker


def hand_over(run: Run) -> None:
    """Body of the job `partners.hand_over`: batch after batch until nothing is left. Safe to run again."""
    giver, taker = _people(run.params["employee"], run.params["to"], _fresh(run.owner))
    total = sum(line.number for line in handover.of_employee(giver))
    _batches(run, total, lambda on: handover.move_some(giver, to=taker, by=_fresh(run.owner), on=on))
    run.message = f"Передано: {sum(run.counts.values())}. Принял {taker.short_name}."


@transaction.atomic
def salespoint_hand_over_start(*, salespoint_id: int, to_id: int, by: Employee) -> JobRun:
    """Give everything bound to one sales point to another, in the background; then it may be closed."""
    point, to = _points(salespoint_id, to_id, by)
    run = start_user_job(
        "partners.hand_over_point", {"point": point.pk, "to": to.pk}, by, title=f"Передача: {point} → {to}"
    )
    journal.record(point, "salespoint.hand_over_started", by=by, data={"to": to.pk, "to_name": str(to)})
    return run


def _points(salespoint_id: int, to_id: int, by: Employee) -> tuple[SalesPoint, SalesPoint]:
    points = SalesPoint.objects.in_bulk([salespoint_id, to_id])
    if salespoint_id not in points:
        raise SalesPoint.DoesNotExist
    require(by, Right.SALESPOINT_CHANGE, points[salespoint_id])
    to = points.get(to_id)
    if to is None or to.pk == salespoint_id or to.state != SalesPoint.State.ACTIVE:
        raise DomainError("Выберите другую работающую точку продаж.", field="to")
    return points[salespoint_id], to


def hand_over_point(run: Run) -> None:
    """Body of the job `partners.hand_over_point`."""
    point, to = _points(run.params["point"], run.params["to"], _fresh(run.owner))
    total = sum(line.number for line in handover.of_point(point))
    _batches(run, total, lambda on: handover.move_some_of_point(point, to=to, by=_fresh(run.owner), on=on))
    run.message = f"Передано: {sum(run.counts.values())}. Приняла {to}."


def _fresh(owner: Employee) -> Employee:
    """The starter as he is now: a right taken away meanwhile counts."""
    owner = Employee.objects.select_related("salespoint").get(pk=owner.pk)
    if not owner.is_active:
        raise Forbidden
    return owner


def _batches(run: Run, total: int, move) -> None:
    done = sum(run.counts.values())
    total += done
    run.advance(done, total)
    while True:
        on = clock.today(run.owner.business_zone)
        with transaction.atomic():
            moved = move(on)
        if not moved:
            return
        run.count(**moved)
        done += sum(moved.values())
        run.advance(min(done, total), total)
