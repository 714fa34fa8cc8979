"""The category of a term: day by day, in the order of the contract (billing 3.9; chapter 3)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renewals.choices import EFFECTS, Effect, OutcomeKind
from renewals.rules import (
    CallFlag,
    Category,
    call_flag,
    call_window,
    category,
    is_comment_enough,
    urgency,
    window_start,
    worst,
)

from .strategies import days, many

END = date(2025, 12, 31)
NEUTRAL = [None, "", "invoiced", "stays"]
EFFECT_OF = {
    "invoice_issued": "invoiced", "wrong_contacts": "negative", "not_using": "negative", "not_existing": "negative", "liquidating": "negative",
    "left_us": "negative", "moved_account": "moved", "zero_reporting": "reduced", "ready_to_return": "stays", "using_without_cabinet": "stays",
}  # fmt: skip


@pytest.mark.rows("R3.34")
def test_what_each_built_in_outcome_does_is_fixed():
    assert EFFECTS == EFFECT_OF and set(EFFECTS) == set(OutcomeKind.values)


def by_the_table(left: int, effect: str | None, shipped: int | None, today: int) -> str:
    """The contract's list read from top to bottom. Days are counted from the end of the term: −60 is 60 days before."""
    known = shipped is not None and shipped <= today
    table = [
        (effect == "moved", "transferred"),
        (effect == "reduced", "reduced"),
        (known and effect == "negative", "won_back"),
        (known and shipped <= 0, "renewed"),
        (known and shipped <= 90, "renewed_late"),
        (known, "won_back"),
        (effect == "negative", "terminated"),
        (effect == "positive", "settled"),
        (today > 0, "not_renewed"),
        (left > 60, "not_due"),
        (True, "requires"),
    ]
    return next(result for matches, result in table if matches)


@pytest.mark.rows("R3.6", "R3.39", "R3.40", "R3.41")
@pytest.mark.parametrize("effect", [*NEUTRAL, "negative", "positive", "moved", "reduced"])
def test_day_by_day(effect):
    for shipped in (None, -120, -61, -60, -1, 0, 1, 30, 90, 91, 200):
        for today in range(-130, 220):
            shipped_on = None if shipped is None else END + timedelta(days=shipped)
            found = category(END, on=END + timedelta(days=today), effect=effect, renewal_shipped_on=shipped_on)
            assert found == by_the_table(-today, effect, shipped, today), (effect, shipped, today)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2025-10-31", "not_due"),
        ("2025-11-01", "requires"),
        ("2025-12-31", "requires"),
        ("2026-01-01", "not_renewed"),
        ("2030-01-01", "not_renewed"),
    ],
)
def test_a_silent_term(on, expected):
    assert category(END, on=date.fromisoformat(on)) == expected


@pytest.mark.parametrize(
    ("shipped_on", "expected"),
    [
        ("2025-11-10", "renewed"),
        ("2025-12-31", "renewed"),
        ("2026-01-01", "renewed_late"),
        ("2026-03-31", "renewed_late"),
        ("2026-04-01", "won_back"),
    ],
)
def test_a_shipped_renewal(shipped_on, expected):
    assert category(END, on=date(2026, 6, 1), renewal_shipped_on=date.fromisoformat(shipped_on)) == expected


@pytest.mark.rows("R3.39")
def test_an_issued_invoice_changes_nothing():
    for today in range(-130, 220):
        on = END + timedelta(days=today)
        assert category(END, on=on, effect="invoiced") == category(END, on=on)


def test_a_shipment_of_tomorrow_is_not_known_today():
    assert category(END, on=date(2025, 12, 1), renewal_shipped_on=date(2025, 12, 2)) == "requires"
    assert category(END, on=date(2025, 12, 2), renewal_shipped_on=date(2025, 12, 2)) == "renewed"


