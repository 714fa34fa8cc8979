"""Money in by hand, and what it pays for (billing 3.4). Statements and the gateway stand on these functions.

Ledger: every rouble of a payment is allocated to invoices, stands on the account's balance, or is not opened yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from accounts.models import Account
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.money import format_money
from core.rights import require
from core.text import clean
from licenses.choices import InvoiceState, MatchState
from licenses.events import invoice_paid, invoice_unpaid
from licenses.models import BalanceEntry, Invoice, Payment, PaymentAllocation
from partners.models import Employee
from partners.rights import Right

from .invoices import paid_of
from .locking import held_invoice
from .outbox import tell_payment

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class HandPayment:
    """A payment order as typed: `amount` in roubles, `date` of the order."""

    amount: Decimal
    date: date
    number: str = ""
    payer_name: str = ""
    payer_inn: str = ""
    purpose: str = ""


@in_transaction
def payment_register(*, invoice_id: int, payment: HandPayment, by: Employee, on: date) -> Payment:
    """«Отметить оплату»: a payment by hand goes to its invoice; what is above stays on the account's balance (R2.97).

    The same order twice (number, date, sum, payer) is refused by its natural key.
    """
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.PAYMENT_REGISTER, account)
    if payment.amount <= 0:
        raise DomainError("Сумма оплаты должна быть больше нуля.", field="amount")
    if payment.date > on:
        raise DomainError("Дата платежа еще не наступила: проверьте ее.", field="date")
    check_payable(invoice)
    row = Payment.objects.create(
        legal_entity=invoice.legal_entity, source=Payment.Source.HAND, own_account=invoice.legal_entity.bank_account,
        number=clean(payment.number)[:40] or f"б/н {invoice.number}", date=payment.date, received_on=on, amount=payment.amount,
        payer_name=clean(payment.payer_name)[:300] or invoice.payer_data.get("name", ""),
        payer_inn=clean(payment.payer_inn)[:12] or invoice.payer_data.get("inn", ""),
        purpose=clean(payment.purpose) or f"Оплата по счету № {invoice.number}", match_state=MatchState.MATCHED,
        created_at=clock.now(), created_by=by,
    )  # fmt: skip
    allocate(payment=row, invoice=invoice, amount=min(payment.amount, invoice.total - paid_of(invoice)), by=by, on=on)
    rest_to_balance(payment=row, account=account, by=by)
    refresh_state(row)
    return row


@in_transaction
def balance_spend(*, invoice_id: int, amount: Decimal | None = None, by: Employee, on: date) -> PaymentAllocation:
    """Pay an invoice, or a part of it, from the account's balance; by default as much as is there."""
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.PAYMENT_REGISTER, account)
    check_payable(invoice)
    most = min(balance_of(account), invoice.total - paid_of(invoice))
    amount = most if amount is None else amount
    if amount <= 0 or amount > most:
        raise DomainError(f"С баланса можно взять не больше {format_money(most, '₽')}.", field="amount", code="balance")
    entry = BalanceEntry.objects.create(
        account=account, amount=-amount, kind="spent", invoice=invoice, at=clock.now(), by=by
    )
    part = PaymentAllocation.objects.create(balance_entry=entry, invoice=invoice, amount=amount, at=clock.now(), by=by)
    tell_payment(invoice, part)
    _told(invoice, "payment.allocated", amount, by, on, {"balance": True})
    return part


def check_payable(invoice: Invoice) -> None:
    if invoice.state != InvoiceState.ISSUED:
        raise DomainError("Оплачивают только выставленный счет: этот аннулирован или не выставлен.", code="not_issued")
    if paid_of(invoice) >= invoice.total:
        raise DomainError("Счет уже оплачен полностью.", code="paid")


def allocate(
    *, payment: Payment, invoice: Invoice, amount: Decimal, by: Employee | None, on: date, is_automatic: bool = False
) -> PaymentAllocation | None:
    """Part of a payment pays an invoice; both locked by the caller. None for nothing. Never above either (trigger)."""
    if amount <= 0:
        return None
    part = PaymentAllocation.objects.create(
        payment=payment, invoice=invoice, amount=amount, at=clock.now(), by=by, is_automatic=is_automatic
    )
    tell_payment(invoice, part)
    _told(invoice, "payment.allocated", amount, by, on, {"payment": payment.pk})
    return part


