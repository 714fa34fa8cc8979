"""What a person decides about a payment that the import did not match (billing 3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Account
from core import faults, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.money import format_money
from core.rights import require
from core.text import clean
from licenses.models import Invoice, Payment, PaymentAllocation
from partners.models import Employee
from partners.rights import Right

from .invoices import paid_of
from .locking import held_invoices
from .payments import allocate, check_payable, free_of, refresh_state, rest_to_balance

MOST_PARTS = 50
"""Invoices that one step pays."""


@dataclass(frozen=True, slots=True)
class Part:
    """An invoice and what of the payment it takes, roubles; None: as much as fits."""

    invoice_id: int
    amount: Decimal | None = None


def payment_allocate(
    *, payment_id: int, invoice_id: int, amount: Decimal | None = None, by: Employee, on: date
) -> PaymentAllocation:
    """Pay one invoice, or a part of it, from a payment; by default as much as fits. The payer may be somebody else."""
    return payment_spread(payment_id=payment_id, parts=[Part(invoice_id, amount)], by=by, on=on)[0]


@in_transaction
def payment_spread(
    *, payment_id: int, parts: Sequence[Part], rest_account_id: int | None = None, by: Employee, on: date, version: int | None = None
) -> list[PaymentAllocation]:  # fmt: skip
    """Pay several invoices at once, in the order given, and put what is left on the balance of an account, if one is named.

    All or nothing. A payment to another legal entity is refused; so is a payment that somebody has changed meanwhile.
    """
    if not parts and rest_account_id is None:
        raise DomainError("Отметьте счета, которые оплачивает этот платеж.", code="nothing")
    if len(parts) > MOST_PARTS or len({part.invoice_id for part in parts}) < len(parts):
        raise DomainError(f"За один раз — не больше {MOST_PARTS} разных счетов.", code="too_many")
    also = [rest_account_id] if rest_account_id else []
    accounts, invoices = held_invoices([part.invoice_id for part in parts], by=by, also_accounts=also)
    for account in accounts.values():
        require(by, Right.PAYMENT_REGISTER, account)
    payment = _held_payment(payment_id, version)
    done = [_pay_part(payment, invoices[part.invoice_id], part.amount, by=by, on=on) for part in parts]
    if rest_account_id:
        _keep_rest(payment, accounts[rest_account_id], by)
    refresh_state(payment)
    return done


@in_transaction
def payment_skip(*, payment_id: int, reason: str, by: Employee) -> Payment:
    """«Не разносится»: a refund, a loan, money of somebody else; it leaves the queue with the reason. Nothing may be placed."""
    require(by, Right.PAYMENT_REGISTER)
    payment = _held_payment(Payment.objects.visible_to(by).values_list("pk", flat=True).get(pk=payment_id))
    if free_of(payment) != payment.amount:
        raise DomainError("Платеж уже разнесен, хотя бы частично: сначала отмените разнесение.", code="placed")
    if not clean(reason):
        raise DomainError("Укажите, почему платеж не разносится.", field="reason")
    payment.skip_reason = clean(reason)[:300]
    payment.save(update_fields=["skip_reason"])
    refresh_state(payment)
    journal.record(payment, "payment.skipped", by=by, data={"reason": payment.skip_reason})
    return payment


@in_transaction
def payment_unskip(*, payment_id: int, by: Employee) -> Payment:
    """Back into the queue."""
    require(by, Right.PAYMENT_REGISTER)
    payment = _held_payment(
        Payment.objects.visible_to(by).values_list("pk", flat=True).get(pk=payment_id), skipped=True
    )
    payment.skip_reason = ""
    payment.save(update_fields=["skip_reason"])
    refresh_state(payment)
    journal.record(payment, "payment.unskipped", by=by)
    return payment


def _held_payment(payment_id: int, version: int | None = None, *, skipped: bool = False) -> Payment:
    """The payment for update, after accounts and invoices (decision 30)."""
    rows = Payment.objects.filter(pk=payment_id)
    if faults.protected("licenses.payment.lock"):
        rows = rows.select_for_update(of=("self",))
    payment = rows.get()
    if version is not None and payment.version != version:
        raise Conflict("Платеж уже изменил другой сотрудник. Обновите страницу и повторите.", code="version")
    if bool(payment.skip_reason) != skipped:
        raise DomainError(
            "Платеж отмечен «не разносится»: сначала верните его в работу." if payment.skip_reason else "Платеж уже в работе.",
            code="skipped",
        )  # fmt: skip
    faults.hit("licenses.payment.read")
    return payment


def _pay_part(
    payment: Payment, invoice: Invoice, amount: Decimal | None, *, by: Employee, on: date
) -> PaymentAllocation:
    check_payable(invoice)
    if payment.legal_entity_id not in (None, invoice.legal_entity_id):
        raise DomainError(
            "Платеж поступил другому юридическому лицу: выберите его счет.", field="invoice", code="entity"
        )
    free = free_of(payment)
    if free <= 0:
        raise DomainError("Платеж уже разнесен полностью: обновите страницу.", field="amount", code="spent")
    most = min(free, invoice.total - paid_of(invoice))
    amount = most if amount is None else amount
    if amount <= 0 or amount > most:
        raise DomainError(
            f"Счет № {invoice.number}: этим платежом можно оплатить не больше {format_money(most, '₽')}.",
            field="amount",
            code="amount",
        )
    return allocate(payment=payment, invoice=invoice, amount=amount, by=by, on=on)


def _keep_rest(payment: Payment, account: Account, by: Employee) -> None:
    rest = rest_to_balance(payment=payment, account=account, by=by)
    if rest <= 0:
        raise DomainError(
            "Остатка нет: весь платеж ушел на счета. Снимите отметку об остатке.", field="rest", code="no_rest"
        )
    journal.record(payment, "payment.kept", by=by, data={"account": account.pk, "amount": rest})
