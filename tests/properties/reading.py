"""What the histories read of the database: facts beside the steps, and the whole of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db import connection

from core.models import JournalEntry
from licenses.choices import LIVE_STATES
from licenses.models import Invoice, License, Shipment
from tests.snapshots import snapshot

from . import oracle

KEPT = ("licenses.shipment", "licenses.balanceentry")
"""A cancelled shipment stays, and the ledger shows both entries."""


def settle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def money(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.01"))


def segment(row: License) -> oracle.Segment:
    return oracle.Segment(row.pk, row.starts_on, row.ends_on, row.quantity, Fraction(row.amount))


def licenses_of(invoice: Invoice) -> list[License]:
    rows = License.objects.filter(invoice_lines__invoice=invoice).select_related("item", "term", "price").order_by("pk")
    return list(rows)


def live_shipment(invoice: Invoice) -> Shipment | None:
    return Shipment.objects.filter(invoice=invoice, cancelled_on=None).first()


def replaced_in(invoice: Invoice) -> bool:
    return any(row.state == "replaced" for row in licenses_of(invoice))


def made_later(invoice: Invoice, on: date) -> bool:
    return invoice.issued_on > on


def has_later(licenses: list[License]) -> bool:
    live = License.objects.filter(state__in=LIVE_STATES)
    return any(
        live.filter(closes__contains=[{"license": row.pk}]).exists() or row.state == "replaced" for row in licenses
    )


def shipped_surplus(licenses: list[License]) -> Fraction:
    """What the shipment of changes put on the balance."""
    found = Fraction(0)
    for row in licenses:
        credit = sum((Fraction(part["credit"]) for part in row.closes), Fraction(0))
        if row.closes:
            found += max(credit - Fraction(row.amount), Fraction(0))
    return found


def frozen_rows(invoice_id: int) -> tuple:
    """What must not move once an invoice is issued (invariant 11); VAT is fixed on shipment."""
    head = Invoice.objects.values_list(
        "account", "legal_entity", "payer", "payer_data", "year", "sequence", "number", "issued_on", "total", "promo"
    ).get(pk=invoice_id)
    lines = Invoice.objects.get(pk=invoice_id).lines.order_by("position").values_list(
        "position", "item", "license", "title", "quantity", "unit", "price", "list_amount", "discount", "amount"
    )  # fmt: skip
    return (*map(str, head), *(tuple(map(str, line)) for line in lines))


def journal() -> list[dict]:
    return list(JournalEntry.objects.order_by("pk").values())


def whole() -> dict[str, list[dict]]:
    """The whole database but what only grows."""
    return snapshot(but=KEPT)
