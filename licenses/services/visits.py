"""Visits of an engineer or of the client (manual ch. 2.2, R2.97–R2.100)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from accounts.choices import TaskKind
from accounts.models import Account
from accounts.services.work import task_make
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from core.text import clean
from licenses import rules
from licenses.choices import AppointmentKind, AppointmentState, InvoiceState
from licenses.models import Appointment, Invoice
from licenses.models.visits import HELD_STATES
from partners.models import Employee
from partners.rights import Right

from .locking import held_invoice, locked_invoice

DAY, AHEAD = timedelta(days=1), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Slot:
    """What is agreed: `at` is the clock of the sales point; only a visit of the client may have none."""

    kind: str
    on: date
    at: time | None = None
    minutes: int = 60
    engineer_id: int | None = None
    comment: str = ""


@in_transaction
def visit_plan(
    *, invoice_id: int, kind: str, visit_on: date, by: Employee, on: date, visit_at: time | None = None, minutes: int = 60,
    engineer_id: int | None = None, comment: str = "",
) -> Appointment:  # fmt: skip
    """Agree a visit, or move the one that is planned: the shipment may go out from 3 days before (R2.99).

    Refused with the reason: not issued, a day gone or too far, no engineer or time, an engineer who is busy then (the
    schema refuses it too), a move beyond shipment + 3 days: the head cancels the shipment first (R2.100).
    """
    slot = Slot(kind, visit_on, visit_at, minutes, engineer_id, comment)
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.INVOICE_SHIP, account)
    if invoice.state != InvoiceState.ISSUED:
        raise DomainError("Визит назначают по выставленному счету.", code="not_issued")
    _check_day(slot.on, on)
    engineer = _engineer(slot, account.salespoint_id) if slot.kind == AppointmentKind.ENGINEER else None
    moved = Appointment.objects.select_for_update().filter(invoice=invoice, state=AppointmentState.PLANNED).first()
    if moved is not None:
        _check_move(invoice, slot.on)
        moved.state = AppointmentState.MOVED
        moved.save(update_fields=["state"])
    if engineer is not None:
        _refuse_busy(engineer, slot)
    visit = Appointment.objects.create(
        invoice=invoice, kind=slot.kind, on=slot.on, time=slot.at, minutes=slot.minutes, engineer=engineer,
        comment=clean(slot.comment)[:300], created_at=clock.now(), created_by=by,
    )  # fmt: skip
    _record(visit, account, "visit.moved" if moved else "visit.planned", by, kind=visit.get_kind_display())
    return visit


@in_transaction
def visit_cancel(*, visit_id: int, reason: str, by: Employee, on: date) -> Appointment:
    """Call a planned visit off, with a reason; refused once the invoice is shipped for it. A repeat changes nothing."""
    invoice_id = Appointment.objects.values_list("invoice_id", flat=True).get(pk=visit_id)
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.INVOICE_SHIP, account)
    visit = Appointment.objects.select_for_update().get(pk=visit_id)
    if visit.state == AppointmentState.CANCELLED:
        return visit
    _check_planned(visit)
    if not clean(reason):
        raise DomainError("Укажите причину отмены.", field="reason")
    if invoice.shipments.filter(cancelled_on__isnull=True).exists():
        raise DomainError(
            "Счет уже отгружен под этот визит: перенесите визит или сначала отмените отгрузку.", code="shipped"
        )
    visit.state, visit.reason = AppointmentState.CANCELLED, clean(reason)[:300]
    visit.save(update_fields=["state", "reason"])
    _record(visit, account, "visit.cancelled", by, reason=visit.reason)
    return visit


@in_transaction
def visit_done(*, visit_id: int, by: Employee, on: date) -> Appointment:
    """It took place. A repeat changes nothing."""
    visit, _invoice, account = _held(visit_id, by)
    if visit.state == AppointmentState.DONE:
        return visit
    _check_came(visit, on)
    return _finish(visit, account, AppointmentState.DONE, "visit.done", by)


@in_transaction
def visit_missed(*, visit_id: int, by: Employee, on: date) -> Appointment:
    """Nobody came: the head has to cancel the shipment within 3 days of it, the manager agrees another date (R2.100)."""
    visit, invoice, account = _held(visit_id, by)
    if visit.state == AppointmentState.MISSED:
        return visit
    _check_came(visit, on)
    _finish(visit, account, AppointmentState.MISSED, "visit.missed", by)
    name = f"{account.name}, {invoice}"
    common = {"client_id": invoice.payer_id, "account_id": account.pk, "salespoint_id": account.salespoint_id, "by": by}
    task_make(
        kind=TaskKind.NEW_DATE, title=f"Согласовать новую дату визита: {name}", due_on=on + timedelta(days=1), assignee_id=account.manager_id,
        key=f"new_date:{visit.pk}", **common,
    )  # fmt: skip
    shipment = invoice.shipments.filter(cancelled_on__isnull=True).first()
    if shipment is not None and visit.kind == AppointmentKind.OFFICE:
        task_make(
            kind=TaskKind.CANCEL_SHIPMENT, title=f"Отменить отгрузку: {name}", due_on=rules.cancel_until(shipment.shipped_on),
            assignee_id=account.salespoint.head_id, key=f"cancel_shipment:{shipment.pk}", **common,
        )  # fmt: skip
    return visit


def _held(visit_id: int, by: Employee):
    """The engineer marks his own visits, whoever's account it is."""
    invoice_id, engineer_id = Appointment.objects.values_list("invoice_id", "engineer_id").get(pk=visit_id)
    if engineer_id == by.pk:
        account = Account.objects.select_for_update(of=("self",)).get(invoices=invoice_id)
        invoice = locked_invoice(invoice_id, account)
    else:
        account, invoice = held_invoice(invoice_id, by=by)
        require(by, Right.INVOICE_SHIP, account)
    return Appointment.objects.select_for_update().get(pk=visit_id), invoice, account


