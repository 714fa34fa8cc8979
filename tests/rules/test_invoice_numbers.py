"""Invoice numbers in purposes: every form of data/purposes.csv, and forms put together by chance."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses.statements import InvoiceReference, invoice_numbers, invoice_references

from .strategies import many, rows

PURPOSES = rows("purposes.csv")

numbers = st.one_of(
    st.integers(1, 99999).map(str),
    st.integers(1, 9999).map(lambda n: f"{n:06}"),
    st.integers(1, 9999).map(lambda n: f"СБ-{n}"),
    st.integers(1, 9999).map(lambda n: f"{n}/2026"),
    st.integers(1, 9999).map(lambda n: f"Ек2Тюм{n:06}"),
)
words = st.sampled_from(
    [
        "по счету",
        "По счёту",
        "счет",
        "СЧЕТ",
        "сч.",
        "сч",
        "по счет-договору",
        "счет-оферта",
        "согласно счета",
        "счету на оплату",
        "cчет",
    ]
)
signs = st.sampled_from([" № ", " №", "№", " N ", " N", " No ", " No. ", " #", " номер ", " №: "])
dates = st.sampled_from(
    [
        "",
        " от 01.02.2026",
        " от 01.02.26г.",
        " от 1 февраля 2026 г.",
        " от 18 Апреля 2019г",
        " от 01/02/2026",
        " от 2026-02-01",
    ]
)
tails = st.sampled_from(
    ["", " 18026,52", " на сумму 175000-00", ". Сумма 2 999-00руб без НДС", ", в т.ч. НДС 22% - 541.97", " в т.ч. НДС 20%: 0.00", " по договору № 77 от 05.05.2025", ", акт № 78", " УПД 79", ", 5000 руб", " за лицензию на 12 мес."]
)  # fmt: skip


@pytest.mark.parametrize("row", PURPOSES, ids=[row["purpose"][:60] for row in PURPOSES])
def test_purposes(row):
    assert invoice_numbers(row["purpose"]) == (row["numbers"].split("|") if row["numbers"] else [])


@many(400)
@given(words, signs, numbers, dates, tails)
def test_one_number_with_its_sign(word, sign, number, day, tail):
    assert invoice_numbers(f"Оплата {word}{sign}{number}{day}{tail}") == [number]


@many(300)
@given(words, numbers, dates, tails)
def test_one_number_without_a_sign(word, number, day, tail):
    assert invoice_numbers(f"Оплата {word} {number}{day}{tail}") == [number]


@many(300)
@given(
    st.lists(st.integers(100, 999), min_size=2, max_size=5, unique=True),
    st.sampled_from([",", ", ", "; ", ", №", " и ", " и № ", ", счет №", " + "]),
    dates,
    tails,
)
def test_lists(found, joint, day, tail):
    expected = [str(number) for number in found]
    assert invoice_numbers(f"Оплата по счетам № {joint.join(expected)}{day}{tail}") == expected


@many(200)
@given(st.lists(st.tuples(st.integers(1, 99999), dates), min_size=1, max_size=4, unique_by=lambda pair: pair[0]), tails)
def test_lists_with_dates(pairs, tail):
    text = ", ".join(f"№ {number}{day}" for number, day in pairs)
    assert invoice_numbers(f"Оплата по счетам {text}{tail}") == [str(number) for number, _ in pairs]


@many(200)
@given(
    st.sampled_from(
        [
            "договору",
            "дог.",
            "контракту",
            "акту",
            "УПД",
            "заказу",
            "счет-фактуре",
            "с/ф",
            "накладной",
            "заявке",
            "л/с",
            "лицевой счет",
            "р/с",
            "на расчетный счет",
        ]
    ),
    signs,
    numbers,
    dates,
)
def test_numbers_of_other_documents(document, sign, number, day):
    assert invoice_numbers(f"Оплата по {document}{sign}{number}{day}") == []


def test_dates_belong_to_their_numbers():
    assert invoice_references("по сч 15 и 16 от 01.02.2026, № 17 от 3 марта 26 г.") == [
        InvoiceReference("15", date(2026, 2, 1)),
        InvoiceReference("16", date(2026, 2, 1)),
        InvoiceReference("17", date(2026, 3, 3)),
    ]
    assert invoice_references("счет от 15.01.2026 № 125") == [InvoiceReference("125", date(2026, 1, 15))]
    assert invoice_references("счет № 125 от 31.02.2026") == [InvoiceReference("125", None)]
    assert invoice_references("счет № 125, счет № 125 от 01.02.2026") == [InvoiceReference("125", date(2026, 2, 1))]


def test_the_year_named_in_the_purpose():
    assert InvoiceReference("125", date(2026, 2, 1)).year == 2026
    assert InvoiceReference("125").year is None


@pytest.mark.parametrize("value", [None, "", " ", 125, b"\xd1\x87", object()])
def test_other_types_name_nothing(value):
    assert invoice_numbers(value) == []


def test_a_long_text_is_not_searched_for_ever():
    assert len(invoice_numbers("счет № 125, " * 100_000)) == 1
    assert invoice_numbers("сч " * 100_000) == []
    assert invoice_numbers("1." * 100_000 + "№" * 100_000) == []


ALPHABET = "счетСЧЕТёа .,;:()№N#-/\\_«»\"'0123456789отОТруб%₽инв\u00a0"


@many(500)
@given(st.one_of(st.text(), st.text(ALPHABET, max_size=60)))
def test_nothing_raises_and_numbers_stand_in_the_text(text):
    for number in invoice_numbers(text):
        assert any(char.isdigit() for char in number)
        assert "№" not in number
        assert number == number.strip(" .,;:-/")
        assert number in " ".join(text.replace("\u00a0", " ").split()) or not text.isprintable()
