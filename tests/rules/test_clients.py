"""New, lost, related and twin clients (R2.4, R2.7, rule C6, decisions 12, 14)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import WEIGHTS, Shared, is_lost, is_new, is_same_record, relation

from .strategies import days, many


@pytest.mark.rows("R2.7")
@pytest.mark.parametrize(
    ("registered_on", "on", "expected"),
    [
        ("2026-05-24", "2026-11-23", True), ("2026-05-23", "2026-11-23", False), ("2026-11-23", "2026-11-23", True), ("2020-01-01", "2026-11-23", False), (None, "2026-11-23", False),
        ("2026-02-28", "2026-08-31", False), ("2026-03-01", "2026-08-31", True), ("2024-02-29", "2024-08-31", False), ("2024-03-01", "2024-08-31", True),
    ],
)  # fmt: skip
def test_new_is_registered_less_than_half_a_year_ago(registered_on, on, expected):
    assert is_new(date.fromisoformat(registered_on) if registered_on else None, on=date.fromisoformat(on)) is expected


@pytest.mark.rows("R2.4")
@pytest.mark.parametrize(
    ("last_active_on", "on", "expected"),
    [
        ("2026-08-23", "2026-11-23", False),
        ("2026-08-22", "2026-11-23", True),
        ("2026-11-23", "2026-11-23", False),
        (None, "2026-11-23", False),
        ("2026-02-28", "2026-05-31", False),
        ("2026-02-27", "2026-05-31", True),
    ],
)
def test_lost_is_silent_for_more_than_a_quarter(last_active_on, on, expected):
    assert (
        is_lost(date.fromisoformat(last_active_on) if last_active_on else None, on=date.fromisoformat(on)) is expected
    )


@many(100)
@given(days, st.integers(0, 400))
def test_time_only_makes_new_old_and_active_lost(day, number):
    on = day + timedelta(days=number)
    assert is_new(day, on=on) >= is_new(day, on=on + timedelta(days=1))
    assert is_lost(day, on=on) <= is_lost(day, on=on + timedelta(days=1))


@pytest.mark.parametrize(
    ("shared", "score"),
    [
        ([("phone", 2)], 40), ([("phone", 3)], 40), ([("phone", 4)], 15), ([("phone", 10)], 15), ([("phone", 11)], 0), ([("phone", 50)], 0), ([("director_inn", 10)], 60), ([("director_inn", 11)], 20),
        ([("address", 5)], 30), ([("address", 6)], 10), ([("address", 20)], 10), ([("address", 21)], 0), ([("email", 10)], 35), ([("email", 11)], 0), ([("domain", 2)], 15), ([("account", 2)], 100),
        ([("succession", 2)], 80), ([("founder", 2)], 50), ([("name", 2)], 0), ([("name", 2), ("director_region", 2)], 0), ([("phone", 50), ("name", 2)], 0), ([("phone", 2), ("name", 2)], 55),
        ([("phone", 2), ("phone", 50)], 40), ([("email", 2), ("domain", 2)], 35), ([("address", 2), ("house", 2)], 30), ([("director_inn", 2), ("director_region", 2), ("director_name", 2)], 60), ([], 0),
    ],
)  # fmt: skip
def test_scores(shared, score):
    assert relation([Shared(*pair) for pair in shared]).score == score


def test_a_common_phone_says_nothing_a_rare_one_is_a_hit():
    """Acceptance test 15."""
    assert not relation([Shared("phone", 50)]).is_shown
    assert relation([Shared("phone", 2)]).is_shown
    strong = relation([Shared("phone", 2), Shared("address", 2)])
    assert strong.is_strong and strong.reasons == ("один телефон", "один адрес с помещением")


@many(200)
@given(st.lists(st.tuples(st.sampled_from(sorted(WEIGHTS)), st.integers(2, 100)), max_size=8))
def test_scores_ignore_the_order_and_repetition(pairs):
    shared = [Shared(*pair) for pair in pairs]
    assert relation(shared).score == relation([*reversed(shared), *shared]).score


LEGAL = ("legal", "1027700000001", "7700000001", "770001001")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (LEGAL, True),
        (("legal", "1027700000001", "7700000001", ""), True),
        (("legal", "1027700000001", "", "770001001"), True),
        (("legal", "1027700000001", "7700000001", "770043001"), False),
        (("legal", "", "7700000001", "770001001"), True),
        (("legal", "", "7700000001", "770043001"), False),
        (("legal", "", "7700000001", ""), False),
        (("legal", "1027700000002", "7700000001", "770001001"), False),
        (("legal", "", "", ""), False),
        (("legal", "", "7700000002", "770001001"), False),
    ],
)
def test_one_record_written_twice(other, expected):
    assert is_same_record(LEGAL, other) is is_same_record(other, LEGAL) is expected


def test_people_of_one_inn():
    sole = ("entrepreneur", "304770000000001", "770000000001", "")
    assert is_same_record(sole, ("entrepreneur", "", "770000000001", ""))
    assert not is_same_record(sole, ("entrepreneur", "304770000000002", "770000000001", ""))
    assert not is_same_record(sole, ("person", "", "770000000001", ""))
