"""What came and went on an account: invoices, payments, the balance, line by line with what was left (account card, billing 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import Account
from licenses.models import BalanceEntry, PaymentAllocation

MOST = 200
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Movement:
    """One line. `amount`: + money in, − money out of the balance; None for a payment that went straight to an invoice.

    `paid`: roubles that came onto (−: off) an invoice; `balance`: what the account had afterwards.
    """

    at: datetime
    title: str
    note: str
    url: str
    paid: Decimal | None
    amount: Decimal | None
    balance: Decimal


def movements(account: Account) -> list[Movement]:
    """The newest first, at most MOST; the last balance is the account's balance now."""
    entries = list(
        BalanceEntry.objects.filter(account=account).select_related("payment", "invoice", "by").order_by("at", "pk")
    )
    parts = PaymentAllocation.objects.filter(invoice__account=account, payment__isnull=False)
    rows = [(entry.at, entry.pk, _entry(entry)) for entry in entries]
    for part in parts.select_related("payment", "invoice"):
        rows.append((part.at, part.pk, _part(part, part.at, part.amount)))
        if part.undone_at:
            rows.append((part.undone_at, part.pk, _part(part, part.undone_at, -part.amount)))
    rows.sort(key=lambda row: row[:2])
    found, balance = [], ZERO
    for at, _pk, (title, note, url, paid, amount) in rows:
        balance += amount or ZERO
        found.append(Movement(at, title, note, url, paid, amount, balance))
    return found[::-1][:MOST]


def _part(part: PaymentAllocation, _at: datetime, amount: Decimal) -> tuple:
    title = (
        f"Оплата счета №\u00a0{part.invoice.number}"
        if amount > 0
        else f"Снята оплата счета №\u00a0{part.invoice.number}"
    )
    note = f"платеж №\u00a0{part.payment.number} от {part.payment.date:%d.%m.%Y}"
    if part.payment.payer_name:
        note += f", {part.payment.payer_name}"
    return title, note, part.invoice.get_absolute_url(), amount, None


def _entry(entry: BalanceEntry) -> tuple:
    """The balance's own line; money of the balance also pays an invoice."""
    title = {
        "overpaid": "Переплата на баланс",
        "credit": "Зачет при смене тарифа",
        "spent": "Оплата с баланса",
        "undo": "Возвращено на баланс" if entry.amount > 0 else "Снято с баланса",
    }[entry.kind]
    note, url = entry.comment, ""
    if entry.invoice_id:
        note, url = f"счет №\u00a0{entry.invoice.number}", entry.invoice.get_absolute_url()
    elif entry.payment_id:
        note = f"платеж №\u00a0{entry.payment.number} от {entry.payment.date:%d.%m.%Y}"
    paid = -entry.amount if entry.kind == "spent" or (entry.kind == "undo" and entry.invoice_id) else None
    return title, note, url, paid, entry.amount
