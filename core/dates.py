"""Calendar arithmetic on business dates. Moments and zones live elsewhere: a business date has neither."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime


def plain_date(value: date, name: str = "date") -> date:
    """The value itself. `TypeError` for a moment or a text: a moment has another date in every zone (trap T9)."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError(f"{name} must be a date, not {type(value).__name__}.")
    return value


def add_months(day: date, months: int, anchor_day: int | None = None) -> date:
    """The same day of the month `months` later (or earlier), cut to the month's end: 31.01 + 1 = 28.02.

    `anchor_day` remembers the wished day over a short month: 28.02 + 1 with 31 = 31.03. `ValueError` outside years 1–9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError("The date lies outside the years 1–9999.")
    return date(year, month + 1, min(anchor_day or day.day, monthrange(year, month + 1)[1]))


def whole_months(start: date, end: date) -> int:
    """Full calendar months from `start` to `end`, rounded down; 0 when `end` is earlier (R4.14)."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and add_months(start, months) > end:
        months -= 1
    return max(months, 0)


def days_inclusive(starts_on: date, ends_on: date) -> int:
    """Days of a period with both ends: 01.01–31.12.2025 is 365."""
    return (ends_on - starts_on).days + 1
