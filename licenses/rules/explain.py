"""«The price explains itself»: the arithmetic of a quote as text for the screen, the PDF and the API (billing 5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.money import format_money

from .pricing import ChangeQuote, prorate


@dataclass(frozen=True, slots=True)
class ChangeExplanation:
    """Three lines of text: how the credit, the new price and the sum to pay (or the surplus) came about."""

    credit: str
    price: str
    due: str


def explain_share(amount: Decimal | int, part_days: int, full_days: int) -> str:
    """«6 000,00 × 183 / 365 = 3 008,22», U+00A0 inside numbers. Errors as `prorate`."""
    return f"{format_money(amount)} × {part_days} / {full_days} = {format_money(prorate(amount, part_days, full_days))}"


def explain_change(
    quote: ChangeQuote,
    *,
    paid: Decimal | int,
    list_price: Decimal | int,
    full_days: int | None = None,
    new_price: str = "remaining",
    credit: str = "unused",
) -> ChangeExplanation:
    """The lines of a `quote` made with the same arguments by `change_quote`."""
    if credit == "none":
        credit_line = "Стоимость старого тарифа не зачитывается: 0,00"
    else:
        credit_line = explain_share(paid, quote.unused_days, quote.total_days)
        if prorate(paid, quote.unused_days, quote.total_days) > quote.credit:
            credit_line += f", но не больше остатка оплаты: {format_money(quote.credit)}"
    if new_price == "full":
        price_line = f"Полная цена: {format_money(quote.price)}"
    else:
        price_line = explain_share(list_price, quote.unused_days, full_days or quote.total_days)
    first, second, rest, word = quote.price, quote.credit, quote.due, "к оплате"
    if quote.surplus:
        first, second, rest, word = quote.credit, quote.price, quote.surplus, "остается на балансе"
    due_line = f"{format_money(first)} − {format_money(second)} = {format_money(rest)} {word}"
    return ChangeExplanation(credit_line, price_line, due_line)
