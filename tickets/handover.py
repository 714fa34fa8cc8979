"""What of tickets hangs on a person and on a sales point: those that are not resolved yet."""

from django.db.models import Q

from partners.handover import Hanging, register, register_point
from partners.models import SalesPoint
from tickets.models import Ticket
from tickets.services.handing import ticket_hand_over


def _of_point(point: SalesPoint):
    held = Q(salespoint=point) | Q(unit_salespoint=point) | Q(unit_department__salespoint=point)
    return Ticket.objects.unresolved().filter(held).order_by("pk").values_list("pk", flat=True)


register(
    Hanging(
        "tickets", "Нерешенные обращения", order=50, hand_over=ticket_hand_over,
        ids=lambda person: Ticket.objects.on_me(person).order_by("pk").values_list("pk", flat=True),
    )
)  # fmt: skip
register_point(Hanging("tickets", "Нерешенные обращения", order=50, hand_over=ticket_hand_over, ids=_of_point))
