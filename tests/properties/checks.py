"""What holds after every step: the invariants of billing 3.13 over the rows, and the ledger of `Floor`."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction

from django.db.models import Sum

from accounts.models import Account
from core import clock, invariants
from licenses.models import (
    BalanceEntry,
    Entitlement,
    Invoice,
    InvoiceLine,
    License,
    Payment,
    PaymentAllocation,
    Shipment,
)
from licenses.selectors.limits import allowed

from . import oracle
from .catalogue import PRICES
from .floor import Floor
from .reading import frozen_rows


def everything(floor: Floor) -> None:
    """All of them on the floor's day."""
    with clock.override(on=floor.on):
        assert [(found.invariant.code, found.rows) for found in invariants.check()] == []
        money_adds_up(floor)
        invoices_add_up(floor)
        chains_tile(floor)
        accounts_are_told(floor)


def money_adds_up(floor: Floor) -> None:
    """Invariant 12: every rouble that came, or was credited, pays for something, stands on a balance, or waits."""
    paid: dict[int, Fraction] = defaultdict(Fraction)
    used: dict[int, Fraction] = defaultdict(Fraction)
    for part in PaymentAllocation.objects.filter(undone_at=None):
        paid[part.invoice_id] += Fraction(part.amount)
        if part.payment_id:
            used[part.payment_id] += Fraction(part.amount)
    balance = {
        row["account"]: Fraction(row["sum"]) for row in BalanceEntry.objects.order_by().values("account").annotate(sum=Sum("amount"))
    }  # fmt: skip
    kept: dict[int, Fraction] = defaultdict(Fraction)
    for entry in BalanceEntry.objects.filter(payment__isnull=False):
        kept[entry.payment_id] += Fraction(entry.amount)
    free = {row.pk: Fraction(row.amount) - used[row.pk] - kept[row.pk] for row in Payment.objects.all()}
    assert {pk: paper.paid for pk, paper in floor.papers.items()} == {pk: paid[pk] for pk in floor.papers}
    assert {pk: balance.get(pk, 0) for pk in floor.accounts} == {pk: floor.balance[pk] for pk in floor.accounts}
    assert free == floor.free
    for payment in Payment.objects.all():
        spent = payment.match_state in ("matched", "overpaid")
        assert spent == (free[payment.pk] == 0), "the queue of payments holds what waits, and nothing else"


def invoices_add_up(floor: Floor) -> None:
    """Invariants 1, 10, 11, 21: totals, VAT, numbers, frozen rows, turnover by line."""
    numbers: dict[tuple, list[int]] = defaultdict(list)
    shipped = {row.invoice_id: row for row in Shipment.objects.filter(cancelled_on=None)}
    turnover = Fraction(0)
    lines: dict[int, list[InvoiceLine]] = defaultdict(list)
    for line in InvoiceLine.objects.select_related("item"):
        lines[line.invoice_id].append(line)
    for invoice in Invoice.objects.all():
        numbers[invoice.legal_entity_id, invoice.year].append(invoice.sequence)
        day = shipped[invoice.pk].shipped_on if invoice.pk in shipped else invoice.issued_on
        vat = Fraction(0)
        for line in lines[invoice.pk]:
            rate = None if PRICES[line.item.code][3] == "exempt" else oracle.standard_rate(day)
            own = oracle.vat_inside(Fraction(line.amount), rate)
            assert (Fraction(line.vat_amount), line.vat_rate) == (own, rate)
            assert line.amount.as_tuple().exponent == line.vat_amount.as_tuple().exponent == -2
            vat += own
        assert Fraction(invoice.total) == sum(Fraction(line.amount) for line in lines[invoice.pk])
        assert Fraction(invoice.vat_total) == vat
        if invoice.pk in shipped:
            turnover += sum(Fraction(line.amount) for line in lines[invoice.pk])
            assert shipped[invoice.pk].amount == invoice.total
        if invoice.pk in floor.frozen:
            assert frozen_rows(invoice.pk) == floor.frozen[invoice.pk]
    for found in numbers.values():
        assert sorted(found) == list(range(1, len(found) + 1))
    assert turnover == sum(Fraction(row.amount) for row in shipped.values())


def chains_tile(floor: Floor) -> None:
    """Invariants 2, 3, 6, 7: segments of a chain follow day by day to the kept end, and no kopeck is lost on the way."""
    rows = {
        row.pk: row
        for row in License.objects.filter(state__in=["shipped", "active", "replaced"]).select_related("item__line")
    }
    after = {row.replaces_id: row for row in rows.values() if row.replaces_id in rows}
    charged = {
        line.license_id: Fraction(line.amount)
        for line in InvoiceLine.objects.filter(license__in=rows, invoice__shipments__isnull=False, invoice__shipments__cancelled_on=None)
    }  # fmt: skip
    for row in rows.values():
        assert 0 <= row.credited <= row.amount
        new = after.get(row.pk)
        if new is None:
            continue
        whole = new.starts_on == row.starts_on
        assert row.ends_on == (row.original_ends_on if whole else new.starts_on - timedelta(days=1))
        if new.item.line.code != "ub":
            assert new.ends_on == row.original_ends_on
    for row in rows.values():
        if not row.closes:
            assert charged.get(row.pk, Fraction(row.amount)) == Fraction(row.amount)
            continue
        credit = sum((Fraction(part["credit"]) for part in row.closes), Fraction(0))
        due, surplus = charged[row.pk], max(credit - Fraction(row.amount), Fraction(0))
        assert due - surplus == Fraction(row.amount) - credit
    consumed = sum((Fraction(row.amount) - Fraction(row.credited) for row in rows.values()), Fraction(0))
    surpluses = sum(
        (max(sum((Fraction(part["credit"]) for part in row.closes), Fraction(0)) - Fraction(row.amount), Fraction(0)) for row in rows.values() if row.closes),
        Fraction(0),
    )  # fmt: skip
    assert sum((charged.get(pk, Fraction(0)) for pk in rows), Fraction(0)) - surpluses == consumed


def accounts_are_told(floor: Floor) -> None:
    """Invariant 17 and the copies on the account: what is allowed, and paid until when."""
    amounts = {(e.item_id, e.limit): e.amount for e in Entitlement.objects.all()}
    for account in Account.objects.filter(pk__in=floor.accounts):
        expected: dict[str, int] = defaultdict(int)
        spans = []
        for row in License.objects.filter(account=account, state__in=["active", "replaced"]).select_related("term"):
            if row.state == "replaced" and row.original_ends_on == row.ends_on:
                continue
            if row.term_id:
                spans.append((row.starts_on, row.ends_on))
            if row.starts_on <= floor.on <= row.ends_on:
                for (item, limit), amount in amounts.items():
                    if item == row.item_id:
                        expected[limit] += amount * row.quantity
        assert {limit: n for limit, n in allowed(account, on=floor.on).items() if n} == dict(expected)
        if spans:
            assert account.paid_since == min(first for first, _ in spans)
