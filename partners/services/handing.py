"""Handing over what hangs on a person or a sales point: started by a page, done by a job in batches (R1.17, R1.26).

Every batch is one transaction with its checkpoint: a killed worker leaves whole batches, the next attempt goes on behind
them. A row that cannot be moved stays, the others go; what stayed is told row by row.
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, transaction

from core import clock, db, journal
from core.actions import RowReport
from core.errors import DomainError, Forbidden
from core.exports import Column, write_xlsx
from core.htmx import sentence
from core.jobs.running import Chunk, Run
from core.jobs.services import start_user_job
from core.models import JobRun
from core.rights import require
from partners import handover
from partners.models import Employee, SalesPoint
from partners.rights import Right

BATCH = 50
SHOWN = 20
"""Rows that stayed; more of them are given as a file."""
TOLD = 5_000


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
    _hand_over(run, lambda by: _people(run.params["employee"], run.params["to"], by))


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
    _hand_over(run, lambda by: _points(run.params["point"], run.params["to"], by))


def _fresh(owner: Employee) -> Employee:
    """The starter as he is now: a right taken away meanwhile counts."""
    owner = Employee.objects.select_related("salespoint").get(pk=owner.pk)
    if not owner.is_active:
        raise Forbidden
    return owner


def _hand_over(run: Run, read: Callable[[Employee], tuple]) -> None:
    """`read(by)` gives the giver and the taker as they are now, or refuses; it is asked before every batch."""
    giver, _taker = read(_fresh(run.owner))
    kinds = {f"{number:03}": kind for number, kind in enumerate(handover.kinds_for(giver))}
    rows = sorted([number, pk] for number, kind in kinds.items() for pk in kind.ids(giver))
    for chunk in run.chunks(rows, BATCH):
        with chunk:
            by = _fresh(run.owner)
            run.count(**_moved(_batch(chunk, kinds, *read(by), by)))
    _report(run, kinds, read)


def _batch(chunk: Chunk | list, kinds: dict[str, handover.Hanging], giver, taker, by: Employee):
    """[(what came of a row, its kind)]; the locks that come first are taken for all rows of the batch."""
    for number, kind in kinds.items():
        if pks := [pk for of, pk in chunk if of == number]:
            kind.before(pks)
    on = clock.today(by.business_zone)
    return [(_one(pk, kinds[number], giver, taker, by, on), kinds[number]) for number, pk in chunk]


def _one(pk: int, kind: handover.Hanging, giver, taker, by: Employee, on) -> RowReport:
    try:
        with transaction.atomic():
            return RowReport(pk, kind.hand_over(pk, source=giver, to=taker, by=by, on=on))
    except DomainError as error:
        return RowReport(pk, f"№ {pk}", sentence(error))
    except ObjectDoesNotExist:
        return RowReport(pk, f"№ {pk}", "Не в вашей точке продаж и регионах.")
    except DatabaseError as error:
        if (refusal := db.refusal(error)) is None:
            raise
        return RowReport(pk, f"№ {pk}", refusal.message)


def _report(run: Run, kinds: dict[str, handover.Hanging], read: Callable[[Employee], tuple]) -> None:
    """What is still there is tried once more, for its reason: so the report is whole after a crash, too."""
    by = _fresh(run.owner)
    giver, taker = read(by)
    rows = [[number, pk] for number, kind in kinds.items() for pk in list(kind.ids(giver))[:TOLD]]
    run.counts.pop("refused", None)
    stayed: list[tuple[str, str, str]] = []
    for at in range(0, len(rows), BATCH):
        with transaction.atomic():
            reports = _batch(rows[at : at + BATCH], kinds, giver, taker, by)
        run.count(**_moved(reports))
        stayed += [(kind.title, report.name, report.problem) for report, kind in reports if report.problem]
        run.advance()
    if stayed:
        run.count(refused=len(stayed))
    moved = sum(number for code, number in run.counts.items() if code != "refused")
    told = " ".join(f"{kind}, {name}: {problem}" for kind, name, problem in stayed[:SHOWN])
    left = f" Осталось: {len(stayed)}. {told}" if stayed else ""
    run.message = f"Передано: {moved}. Принимает {getattr(taker, 'short_name', taker)}.{left}"
    if len(stayed) > SHOWN:
        columns = tuple(
            Column(title, "text", lambda row, n=n: row[n])
            for n, title in enumerate(("Что", "Строка", "Почему осталось"))
        )
        write_xlsx(
            run.result_path("Не передано.xlsx"), columns, stayed, params=[("Задача", run.params.get("title", ""))]
        )


def _moved(reports) -> dict[str, int]:
    moved: dict[str, int] = {}
    for report, kind in reports:
        if not report.problem:
            moved[kind.code] = moved.get(kind.code, 0) + 1
    return moved
