"""The outbox: what the accounting system and clients' mailboxes have to get (docs/gateway.md).

A row is written in the transaction of the step it tells of; sending is a matter of its own. A row is claimed for a
while, sent outside any transaction, then marked. Killed between the two, it is sent again with the same key: the other
side knows the key and answers as before. Nothing is given up by itself: silence waits, a refusal asks a person.
"""

from __future__ import annotations

import logging
import random
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from core import clock, faults, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.rights import require
from core.text import clean
from licenses import gateways, letters
from licenses.gateways import Answer, GatewayDown, GatewayRefused
from licenses.models import Invoice, OutboxMessage, PaymentAllocation, Shipment
from licenses.selectors.mirroring import invoice_payload, payment_payload, shipment_payload
from partners.models import Employee
from partners.rights import Right

log = logging.getLogger(__name__)
State, Channel = OutboxMessage.State, OutboxMessage.Channel

LEASE = timedelta(minutes=3)
"""A sender that has not marked a row in that time is taken for dead; longer than any timeout of a send."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
INTERNAL = "Внутренняя ошибка отправки, подробности в журнале сервера."


# ---- what is told: called inside the business transaction


def tell_issued(invoice: Invoice) -> None:
    if _mirrors():
        _put(f"invoice:{invoice.key}", "invoice.create", invoice, invoice_payload(invoice))


def tell_cancelled(invoice: Invoice) -> None:
    if _mirrors():
        _put(f"invoice:{invoice.key}:cancel", "invoice.cancel", invoice, invoice_payload(invoice))


def tell_shipment(invoice: Invoice, shipment: Shipment) -> None:
    """Shipped, or the shipment cancelled."""
    if _mirrors():
        end = ":cancel" if shipment.cancelled_on else ""
        _put(f"shipment:{invoice.key}:{shipment.pk}{end}", "shipment", invoice, shipment_payload(invoice, shipment))


def tell_payment(invoice: Invoice, part: PaymentAllocation) -> None:
    """A part of a payment came onto the invoice, or was taken off it."""
    if _mirrors():
        end = ":undo" if part.undone_at else ""
        _put(f"payment:{invoice.key}:{part.pk}{end}", "payment", invoice, payment_payload(invoice, part))


def _mirrors() -> bool:
    return settings.GATEWAY != "builtin"


def _put(key: str, kind: str, invoice: Invoice, payload: dict, *, channel=Channel.ACCOUNTING, by=None) -> OutboxMessage:
    now = clock.system_now()
    return OutboxMessage.objects.create(
        key=key, kind=kind, channel=channel, invoice=invoice, payload=payload, next_try_at=now, created_at=now, by=by
    )


@in_transaction
def invoice_send(*, invoice_id: int, address: str, name: str = "", text: str = "", by: Employee) -> OutboxMessage:
    """Send the invoice with its PDF by mail. The letter waits in the outbox: a mail server that is down loses nothing."""
    invoice = Invoice.objects.visible_to(by).select_related("account").get(pk=invoice_id)
    require(by, Right.INVOICE_ISSUE, invoice.account)
    if invoice.state != "issued":
        raise DomainError("Отправляют только выставленный счет: этот аннулирован или не выставлен.", code="not_issued")
    address = clean(address).lower()
    if not letters.is_address(address):
        raise DomainError("Проверьте email: он должен быть в виде name@example.ru.", field="address")
    payload = {"address": address, "name": clean(name)[:200], "text": (text or "").strip()[:2000]}
    message = _put(f"letter:{uuid.uuid4()}", "invoice.letter", invoice, payload, channel=Channel.MAIL, by=by)
    journal.record(invoice, "invoice.letter_queued", by=by, data={"account": invoice.account_id, "address": address})
    return message


# ---- sending


def due(limit: int = 200) -> list[int]:
    """Rows whose time has come, oldest first; a row waits behind earlier ones of its invoice."""
    now = clock.system_now()
    rows = OutboxMessage.objects.filter(state=State.WAITING, next_try_at__lte=now)
    return list(_unblocked(rows).order_by("id").values_list("pk", flat=True)[:limit])


def deliver(message_id: int) -> State | None:
    """Send one row; its new state, None when it was not ours to send."""
    message = _claim(message_id)
    if message is None:
        return None
    faults.hit("licenses.outbox.claimed")
    try:
        answer = _send(message)
    except GatewayRefused as error:
        return _park(message, str(error))
    except GatewayDown as error:
        return _wait(message, str(error))
    except Exception:
        log.exception("outbox_failed", extra={"outbox": message.pk, "kind": message.kind})
        return _wait(message, INTERNAL)
    faults.hit("licenses.outbox.sent")
    return _mark_sent(message, answer)


def _unblocked(rows: QuerySet) -> QuerySet:
    """The accounting system gets what concerns one invoice in order; letters do not wait for each other."""
    earlier = OutboxMessage.objects.filter(
        invoice=OuterRef("invoice"), channel=Channel.ACCOUNTING, id__lt=OuterRef("id")
    ).exclude(state=State.SENT)
    return rows.exclude(Exists(earlier), channel=Channel.ACCOUNTING)


@transaction.atomic
def _claim(message_id: int) -> OutboxMessage | None:
    now = clock.system_now()
    rows = OutboxMessage.objects.filter(pk=message_id, state=State.WAITING, next_try_at__lte=now)
    if faults.protected("licenses.outbox.claim"):
        rows = _unblocked(rows).select_for_update(of=("self",), skip_locked=True)
    message = rows.first()
    faults.hit("licenses.outbox.read")
    if message is None:
        return None
    message.attempts = min(message.attempts + 1, 30_000)
    if faults.protected("licenses.outbox.claim"):
        message.next_try_at = now + LEASE
    message.save(update_fields=["attempts", "next_try_at"])
    return message


def _send(message: OutboxMessage) -> Answer:
    if message.channel == Channel.MAIL:
        letters.send_invoice(message)
        return Answer()
    gateway = gateways.current()
    # Without its key a repeat is a second document: the control of the tests.
    key = message.key if faults.protected("licenses.outbox.key") else str(uuid.uuid4())
    steps = {
        "invoice.create": gateway.invoice_create,
        "invoice.cancel": gateway.invoice_cancel,
        "shipment": gateway.shipment,
        "payment": gateway.payment,
    }
    return steps[message.kind](key, message.payload)


@transaction.atomic
def _mark_sent(message: OutboxMessage, answer: Answer) -> State:
    row = OutboxMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if row.state == State.SENT:
        return State.SENT
    row.state, row.sent_at, row.last_error = State.SENT, clock.system_now(), ""
    row.answer = answer.data
    row.save(update_fields=["state", "sent_at", "last_error", "answer"])
    if row.channel == Channel.MAIL:
        data = {"account": row.invoice.account_id, "address": row.payload["address"]}
        journal.record(row.invoice, "invoice.letter_sent", by=row.by, data=data, source="job")
    elif row.kind == "invoice.create" and (answer.external_id or answer.state):
        Invoice.objects.filter(pk=row.invoice_id).update(external_id=answer.external_id, external_state=answer.state)
    return State.SENT


def _wait(message: OutboxMessage, error: str) -> State:
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(message.attempts - 1, 10)) * random.uniform(0.8, 1.2)
    OutboxMessage.objects.filter(pk=message.pk, state=State.WAITING).update(
        next_try_at=clock.system_now() + pause, last_error=error[:300]
    )
    return State.WAITING


def _park(message: OutboxMessage, error: str) -> State:
    OutboxMessage.objects.filter(pk=message.pk, state=State.WAITING).update(state=State.PARKED, last_error=error[:300])
    log.error("outbox_parked", extra={"outbox": message.pk, "kind": message.kind, "told": error[:300]})
    return State.PARKED


# ---- what a person does


@in_transaction
def outbox_retry(*, message_id: int, by: Employee) -> OutboxMessage:
    """«Повторить»: at the next round, whatever the pause."""
    require(by, Right.JOBS_VIEW)
    message = _held(message_id)
    message.state, message.next_try_at = State.WAITING, clock.system_now()
    message.save(update_fields=["state", "next_try_at"])
    journal.record(message, "outbox.retried", by=by, data={"key": message.key})
    return message


@in_transaction
def outbox_settle(*, message_id: int, reason: str, by: Employee) -> OutboxMessage:
    """«Внесено вручную»: the accounting system has it by another way; later messages of the invoice go on."""
    require(by, Right.JOBS_VIEW)
    message = _held(message_id)
    if not clean(reason):
        raise DomainError("Укажите, как и кем это внесено.", field="reason")
    message.state, message.sent_at = State.SENT, clock.system_now()
    message.answer = {"by_hand": clean(reason)[:300]}
    message.save(update_fields=["state", "sent_at", "answer"])
    journal.record(message, "outbox.settled", by=by, data={"key": message.key, "reason": clean(reason)[:300]})
    return message


def _held(message_id: int) -> OutboxMessage:
    message = OutboxMessage.objects.select_for_update(of=("self",)).get(pk=message_id)
    if message.state == State.SENT:
        raise Conflict("Сообщение уже отправлено. Обновите страницу.", code="sent")
    return message
