"""Reads of the network across models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.http import HttpRequest

from core import clock, timeline
from core.models import JournalEntry
from core.navigation import is_served

from . import handover, rules, structure
from .browsers import browser_name
from .models import Employee, Grant, RoleAssignment, RoleRight, SalesPoint, SessionLink
from .rights import Right, Scope
from .zones import zone_name

HISTORY_PAGE = 50


RIGHTS = """SELECT g."right", g.scope FROM partners_grant g WHERE g.employee_id = {employee} AND g.revoked_at IS NULL
UNION SELECT r."right", r.scope FROM partners_roleassignment a
JOIN partners_roleright r USING (role_id) WHERE a.employee_id = {employee} AND a.revoked_at IS NULL"""
"""Live grants and what live roles hold; a right may stand in it with several scopes."""
RIGHTS_OF_ONE = RIGHTS.format(employee="%(e)s")


def effective_rights(employee_id: int) -> dict[str, Scope]:
    """{right: widest scope} over live grants and live role assignments. One query."""
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS_OF_ONE, {"e": employee_id})
        return widest(cursor.fetchall())


def widest(held: Iterable[Sequence[str]]) -> dict[str, Scope]:
    """{right: widest scope} of (right, scope) pairs."""
    found: dict[str, Scope] = {}
    for right, value in held:
        scope = Scope(value)
        if right not in found or scope.covers(found[right]):
            found[right] = scope
    return found


def home_of(employee: Employee) -> str:
    """The first page after the door (R1.11): renewals for a manager, tickets for support once they have pages,
    the overview for heads."""
    if employee.scope_of(Right.STATS_SALES) not in (None, Scope.OWN):
        return "/"
    if employee.has_right(Right.OUTCOME_SET):
        return "/accounts/renewals/"
    if employee.has_right(Right.TICKET_PROCESS) and is_served("/tickets/on-me/"):
        return "/tickets/on-me/"
    return "/"


def role_rights(role_id: int) -> dict[str, Scope]:
    """{right: scope} of a role."""
    rows = RoleRight.objects.filter(role_id=role_id).values_list("right", "scope")
    return {right: Scope(scope) for right, scope in rows}


def holder_of(employee: Employee) -> rules.Holder:
    """The employee as the rules see him, rights read afresh; a blocked one holds nothing."""
    rights = effective_rights(employee.pk) if employee.is_active else {}
    place = rules.Place(employee.salespoint_id, employee.department_id, employee.points_of_regions)
    return rules.Holder(rights, place)


# ---- contexts of the cards -------------------------------------------------------------------------------------------


def point_panel(point: SalesPoint, request: HttpRequest) -> dict:
    """The card's facts."""
    return {
        "regions": list(point.regions.all()),
        "path": structure.paths().get(point.partner_id, ""),
        "may_change": request.user.may(Right.SALESPOINT_CHANGE, point),
        "zone": zone_name(point.zone),
        "calendar": point.calendar.replace("5x2", "пн–пт").replace("-", "–"),
    }


def departments_panel(point: SalesPoint, request: HttpRequest) -> dict:
    """Departments with how many work there."""
    working = Count("employees", filter=Q(employees__access=Employee.Access.ALLOWED))
    return {
        "departments": list(point.departments.annotate(people=working)),
        "may_change": request.user.may(Right.SALESPOINT_CHANGE, point),
    }


def bound_panel(point: SalesPoint, request: HttpRequest) -> dict:
    """What is bound to the sales point."""
    return {"lines": handover.of_point(point)}


def working_people(point: SalesPoint, request: HttpRequest) -> int:
    """Employees that are not blocked."""
    return point.employees.filter(access=Employee.Access.ALLOWED).count()


def employee_panel(employee: Employee, request: HttpRequest) -> dict:
    """Who he is and which roles he has."""
    return {
        "roles": [a.role.title for a in live_roles(employee)],
        "is_self": employee.pk == request.user.pk,
        "zone": zone_name(employee.business_zone),
    }


def work_panel(employee: Employee, request: HttpRequest) -> dict:
    """What hangs on the employee (R1.26)."""
    return {"lines": handover.of_employee(employee)}


def live_roles(employee: Employee) -> list[RoleAssignment]:
    """Roles held now, with who gave them."""
    rows = RoleAssignment.objects.filter(employee=employee, revoked_at=None)
    return list(rows.select_related("role", "granted_by").order_by("role__title"))


def live_grants(employee: Employee) -> list[Grant]:
    """Single rights held now, with who gave them."""
    return list(Grant.objects.filter(employee=employee, revoked_at=None).select_related("granted_by"))


def sessions(employee: Employee, request: HttpRequest) -> dict:
    """Open sessions, the one in use marked."""
    now = clock.system_now()
    rows = SessionLink.objects.filter(
        employee=employee, last_seen_at__gt=now - settings.SESSION_IDLE, started_at__gt=now - settings.SESSION_ABSOLUTE
    )
    found = list(rows)
    for link in found:
        link.browser = browser_name(link.agent)
    return {"sessions": found, "current": request.session.session_key, "is_self": employee.pk == request.user.pk}


def history(subject: Employee | SalesPoint, request: HttpRequest) -> dict:
    """The journal of a person or a sales point, newest first, 50 at a time (`?before=<id>`); a person's own steps too."""
    rows = JournalEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    mine = request.GET.get("who") == "by" and isinstance(subject, Employee)
    if mine:
        rows = JournalEntry.objects.filter(by=subject)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: HISTORY_PAGE + 1])
    lines = [(entry, timeline.describe(entry)) for entry in found[:HISTORY_PAGE]]
    more = found[HISTORY_PAGE - 1].pk if len(found) > HISTORY_PAGE else None
    return {"lines": lines, "more": more, "mine": mine, "is_person": isinstance(subject, Employee)}


def business_zones() -> list[str]:
    """Zones of the sales points: a day begins in each at its own hour (decision 10)."""
    return sorted(set(SalesPoint.objects.values_list("zone", flat=True)))
