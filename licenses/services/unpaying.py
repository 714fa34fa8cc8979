"""Money taken back: one allocation, all of an invoice, a payment from the balance, a payment as a whole (billing 3.4).

Never below what was spent: a shipped invoice keeps its money, a balance never falls below zero.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from accounts.models import Account
from core import clock, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.money import format_money
from core.rights import require
from licenses.models import BalanceEntry, Invoice, Payment, PaymentAllocation
from partners.models import Employee
from partners.rights import Right

from .locking import held_accounts, held_invoice, held_invoices
from .payments import ZERO, balance_of, parts_undo, refresh_state, undo_all


@in_transaction
def allocations_undo(*, invoice_id: int, by: Employee, on: date) -> Decimal:
    """Take all money off an invoice: payments wait for another invoice, the balance gets its part back. Not while shipped."""
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.PAYMENT_REGISTER, account)
    _check_unshipped([invoice])
    return undo_all(invoice, by=by, on=on)


@in_transaction
def allocation_undo(*, allocation_id: int, by: Employee, on: date) -> PaymentAllocation:
    """Take one part of a payment (or of the balance) off its invoice. Not while the invoice is shipped."""
    invoice_id = PaymentAllocation.objects.values_list("invoice_id", flat=True).get(pk=allocation_id)
    account, invoice = held_invoice(invoice_id, by=by)
    require(by, Right.PAYMENT_REGISTER, account)
    _check_unshipped([invoice])
    part = PaymentAllocation.objects.select_for_update(of=("self",)).get(pk=allocation_id)
    if part.undone_at:
        raise Conflict("Эта часть оплаты уже снята со счета. Обновите страницу.", code="undone")
    parts_undo(invoice, [part], by=by, on=on)
    return part


@in_transaction
def kept_undo(*, payment_id: int, account_id: int, by: Employee) -> Decimal:
    """Take what a payment put on an account's balance back into the payment; refused when the balance spent it."""
    account = held_accounts([account_id], by=by)[account_id]
    require(by, Right.PAYMENT_REGISTER, account)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    taken = _take_kept(payment, account, by)
    if not taken:
        raise Conflict("На балансе аккаунта этого платежа уже нет. Обновите страницу.", code="undone")
    refresh_state(payment)
    return taken


@in_transaction
def payment_undo(*, payment_id: int, by: Employee, on: date) -> Decimal:
    """Take a payment off all its invoices and balances: it waits as if it had just come. All or nothing; roubles taken."""
    live = PaymentAllocation.objects.filter(payment=payment_id, undone_at__isnull=True)
    invoice_ids = set(live.values_list("invoice_id", flat=True))
    kept = set(BalanceEntry.objects.filter(payment=payment_id).values_list("account_id", flat=True))
    accounts, invoices = held_invoices(invoice_ids, by=by, also_accounts=kept)
    for account in accounts.values():
        require(by, Right.PAYMENT_REGISTER, account)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    parts = list(live.order_by("pk").select_for_update(of=("self",)))
    if not {part.invoice_id for part in parts} <= invoice_ids:
        raise Conflict("Платеж только что разнес другой сотрудник. Обновите страницу и повторите.", code="changed")
    _check_unshipped([invoices[pk] for pk in sorted({part.invoice_id for part in parts})])
    taken = sum((_take_kept(payment, accounts[pk], by) for pk in sorted(kept)), ZERO)
    for pk in sorted({part.invoice_id for part in parts}):
        taken += parts_undo(invoices[pk], [part for part in parts if part.invoice_id == pk], by=by, on=on)
    if not taken:
        raise DomainError("Платеж не разнесен: отменять нечего.", code="nothing")
    payment.refresh_from_db()
    refresh_state(payment)
    return taken


def _check_unshipped(invoices: list[Invoice]) -> None:
    for invoice in invoices:
        if invoice.shipments.filter(cancelled_on__isnull=True).exists():
            raise DomainError(f"Счет № {invoice.number} отгружен: сначала отмените отгрузку.", code="shipped")


def _take_kept(payment: Payment, account: Account, by: Employee) -> Decimal:
    """What this payment put on the balance of a locked account, taken back; 0.00 when there is nothing."""
    kept = sum((entry.amount for entry in BalanceEntry.objects.filter(payment=payment, account=account)), ZERO)
    if kept <= 0:
        return ZERO
    balance = balance_of(account)
    if balance < kept:
        raise DomainError(
            f"С баланса аккаунта № {account.number} уже потрачено {format_money(kept - balance, '₽')} из этих денег:"
            " сначала снимите оплату с того счета.",
            code="balance_spent",
        )
    BalanceEntry.objects.create(
        account=account, amount=-kept, kind="undo", payment=payment, comment="Платеж возвращен в работу", at=clock.now(), by=by
    )  # fmt: skip
    journal.record(payment, "payment.unkept", by=by, data={"account": account.pk, "amount": kept})
    return kept