def _finish(visit: Appointment, account: Account, state: str, code: str, by: Employee) -> Appointment:
    _check_planned(visit)
    visit.state = state
    visit.save(update_fields=["state"])
    _record(visit, account, code, by)
    return visit


def _record(visit: Appointment, account: Account, code: str, by: Employee, **facts) -> None:
    data = {"account": account.pk, "client": visit.invoice.payer_id, "visit": visit.pk, "on": visit.on, **facts}
    journal.record(visit.invoice, code, by=by, data=data)


def _check_planned(visit: Appointment) -> None:
    if visit.state != AppointmentState.PLANNED:
        raise DomainError(
            f"Визит уже в состоянии «{visit.get_state_display()}»: обновите страницу.", code="not_planned"
        )


def _check_came(visit: Appointment, on: date) -> None:
    if visit.on > on:
        raise DomainError(f"День визита еще не наступил: отметьте его {visit.on:%d.%m.%Y} или позже.", code="early")


def _check_day(day: date, on: date) -> None:
    if day < on:
        raise DomainError("Дата визита уже прошла: укажите сегодня или позже.", field="visit_on")
    if day > on + AHEAD:
        raise DomainError(f"Визит назначают не дальше года: укажите день до {on + AHEAD:%d.%m.%Y}.", field="visit_on")


def _check_move(invoice: Invoice, day: date) -> None:
    """What is shipped stays within three days of its visit: later is a cancel and a new date (R2.99, R2.100)."""
    shipment = invoice.shipments.filter(cancelled_on__isnull=True).first()
    if shipment is not None and day > shipment.shipped_on + rules.VISIT_DAYS:
        raise DomainError(
            f"Счет отгружен {shipment.shipped_on:%d.%m.%Y}: перенести визит можно не позже "
            f"{shipment.shipped_on + rules.VISIT_DAYS:%d.%m.%Y}, иначе руководитель сначала отменяет отгрузку.",
            field="visit_on",
            code="shipped",
        )


def _engineer(slot: Slot, salespoint_id: int) -> Employee:
    found = Employee.objects.unblocked().filter(pk=slot.engineer_id, salespoint=salespoint_id)
    engineer = found.first() if slot.engineer_id else None
    if engineer is None:
        raise DomainError("Выберите инженера своей точки продаж.", field="engineer")
    if slot.at is None:
        raise DomainError("Укажите время выезда: по нему видно, свободен ли инженер.", field="visit_at")
    return engineer


def _refuse_busy(engineer: Employee, slot: Slot) -> None:
    """In words who is busy when; two at the same moment are told apart by the exclusion constraint."""
    starts = datetime.combine(slot.on, slot.at)
    ends = starts + timedelta(minutes=slot.minutes)
    near = Appointment.objects.filter(engineer=engineer, state__in=HELD_STATES, on__range=(slot.on - DAY, ends.date()))
    for other in near.exclude(time=None):
        begins = datetime.combine(other.on, other.time)
        until = begins + timedelta(minutes=other.minutes)
        if begins < ends and starts < until:
            raise DomainError(
                f"{engineer.short_name} занят {other.on:%d.%m.%Y} с {begins:%H:%M} до {until:%H:%M}: "
                "выберите другое время или другого инженера.",
                field="visit_at",
                code="busy",
            )
