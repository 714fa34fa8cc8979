"""What tickets put on the account card: how many are open, and the latest (R2.149, R2.150)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, Window
from django.http import HttpRequest

from accounts.cards import account_card
from accounts.models import Account
from core.cards import Panel
from partners.rights import Right
from tickets.choices import UNRESOLVED, TicketState
from tickets.models import Ticket

LATEST = 3


def tickets(account: Account, request: HttpRequest) -> dict[str, Any]:
    """«Обращения 5 | 5»: unresolved | all, and the latest with the beginning of their text."""
    rows = Ticket.objects.visible_to(request.user).filter(account=account).exclude(state=TicketState.DRAFT)
    counted = rows.annotate(every=Window(Count("pk")), unresolved=Window(Count("pk", filter=Q(state__in=UNRESOLVED))))
    latest = list(counted.select_related("client").order_by("-created_at", "-pk")[:LATEST])
    every, unresolved = (latest[0].every, latest[0].unresolved) if latest else (0, 0)
    return {"every": every, "unresolved": unresolved, "latest": latest}


account_card.register(
    Panel("tickets", "tickets/panels/tickets.html", order=60, place="side", right=Right.TICKET_VIEW, context=tickets)
)
