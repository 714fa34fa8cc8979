"""The golden tables of billing 3.7 and 3.8, invariants 1–8, and a second implementation in fractions."""

import inspect
import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from licenses.rules import change_costs, change_quote, explain_change, explain_share, line_amount, prorate, vat_of

from .strategies import days, many, money, rows

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
ONE_DAY = timedelta(days=1)
CHANGES = rows("changes.csv")
PARTS = rows("subperiods.csv")


def half_up(value: Fraction) -> Decimal:
    """Half away from zero by the definition of rounding, in fractions."""
    kopecks = math.floor(abs(value) * 100 + Fraction(1, 2))
    return Decimal(kopecks if value >= 0 else -kopecks) / 100


def count(first: date, last: date) -> int:
    """Days one by one."""
    number = 0
    while first <= last:
        first, number = first + ONE_DAY, number + 1
    return number


def slow_quote(
    paid,
    starts_on,
    ends_on,
    changed_on,
    list_price,
    *,
    full_days=None,
    already_credited=0,
    new_price="remaining",
    credit="unused",
):
    """The formula of billing 3.6 read once more: fractions, days counted one by one."""
    total, rest = count(starts_on, ends_on), count(changed_on, ends_on)
    value = half_up(Fraction(paid) * rest / total)
    back = Decimal(0) if credit == "none" else min(value, paid - already_credited)
    price = (
        half_up(Fraction(list_price))
        if new_price == "full"
        else half_up(Fraction(list_price) * rest / (full_days or total))
    )
    return (total, total - rest, rest, back, price, max(Decimal(0), price - back), max(Decimal(0), back - price))


@st.composite
def changes(draw):
    """A segment, a day in it, and what it costs."""
    starts_on = draw(days)
    ends_on = starts_on + timedelta(days=draw(st.integers(0, 740)))
    changed_on = starts_on + timedelta(days=draw(st.integers(0, (ends_on - starts_on).days)))
    paid = draw(money)
    credited = draw(st.integers(0, int(paid * 100)).map(lambda units: Decimal(units) / 100))
    return {
        "paid": paid, "starts_on": starts_on, "ends_on": ends_on, "changed_on": changed_on, "list_price": draw(money),
        "full_days": draw(st.one_of(st.none(), st.integers(1, 800))), "already_credited": draw(st.sampled_from([Decimal(0), credited])),
        "new_price": draw(st.sampled_from(["remaining", "full"])), "credit": draw(st.sampled_from(["unused", "none"])),
    }  # fmt: skip


def arguments(row: dict[str, str]) -> dict:
    return {
        "paid": Decimal(row["paid"]), "starts_on": date.fromisoformat(row["starts_on"]), "ends_on": date.fromisoformat(row["ends_on"]),
        "changed_on": date.fromisoformat(row["changed_on"]), "list_price": Decimal(row["list_price"]), "new_price": row["new_price"],
        "credit": row["credit_rule"], "full_days": int(row["full_days"]) if row["full_days"] else None, "already_credited": Decimal(row["already_credited"]),
    }  # fmt: skip


@pytest.mark.rows("R2.123", "R2.124", "R2.125")
@pytest.mark.parametrize("row", CHANGES, ids=[row["case"] for row in CHANGES])
def test_worked_examples(row):
    quote = change_quote(**arguments(row))
    assert (quote.total_days, quote.used_days, quote.unused_days) == (
        int(row["total"]),
        int(row["used"]),
        int(row["unused"]),
    )
    assert [str(value) for value in (quote.credit, quote.price, quote.due, quote.surplus)] == [
        row[name] for name in ("credit", "price", "due", "surplus")
    ]


@pytest.mark.parametrize("row", PARTS, ids=[row["source"] for row in PARTS])
def test_values_of_other_suites(row):
    starts_on, ends_before, part_from, part_before = (
        date.fromisoformat(row[name]) for name in ("starts_on", "ends_before", "part_from", "part_before")
    )
    assert (
        str(prorate(Decimal(row["amount"]), (part_before - part_from).days, (ends_before - starts_on).days))
        == row["expected"]
    )


def test_a_change_of_plan_of_another_suite():
    quote = change_quote(Decimal("2399.95"), date(2012, 5, 1), date(2013, 4, 30), date(2012, 5, 11), Decimal("5999.95"))
    assert (quote.credit, quote.price, quote.due) == (Decimal("2334.20"), Decimal("5835.57"), Decimal("3501.37"))


