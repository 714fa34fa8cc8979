"""core.text, core.dates: plural forms, cleaning, months."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import add_months, days_inclusive, plain_date, whole_months
from core.text import clean, counted, plural, shorten

from .strategies import days, many

FORMS = ("день", "дня", "дней")


@pytest.mark.parametrize(
    ("n", "word"),
    [
        (0, "дней"), (1, "день"), (2, "дня"), (4, "дня"), (5, "дней"), (10, "дней"), (11, "дней"), (12, "дней"), (14, "дней"), (19, "дней"), (20, "дней"),
        (21, "день"), (22, "дня"), (25, "дней"), (100, "дней"), (101, "день"), (111, "дней"), (112, "дней"), (121, "день"), (1011, "дней"), (1_000_001, "день"),
        (-1, "день"), (-2, "дня"), (-5, "дней"), (-11, "дней"), (-21, "день"), (Decimal("1.5"), "дня"), (Decimal("5"), "дней"),
    ],
)  # fmt: skip
def test_plural(n, word):
    assert plural(n, *FORMS) == word


@many(100)
@given(st.integers())
def test_plural_depends_on_the_last_two_digits(n):
    assert plural(n, *FORMS) == plural(abs(n) % 100, *FORMS) == plural(-n, *FORMS)


def test_counted_joins_number_and_word():
    assert counted(1204, *FORMS) == "1\u00a0204\u00a0дня"


def test_clean_leaves_one_visible_line():
    assert clean("  Купец \r\n\t ООО\x00\u200b ") == "Купец ООО"
    assert clean(None) == ""


def test_shorten_cuts_at_a_word():
    assert shorten("Не удается распечатать документы в программе", 35) == "Не удается распечатать документы…"
    assert shorten("Коротко", 35) == "Коротко"
    assert shorten("ы" * 50, 10) == "ы" * 9 + "…"


@pytest.mark.parametrize(
    ("day", "months", "anchor", "expected"),
    [
        (date(2025, 1, 31), 1, None, date(2025, 2, 28)),
        (date(2025, 2, 28), 1, 31, date(2025, 3, 31)),
        (date(2024, 2, 29), 12, None, date(2025, 2, 28)),
        (date(2024, 2, 29), -12, None, date(2023, 2, 28)),
        (date(2025, 8, 31), -6, None, date(2025, 2, 28)),
        (date(2025, 12, 15), 1, None, date(2026, 1, 15)),
        (date(2025, 1, 15), -1, None, date(2024, 12, 15)),
    ],
)
def test_add_months_is_cut_to_the_end_of_the_month(day, months, anchor, expected):
    assert add_months(day, months, anchor) == expected


def test_add_months_stays_within_the_calendar():
    for day, months in ((date(9999, 12, 1), 1), (date(1, 1, 1), -1)):
        with pytest.raises(ValueError):
            add_months(day, months)


@many(200)
@given(days, st.integers(0, 60))
def test_months_count_back(day, months):
    later = add_months(day, months)
    assert whole_months(day, later) == months
    assert whole_months(later, day) == 0


@pytest.mark.rows("R4.14")
@pytest.mark.parametrize(
    ("ends_on", "months"),
    [
        (date(2019, 4, 10), 4),
        (date(2019, 8, 9), 8),
        (date(2019, 9, 13), 10),
        (date(2019, 9, 2), 9),
        (date(2019, 9, 17), 10),
    ],
)
def test_whole_months_left_as_in_the_figure(ends_on, months):
    assert whole_months(date(2018, 11, 12), ends_on) == months


def test_days_have_both_ends():
    assert days_inclusive(date(2025, 1, 1), date(2025, 12, 31)) == 365
    assert days_inclusive(date(2025, 1, 1), date(2025, 1, 1)) == 1


def test_a_moment_is_no_business_date():
    assert plain_date(date(2025, 1, 1)) == date(2025, 1, 1)
    for wrong in (datetime(2025, 1, 1, 23, tzinfo=UTC), "2025-01-01", None):
        with pytest.raises(TypeError):
            plain_date(wrong)
