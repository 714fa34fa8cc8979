"""How long a term lasts, and the full term a price is quoted for (billing 3.1, 3.6)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from core.dates import add_months, days_inclusive, plain_date

ONE_DAY = timedelta(days=1)


def term_end(starts_on: date, months: int, anchor_day: int | None = None) -> date:
    """The last day of a term of `months`, included: 01.01.2025 + 12 = 31.12.2025.

    The day after the end is the start moved by whole months, cut to the month's end; `anchor_day` (default: the
    start's day) keeps the wished day over short months, so that 31.01, 28.02, 31.03 follow each other.
    (2025-01-31, 1) → 2025-02-27; (2025-02-28, 1, 31) → 2025-03-30; (2024-02-29, 12) → 2025-02-27.
    `ValueError`: months < 1, anchor outside 1–31, an end after the year 9999. `TypeError`: not a date, not whole months.
    """
    plain_date(starts_on, "starts_on")
    anchor = starts_on.day if anchor_day is None else anchor_day
    if isinstance(months, bool) or not isinstance(months, int) or not isinstance(anchor, int):
        raise TypeError("months and anchor_day must be whole numbers.")
    if months < 1:
        raise ValueError("A term has at least one month.")
    if not 1 <= anchor <= 31:
        raise ValueError("anchor_day must be from 1 to 31.")
    # Not «the day after, less one day»: that day may lie beyond the last date there is.
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    last_day = min(anchor, monthrange(year, month + 1)[1]) - 1 if year <= 9999 else anchor - 1
    if last_day == 0:
        year, month = divmod(year * 12 + month - 1, 12)
        last_day = monthrange(year, month + 1)[1]
    if year > 9999:
        raise ValueError("The term ends after the year 9999.")
    return date(year, month + 1, last_day)


def end_exclusive(starts_on: date, months: int, anchor_day: int | None = None) -> date:
    """The day after `term_end`, the upper bound of the stored daterange."""
    return term_end(starts_on, months, anchor_day) + ONE_DAY


def full_days(starts_on: date, ends_on: date, months: int, anchor_day: int | None = None) -> int:
    """D: days of the full term that a price for `months` is quoted for, of the Term `starts_on`–`ends_on` (both included).

    The Term itself when it lasts these months, else the `months` that end where the Term ends. Give the dates of
    the whole Term, not of what is left of it: D never shrinks after a change (trap T3). `ValueError` as `term_end`.
    """
    if plain_date(ends_on, "ends_on") < plain_date(starts_on, "starts_on"):
        raise ValueError("The term ends before it starts.")
    if term_end(starts_on, months, anchor_day) == ends_on:
        return days_inclusive(starts_on, ends_on)
    after = ends_on + ONE_DAY
    return (after - add_months(after, -months)).days
