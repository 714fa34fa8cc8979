"""Thirty days and blocks (billing 3.10, 3.11; invariants 14, 15)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charges.rules import (
    Block,
    ChargeFacts,
    blocks,
    coming_blocks,
    is_overdue,
    last_good_day,
    overdue_from,
    reminder_days,
)

from .strategies import many

FORMED = date(2025, 3, 1)


@pytest.mark.rows("R4.28")
@pytest.mark.parametrize(
    ("formed_on", "last", "overdue"),
    [
        ("2025-03-01", "2025-03-31", "2025-04-01"),
        ("2024-01-30", "2024-02-29", "2024-03-01"),
        ("2025-01-30", "2025-03-01", "2025-03-02"),
        ("2025-12-31", "2026-01-30", "2026-01-31"),
    ],
)
def test_thirty_days_to_pay(formed_on, last, overdue):
    formed, good, late = (date.fromisoformat(day) for day in (formed_on, last, overdue))
    assert (last_good_day(formed), overdue_from(formed)) == (good, late)
    assert (is_overdue(formed, on=good), is_overdue(formed, on=late)) == (False, True)


def test_the_grace_counts_as_in_another_suite():
    """Due the 10th with 2 days: to the 12th good, from the 13th not; here 30 days in the same way."""
    on = [FORMED + timedelta(days=number) for number in (30, 31)]
    assert [bool(blocks([ChargeFacts(1, "edo", "other", FORMED)], on=day)) for day in on] == [False, True]


def test_reminders():
    assert reminder_days(FORMED) == [date(2025, 3, 1), date(2025, 3, 15), date(2025, 3, 26), date(2025, 3, 31)]


PRODUCT = Block("product", "edo", 1)
WIDE = {"reports": Block("account", None, 1), "documents": Block("sending", None, 1)}


@pytest.mark.rows("R4.48", "R4.49")
@pytest.mark.parametrize("kind", ["reports", "documents", "other"])
@pytest.mark.parametrize(("day", "refused"), [(30, False), (30, True), (31, False), (31, True)])
def test_the_table_of_blocks(kind, day, refused):
    charge = ChargeFacts(1, "edo", kind, FORMED, FORMED + timedelta(days=5) if refused else None, None)
    expected = {PRODUCT} if refused or day > 30 else set()
    if refused and day > 30 and kind in WIDE:
        expected |= {WIDE[kind]}
    assert blocks([charge], on=FORMED + timedelta(days=day)) == expected


def facts(refused=None, settled=None, formed=0):
    """Days are counted from FORMED."""
    return ChargeFacts(
        1,
        "edo",
        "reports",
        *(None if day is None else FORMED + timedelta(days=day) for day in (formed, refused, settled)),
    )


@pytest.mark.parametrize(
    ("charge", "day", "scopes"),
    [
        (facts(), -1, []), (facts(refused=0), 0, ["product"]), (facts(refused=5), 4, []), (facts(refused=5), 5, ["product"]), (facts(refused=40), 39, ["product"]),
        (facts(refused=40), 40, ["account", "product"]), (facts(settled=31), 30, []), (facts(settled=31), 31, []), (facts(settled=40), 39, ["product"]), (facts(settled=40), 40, []),
        (facts(settled=40, refused=5), 39, ["account", "product"]), (facts(formed=10), 9, []), (facts(formed=10, refused=2), 9, []), (facts(formed=10, refused=2), 10, ["product"]),
    ],
)  # fmt: skip
def test_one_charge_on_one_day(charge, day, scopes):
    assert sorted(block.scope for block in blocks([charge], on=FORMED + timedelta(days=day))) == scopes


def test_several_charges_join_their_blocks_and_the_last_one_frees():
    charges = [
        ChargeFacts(1, "edo", "other", FORMED),
        ChargeFacts(2, "edo", "documents", FORMED, FORMED),
        ChargeFacts(3, "crm", "other", date(2025, 4, 1)),
    ]
    assert blocks(charges, on=date(2025, 4, 1)) == {PRODUCT, Block("product", "edo", 2), Block("sending", None, 2)}
    assert blocks(charges[:1] + charges[2:], on=date(2025, 4, 1)) == {PRODUCT}
    assert blocks([], on=FORMED) == frozenset()
    assert blocks(iter(charges), on=date(2025, 4, 1)) == blocks(charges, on=date(2025, 4, 1))


def test_wrong_facts():
    with pytest.raises(ValueError):
        blocks([ChargeFacts(1, "edo", "phones", FORMED)], on=FORMED)
    with pytest.raises(TypeError):
        blocks([], on=datetime(2025, 3, 1, tzinfo=UTC))


offsets = st.one_of(st.none(), st.integers(0, 100))


@st.composite
def charges(draw):
    formed = draw(st.integers(0, 60))
    refused, settled = draw(offsets), draw(offsets)
    return ChargeFacts(
        draw(st.integers(1, 5)), draw(st.sampled_from(["edo", "crm"])), draw(st.sampled_from(["reports", "documents", "other"])),
        *(None if day is None else FORMED + timedelta(days=day) for day in (formed, refused, settled)),
    )  # fmt: skip


@many(300)
@given(st.lists(charges(), max_size=6), st.integers(-5, 140))
def test_blocks_come_from_charges_alone(found, day):
    """Invariants 14 and 15."""
    on = FORMED + timedelta(days=day)
    result = blocks(found, on=on)
    live = [
        charge for charge in found if charge.formed_on <= on and not (charge.settled_on and charge.settled_on <= on)
    ]
    guilty = [
        charge
        for charge in live
        if (on - charge.formed_on).days >= 31 or (charge.refused_on and charge.refused_on <= on)
    ]
    assert bool(result) is bool(guilty)
    assert {block.charge_id for block in result} == {charge.id for charge in guilty}
    assert (
        result
        == blocks(list(reversed(found)), on=on)
        == frozenset().union(*(blocks([charge], on=on) for charge in found))
    )
    assert {block.product for block in result if block.scope == "product"} == {charge.product for charge in guilty}
    assert all(block.product is None for block in result if block.scope != "product")


@many(100)
@given(st.lists(charges(), max_size=5), st.integers(-5, 100))
def test_the_preview_says_when_overdue_blocks_begin(found, day):
    on = FORMED + timedelta(days=day)
    known = blocks(found, on=on)
    for coming, new in coming_blocks(found, on=on):
        assert coming > on
        assert new and new <= blocks(found, on=coming)
        assert not new & known
        known |= new


def test_the_preview_names_the_charge():
    assert coming_blocks([ChargeFacts(17, "reports", "reports", FORMED, FORMED)], on=FORMED) == [
        (date(2025, 4, 1), frozenset({Block("account", None, 17)}))
    ]
