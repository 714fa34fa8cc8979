"""Visits of an engineer or of the client (manual ch. 2.2, R2.97–R2.100)."""

from __future__ import annotations

from datetime import date, time, timedelta

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
from partners.models import Employee
from partners.rights import Right

from .locking import held_invoice, locked_invoice


@in_transaction
def visit_plan(
    *, invoice_id: int, kind: str, visit_on: date, by: Employee, on: date, visit_at: time | None = None, engineer_id: int | None = None,
    comment: str = "",
) -> Appointment:  # fmt: skip
    """Agree a visit, or move the one that is planned: the shipment may go out from 3 days before (R2.99)."""
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.INVOICE_SHIP, account)
    if invoice.state != InvoiceState.ISSUED:
        raise DomainError("Визит назначают по выставленному счету.", code="not_issued")
    if visit_on < on:
        raise DomainError("Дата визита уже прошла: укажите сегодня или позже.", field="visit_on")
    engineer = _engineer(engineer_id, account.salespoint_id) if kind == AppointmentKind.ENGINEER else None
    moved = Appointment.objects.select_for_update().filter(invoice=invoice, state=AppointmentState.PLANNED).first()
    if moved is not None:
        moved.state = AppointmentState.MOVED
        moved.save(update_fields=["state"])
    visit = Appointment.objects.create(
        invoice=invoice,
        kind=kind,
        on=visit_on,
        time=visit_at,
        engineer=engineer,
        comment=clean(comment)[:300],
        created_at=clock.now(),
        created_by=by,
    )
    code = "visit.moved" if moved else "visit.planned"
    journal.record(
        invoice,
        code,
        by=by,
        data={"account": account.pk, "client": invoice.payer_id, "on": visit_on, "kind": visit.get_kind_display()},
    )
    return visit


@in_transaction
def visit_done(*, visit_id: int, by: Employee, on: date) -> Appointment:
    """It took place. A repeat changes nothing."""
    visit, invoice, account = _held(visit_id, by)
    if visit.state == AppointmentState.DONE:
        return visit
    return _finish(visit, invoice, account, AppointmentState.DONE, "visit.done", by)


@in_transaction
def visit_missed(*, visit_id: int, by: Employee, on: date) -> Appointment:
    """Nobody came: the head has to cancel the shipment within 3 days of it, the manager agrees another date (R2.100)."""
    visit, invoice, account = _held(visit_id, by)
    if visit.state == AppointmentState.MISSED:
        return visit
    if visit.on > on:
        raise DomainError("День визита еще не наступил.", code="early")
    _finish(visit, invoice, account, AppointmentState.MISSED, "visit.missed", by)
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


def _finish(visit: Appointment, invoice: Invoice, account, state: str, code: str, by: Employee) -> Appointment:
    if visit.state != AppointmentState.PLANNED:
        raise DomainError(
            f"Визит уже в состоянии «{visit.get_state_display()}»: обновите страницу.", code="not_planned"
        )
    visit.state = state
    visit.save(update_fields=["state"])
    journal.record(invoice, code, by=by, data={"account": account.pk, "client": invoice.payer_id, "on": visit.on})
    return visit


def _engineer(pk: int | None, salespoint_id: int) -> Employee:
    engineer = Employee.objects.unblocked().filter(pk=pk, salespoint=salespoint_id).first() if pk else None
    if engineer is None:
        raise DomainError("Выберите инженера своей точки продаж.", field="engineer")
    return engineer
