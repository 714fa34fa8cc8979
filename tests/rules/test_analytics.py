"""Forecasts and what is compared with what (billing 3.12; R2.104, R2.111, R2.112)."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.rules import (
    Change,
    Forecast,
    Period,
    PeriodKind,
    compare,
    forecast,
    last_year_part,
    last_year_period,
    mrr,
    period_of,
    previous_period,
    same_dates_last_year,
)

from .strategies import days, many, money


@pytest.mark.rows("R2.111")
@pytest.mark.parametrize(
    ("facts", "amount", "method"),
    [
        ((528000, 14, 31, 480000, 1200000), "1320000.00", "last_year"),
        ((528000, 14, 31, 0, 1200000), "1169142.86", "linear"),
        ((528000, 14, 31, None, None), "1169142.86", "linear"),
        ((528000, 14, 31, -1, 1200000), "1169142.86", "linear"),
        ((0, 14, 31, 480000, 1200000), "0.00", "last_year"),
        ((528000, 0, 31, 480000, 1200000), None, "none"),
        ((0, 0, 31, 0, 0), None, "none"),
        ((100, 31, 31, 0, 0), "100.00", "linear"),
        ((100, 31, 31, 50, 50), "100.00", "last_year"),
        ((-100, 10, 30, 0, 0), "-300.00", "linear"),
        ((100, 10, 30, 50, 0), "0.00", "last_year"),
        ((1, 3, 7, Decimal("0.03"), Decimal("0.01")), "0.33", "last_year"),
    ],
)
def test_forecasts(facts, amount, method):
    assert forecast(*facts) == Forecast(None if amount is None else Decimal(amount), method)


@many(200)
@given(money, st.integers(1, 366), st.integers(0, 366), money, money)
def test_forecasts_are_exact(actual, elapsed_days, more, part, total):
    found = forecast(actual, elapsed_days, elapsed_days + more, part, total)
    exact = (
        Fraction(actual) * Fraction(total) / Fraction(part)
        if part
        else Fraction(actual) * (elapsed_days + more) / elapsed_days
    )
    assert abs(Fraction(found.amount) - exact) <= Fraction(1, 200)
    assert found.method == ("last_year" if part else "linear")


@pytest.mark.parametrize("wrong", [(1, -1, 31, 0, 0), (1, 32, 31, 0, 0), (1, 0, 0, 0, 0)])
def test_wrong_days(wrong):
    with pytest.raises(ValueError):
        forecast(*wrong)


@pytest.mark.parametrize("wrong", [(1.0, 1, 31, 0, 0), (1, 1, 31, 1.0, 0), (1, 1, 31, 1, 1.0)])
def test_floats_are_refused(wrong):
    with pytest.raises(TypeError):
        forecast(*wrong)


@pytest.mark.parametrize(
    ("kind", "on", "starts_on", "ends_on"),
    [
        ("week", "2026-11-23", "2026-11-23", "2026-11-29"),
        ("week", "2027-01-01", "2026-12-28", "2027-01-03"),
        ("month", "2024-02-10", "2024-02-01", "2024-02-29"),
        ("quarter", "2026-11-23", "2026-10-01", "2026-12-31"),
        ("quarter", "2026-01-01", "2026-01-01", "2026-03-31"),
        ("year", "2026-11-23", "2026-01-01", "2026-12-31"),
    ],
)
def test_periods(kind, on, starts_on, ends_on):
    assert period_of(kind, date.fromisoformat(on)) == Period(date.fromisoformat(starts_on), date.fromisoformat(ends_on))


@many(200)
@given(st.sampled_from(list(PeriodKind)), days)
def test_periods_tile_the_calendar(kind, on):
    period = period_of(kind, on)
    assert period.starts_on <= on <= period.ends_on
    assert previous_period(kind, on).ends_on + timedelta(days=1) == period.starts_on
    assert last_year_period(kind, on).ends_on < period.starts_on
    part = last_year_part(kind, on)
    assert part.starts_on == last_year_period(kind, on).starts_on
    assert abs(part.days - ((on - period.starts_on).days + 1)) <= 1


@pytest.mark.rows("R2.112")
@pytest.mark.parametrize(
    ("kind", "on", "starts_on", "ends_on"),
    [
        ("month", "2024-02-29", "2023-02-01", "2023-02-28"), ("month", "2025-02-10", "2024-02-01", "2024-02-29"), ("quarter", "2025-07-14", "2024-07-01", "2024-09-30"), ("year", "2025-07-14", "2024-01-01", "2024-12-31"),
        ("week", "2026-11-25", "2025-11-24", "2025-11-30"), ("week", "2026-12-31", "2025-12-22", "2025-12-28"),
    ],
)  # fmt: skip
def test_the_same_period_of_last_year(kind, on, starts_on, ends_on):
    assert last_year_period(kind, date.fromisoformat(on)) == Period(
        date.fromisoformat(starts_on), date.fromisoformat(ends_on)
    )


def test_the_same_part_of_last_year():
    assert last_year_part("month", date(2024, 2, 29)) == Period(date(2023, 2, 1), date(2023, 2, 28))
    assert last_year_part("year", date(2025, 7, 14)) == Period(date(2024, 1, 1), date(2024, 7, 14))
    assert last_year_part("week", date(2026, 11, 25)) == Period(date(2025, 11, 24), date(2025, 11, 26))
    assert same_dates_last_year(Period(date(2024, 2, 29), date(2024, 3, 15))) == Period(
        date(2023, 2, 28), date(2023, 3, 15)
    )


@pytest.mark.rows("R2.104")
def test_changes():
    assert compare(110, 100) == Change(Decimal(10), Decimal("10.0"), False)
    assert compare(90, 100) == Change(Decimal(-10), Decimal("-10.0"), False)
    assert compare(100, 0) == Change(Decimal(100), None, True)
    assert compare(0, 0) == Change(Decimal(0), None, False)
    assert compare(1, 3).percent == Decimal("-66.7")
    assert compare(50, -100) == Change(Decimal(150), Decimal("150.0"), False)


def test_monthly_revenue():
    assert (mrr(6000, 365), mrr(1800, 92)) == (Decimal("500.00"), Decimal("595.11"))
