"""One click re-prices an invoice whose offer ran out, or whose prices changed (billing Q5, decision 7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import F

from accounts.models import Account
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from licenses.choices import InvoiceState
from licenses.models import Invoice, License, Payment, PaymentAllocation
from licenses.selectors.plans import Choice, plan_choice
from partners.models import Employee
from partners.rights import Right

from .changing import change_reprice
from .choosing import check_term_runs
from .invoices import LineDraft, invoice_cancel, invoice_issue, paid_of
from .locking import held_invoice, locked_licenses
from .payments import allocate, balance_spend, refresh_state, rest_to_balance, undo_all


@in_transaction
def invoice_reprice(*, invoice_id: int, by: Employee, on: date) -> Invoice:
    """A new invoice over the same positions at the prices of `on`; the old one is annulled, its money moves along.

    What the new one does not take stays on the account's balance.
    """
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.INVOICE_ISSUE, account)
    if invoice.state != InvoiceState.ISSUED or invoice.shipments.filter(cancelled_on__isnull=True).exists():
        raise DomainError("Пересчитать можно выставленный и еще не отгруженный счет.", code="not_open")
    parts = _parts_of(invoice)
    undo_all(invoice, by=by, on=on)
    ids = list(invoice.lines.filter(license__isnull=False).values_list("license_id", flat=True))
    extra = [
        LineDraft(line.title, line.amount, line.item, line.quantity, line.unit, line.okei, line.explanation)
        for line in invoice.lines.filter(license__isnull=True).select_related("item")
    ]
    code = invoice.promo.code if invoice.promo_id else ""
    old = invoice_cancel(invoice_id=invoice.pk, reason="Пересчитан", by=by, on=on, replaced=True)
    for license in locked_licenses(ids, account):
        change_reprice(license, on=on) if license.closes else _reprice(license, on)
    new = invoice_issue(
        account_id=account.pk,
        license_ids=ids,
        extra=extra,
        payer_id=old.payer_id,
        promo_code=code,
        by=by,
        on=on,
        replaces=old,
    )
    for payment, amount in parts:
        _move(payment, amount, new, account, by=by, on=on)
    return new


def _parts_of(invoice: Invoice) -> list[tuple[Payment | None, Decimal]]:
    """Whose money pays an invoice: of payments first, then (None) of the balance."""
    rows = PaymentAllocation.objects.filter(invoice=invoice, undone_at__isnull=True).select_related("payment")
    return [(row.payment, row.amount) for row in rows.order_by(F("payment").asc(nulls_last=True), "pk")]


def _move(payment: Payment | None, amount: Decimal, new: Invoice, account: Account, *, by: Employee, on: date) -> None:
    """What paid the old invoice pays the new one. Only what was on the old one is kept on the balance: the rest of a
    payment may wait for somebody else's invoice."""
    used = min(amount, new.total - paid_of(new))
    if payment is None:
        if used:
            balance_spend(invoice_id=new.pk, amount=used, by=by, on=on)
        return
    allocate(payment=payment, invoice=new, amount=used, by=by, on=on)
    rest_to_balance(payment=payment, account=account, by=by, most=amount - used)
    refresh_state(payment)


def _reprice(license: License, on: date) -> None:
    check_term_runs(license, on)
    months = license.term.months if license.term else 1
    plan = plan_choice(
        license.account, [Choice(license.item_id, license.quantity)], months=months, starts_on=max(license.starts_on, on),
        payer_kind=license.payer_kind, on=on,
    )  # fmt: skip
    line = plan.lines[0]
    license.price, license.list_amount, license.amount = line.price, line.list_amount, line.amount
    license.starts_on, license.explanation = line.starts_on, line.explanation
    license.version += 1
    license.save(update_fields=["price", "list_amount", "amount", "starts_on", "explanation", "version"])
