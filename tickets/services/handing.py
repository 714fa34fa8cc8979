"""Unresolved tickets of a person who leaves, or of a sales point that closes (R1.17, R1.26): step T6 for a whole desk."""

from __future__ import annotations

from datetime import date
from typing import Any

from clients.services.people import acting, locked_people, target
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError, Forbidden
from partners.models import Employee, SalesPoint
from partners.rights import Right
from partners.scopes import ScopeFacts, covers
from tickets.choices import UNRESOLVED, TicketState
from tickets.models import Ticket, TicketAssignment, TicketEvent


@in_transaction
def ticket_hand_over(
    ticket_id: int, *, source: Employee | SalesPoint, to: Employee | SalesPoint, by: Employee, on: date
) -> str:
    """One unresolved ticket to another performer, or to another sales point; returns its number. The clock runs on.

    At the other sales point it waits for whoever takes it, unless a person of yet another point performs it.
    """
    people = locked_people(by.pk, to.pk if isinstance(to, Employee) else None)
    actor = acting(people, by)
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("performer").get(pk=ticket_id)
    if ticket.state not in UNRESOLVED:
        raise DomainError(f"Обращение № {ticket.number} уже не ждет решения.", code="gone")
    new = _to_person(target(people, to.pk)) if isinstance(to, Employee) else _to_point(ticket, source, to)
    point = new.get("salespoint", ticket.salespoint)
    for facts in (ScopeFacts(ticket.salespoint_id), ScopeFacts(point.pk)):
        if not covers(actor, Right.TICKET_SUPERVISE, facts):
            raise Forbidden("Передавать обращения может руководитель точки продаж.")
    _save(ticket, new, actor)
    return f"№ {ticket.number}"


def _to_person(person: Employee) -> dict[str, Any]:
    return {"performer": person, "unit_department": None, "unit_salespoint": None}


def _to_point(ticket: Ticket, source: SalesPoint, to: SalesPoint) -> dict[str, Any]:
    """The ticket of the closing point, and its performer where he is of that point: a person, a department, the point."""
    new: dict[str, Any] = {"salespoint": to} if ticket.salespoint_id == source.pk else {}
    unit = ticket.unit_department and ticket.unit_department.salespoint_id
    if source.pk in (ticket.unit_salespoint_id, unit, ticket.performer and ticket.performer.salespoint_id):
        new |= {"performer": None, "unit_department": None, "unit_salespoint": to}
    return new


def _save(ticket: Ticket, new: dict[str, Any], by: Employee) -> None:
    old_state, now = ticket.state, clock.now()
    for name, value in new.items():
        setattr(ticket, name, value)
    if "performer" in new:
        if ticket.state != TicketState.REVIEW:
            ticket.state = TicketState.ASSIGNED if ticket.performer else TicketState.QUEUED
        TicketAssignment.objects.filter(ticket=ticket, until=None).update(until=now)
        TicketAssignment.objects.create(
            ticket=ticket, performer=ticket.performer, unit_department=None, unit_salespoint=ticket.unit_salespoint,
            since=now, by=by,
        )  # fmt: skip
    if old_state == TicketState.WAITING:
        ticket.wake_on = None
        ticket.pauses.filter(ends_at=None).update(ends_at=now)
    ticket.version += 1
    ticket.save(update_fields=[*new, "state", "wake_on", "version"])
    who = ticket.performer.short_name if ticket.performer else str(ticket.unit_salespoint or "")
    sequence = (ticket.events.order_by("-sequence").values_list("sequence", flat=True).first() or 0) + 1
    TicketEvent.objects.create(
        ticket=ticket, sequence=sequence, action="hand_over", from_state=old_state, to_state=ticket.state, by=by, at=now,
        data={"to": who},
    )  # fmt: skip
    data = {"client": ticket.client_id, "account": ticket.account_id, "to": who}
    journal.record(ticket, "ticket.handed_over", by=by, data=data)
