"""What the accounting system tells: states of invoices, payments, staff. Every event once, whatever the order (docs/gateway.md)."""

from __future__ import annotations

import logging
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from core import clock, faults, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from core.text import clean
from licenses import gateways
from licenses.gateways import Event, Staff
from licenses.models import GatewayCursor, InboxEvent, Invoice
from licenses.statements import Document
from partners.models import DirectoryPerson, Employee
from partners.rights import Right

from .statements import payment_take

log = logging.getLogger(__name__)
State = InboxEvent.State
MOST_PAGES = 50
STATES = {"issued", "paid", "shipped", "cancelled"}


def follow(*, on: date, advance=lambda: None) -> dict[str, int]:
    """Read events from where we stopped. Broken off, the next call reads some again: they change nothing."""
    gateway, counts = gateways.current(), {"taken": 0, "failed": 0, "known": 0}
    cursor, _new = GatewayCursor.objects.get_or_create(name=gateway.name)
    for _ in range(MOST_PAGES):
        page = gateway.events(cursor.value)
        for event in page.events:
            counts[event_take(event, on=on)] += 1
            advance()
        faults.hit("licenses.inbox.page")
        moved, cursor.value = page.cursor != cursor.value, page.cursor
        cursor.save(update_fields=["value"])
        if not (page.more and moved):
            break
    return counts


def event_take(event: Event, *, on: date) -> str:
    """«taken», «known» (seen before) or «failed»: kept with the reason, for a person to repeat."""
    if InboxEvent.objects.filter(event_id=event.id).exists():
        return "known"
    try:
        with transaction.atomic():
            row, is_new = InboxEvent.objects.get_or_create(
                event_id=event.id, defaults={"kind": event.kind, "payload": event.payload, "at": clock.now()}
            )
            if not is_new:
                return "known"
            _apply(row, on)
            return "taken"
    except (DomainError, DatabaseError, ValidationError, ValueError, KeyError, TypeError, InvalidOperation) as error:
        told = error.message if isinstance(error, DomainError) else "Событие не по формату: сообщите учетной системе."
        log.warning(
            "gateway_event_failed", extra={"event": event.id, "error": f"{type(error).__name__}: {error}"[:300]}
        )
        InboxEvent.objects.get_or_create(
            event_id=event.id,
            defaults={"kind": event.kind, "payload": event.payload, "at": clock.now(), "state": State.FAILED, "last_error": told[:300]},
        )  # fmt: skip
        return "failed"


@in_transaction
def event_retry(*, event_id: int, by: Employee, on: date) -> InboxEvent:
    """«Повторить»: the invoice may be there by now."""
    require(by, Right.JOBS_VIEW)
    row = InboxEvent.objects.select_for_update(of=("self",)).get(pk=event_id)
    if row.state != State.FAILED:
        raise DomainError("Событие уже принято: обновите страницу.", code="taken")
    try:
        with transaction.atomic():
            _apply(row, on)
    except (ValidationError, ValueError, KeyError, TypeError, InvalidOperation) as error:
        raise DomainError("Событие не по формату: сообщите учетной системе.", code="format") from error
    row.state, row.last_error = State.TAKEN, ""
    row.save(update_fields=["state", "last_error"])
    journal.record(row, "inbox.retried", by=by, data={"event": row.event_id})
    return row


def staff_take() -> int:
    """Employees of the accounting system into the built-in directory (R1.15); people changed or new. Nobody is deleted."""
    if settings.DIRECTORY != "builtin":
        return 0
    return sum(_person_take(person) for person in gateways.current().employees())


def _apply(row: InboxEvent, on: date) -> None:
    if row.kind == "invoice.state":
        _invoice_state(row)
    elif row.kind == "payment":
        payment_take(_document(row.payload), on=on)
    else:
        raise DomainError(f"Событие «{row.kind[:30]}» программе не известно.", code="kind")


def _invoice_state(row: InboxEvent) -> None:
    """The newest by `version` stands, in whatever order they come."""
    facts = row.payload
    version, state = int(facts["version"]), str(facts["state"])
    if state not in STATES:
        raise DomainError(f"Состояние «{state[:20]}» программе не известно.", code="state")
    invoice = Invoice.objects.select_for_update(of=("self",)).filter(key=str(facts["key"])).first()
    if invoice is None:
        raise DomainError("Счета с таким ключом у нас нет.", code="invoice")
    row.invoice = invoice
    row.save(update_fields=["invoice"])
    newer = InboxEvent.objects.filter(invoice=invoice, kind=row.kind, payload__version__gt=version, state=State.TAKEN)
    if newer.exists() or invoice.external_state == state:
        return
    old, invoice.external_state = invoice.external_state, state
    invoice.external_id = str(facts.get("external_id") or invoice.external_id)[:100]
    invoice.save(update_fields=["external_state", "external_id"])
    data = {"account": invoice.account_id, "state": [old, state]}
    journal.record(invoice, "invoice.external_state", by=None, data=data, source="api")


def _document(facts: dict[str, Any]) -> Document:
    """An incoming payment order as a document of a statement: matched by the same rules, known by the same key."""
    amount = Decimal(str(facts["amount"]))
    if not amount.is_finite() or not 0 < amount < 10**12 or amount != amount.quantize(Decimal("0.01")):
        raise ValueError("amount")
    day = date.fromisoformat(str(facts["date"]))
    text = {name: clean(str(facts.get(name) or "")) or None for name in _TEXTS}
    return Document(
        kind="Платежное поручение", number=clean(str(facts["number"])), date=day, amount=amount, written_off_on=None, payee_inn=None,
        received_on=date.fromisoformat(str(facts.get("received_on") or facts["date"])), payee_account=text.pop("own_account"), **text,
    )  # fmt: skip


_TEXTS = ("payer_name", "payer_inn", "payer_account", "purpose", "own_account")


def _person_take(person: Staff) -> int:
    longest = {field.name: field.max_length for field in DirectoryPerson._meta.fields}
    facts: dict[str, Any] = {name: clean(str(getattr(person, name)))[: longest[name]] for name in _PERSON}
    facts["is_active"] = bool(person.is_active)
    with transaction.atomic():
        row = DirectoryPerson.objects.select_for_update().filter(external_id=str(person.external_id)[:100]).first()
        if row is None:
            DirectoryPerson.objects.create(external_id=str(person.external_id)[:100], **facts)
            return 1
        changed = journal.changes(row, facts)
        if changed:
            row.save(update_fields=list(changed))
        return int(bool(changed))


_PERSON = ("login", "last_name", "first_name", "middle_name", "position", "email", "phone")
