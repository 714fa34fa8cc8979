"""Forecasts, periods and what is compared with what (billing 3.12; R2.104–R2.112). Pure; periods have both ends included."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from core.dates import add_months, days_inclusive
from core.money import exact, half_up, ratio

_ONE_DAY = timedelta(days=1)


class Method(StrEnum):
    LAST_YEAR = "last_year"
    LINEAR = "linear"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Forecast:
    """amount: roubles to the end of the period, None when nothing can be said · method: how it was made, shown beside it."""

    amount: Decimal | None
    method: str


class PeriodKind(StrEnum):
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    starts_on: date
    ends_on: date

    @property
    def days(self) -> int:
        return days_inclusive(self.starts_on, self.ends_on)


@dataclass(frozen=True, slots=True)
class Change:
    """difference: roubles · percent: one place, None when there was nothing before («новое», never ∞ %)."""

    difference: Decimal
    percent: Decimal | None
    is_new: bool


def forecast(
    actual: Decimal | int,
    elapsed_days: int,
    period_days: int,
    last_year_part: Decimal | int | None,
    last_year_total: Decimal | int | None,
) -> Forecast:
    """The turnover at the end of a period of calendar days, half up to the kopeck (R2.111).

    `last_year`: actual × last year's total / last year's same part, when that part is above zero · `linear`:
    actual × period_days / elapsed_days · `none`: no full day has passed, or both are unknown. 528 000 through
    14.07.2025 with 480 000 of 1 200 000 → 1 320 000.00; without last year 1 169 142.86.
    `ValueError`: period_days < 1, elapsed_days < 0 or above period_days. `TypeError`: float money.
    """
    if period_days < 1 or not 0 <= elapsed_days <= period_days:
        raise ValueError("elapsed_days is from 0 to period_days, which is at least 1.")
    actual = exact(actual)
    part, total = exact(last_year_part or 0), exact(last_year_total or 0)
    if elapsed_days == 0:
        return Forecast(None, Method.NONE)
    if part > 0:
        # total / part as whole numbers: a rounded factor would be wrong by kopecks
        (top, bottom), (under, over) = total.as_integer_ratio(), part.as_integer_ratio()
        return Forecast(ratio(actual, top * over, bottom * under), Method.LAST_YEAR)
    return Forecast(ratio(actual, period_days, elapsed_days), Method.LINEAR)


def period_of(kind: str, on: date) -> Period:
    """The calendar week (Monday first), month, quarter or year that holds the date."""
    kind = PeriodKind(kind)
    if kind is PeriodKind.WEEK:
        monday = on - timedelta(days=on.weekday())
        return Period(monday, monday + timedelta(days=6))
    months = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}[kind]
    month = (on.month - 1) // months * months + 1
    last = month + months - 1
    return Period(date(on.year, month, 1), date(on.year, last, monthrange(on.year, last)[1]))


def previous_period(kind: str, on: date) -> Period:
    """The period of the same kind before the one that holds the date."""
    return period_of(kind, period_of(kind, on).starts_on - _ONE_DAY)


def last_year_period(kind: str, on: date) -> Period:
    """The same period of last year: ISO week for weeks (53 → 52 where there is no 53), the calendar one for others."""
    if PeriodKind(kind) is not PeriodKind.WEEK:
        return period_of(kind, add_months(on, -12))
    year, week, _ = on.isocalendar()
    try:
        monday = date.fromisocalendar(year - 1, week, 1)
    except ValueError:
        monday = date.fromisocalendar(year - 1, 52, 1)
    return Period(monday, monday + timedelta(days=6))


def last_year_part(kind: str, on: date) -> Period:
    """The part of last year's period to compare with the current one through `on`: same dates, 29.02 → 28.02."""
    whole = last_year_period(kind, on)
    if PeriodKind(kind) is PeriodKind.WEEK:
        return Period(whole.starts_on, whole.starts_on + timedelta(days=on.weekday()))
    return Period(whole.starts_on, add_months(on, -12))


def same_dates_last_year(period: Period) -> Period:
    """The same dates a year earlier for a period chosen by hand; 29.02 becomes 28.02."""
    return Period(add_months(period.starts_on, -12), add_months(period.ends_on, -12))


def compare(actual: Decimal | int, before: Decimal | int) -> Change:
    """How a figure moved against the earlier one, in roubles and per cent of it (R2.104)."""
    actual, before = exact(actual), exact(before)
    if before == 0:
        return Change(half_up(actual), None, is_new=actual != 0)
    share = (actual - before) / abs(before) * 100
    return Change(half_up(actual - before), share.quantize(Decimal("0.1"), rounding="ROUND_HALF_UP"), is_new=False)


def mrr(amount: Decimal | int, days: int) -> Decimal:
    """Monthly recurring revenue of one licence: amount / N × 365 / 12. 6 000 per 365 days → 500.00."""
    return ratio(amount, 365, 12 * days)