def test_a_downgrade_of_another_suite():
    quote = change_quote(Decimal("599.95"), date(2012, 5, 1), date(2012, 5, 31), date(2012, 5, 7), Decimal("9.95"))
    assert (quote.due, quote.surplus) == (Decimal("0.00"), Decimal("475.81"))


def test_lines_are_rounded_before_they_are_added():
    part = prorate(200, 29, 30)
    assert part + half_up(Fraction(part) / 4) == Decimal("241.66")
    for amount, full in ((10, "8.06"), (15, "12.10")):
        assert half_up(Fraction(prorate(amount, 20, 31)) * Fraction(5, 4)) == Decimal(full)


@many(300)
@given(changes())
def test_the_second_implementation_agrees(facts):
    quote = change_quote(**facts)
    assert (
        quote.total_days,
        quote.used_days,
        quote.unused_days,
        quote.credit,
        quote.price,
        quote.due,
        quote.surplus,
    ) == slow_quote(**facts)


@many(200)
@given(changes())
def test_amounts_have_two_places_and_add_up(facts):
    quote = change_quote(**facts)
    for value in (quote.credit, quote.price, quote.due, quote.surplus):
        assert value >= 0
        assert value.as_tuple().exponent == -2
    assert quote.due - quote.surplus == quote.price - quote.credit
    assert quote.due == 0 or quote.surplus == 0
    assert quote.credit <= facts["paid"] - facts["already_credited"]
    assert quote == change_quote(**facts)


@many(100)
@given(changes())
def test_the_credit_never_grows_with_time(facts):
    assume(facts["changed_on"] < facts["ends_on"])
    tomorrow = {**facts, "changed_on": facts["changed_on"] + ONE_DAY}
    assert change_quote(**tomorrow).credit <= change_quote(**facts).credit


@many(100)
@given(changes())
def test_the_credit_of_the_first_and_the_last_day(facts):
    facts |= {"already_credited": Decimal(0), "credit": "unused"}
    assert change_quote(**{**facts, "changed_on": facts["starts_on"]}).credit == facts["paid"]
    last = change_quote(**{**facts, "changed_on": facts["ends_on"]})
    assert last.credit == half_up(Fraction(facts["paid"]) / last.total_days)


@pytest.mark.rows("R2.125")
@many(100)
@given(changes())
def test_authorised_accounting_takes_no_credit(facts):
    quote = change_quote(**{**facts, "credit": "none", "new_price": "full"})
    assert (quote.credit, quote.due, quote.surplus) == (0, facts["list_price"], 0)


@many(200)
@given(
    days,
    st.integers(1, 730),
    st.lists(st.tuples(st.integers(0, 729), money), min_size=1, max_size=5),
    money,
    st.integers(1, 800),
)
def test_a_chain_of_changes_tiles_the_term_and_loses_no_kopeck(starts_on, length, steps, first_price, full_days):
    """Invariants 2, 6, 7: the end stays, segments tile the term, money in = value consumed + value left."""
    ends_on = starts_on + timedelta(days=length - 1)
    value, segment_start, consumed, balance, covered = first_price, starts_on, Decimal(0), first_price, 0
    for offset, list_price in sorted(steps):
        changed_on = starts_on + timedelta(days=offset)
        if not segment_start <= changed_on <= ends_on:
            continue
        quote = change_quote(value, segment_start, ends_on, changed_on, list_price, full_days=full_days)
        assert 0 <= quote.credit <= value
        covered += quote.used_days
        consumed += value - quote.credit
        balance += quote.due - quote.surplus
        value, segment_start = quote.price, changed_on
    assert covered + count(segment_start, ends_on) == length
    assert balance == consumed + value


@many(100)
@given(changes(), money)
def test_there_and_back_on_one_day(facts, other):
    """Invariant 5: A → B → A costs what A costs now, less the credit of A."""
    day, end = facts["changed_on"], facts["ends_on"]
    full = facts["full_days"] or count(facts["starts_on"], end)
    there = change_quote(facts["paid"], facts["starts_on"], end, day, other, full_days=full)
    back = change_quote(there.price, day, end, day, facts["list_price"], full_days=full)
    total = there.due - there.surplus + back.due - back.surplus
    assert total == prorate(facts["list_price"], there.unused_days, full) - there.credit
    if facts["paid"] == facts["list_price"] and full == there.total_days:
        assert total == 0


