"""Planned visits of an engineer who leaves (R1.26)."""

from __future__ import annotations

from datetime import date

from core import journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from licenses.choices import AppointmentState
from licenses.models import Appointment
from partners.models import Employee
from partners.rights import Right

from .locking import held_invoice


@in_transaction
def visit_hand_over(visit_id: int, *, source: Employee, to: Employee, by: Employee, on: date) -> str:
    """One planned visit to another engineer of the account's sales point; returns the invoice it belongs to."""
    invoice_id = Appointment.objects.values_list("invoice_id", flat=True).get(pk=visit_id)
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.INVOICE_SHIP, account)
    visit = Appointment.objects.select_for_update(of=("self",)).get(pk=visit_id)
    if visit.state != AppointmentState.PLANNED:
        raise DomainError("Визит уже состоялся или отменен.", code="gone")
    engineer = Employee.objects.unblocked().filter(pk=to.pk, salespoint=account.salespoint_id).first()
    if engineer is None:
        raise DomainError(f"{to.short_name} не работает в точке продаж аккаунта. Выберите другого.", code="other_point")
    visit.engineer = engineer
    visit.save(update_fields=["engineer"])
    data = {"account": account.pk, "client": invoice.payer_id, "on": visit.on, "engineer": engineer.short_name}
    journal.record(invoice, "visit.handed_over", by=by, data=data)
    return str(invoice)
