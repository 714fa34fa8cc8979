"""What a printed invoice says, in words and figures ready to be shown (russia.md 3.1, 3.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.amount_words import amount_in_words
from core.money import NB, format_money
from licenses.choices import InvoiceState
from licenses.models import Invoice, InvoiceLine
from licenses.seller import Seller, seller_of

from .qr import PaymentQr, payment_qr, payment_text

MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
NO_VAT = "Без НДС"


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One row; sums are formatted roubles, `discount` is "" for none, `vat` tells rate and sum or «Без НДС»."""

    position: str
    title: str
    quantity: str
    unit: str
    price: str
    discount: str
    amount: str
    vat: str


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """`bank`: (label, value) of the payment order's sample; `totals`: (label, sum); `grounds`: why a line bears no VAT."""

    title: str
    is_cancelled: bool
    bank: list[tuple[str, str]]
    seller: str
    buyer: str
    basis: str
    lines: list[LineFacts]
    has_discount: bool
    totals: list[tuple[str, str]]
    count: str
    words: str
    grounds: list[str]
    valid_until: str
    purpose: str
    signers: list[tuple[str, str]]
    qr: PaymentQr | None


def invoice_facts(invoice: Invoice) -> InvoiceFacts:
    """The facts of an issued invoice as it was issued; `account` should be selected with it."""
    entity, lines = seller_of(invoice), list(invoice.lines.all())
    purpose = _purpose(invoice, lines)
    is_cancelled = invoice.state == InvoiceState.CANCELLED
    text = "" if is_cancelled else payment_text(entity, invoice.total, purpose)
    return InvoiceFacts(
        title=f"Счет на оплату №{NB}{invoice.number} от {_long(invoice.issued_on)}",
        is_cancelled=is_cancelled,
        bank=_bank(entity),
        seller=_seller(entity),
        buyer=_party(invoice.payer_data),
        basis=f"оферта, аккаунт №{NB}{invoice.account.number}",
        lines=[_line(number, line) for number, line in enumerate(lines, 1)],
        has_discount=any(line.discount for line in lines),
        totals=_totals(invoice, lines),
        count=f"Всего наименований {len(lines)}, на сумму {format_money(invoice.total)} руб.",
        words=amount_in_words(invoice.total),
        grounds=_grounds(lines),
        valid_until=f"{invoice.valid_until:%d.%m.%Y}" if invoice.valid_until else "",
        purpose=purpose,
        signers=_signers(entity),
        qr=payment_qr(text) if text else None,
    )


def _bank(entity: Seller) -> list[tuple[str, str]]:
    rows = [
        ("Банк получателя", entity.bank_name),
        ("БИК", entity.bik),
        ("Корр. счет", entity.corr_account),
        ("Получатель", entity.title),
        ("ИНН", entity.inn),
        ("КПП", "" if entity.is_entrepreneur else entity.kpp),
        ("Расчетный счет", entity.bank_account),
    ]
    return [(label, value) for label, value in rows if value]


def _seller(entity: Seller) -> str:
    facts = {"name": entity.title, "inn": entity.inn, "kpp": entity.kpp, "address": entity.address}
    return _party(facts) + (f", тел. {entity.phone}" if entity.phone else "")


def _party(facts: dict) -> str:
    inn, kpp = facts.get("inn"), facts.get("kpp")
    parts = [facts.get("name"), inn and f"ИНН{NB}{inn}", kpp and f"КПП{NB}{kpp}", facts.get("address")]
    return ", ".join(part for part in parts if part)


def _line(number: int, line: InvoiceLine) -> LineFacts:
    return LineFacts(
        position=str(number),
        title=line.title,
        quantity=str(line.quantity),
        unit=line.unit,
        price=format_money(line.price),
        discount=format_money(line.discount) if line.discount else "",
        amount=format_money(line.amount),
        vat=NO_VAT if line.vat_rate is None else f"{_rate(line.vat_rate)}: {format_money(line.vat_amount)}",
    )


def _totals(invoice: Invoice, lines: Iterable[InvoiceLine]) -> list[tuple[str, str]]:
    """Итого, VAT of every rate, what bears none, and what is to be paid."""
    vat = [(f"В том числе НДС {_rate(rate)}", format_money(amount)) for rate, amount in _vat_by_rate(lines).items()]
    exempt = sum((line.amount for line in lines if line.vat_rate is None), Decimal("0.00"))
    if exempt or not vat:
        vat.append(("Без налога (НДС)", format_money(exempt)))
    total = format_money(invoice.total)
    return [("Итого", total), *vat, ("Всего к оплате", total)]


def _vat_by_rate(lines: Iterable[InvoiceLine]) -> dict[Decimal, Decimal]:
    """Σ of the lines' VAT, the highest rate first."""
    sums: dict[Decimal, Decimal] = {}
    for line in lines:
        if line.vat_rate is not None:
            sums[line.vat_rate] = sums.get(line.vat_rate, Decimal("0.00")) + line.vat_amount
    return dict(sorted(sums.items(), reverse=True))


def _grounds(lines: list[InvoiceLine]) -> list[str]:
    """«Строки 1, 3: НДС не облагается (пп. 26 п. 2 ст. 149 НК РФ)», once per ground."""
    rows: dict[str, list[int]] = {}
    for number, line in enumerate(lines, 1):
        if line.vat_rate is None:
            rows.setdefault(f" ({line.vat_ground})" if line.vat_ground else "", []).append(number)
    named = {ground: ", ".join(map(str, numbers)) for ground, numbers in rows.items()}
    return [
        f"{'Строки' if ',' in numbers else 'Строка'} {numbers}: НДС не облагается{ground}"
        for ground, numbers in named.items()
    ]


def _purpose(invoice: Invoice, lines: list[InvoiceLine]) -> str:
    """The purpose of the payment order, which the import of statements reads back."""
    parts = [f"НДС {_rate(rate)} {format_money(amount)}" for rate, amount in _vat_by_rate(lines).items()]
    vat = f"В т.ч. {', '.join(parts)}" if parts else NO_VAT
    return f"Оплата по счету № {invoice.number} от {invoice.issued_on:%d.%m.%Y}. {vat}".replace(NB, " ")


def _signers(entity: Seller) -> list[tuple[str, str]]:
    if entity.is_entrepreneur:
        return [("Предприниматель", entity.director)]
    return [("Руководитель", entity.director), ("Бухгалтер", entity.accountant)]


def _rate(rate: Decimal) -> str:
    return f"{rate.normalize():f}{NB}%"


def _long(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year} г."
