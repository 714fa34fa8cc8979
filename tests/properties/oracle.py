"""The second, slow implementation of selling: fractions, days counted one by one, months walked one by one (billing 3.1–3.8).

Nothing here is imported from the program's rules. Money is a `Fraction` of roubles, dates have both ends included.
"""

from __future__ import annotations

import math
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

ONE_DAY = timedelta(days=1)
NOTHING = Fraction(0)


def kopecks(value) -> Fraction:
    """Half up to the kopeck by the definition of rounding; `value` is not negative."""
    return Fraction(math.floor(Fraction(value) * 100 + Fraction(1, 2)), 100)


def days(first: date, last: date) -> int:
    """Days of a period one by one; 0 for an empty one."""
    number = 0
    while first <= last:
        first, number = first + ONE_DAY, number + 1
    return number


def months_on(day: date, months: int, anchor: int) -> date:
    """The anchor day `months` later (or earlier), cut to the month's end, a month at a time."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    return date(year, month, min(anchor, monthrange(year, month)[1]))


def term_end(starts_on: date, months: int, anchor: int) -> date:
    """The last day of a term."""
    return months_on(starts_on, months, anchor) - ONE_DAY


def share(amount, part: int, whole: int) -> Fraction:
    """What `part` days of `whole` cost."""
    return kopecks(Fraction(amount) * part / whole)


@dataclass(frozen=True)
class Span:
    """A standing term as it is in the database."""

    pk: int
    starts_on: date
    ends_on: date
    months: int
    anchor: int

    @property
    def full_days(self) -> int:
        """Days of the full term that the price is quoted for."""
        if term_end(self.starts_on, self.months, self.anchor) == self.ends_on:
            return days(self.starts_on, self.ends_on)
        after = self.ends_on + ONE_DAY
        return days(months_on(after, -self.months, after.day), self.ends_on)


@dataclass(frozen=True)
class Place:
    """Where a new licence goes: its dates, the months its price is for, and what share of it is paid."""

    starts_on: date
    ends_on: date
    months: int
    part: int
    whole: int
    joins: int | None = None


def place_for(terms: list[Span], starts_on: date, months: int) -> Place | None:
    """The running term of the direction, or a new one after the last; None when it would run into a later one."""
    for term in terms:
        if term.starts_on <= starts_on <= term.ends_on:
            part = days(starts_on, term.ends_on)
            whole = max(term.full_days, part)
            return Place(starts_on, term.ends_on, term.months, part, whole, term.pk)
    follows = [term.anchor for term in terms if term.ends_on + ONE_DAY == starts_on]
    ends_on = term_end(starts_on, months, follows[0] if follows else starts_on.day)
    if any(starts_on <= term.starts_on <= ends_on for term in terms):
        return None
    return Place(starts_on, ends_on, months, 1, 1)


@dataclass(frozen=True)
class Segment:
    """A live licence as it is in the database: `value` roubles charged for it."""

    pk: int
    starts_on: date
    ends_on: date
    quantity: int
    value: Fraction

    def credit(self, on: date, quantity: int) -> Fraction:
        """The unused days of what was paid for `quantity` of it, the day `on` included."""
        paid = kopecks(self.value * quantity / self.quantity)
        return share(paid, days(on, self.ends_on), days(self.starts_on, self.ends_on))


@dataclass(frozen=True)
class Change:
    """What a change of tariff costs."""

    credit: Fraction
    price: Fraction

    @property
    def due(self) -> Fraction:
        return max(self.price - self.credit, NOTHING)

    @property
    def surplus(self) -> Fraction:
        return max(self.credit - self.price, NOTHING)


def vat_inside(gross: Fraction, rate: int | None) -> Fraction:
    """VAT in a gross sum; None is «без НДС»."""
    return NOTHING if rate is None else kopecks(gross * rate / (100 + rate))


def standard_rate(on: date) -> int:
    """20 % through 2025, 22 % from 2026."""
    return 20 if on.year < 2026 else 22
