"""Visits of engineers and of clients (R2.97–R2.100)."""

from __future__ import annotations

from datetime import date, time, timedelta

from accounts.choices import TaskKind
from accounts.models import Task
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from core.text import clean
from licenses.choices import AppointmentKind, AppointmentState, InvoiceState
from licenses.models import Appointment
from partners.models import Employee
from partners.rights import Right

from .locking import held_invoice


@in_transaction
def appointment_set(
    *,
    invoice_id: int,
    kind: str,
    day: date,
    by: Employee,
    on: date,
    at: time | None = None,
    engineer: Employee | None = None,
    comment: str = "",
) -> Appointment:
    """Plan a visit; a planned one moves. The day is today or later."""
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.INVOICE_SHIP, account)
    if invoice.state != InvoiceState.ISSUED:
        raise DomainError("Визит назначают по выставленному счету.", code="not_issued")
    if day < on:
        raise DomainError("Дата визита уже прошла: укажите сегодня или позже.", field="day")
    if kind == AppointmentKind.ENGINEER and engineer is None:
        raise DomainError("Выберите инженера.", field="engineer")
    invoice.appointments.filter(state=AppointmentState.PLANNED).update(state=AppointmentState.MOVED)
    made = Appointment.objects.create(
        invoice=invoice,
        kind=kind,
        on=day,
        time=at,
        engineer=engineer,
        comment=clean(comment)[:300],
        created_at=clock.now(),
        created_by=by,
    )
    journal.record(invoice, "appointment.set", by=by, data={"account": account.pk, "on": day, "kind": kind})
    return made


@in_transaction
def appointment_close(*, appointment_id: int, held: bool, by: Employee, on: date) -> Appointment:
    """Mark a visit as held or missed. A missed office visit after shipment makes two tasks (R2.100)."""
    invoice_id = Appointment.objects.values_list("invoice_id", flat=True).get(pk=appointment_id)
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.INVOICE_SHIP, account)
    visit = Appointment.objects.select_for_update(of=("self",)).get(pk=appointment_id)
    if visit.state != AppointmentState.PLANNED:
        raise DomainError("Визит уже отмечен: обновите страницу.", code="closed")
    if visit.on > on:
        raise DomainError("Визит еще не наступил.", code="future")
    visit.state = AppointmentState.DONE if held else AppointmentState.MISSED
    visit.save(update_fields=["state"])
    journal.record(invoice, "appointment.closed", by=by, data={"account": account.pk, "held": held})
    if not held:
        _missed_tasks(visit, invoice, account)
    return visit


def _missed_tasks(visit: Appointment, invoice, account) -> None:
    shipment = invoice.shipments.filter(cancelled_on__isnull=True).first()
    common = {
        "client_id": invoice.payer_id,
        "account": account,
        "salespoint_id": account.salespoint_id,
        "created_at": clock.now(),
    }
    Task.objects.get_or_create(
        key=f"visit-new-date:{visit.pk}",
        defaults=common | {"kind": TaskKind.NEW_DATE, "title": f"Согласовать новую дату визита, счет № {invoice.number}",
                           "assignee_id": account.manager_id, "due_on": visit.on + timedelta(days=1)},
    )  # fmt: skip
    if shipment is not None and visit.kind == AppointmentKind.OFFICE:
        Task.objects.get_or_create(
            key=f"visit-cancel:{visit.pk}",
            defaults=common | {"kind": TaskKind.CANCEL_SHIPMENT, "title": f"Отменить отгрузку, счет № {invoice.number}: клиент не пришел",
                               "assignee_id": account.salespoint.head_id, "due_on": shipment.shipped_on + timedelta(days=3)},
        )  # fmt: skip
