"""Which invoices an incoming payment pays (decision 7, russia.md 3.7). Reads only; the import asks again under locks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from licenses.choices import InvoiceState, MatchState
from licenses.models import Invoice
from licenses.statements import Document, InvoiceReference, invoice_references
from partners.models import LegalEntity

MOST_REFERENCES = 20  # one payment order names a handful of invoices


@dataclass(frozen=True, slots=True)
class Match:
    """`state`; invoices to be paid in full (matched), the one suggested, or none."""

    state: MatchState
    invoices: tuple[Invoice, ...] = ()


def match_of(document: Document, entity: LegalEntity | None) -> Match:
    """What the payment is for. `entity` owns the receiving account; None when nobody does: then never automatic.

    Matched: every invoice named is found and open, its payer's INN is the sender's, and the open sums are the amount.
    Suggested: two of number, INN and amount agree. An equal sum of one payer counts only when it is unique.
    """
    named = _named(invoice_references(document.purpose), entity)
    found = [invoice for invoice in named if invoice]
    is_whole = found and len(found) == len(named) and _owed(found) == document.amount
    if entity and is_whole and all(_is_payer(invoice, document.payer_inn) for invoice in found):
        return Match(MatchState.MATCHED, tuple(found))
    for invoice in found:
        if _is_payer(invoice, document.payer_inn) or document.amount in (_owed([invoice]), _owed(found)):
            return Match(MatchState.SUGGESTED, (invoice,))
    same = _equal_sums(document, entity)
    return Match(MatchState.SUGGESTED, same) if len(same) == 1 else Match(MatchState.UNMATCHED)


def _open(entity: LegalEntity | None):
    rows = Invoice.objects.with_paid().filter(state=InvoiceState.ISSUED, paid__lt=F("total"))
    return (rows.filter(legal_entity=entity) if entity else rows).order_by("-issued_on", "-id")


def _named(references: list[InvoiceReference], entity: LegalEntity | None) -> list[Invoice | None]:
    """The open invoice of every number, each once: of the year named, else the newest."""
    found: list[Invoice | None] = []
    for reference in references[:MOST_REFERENCES]:
        rows = _open(entity).filter(number__iexact=reference.number)
        invoice = (rows.filter(year=reference.year) if reference.year else rows).first()
        if invoice is None or invoice not in found:
            found.append(invoice)
    return found


def _equal_sums(document: Document, entity: LegalEntity | None) -> tuple[Invoice, ...]:
    """At most two open invoices of this payer with exactly this open sum."""
    if not document.payer_inn:
        return ()
    rows = _open(entity).filter(payer_data__inn=document.payer_inn, total=F("paid") + document.amount)
    return tuple(rows[:2])


def _is_payer(invoice: Invoice, inn: str | None) -> bool:
    return bool(inn) and invoice.payer_data.get("inn") == inn


def _owed(invoices: list[Invoice]) -> Decimal:
    return sum((invoice.total - invoice.paid for invoice in invoices), Decimal("0.00"))
