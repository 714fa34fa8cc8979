"""Numbers of the navigation."""

from __future__ import annotations

from core.lists.counts import CAP
from renewals.choices import Category
from renewals.models import RenewalRow


def due_count(employee) -> int:
    """What the bare list shows: ends in 60 days at one's own sales point; at most 10 000."""
    rows = (
        RenewalRow.objects.visible_to(employee)
        .worst()
        .filter(category=Category.REQUIRES, salespoint=employee.salespoint_id)
    )
    return rows.order_by().values("pk")[:CAP].count()
