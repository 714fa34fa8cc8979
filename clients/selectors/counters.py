"""Numbers beside the menu's entries: what waits for the viewer."""

from __future__ import annotations

from clients.choices import OPEN_INVITATIONS
from clients.models import DistributionCell
from clients.selectors.cube import total
from partners.models import Employee


def invited(employee: Employee) -> int:
    """«Приглашены» of one's own sales point: the list as it opens. From the cube."""
    return total(DistributionCell.objects.filter(salespoint=employee.salespoint_id, invite_state__in=OPEN_INVITATIONS))
