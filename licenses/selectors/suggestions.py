"""Which invoices a payment may be for: found by what its purpose says, by its payer, by its sum, or by what a person types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from core.money import parse_money
from core.text import clean
from licenses.choices import InvoiceState
from licenses.models import Invoice, Payment
from licenses.statements import invoice_references
from partners.models import Employee

MOST = 20
NUMBER, INN, AMOUNT = "номер в назначении", "ИНН плательщика", "сумма совпадает"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An open invoice and why it is offered; `owed` is what it still lacks, `take` what the payment can give, roubles."""

    invoice: Invoice
    reasons: tuple[str, ...]
    owed: Decimal
    take: Decimal


def suggestions_for(payment: Payment, *, free: Decimal, by: Employee, skip: Iterable[int] = ()) -> list[Suggestion]:
    """Best first: number, ИНН and sum each count; nothing in common is no suggestion. `free`: what is left of the payment."""
    if free <= 0:
        return []
    rows = _open(payment, by).exclude(pk__in=list(skip))
    references = invoice_references(payment.purpose)[:MOST]
    numbers = Q(pk__in=[])
    for reference in references:
        year = {"year": reference.year} if reference.year else {}
        numbers |= Q(number__iexact=reference.number, **year)
    by_inn = Q(payer_data__inn=payment.payer_inn) if payment.payer_inn else Q(pk__in=[])
    wanted = numbers | by_inn | Q(total=F("paid") + free) | Q(pk=payment.suggested_id or 0)
    named = {reference.number.casefold() for reference in references}
    found = [_suggestion(invoice, payment, free, named) for invoice in rows.filter(wanted)[: 3 * MOST]]
    found.sort(key=lambda row: (-len(row.reasons), row.invoice.pk != payment.suggested_id, -row.invoice.pk))
    return found[:MOST]


def search_invoices(payment: Payment, query: str, *, free: Decimal, by: Employee) -> list[Suggestion]:
    """Open invoices by number, ИНН, sum, account number or a part of the payer's name. Newest first."""
    text = clean(query)
    if not text:
        return []
    wanted = Q(number__iexact=text.removeprefix("№").strip()) | Q(payer_data__name__icontains=text)
    digits = re.sub(r"\D", "", text)
    if digits and re.fullmatch(r"[\d\s\u00a0.,₽-]+", text):
        if len(digits) in (10, 12):
            wanted |= Q(payer_data__inn=digits)
        if len(digits) <= 9:
            wanted |= Q(account__number=int(digits))
        try:
            amount = parse_money(text)
        except ValueError:
            amount = None
        if amount is not None:
            wanted |= Q(total=amount) | Q(total=F("paid") + amount)
    named = {reference.number.casefold() for reference in invoice_references(payment.purpose)[:MOST]}
    return [_suggestion(invoice, payment, free, named) for invoice in _open(payment, by).filter(wanted)[:MOST]]


def twin_of(payment: Payment) -> Payment | None:
    """The same order, taken in by hand before its statement came: same number or payer, day and sum."""
    if payment.source == Payment.Source.HAND:
        return None
    same = Payment.objects.filter(
        source=Payment.Source.HAND, amount=payment.amount, date=payment.date, legal_entity=payment.legal_entity_id
    )
    known = Q(number=payment.number)
    if payment.payer_inn:
        known |= Q(payer_inn=payment.payer_inn)
    return same.filter(known).exclude(pk=payment.pk).order_by("pk").first()


def _open(payment: Payment, by: Employee) -> QuerySet[Invoice]:
    rows = Invoice.objects.visible_to(by).with_paid().filter(state=InvoiceState.ISSUED, paid__lt=F("total"))
    if payment.legal_entity_id:
        rows = rows.filter(legal_entity=payment.legal_entity_id)
    return rows.select_related("account").order_by("-issued_on", "-pk")


def _suggestion(invoice: Invoice, payment: Payment, free: Decimal, named: set[str]) -> Suggestion:
    owed = invoice.total - invoice.paid
    reasons = []
    if invoice.number.casefold() in named:
        reasons.append(NUMBER)
    if payment.payer_inn and invoice.payer_data.get("inn") == payment.payer_inn:
        reasons.append(INN)
    if owed == free:
        reasons.append(AMOUNT)
    return Suggestion(invoice, tuple(reasons), owed, min(owed, free))