def undo_all(invoice: Invoice, *, by: Employee | None, on: date) -> Decimal:
    """Undo every live allocation of a locked invoice; what came off, roubles."""
    parts = PaymentAllocation.objects.filter(invoice=invoice, undone_at__isnull=True).order_by("pk")
    return parts_undo(invoice, list(parts.select_for_update(of=("self",))), by=by, on=on)


def parts_undo(invoice: Invoice, parts: list[PaymentAllocation], *, by: Employee | None, on: date) -> Decimal:
    """Undo live allocations of one locked invoice, rows locked; payments are free again, the balance has its part back."""
    was_paid, total = paid_of(invoice) >= invoice.total > 0, ZERO
    for part in parts:
        part.undone_at, part.undone_by = clock.now(), by
        part.save(update_fields=["undone_at", "undone_by"])
        tell_payment(invoice, part)
        total += part.amount
        if part.balance_entry_id:
            BalanceEntry.objects.create(
                account_id=invoice.account_id, amount=part.amount, kind="undo", invoice=invoice, at=clock.now(), by=by
            )
    paying = {part.payment_id for part in parts if part.payment_id}
    for payment in Payment.objects.filter(pk__in=paying).order_by("pk").select_for_update(of=("self",)):
        refresh_state(payment)
    if total:
        data = {
            "account": invoice.account_id,
            "amount": total,
            "payments": [p.payment_id for p in parts if p.payment_id],
        }
        journal.record(invoice, "payment.undone", by=by, data=data)
        if was_paid and paid_of(invoice) < invoice.total:
            invoice_unpaid.send(sender=Invoice, invoice=invoice, by=by, on=on)
    return total


def refresh_state(payment: Payment) -> MatchState:
    """Rewrite where the money of a locked payment is. Called after every step that moves it; an invariant looks for drift."""
    used, kept = allocated_of(payment), kept_of(payment)
    if payment.skip_reason:
        state = MatchState.SKIPPED
    elif used + kept >= payment.amount:
        state = MatchState.OVERPAID if kept > 0 else MatchState.MATCHED
    elif used + kept > 0:
        state = MatchState.PARTIAL
    else:
        state = MatchState.SUGGESTED if payment.suggested_id else MatchState.UNMATCHED
    payment.match_state = state
    if state in (MatchState.MATCHED, MatchState.OVERPAID):
        payment.suggested = None
    payment.version += 1
    payment.save(update_fields=["match_state", "suggested", "version"])
    return state


def rest_to_balance(*, payment: Payment, account: Account, by: Employee | None, most: Decimal | None = None) -> Decimal:
    """What no invoice takes goes to the account's balance; `most`: no more than this, the rest waits."""
    rest = free_of(payment) if most is None else min(free_of(payment), most)
    if rest > 0:
        BalanceEntry.objects.create(
            account=account, amount=rest, kind="overpaid", payment=payment, at=clock.now(), by=by
        )
    return rest


def free_of(payment: Payment) -> Decimal:
    """What of a payment is neither allocated nor on a balance, roubles."""
    return payment.amount - allocated_of(payment) - kept_of(payment)


def allocated_of(payment: Payment) -> Decimal:
    """What of a payment pays invoices, roubles."""
    parts = PaymentAllocation.objects.filter(payment=payment, undone_at__isnull=True)
    return parts.aggregate(s=Sum("amount"))["s"] or ZERO


def kept_of(payment: Payment) -> Decimal:
    """What of a payment went to balances of accounts, roubles."""
    return BalanceEntry.objects.filter(payment=payment).aggregate(s=Sum("amount"))["s"] or ZERO


def balance_of(account: Account) -> Decimal:
    """The account's balance, roubles."""
    return BalanceEntry.objects.filter(account=account).aggregate(s=Sum("amount"))["s"] or ZERO


def _told(invoice: Invoice, code: str, amount: Decimal, by: Employee | None, on: date, data: dict) -> None:
    journal.record(invoice, code, by=by, data={"account": invoice.account_id, "amount": amount, **data})
    if paid_of(invoice) >= invoice.total:
        invoice_paid.send(sender=Invoice, invoice=invoice, by=by, on=on)
