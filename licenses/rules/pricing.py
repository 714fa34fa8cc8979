"""Prices by day and the change of a tariff in the middle of a term (billing 3.6, decisions 1–4; R2.123–R2.126)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.dates import days_inclusive, plain_date
from core.money import exact, from_kopecks, half_up, ratio

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class ChangeQuote:
    """What a change costs. Money has two places and is never negative; due − surplus = price − credit.

    total_days: N, days of the old segment · used_days + unused_days = total_days; the change day is unused
    credit: unused days of what was paid · price: the new tariff · due: to pay · surplus: to the balance
    """

    total_days: int
    used_days: int
    unused_days: int
    credit: Decimal
    price: Decimal
    due: Decimal
    surplus: Decimal


def prorate(amount: Decimal | int, part_days: int, full_days: int) -> Decimal:
    """amount × part_days / full_days, half up to the kopeck, exact on the way: (6000, 183, 365) → 3008.22.

    `part_days` may exceed `full_days`. `ValueError`: full_days < 1, part_days < 0, amount < 0 or not finite.
    `TypeError`: a float or another type.
    """
    for days in (part_days, full_days):
        if isinstance(days, bool) or not isinstance(days, int):
            raise TypeError(f"Days are whole numbers, not {type(days).__name__}.")
    if full_days < 1:
        raise ValueError("full_days must be at least 1.")
    if part_days < 0:
        raise ValueError("part_days must not be negative.")
    return ratio(_not_negative(amount, "amount"), part_days, full_days)


def change_quote(
    paid: Decimal | int,
    starts_on: date,
    ends_on: date,
    changed_on: date,
    list_price: Decimal | int,
    *,
    full_days: int | None = None,
    already_credited: Decimal | int = Decimal(0),
    new_price: str = "remaining",
    credit: str = "unused",
) -> ChangeQuote:
    """The price of another tariff from `changed_on` (which belongs to the new one) to the kept end `ends_on`.

    paid: gross really charged for the segment `starts_on`–`ends_on` after discounts (E9), already_credited: what
    earlier changes took from it (T2) · list_price: of the new item, already times quantity · full_days: D of
    billing 3.6, see `terms.full_days`; default the days of the segment · new_price: "remaining" or "full"
    · credit: "unused" or "none" («Уполномоченная бухгалтерия»: "full" and "none").

    Credit and new price are rounded each by itself. `ValueError`: changed_on outside the segment, already_credited
    above paid, negative money, unknown policy, full_days < 1. `TypeError`: float money, a datetime for a date.
    """
    for value, name in ((starts_on, "starts_on"), (ends_on, "ends_on"), (changed_on, "changed_on")):
        plain_date(value, name)
    if not starts_on <= changed_on <= ends_on:
        raise ValueError("changed_on lies outside the segment.")
    rest = _not_negative(paid, "paid") - _not_negative(already_credited, "already_credited")
    if rest < 0:
        raise ValueError("already_credited is above paid.")
    if new_price not in ("remaining", "full") or credit not in ("unused", "none"):
        raise ValueError("new_price is remaining or full, credit is unused or none.")
    total = days_inclusive(starts_on, ends_on)
    unused = days_inclusive(changed_on, ends_on)
    back = ZERO if credit == "none" else min(prorate(paid, unused, total), _whole_kopecks(rest))
    part, full = (unused, total if full_days is None else full_days) if new_price == "remaining" else (1, 1)
    price = prorate(list_price, part, full)
    return ChangeQuote(
        total_days=total,
        used_days=total - unused,
        unused_days=unused,
        credit=back,
        price=price,
        due=max(price - back, ZERO),
        surplus=max(back - price, ZERO),
    )


def change_costs(
    paid: Decimal | int, starts_on: date, ends_on: date, list_price: Decimal | int, *, since: date, **policy
) -> Iterator[tuple[date, ChangeQuote]]:
    """The calendar of a change: its quote on every day from `since` to the end (billing 5.3). `policy` as `change_quote`."""
    day = max(since, starts_on)
    while day <= ends_on:
        yield day, change_quote(paid, starts_on, ends_on, day, list_price, **policy)
        day += timedelta(days=1)


def line_amount(price: Decimal | int, quantity: int, discount_percent: Decimal | int = 0) -> Decimal:
    """Gross of a line: price × quantity less the discount, rounded once at the end. `ValueError` for a discount outside 0–100."""
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        raise TypeError("The quantity is a whole number.")
    percent = exact(discount_percent)
    if quantity < 0 or not 0 <= percent <= 100:
        raise ValueError("The quantity must not be negative, the discount must be from 0 to 100 %.")
    top, bottom = (100 - percent).as_integer_ratio()
    return ratio(_not_negative(price, "price"), quantity * top, 100 * bottom)


def vat_of(gross: Decimal | int, rate: Decimal | int | None) -> Decimal:
    """The VAT inside `gross` at `rate` per cent (`Decimal("22")`), half up; «без НДС» (None) and 0 % → 0.00.

    3008.22 → 501.37 at 20 %, 542.47 at 22 %. A negative gross (a correction) gives a negative VAT. `ValueError`: rate < 0.
    """
    gross = exact(gross)
    if rate is None:
        return ZERO
    top, bottom = _not_negative(rate, "rate").as_integer_ratio()
    return ratio(gross, top, 100 * bottom + top)


def _not_negative(value: Decimal | int, name: str) -> Decimal:
    value = exact(value)
    if value < 0:
        raise ValueError(f"{name} must not be negative.")
    return value


def _whole_kopecks(amount: Decimal) -> Decimal:
    """Rounded down: a credit must never exceed what is left of the payment."""
    rounded = half_up(amount)
    return rounded if rounded <= amount else rounded - from_kopecks(1)