def test_policies_are_keyword_only_and_have_defaults():
    signature = inspect.signature(change_quote)
    assert list(signature.parameters) == [
        "paid",
        "starts_on",
        "ends_on",
        "changed_on",
        "list_price",
        "full_days",
        "already_credited",
        "new_price",
        "credit",
    ]
    assert change_quote(6000, *YEAR, date(2025, 7, 2), 12000) == change_quote(
        Decimal(6000),
        *YEAR,
        date(2025, 7, 2),
        Decimal(12000),
        full_days=365,
        already_credited=Decimal(0),
        new_price="remaining",
        credit="unused",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"changed_on": date(2024, 12, 31)}, {"changed_on": date(2026, 1, 1)}, {"already_credited": Decimal("6000.01")}, {"already_credited": Decimal("-0.01")},
        {"paid": Decimal(-1)}, {"list_price": Decimal(-1)}, {"full_days": 0}, {"full_days": -365}, {"new_price": "half"}, {"credit": "all"}, {"ends_on": date(2024, 1, 1)},
        {"paid": Decimal("NaN")}, {"list_price": Decimal("Infinity")},
    ],
)  # fmt: skip
def test_wrong_values_are_refused(change):
    facts = {
        "paid": Decimal(6000),
        "starts_on": YEAR[0],
        "ends_on": YEAR[1],
        "changed_on": date(2025, 7, 2),
        "list_price": Decimal(12000),
    }
    with pytest.raises(ValueError):
        change_quote(**{**facts, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"paid": 6000.0},
        {"list_price": 12000.0},
        {"already_credited": 0.0},
        {"paid": "6000"},
        {"paid": True},
        {"changed_on": datetime(2025, 7, 2, tzinfo=UTC)},
        {"starts_on": "2025-01-01"},
        {"full_days": 365.0},
    ],
)
def test_wrong_types_are_refused(change):
    facts = {
        "paid": Decimal(6000),
        "starts_on": YEAR[0],
        "ends_on": YEAR[1],
        "changed_on": date(2025, 7, 2),
        "list_price": Decimal(12000),
    }
    with pytest.raises(TypeError):
        change_quote(**{**facts, **change})


def test_prorate_at_its_edges():
    assert str(prorate(0, 5, 10)) == "0.00"
    assert str(prorate(100, 0, 10)) == "0.00"
    assert str(prorate(100, 25, 10)) == "250.00"
    assert str(prorate(Decimal("0.01"), 1, 2)) == "0.01"
    assert str(prorate(Decimal("0.01"), 49, 100)) == "0.00"
    for wrong in ((100, 1, 0), (100, 1, -1), (100, -1, 10), (Decimal("-0.01"), 1, 10)):
        with pytest.raises(ValueError):
            prorate(*wrong)
    for wrong in ((1.0, 1, 10), (1, 1.0, 10), (1, 1, 10.0), (1, True, 10), ("1", 1, 10), (1, Decimal(1), 10)):
        with pytest.raises(TypeError):
            prorate(*wrong)


@many(200)
@given(money, st.integers(0, 2000), st.integers(1, 2000))
def test_prorate_is_one_rounding_half_up(amount, part, full):
    assert prorate(amount, part, full) == half_up(Fraction(amount) * part / full)


@pytest.mark.parametrize(
    ("gross", "rate", "vat"),
    [
        ("3008.22", "20", "501.37"),
        ("3008.22", "22", "542.47"),
        ("122", "22", "22.00"),
        ("0.03", "22", "0.01"),
        ("0", "22", "0.00"),
        ("110", "10", "10.00"),
        ("105", "5", "5.00"),
        ("107", "7", "7.00"),
        ("100", "0", "0.00"),
        ("100", None, "0.00"),
        ("-122", "22", "-22.00"),
    ],
)
def test_vat_inside_a_gross_price(gross, rate, vat):
    assert str(vat_of(Decimal(gross), None if rate is None else Decimal(rate))) == vat


def test_wrong_vat():
    with pytest.raises(ValueError):
        vat_of(Decimal(100), Decimal(-1))
    for wrong in ((100.0, Decimal(22)), (Decimal(100), 0.22), (Decimal(100), "22")):
        with pytest.raises(TypeError):
            vat_of(*wrong)


