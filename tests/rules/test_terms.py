"""Terms, the full term of a price, quantities, shipments, preconditions (billing 3.1, 3.4–3.6)."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from licenses.rules import (
    InvoiceFacts,
    PaidLicense,
    Use,
    cancel_until,
    check_changeable,
    check_quantity,
    check_shipment_cancellable,
    check_shippable,
    earliest_shipment,
    end_exclusive,
    free_quantity,
    full_days,
    most_used,
    term_end,
)

from .strategies import days, many

ONE_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("starts_on", "months", "anchor", "ends_on"),
    [
        ("2025-01-31", 1, None, "2025-02-27"), ("2025-02-28", 1, 31, "2025-03-30"), ("2024-02-29", 12, None, "2025-02-27"), ("2025-01-01", 12, None, "2025-12-31"),
        ("2025-03-10", 12, None, "2026-03-09"), ("2025-01-01", 1, None, "2025-01-31"), ("2024-02-01", 1, None, "2024-02-29"), ("2025-02-28", 12, 29, "2026-02-27"),
        ("2025-02-28", 36, 29, "2028-02-28"), ("2025-07-15", 3, None, "2025-10-14"), ("2025-12-01", 1, None, "2025-12-31"), ("2025-11-30", 3, None, "2026-02-27"),
        ("2025-01-15", 24, None, "2027-01-14"), ("2025-03-31", 1, None, "2025-04-29"), ("9999-01-01", 12, None, "9999-12-31"), ("9998-12-31", 12, None, "9999-12-30"),
        ("9999-12-01", 1, None, "9999-12-31"), ("0001-01-01", 1, None, "0001-01-31"),
    ],
)  # fmt: skip
def test_term_end(starts_on, months, anchor, ends_on):
    assert term_end(date.fromisoformat(starts_on), months, anchor) == date.fromisoformat(ends_on)


@pytest.mark.parametrize(
    ("starts_on", "months", "anchor"),
    [
        ("2025-01-01", 0, None),
        ("2025-01-01", -1, None),
        ("2025-01-01", 1, 0),
        ("2025-01-01", 1, 32),
        ("9999-01-02", 12, None),
        ("9999-12-31", 1, None),
    ],
)
def test_wrong_terms(starts_on, months, anchor):
    with pytest.raises(ValueError):
        term_end(date.fromisoformat(starts_on), months, anchor)


@pytest.mark.parametrize(
    "wrong",
    [
        (datetime(2025, 1, 1, tzinfo=UTC), 1),
        ("2025-01-01", 1),
        (date(2025, 1, 1), 1.0),
        (date(2025, 1, 1), True),
        (date(2025, 1, 1), 1, "1"),
    ],
)
def test_wrong_types_of_terms(wrong):
    with pytest.raises(TypeError):
        term_end(*wrong)


@many(200)
@given(days, st.lists(st.integers(1, 24), min_size=1, max_size=12))
def test_terms_follow_each_other_without_drift(starts_on, terms):
    """With the anchor kept, no chain of terms ever loses the day of the month: 31.01 → 28.02 → 31.03."""
    anchor, start, months = starts_on.day, starts_on, 0
    for length in terms:
        months += length
        start = end_exclusive(start, length, anchor)
        assert start - ONE_DAY == term_end(starts_on, months)
        assert start.day == min(anchor, monthrange(start.year, start.month)[1])


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "months", "anchor", "expected"),
    [
        ("2025-01-01", "2025-12-31", 12, None, 365), ("2024-01-01", "2024-12-31", 12, None, 366), ("2025-04-01", "2025-06-30", 12, None, 365), ("2025-01-01", "2025-12-31", 1, None, 31),
        ("2024-02-29", "2025-02-27", 12, None, 365), ("2025-02-28", "2025-03-30", 1, 31, 31), ("2025-02-01", "2025-02-28", 1, None, 28), ("2023-07-01", "2024-06-30", 12, None, 366),
        ("2025-01-01", "2026-03-31", 12, None, 365), ("2024-01-01", "2024-03-31", 12, None, 366),
    ],
)  # fmt: skip
def test_days_of_the_full_term(starts_on, ends_on, months, anchor, expected):
    assert full_days(date.fromisoformat(starts_on), date.fromisoformat(ends_on), months, anchor) == expected


def test_a_term_that_ends_before_it_starts():
    with pytest.raises(ValueError):
        full_days(date(2025, 1, 2), date(2025, 1, 1), 12)


@st.composite
def uses(draw):
    starts_on = draw(st.dates(date(2025, 1, 1), date(2025, 3, 1)))
    return Use(draw(st.integers(1, 5)), starts_on, starts_on + timedelta(days=draw(st.integers(0, 40))))


@pytest.mark.rows("R2.91")
@many(200)
@given(
    st.lists(uses(), max_size=8), st.dates(date(2025, 1, 1), date(2025, 2, 1)), st.integers(0, 60), st.integers(0, 20)
)
def test_pieces_in_use_are_counted_day_by_day(held, starts_on, length, bought):
    ends_on = starts_on + timedelta(days=length)
    period = [starts_on + timedelta(days=number) for number in range(length + 1)]
    busiest = max(sum(use.quantity for use in held if use.starts_on <= day <= use.ends_on) for day in period)
    assert most_used(held, starts_on, ends_on) == busiest
    assert free_quantity(bought, held, starts_on, ends_on) == max(0, bought - busiest)


def test_pieces_at_the_edges():
    one = Use(2, date(2025, 1, 1), date(2025, 1, 31))
    assert most_used([one], date(2025, 2, 1), date(2025, 2, 28)) == 0
    assert most_used([one, Use(3, date(2025, 1, 31), date.max)], date(2025, 1, 1), date.max) == 5
    assert most_used([one], date(2025, 2, 1), date(2025, 1, 1)) == 0


def test_quantities_that_are_sold():
    check_quantity(5, minimum=1, maximum=5)
    check_quantity(15, minimum=5, step=5)
    for quantity, rule in ((0, {}), (6, {"maximum": 5}), (7, {"minimum": 5, "step": 5})):
        with pytest.raises(DomainError) as refused:
            check_quantity(quantity, **rule)
        assert refused.value.field == "quantity"


INVOICE = {"state": "issued", "total": Decimal(6000), "paid": Decimal(6000), "issued_on": date(2025, 3, 1)}


@pytest.mark.rows("R2.99")
@pytest.mark.parametrize(
    ("facts", "on", "code"),
    [
        ({}, "2025-03-14", None),
        ({"state": "draft"}, "2025-03-14", "not_issued"),
        ({"state": "cancelled"}, "2025-03-14", "cancelled"),
        ({"shipped_on": date(2025, 3, 10)}, "2025-03-14", "already_shipped"),
        ({}, "2025-02-28", "too_early"),
        ({"paid": Decimal("5999.99")}, "2025-03-14", "not_paid"),
        ({"paid": Decimal(0), "debt_reason": "бюджет"}, "2025-03-14", None),
        ({"paid": Decimal(0), "debt_reason": "  "}, "2025-03-14", "not_paid"),
        ({"paid": Decimal(7000)}, "2025-03-14", None),
        ({"visit_on": date(2025, 3, 17)}, "2025-03-14", None),
        ({"visit_on": date(2025, 3, 17)}, "2025-03-13", "before_visit"),
        ({"visit_on": date(2025, 3, 17)}, "2025-03-20", None),
        ({"quote_valid_until": date(2025, 3, 14)}, "2025-03-14", None),
        ({"quote_valid_until": date(2025, 3, 14)}, "2025-03-15", "quote_expired"),
    ],
)
def test_when_an_invoice_may_be_shipped(facts, on, code):
    invoice = InvoiceFacts(**{**INVOICE, **facts})
    if code is None:
        check_shippable(invoice, on=date.fromisoformat(on))
    else:
        with pytest.raises(DomainError) as refused:
            check_shippable(invoice, on=date.fromisoformat(on))
        assert refused.value.code == code


def test_the_earliest_shipment():
    assert earliest_shipment(date(2025, 3, 17)) == date(2025, 3, 14)
    assert earliest_shipment(None) is None


@pytest.mark.parametrize(
    ("on", "more", "code"),
    [
        ("2025-07-02", {}, None), ("2025-07-05", {}, None), ("2025-07-06", {}, "too_late"), ("2025-07-06", {"by_operator": True}, None), ("2025-07-01", {}, "too_early"),
        ("2025-07-03", {"reason": " "}, "no_reason"), ("2025-07-03", {"has_dependents": True}, "dependents"), ("2025-08-01", {"by_operator": True, "has_dependents": True}, "dependents"),
    ],
)  # fmt: skip
def test_three_days_to_cancel_a_shipment(on, more, code):
    call = {"on": date.fromisoformat(on), "reason": "Клиент не пришел", **more}
    if code is None:
        check_shipment_cancellable(date(2025, 7, 2), **call)
    else:
        with pytest.raises(DomainError) as refused:
            check_shipment_cancellable(date(2025, 7, 2), **call)
        assert refused.value.code == code


def test_the_last_day_to_cancel():
    assert cancel_until(date(2025, 3, 14)) == date(2025, 3, 17)


LICENSE = {
    "starts_on": date(2025, 1, 1),
    "ends_on": date(2025, 12, 31),
    "is_active": True,
    "total": Decimal(6000),
    "paid": Decimal(6000),
}


@pytest.mark.parametrize(
    ("facts", "on", "code"),
    [
        ({}, "2025-01-01", None), ({}, "2025-12-31", None), ({}, "2026-01-01", "not_active"), ({}, "2024-12-31", "not_active"), ({"is_active": False}, "2025-07-02", "not_active"),
        ({"paid": Decimal(2000)}, "2025-07-02", "not_paid"), ({"has_overdue_charge": True}, "2025-07-02", "overdue"), ({"has_open_change": True}, "2025-07-02", "open_change"),
    ],
)  # fmt: skip
def test_when_a_tariff_may_be_changed(facts, on, code):
    license = PaidLicense(**{**LICENSE, **facts})
    if code is None:
        check_changeable(license, on=date.fromisoformat(on))
    else:
        with pytest.raises(DomainError) as refused:
            check_changeable(license, on=date.fromisoformat(on))
        assert refused.value.code == code


def test_the_refusal_names_what_is_unpaid():
    """E18."""
    with pytest.raises(DomainError, match="4\u00a0000,00\u00a0₽"):
        check_changeable(PaidLicense(**{**LICENSE, "paid": Decimal(2000)}), on=date(2025, 7, 2))
