"""Numbers of the navigation, and whose accounts a viewer starts with."""

from __future__ import annotations

from core.lists.counts import CAP
from partners.rights import Right, Scope
from renewals.choices import Category
from renewals.models import RenewalRow


def default_resp(employee) -> str:
    """«Ответственный» of the bare list: a manager's own, a head's sales point, everybody's where all points are seen (R3.2)."""
    if employee.scope_of(Right.ACCOUNT_VIEW) == Scope.ALL:
        return ""
    return "point" if employee.has_right(Right.CLIENT_REBIND) else "me"


def due_count(employee) -> int:
    """What the bare list shows: «Непродленные»; at most 10 000."""
    rows = RenewalRow.objects.visible_to(employee).worst().filter(category=Category.NOT_RENEWED)
    resp = default_resp(employee)
    if resp:
        rows = rows.filter(manager=employee) if resp == "me" else rows.filter(salespoint=employee.salespoint_id)
    return rows.order_by().values("pk")[:CAP].count()