@many(200)
@given(
    st.lists(
        st.tuples(money, st.integers(1, 50), st.sampled_from([None, *map(Decimal, (0, 5, 7, 10, 20, 22))])),
        min_size=1,
        max_size=8,
    )
)
def test_an_invoice_is_the_sum_of_its_lines(lines):
    """Invariant 1: total = Σ lines = Σ VAT + Σ net, two places everywhere."""
    amounts = [line_amount(price, quantity) for price, quantity, _ in lines]
    vats = [vat_of(amount, rate) for amount, (_, _, rate) in zip(amounts, lines, strict=True)]
    nets = [amount - vat for amount, vat in zip(amounts, vats, strict=True)]
    assert sum(amounts) == sum(vats) + sum(nets)
    for amount, vat, (_, _, rate) in zip(amounts, vats, lines, strict=True):
        assert 0 <= vat <= amount
        assert vat == half_up(Fraction(amount) * Fraction(rate or 0) / (100 + Fraction(rate or 0)))
        assert vat.as_tuple().exponent == amount.as_tuple().exponent == -2


def test_line_amount_rounds_once():
    assert line_amount(Decimal("1200"), 5) == 6000
    assert line_amount(Decimal("6000"), 1, 25) == 4500
    assert str(line_amount(Decimal("0.05"), 3, Decimal("33.3"))) == "0.10"
    assert str(line_amount(Decimal("33.33"), 3)) == "99.99"
    for wrong in ((-1, 1, 0), (1, -1, 0), (1, 1, 101), (1, 1, -1)):
        with pytest.raises(ValueError):
            line_amount(*wrong)
    for wrong in ((1.0, 1, 0), (1, 1.5, 0), (1, 1, 0.5)):
        with pytest.raises(TypeError):
            line_amount(*wrong)


def test_the_price_explains_itself():
    quote = change_quote(6000, *YEAR, date(2025, 7, 2), 12000)
    lines = explain_change(quote, paid=6000, list_price=12000)
    assert lines.credit.replace("\u00a0", " ") == "6 000,00 × 183 / 365 = 3 008,22"
    assert lines.price.replace("\u00a0", " ") == "12 000,00 × 183 / 365 = 6 016,44"
    assert lines.due.replace("\u00a0", " ") == "6 016,44 − 3 008,22 = 3 008,22 к оплате"
    assert explain_share(6000, 183, 365) == lines.credit


def test_the_explanation_of_other_policies():
    full = explain_change(
        change_quote(6000, *YEAR, date(2025, 7, 2), 15000, new_price="full", credit="none"),
        paid=6000,
        list_price=15000,
        new_price="full",
        credit="none",
    )
    assert full.credit == "Стоимость старого тарифа не зачитывается: 0,00"
    assert full.price.replace("\u00a0", " ") == "Полная цена: 15 000,00"
    down = explain_change(change_quote(12000, *YEAR, date(2025, 7, 2), 6000), paid=12000, list_price=6000)
    assert down.due.replace("\u00a0", " ") == "6 016,44 − 3 008,22 = 3 008,22 остается на балансе"
    capped = explain_change(
        change_quote(6000, *YEAR, date(2025, 7, 2), 12000, already_credited=4000), paid=6000, list_price=12000
    )
    assert capped.credit.replace("\u00a0", " ").endswith("но не больше остатка оплаты: 2 000,00")


@many(100)
@given(changes())
def test_every_explained_number_is_the_quoted_one(facts):
    quote = change_quote(**facts)
    policy = {name: facts[name] for name in ("full_days", "new_price", "credit")}
    lines = explain_change(quote, paid=facts["paid"], list_price=facts["list_price"], **policy)
    for line, value in ((lines.credit, quote.credit), (lines.price, quote.price)):
        assert line.replace("\u00a0", "").endswith(f"{value:.2f}".replace(".", ","))


def test_the_calendar_of_a_change():
    costs = dict(change_costs(6000, *YEAR, 12000, since=date(2025, 7, 1)))
    assert list(costs) == [date(2025, 7, 1) + timedelta(days=number) for number in range(184)]
    assert costs[date(2025, 7, 2)] == change_quote(6000, *YEAR, date(2025, 7, 2), 12000)
    assert list(change_costs(6000, *YEAR, 12000, since=date(2026, 1, 1))) == []
    assert next(change_costs(6000, *YEAR, 12000, since=date(2020, 1, 1)))[0] == YEAR[0]
