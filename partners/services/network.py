"""Partners, sales points, departments: the operator's (R1.13, R1.14, R1.17)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction

from core import journal
from core.errors import DomainError
from core.rights import require
from partners import handover
from partners.models import Department, Employee, Partner, Region, SalesPoint
from partners.rights import Right

from .access import bump, check_version

POINT_FIELDS = (
    "code",
    "name",
    "kind",
    "partner",
    "legal_entity",
    "region",
    "zone",
    "calendar",
    "head",
    "phone",
    "email",
)


@transaction.atomic
def partner_add(*, name: str, kind: str, by: Employee, parent: Partner | None = None) -> Partner:
    """A partner of the tree."""
    require(by, Right.SALESPOINT_CHANGE)
    partner = Partner.objects.create(name=name, kind=kind, parent=parent)
    journal.record(partner, "partner.added", by=by, data={"name": name})
    return partner


@transaction.atomic
def salespoint_add(*, by: Employee, regions: Collection[Region], **fields: object) -> SalesPoint:
    """A new sales point; `fields` are those of POINT_FIELDS."""
    require(by, Right.SALESPOINT_CHANGE)
    point = SalesPoint.objects.create(**{name: fields[name] for name in POINT_FIELDS if name in fields})
    point.regions.set({*regions, point.region})
    data = {"code": point.code, "name": point.name, "regions": sorted(r.code for r in point.regions.all())}
    journal.record(point, "salespoint.added", by=by, data=data)
    return point


@transaction.atomic
def salespoint_change(
    *,
    salespoint_id: int,
    by: Employee,
    regions: Collection[Region] | None = None,
    version: int | None = None,
    **new: object,
) -> SalesPoint:
    """Edit the card. Conflict when somebody saved it since the page was read; what was typed stays on the page."""
    point = SalesPoint.objects.select_for_update(of=("self",)).get(pk=salespoint_id)
    require(by, Right.SALESPOINT_CHANGE, point)
    check_version(point, version)
    head = new.get("head")
    if head is not None and (head.salespoint_id != point.pk or not head.is_active):
        raise DomainError("Руководитель — работающий сотрудник этой точки продаж.", field="head")
    changed = journal.changes(point, {name: value for name, value in new.items() if name in POINT_FIELDS})
    if regions is not None:
        old, wanted = set(point.regions.values_list("code", flat=True)), {r.code for r in regions} | {point.region_id}
        if old != wanted:
            point.regions.set(wanted)
            changed["regions"] = [sorted(old), sorted(wanted)]
    if changed:
        bump(point, *(name for name in changed if name != "regions"))
        journal.record(point, "salespoint.changed", by=by, data=changed)
    return point


@transaction.atomic
def department_add(*, salespoint_id: int, name: str, by: Employee) -> Department:
    """A department of a sales point."""
    point = SalesPoint.objects.get(pk=salespoint_id)
    require(by, Right.SALESPOINT_CHANGE, point)
    department = Department.objects.create(salespoint=point, name=name)
    journal.record(point, "department.added", by=by, data={"name": name})
    return department


@transaction.atomic
def salespoint_close(*, salespoint_id: int, by: Employee, on: date, version: int | None = None) -> SalesPoint:
    """Close a sales point to which nothing is bound and in which nobody works any more.

    DomainError says what is still there; «Передать все» hands it over in one job first.
    """
    point = SalesPoint.objects.select_for_update(of=("self",)).get(pk=salespoint_id)
    require(by, Right.SALESPOINT_CHANGE, point)
    check_version(point, version)
    if point.state == SalesPoint.State.CLOSED:
        raise DomainError("Точка продаж уже закрыта.", code="closed")
    if left := handover.of_point(point):
        listed = ", ".join(f"{line.title.lower()} — {line.number}" for line in left)
        raise DomainError(f"За точкой продаж закреплено: {listed}. Сначала передайте это другой точке.", code="bound")
    if working := point.employees.filter(access=Employee.Access.ALLOWED).count():
        raise DomainError(
            f"В точке продаж есть незаблокированные сотрудники: {working}. Переведите или заблокируйте их.",
            code="people",
        )
    point.state, point.closed_on = SalesPoint.State.CLOSED, on
    bump(point, "state", "closed_on")
    journal.record(point, "salespoint.closed", by=by, data={"closed_on": on})
    return point


@transaction.atomic
def salespoint_reopen(*, salespoint_id: int, by: Employee) -> SalesPoint:
    """A point closed by mistake works again."""
    point = SalesPoint.objects.select_for_update(of=("self",)).get(pk=salespoint_id)
    require(by, Right.SALESPOINT_CHANGE, point)
    if point.state == SalesPoint.State.ACTIVE:
        raise DomainError("Точка продаж работает.", code="active")
    point.state, point.closed_on = SalesPoint.State.ACTIVE, None
    bump(point, "state", "closed_on")
    journal.record(point, "salespoint.reopened", by=by)
    return point
