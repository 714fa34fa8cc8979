"""Reads of the network across models."""

from __future__ import annotations

from django.db import connection

from . import rules
from .models import Employee, RoleRight
from .rights import Right, Scope


def effective_rights(employee_id: int) -> dict[str, Scope]:
    """{right: widest scope} over live grants and live role assignments. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT g."right", g.scope FROM partners_grant g WHERE g.employee_id = %(e)s AND g.revoked_at IS NULL
               UNION SELECT r."right", r.scope FROM partners_roleassignment a
               JOIN partners_roleright r USING (role_id) WHERE a.employee_id = %(e)s AND a.revoked_at IS NULL""",
            {"e": employee_id},
        )
        found: dict[str, Scope] = {}
        for right, value in cursor.fetchall():
            scope = Scope(value)
            if right not in found or scope.covers(found[right]):
                found[right] = scope
    return found


def home_of(employee: Employee) -> str:
    """The first page after the door (R1.11): renewals for a manager, tickets for support, the overview for heads."""
    if employee.scope_of(Right.STATS_SALES) not in (None, Scope.OWN):
        return "/"
    if employee.has_right(Right.OUTCOME_SET):
        return "/accounts/renewals/"
    if employee.has_right(Right.TICKET_PROCESS):
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
