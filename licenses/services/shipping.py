"""Shipment of an invoice and its exact undo (manual ch. 2.2, R2.97–R2.100; billing 3.4–3.5, decision 6)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from accounts.models import Account
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from core.text import clean
from licenses import rules
from licenses.choices import LIVE_STATES, AppointmentState, LicenseState
from licenses.events import invoice_shipped, shipment_cancelled
from licenses.models import Appointment, Invoice, License, Shipment
from licenses.selectors.vat import vat_for
from partners.models import Employee
from partners.rights import Right, Scope

from .account_copies import account_and_clients_rewrite
from .changes_shipped import changes_apply, changes_undo
from .connection_undo import put_back, states_of
from .invoices import paid_of
from .locking import held_invoice_with_members, locked_licenses

ZERO = Decimal("0.00")


@in_transaction
def invoice_ship(*, invoice_id: int, by: Employee, on: date, debt_reason: str = "") -> Shipment:
    """Ship: fix VAT of the day, the licences may be activated, changes of tariff take place, charges settle.

    Refused with the reason and the way out: not issued, not paid in full (but in debt with the right and a reason),
    shipped already, more than 3 days before the visit or no visit agreed, a change quote run out.
    """
    account, clients, invoice = held_invoice_with_members(invoice_id, by=by)
    require(by, Right.INVOICE_SHIP, account)
    licenses = _licenses_of(invoice, account)
    _check_visit(invoice)
    if clean(debt_reason):
        require(by, Right.INVOICE_SHIP_UNPAID, account)
    facts = invoice_facts(invoice, licenses, debt_reason=clean(debt_reason))
    rules.check_shippable(facts, on=on)
    is_debt = facts.paid < facts.total
    undo: dict = {"vat": _fix_vat(invoice, on)}
    shipment = Shipment.objects.create(
        invoice=invoice, shipped_on=on, at=clock.now(), by=by, manager_id=account.manager_id, amount=invoice.total, vat_amount=invoice.vat_total,
        is_debt=is_debt, debt_reason=clean(debt_reason)[:300] if is_debt else "",
    )  # fmt: skip
    undo["changes"] = changes_apply(invoice, licenses, by=by)
    for license in licenses:
        license.state, license.shipped_on = LicenseState.SHIPPED, on
        license.version += 1
        license.save(update_fields=["state", "shipped_on", "version"])
    shipment.undo = undo
    invoice_shipped.send(sender=Invoice, invoice=invoice, shipment=shipment, licenses=licenses, by=by, on=on)
    shipment.undo = journal.plain(shipment.undo)
    shipment.save(update_fields=["undo"])
    journal.record(
        invoice, "invoice.shipped", by=by,
        data={"account": account.pk, "number": invoice.number, "total": invoice.total, "on": on, "debt": shipment.debt_reason, "licenses": licenses},
    )  # fmt: skip
    account_and_clients_rewrite(account, clients, on=on, by=by)
    return shipment


@in_transaction
def shipment_cancel(*, invoice_id: int, reason: str, by: Employee, on: date) -> Shipment:
    """Undo the live shipment: everything stands as if it had not been, the money stays allocated.

    The head through ship date + 3 days, the operator later. An activation is revoked with it; refused while a later
    shipment stands on these licences.
    """
    account, clients, invoice = held_invoice_with_members(invoice_id, by=by)
    require(by, Right.SHIPMENT_CANCEL, account)
    shipment = (
        Shipment.objects.select_for_update(of=("self",)).filter(invoice=invoice, cancelled_on__isnull=True).first()
    )
    if shipment is None:
        raise DomainError("Отгрузки нет или она уже отменена: обновите страницу.", code="not_shipped")
    licenses = _licenses_of(invoice, account)
    rules.check_shipment_cancellable(
        shipment.shipped_on, on=on, reason=clean(reason), by_operator=by.scope_of(Right.SHIPMENT_CANCEL) == Scope.ALL,
        has_dependents=_has_dependents(licenses),
    )  # fmt: skip
    for license in licenses:
        license.state, license.shipped_on, license.activated_at, license.activated_by = (
            LicenseState.INVOICED,
            None,
            None,
            None,
        )
        license.version += 1
        license.save(update_fields=["state", "shipped_on", "activated_at", "activated_by", "version"])
        license.allocations.all().delete()
    changes_undo(shipment.undo.get("changes", {}), account, by=by)
    _restore_vat(invoice, shipment.undo["vat"])
    shipment.cancelled_on, shipment.cancelled_at, shipment.cancelled_by = on, clock.now(), by
    shipment.cancel_reason = clean(reason)[:300]
    shipment.save(update_fields=["cancelled_on", "cancelled_at", "cancelled_by", "cancel_reason"])
    shipment_cancelled.send(sender=Invoice, invoice=invoice, shipment=shipment, licenses=licenses, by=by, on=on)
    journal.record(
        invoice,
        "shipment.cancelled",
        by=by,
        data={"account": account.pk, "number": invoice.number, "reason": shipment.cancel_reason, "on": on},
    )
    before = states_of(clients)
    account_and_clients_rewrite(account, clients, on=on, by=by)
    put_back(account, before, clients, by=by)
    return shipment


def invoice_facts(invoice: Invoice, licenses: list[License], *, debt_reason: str = "") -> rules.InvoiceFacts:
    """What the rules of shipment ask for."""
    live = invoice.shipments.filter(cancelled_on__isnull=True).first()
    visit = Appointment.objects.filter(invoice=invoice, state=AppointmentState.PLANNED).first()
    is_change = any(license.closes for license in licenses)
    return rules.InvoiceFacts(
        state=invoice.state,
        total=invoice.total,
        paid=paid_of(invoice),
        issued_on=invoice.issued_on,
        shipped_on=live.shipped_on if live else None,
        visit_on=visit.on if visit else None,
        quote_valid_until=invoice.valid_until if is_change else None,
        debt_reason=debt_reason,
    )


def _licenses_of(invoice: Invoice, account: Account) -> list[License]:
    return locked_licenses(invoice.lines.filter(license__isnull=False).values_list("license_id", flat=True), account)


def _check_visit(invoice: Invoice) -> None:
    """Services with a visit are shipped once it is agreed (R2.97)."""
    if not invoice.lines.filter(item__needs_visit=True).exists():
        return
    if not invoice.appointments.filter(state__in=[AppointmentState.PLANNED, AppointmentState.DONE]).exists():
        raise DomainError("В счете есть услуга с визитом: сначала назначьте дату визита.", code="no_visit")


def _fix_vat(invoice: Invoice, on: date) -> dict:
    """Rate and VAT of the shipment day on every line; what stood there before is returned for the undo (decision 4)."""
    before = {"total": invoice.vat_total, "lines": {}}
    total = ZERO
    for line in invoice.lines.select_related("item").order_by("position"):
        before["lines"][line.pk] = [line.vat_kind, line.vat_rate, line.vat_amount, line.vat_ground]
        item = line.item
        vat = vat_for(
            invoice.legal_entity, item.vat_kind if item else "standard", item.vat_ground if item else "", on=on
        )
        line.vat_kind, line.vat_rate, line.vat_ground = vat.kind, vat.rate, vat.ground
        line.vat_amount = rules.vat_of(line.amount, vat.rate)
        line.save(update_fields=["vat_kind", "vat_rate", "vat_ground", "vat_amount"])
        total += line.vat_amount
    invoice.vat_total = total
    invoice.save(update_fields=["vat_total"])
    return before


def _restore_vat(invoice: Invoice, before: dict) -> None:
    for line in invoice.lines.all():
        kind, rate, amount, ground = before["lines"][str(line.pk)]
        line.vat_kind, line.vat_ground, line.vat_amount = kind, ground, Decimal(amount)
        line.vat_rate = None if rate is None else Decimal(rate)
        line.save(update_fields=["vat_kind", "vat_rate", "vat_ground", "vat_amount"])
    invoice.vat_total = Decimal(before["total"])
    invoice.save(update_fields=["vat_total"])


def _has_dependents(licenses: list[License]) -> bool:
    """A later change stands on one of these licences: it is undone first."""
    live = License.objects.filter(state__in=LIVE_STATES)
    return any(live.filter(closes__contains=[{"license": license.pk}]).exists() for license in licenses)