@pytest.mark.parametrize("effect", ["left_us", "unknown", "NEGATIVE", "Нулевка"])
@pytest.mark.parametrize("shipped_on", [None, date(2025, 12, 1)])
def test_what_is_no_effect(effect, shipped_on):
    with pytest.raises(ValueError):
        category(END, on=date(2025, 12, 1), effect=effect, renewal_shipped_on=shipped_on)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_on": datetime(2025, 12, 31, tzinfo=UTC)},
        {"on": datetime(2025, 12, 1, tzinfo=UTC)},
        {"renewal_shipped_on": datetime(2025, 12, 1, tzinfo=UTC)},
        {"on": "2025-12-01"},
    ],
)
def test_moments_are_no_dates(wrong):
    facts = {"ends_on": END, "on": date(2025, 12, 1), **wrong}
    with pytest.raises(TypeError):
        category(facts.pop("ends_on"), **facts)


def test_far_years():
    assert category(date.max, on=date.min) == "not_due"
    assert category(date.min, on=date.max) == "not_renewed"
    assert category(date.min, on=date.max, renewal_shipped_on=date.max) == "won_back"
    assert category(date.max, on=date.max, renewal_shipped_on=date.min) == "renewed"


@many(200)
@given(
    days,
    st.integers(-400, 400),
    st.sampled_from([None, *Effect.values]),
    st.one_of(st.none(), st.integers(-400, 400)),
)
def test_exactly_one_category_whenever_it_is_asked(ends_on, today, effect, shipped):
    """Invariant 16: the category depends on facts and the date, not on the days the program was asked before."""
    shipped_on = None if shipped is None else ends_on + timedelta(days=shipped)
    found = category(ends_on, on=ends_on + timedelta(days=today), effect=effect, renewal_shipped_on=shipped_on)
    assert isinstance(found, Category)
    assert found == by_the_table(-today, effect, shipped, today)


@pytest.mark.rows("R3.3")
@pytest.mark.parametrize(
    ("on", "contacted_on", "flag"),
    [
        ("2025-10-31", None, None), ("2025-11-01", None, "call_now"), ("2025-11-21", None, "call_now"), ("2025-11-22", None, "late_call"), ("2025-12-31", None, "late_call"), ("2026-01-01", None, None),
        ("2025-11-21", "2025-11-01", None), ("2025-11-22", "2025-11-21", None), ("2025-11-22", "2025-11-22", None), ("2025-11-22", "2025-10-31", "late_call"), ("2025-11-10", "2025-11-11", "call_now"),
    ],
)  # fmt: skip
def test_the_call_window(on, contacted_on, flag):
    found = call_flag(
        END, on=date.fromisoformat(on), contacted_on=date.fromisoformat(contacted_on) if contacted_on else None
    )
    assert found == (CallFlag(flag) if flag else None)


def test_windows():
    assert window_start(END) == date(2025, 11, 1)
    assert call_window(END) == (date(2025, 11, 1), date(2025, 11, 21))
    assert call_window(END, first=30, last=10) == (date(2025, 12, 1), date(2025, 12, 21))
    assert call_flag(END, on=date(2025, 11, 10), first=30, last=10) is None
    assert call_flag(END, on=date(2025, 12, 10), first=30, last=10) == "call_now"


def test_the_row_of_an_account_shows_its_worst_direction():
    assert worst([]) is None
    assert worst(
        [("renewed", END), ("requires", date(2026, 1, 5)), ("requires", date(2026, 1, 2)), ("not_due", END)]
    ) == (Category.REQUIRES, date(2026, 1, 2))
    assert worst([("terminated", END), ("requires", END)]) == (Category.REQUIRES, END)
    assert worst([("terminated", END), ("not_renewed", END)]) == (Category.NOT_RENEWED, END)
    assert worst([("renewed", END), ("won_back", END)])[0] == Category.WON_BACK
    assert sorted(map(urgency, Category.values)) == list(range(len(Category)))
    with pytest.raises(ValueError):
        urgency("lost")


@pytest.mark.rows("R3.36")
@pytest.mark.parametrize(
    ("comment", "is_enough"),
    [
        ("ушли к соседу", True),
        ("123456789", False),
        ("1234567890", True),
        ("1 2 3 4 5 6 7 8 9 \n\u00a0", False),
        ("          ", False),
        ("", False),
        (None, False),
    ],
)
def test_a_comment_has_ten_characters_that_are_no_spaces(comment, is_enough):
    assert is_comment_enough(comment) is is_enough
