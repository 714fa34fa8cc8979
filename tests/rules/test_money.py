"""core.money, core.amount_words: half up, exact, never a float."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.amount_words import amount_in_words, number_in_words
from core.money import format_money, from_kopecks, half_up, kopecks, parse_money, ratio

from .strategies import many, money

NB = "\u00a0"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("500.005", "500.01"),
        ("500.004999", "500.00"),
        ("-500.005", "-500.01"),
        ("2.675", "2.68"),
        ("1.005", "1.01"),
        ("7", "7.00"),
        ("0", "0.00"),
        ("1e20", "100000000000000000000.00"),
    ],
)
def test_half_up_to_the_kopeck(amount, expected):
    assert str(half_up(Decimal(amount))) == expected


def test_half_up_takes_whole_roubles():
    assert str(half_up(150)) == "150.00"


@pytest.mark.parametrize("wrong", [1.5, True, "1.50", None])
def test_a_float_comes_nowhere_near_money(wrong):
    for function in (half_up, kopecks, format_money, amount_in_words):
        with pytest.raises(TypeError):
            function(wrong)


@pytest.mark.parametrize("wrong", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_infinite_money_is_refused(wrong):
    with pytest.raises(ValueError):
        half_up(Decimal(wrong))


@many(200)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6))
def test_half_up_is_the_schoolbook_rounding(amount):
    assert half_up(amount) == amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@many(200)
@given(money, st.integers(0, 5000), st.integers(1, 5000))
def test_a_ratio_is_exact(amount, part, full):
    assert abs(Fraction(ratio(amount, part, full)) - Fraction(amount) * part / full) <= Fraction(1, 200)


def test_a_ratio_needs_a_positive_denominator():
    with pytest.raises(ValueError):
        ratio(1, 1, 0)


def test_kopecks_both_ways():
    assert kopecks(Decimal("3008.22")) == 300822
    assert kopecks(7) == 700
    assert [str(from_kopecks(units)) for units in (0, 5, 100, -1050)] == ["0.00", "0.05", "1.00", "-10.50"]
    with pytest.raises(ValueError):
        kopecks(Decimal("0.005"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15150", "15150.00"), ("15 150,00", "15150.00"), (f"15{NB}150,00{NB}₽", "15150.00"), ("15\u202f150.5", "15150.50"),
        ("175000-00", "175000.00"), ("2 999-00руб", "2999.00"), ("18026=52", "18026.52"), ("1.234,50", "1234.50"), ("1,234,567.89", "1234567.89"),
        ("150 руб. 5 коп.", "150.05"), ("150 рублей", "150.00"), ("12р.", "12.00"), ("-5", "-5.00"), ("−5,5", "-5.50"), ("+7", "7.00"), ("0", "0.00"),
        ("999999999999,99", "999999999999.99"),
    ],
)  # fmt: skip
def test_sums_as_people_write_them(text, expected):
    assert str(parse_money(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "abc",
        "1,234",
        "0,005",
        "1e5",
        "1 2 руб 3 руб",
        "12,3,4",
        "--5",
        "٣",
        "Infinity",
        "nan",
        "1000000000000",
        "5,00 руб 5 коп",
        "12.34.56",
    ],
)
def test_what_is_no_sum_gets_a_sentence(text):
    with pytest.raises(ValueError, match=r"^[А-Я].*\.$"):
        parse_money(text)


@many(200)
@given(st.text())
def test_parsing_never_fails_otherwise(text):
    try:
        amount = parse_money(text)
    except ValueError:
        return
    assert amount == half_up(amount)


@many(100)
@given(money)
def test_a_formatted_sum_reads_back(amount):
    assert parse_money(format_money(amount)) == amount
    assert parse_money(format_money(-amount, "₽")) == -amount


def test_sums_are_shown_with_no_break_spaces():
    assert format_money(Decimal("1234567.8")) == f"1{NB}234{NB}567,80"
    assert format_money(-150, "₽") == f"−150,00{NB}₽"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("15150", "Пятнадцать тысяч сто пятьдесят рублей 00 копеек"),
        ("0", "Ноль рублей 00 копеек"),
        ("1", "Один рубль 00 копеек"),
        ("2.01", "Два рубля 01 копейка"),
        ("11.11", "Одиннадцать рублей 11 копеек"),
        ("21.22", "Двадцать один рубль 22 копейки"),
        ("101", "Сто один рубль 00 копеек"),
        ("1000", "Одна тысяча рублей 00 копеек"),
        ("2000", "Две тысячи рублей 00 копеек"),
        ("5012", "Пять тысяч двенадцать рублей 00 копеек"),
        ("21001.05", "Двадцать одна тысяча один рубль 05 копеек"),
        ("112000", "Сто двенадцать тысяч рублей 00 копеек"),
        ("1000000", "Один миллион рублей 00 копеек"),
        ("2002002.02", "Два миллиона две тысячи два рубля 02 копейки"),
        ("1000001", "Один миллион один рубль 00 копеек"),
        ("3000000000", "Три миллиарда рублей 00 копеек"),
        (
            "999999999999.99",
            "Девятьсот девяносто девять миллиардов девятьсот девяносто девять миллионов девятьсот девяносто девять тысяч девятьсот девяносто девять рублей 99 копеек",
        ),
        ("-1.5", "Минус один рубль 50 копеек"),
        ("0.005", "Ноль рублей 01 копейка"),
    ],
)
def test_sums_in_words(amount, words):
    assert amount_in_words(Decimal(amount)) == words


def test_an_int_is_roubles():
    assert amount_in_words(150) == "Сто пятьдесят рублей 00 копеек"


def test_words_have_an_end():
    assert number_in_words(10**15 - 1).startswith("девятьсот девяносто девять триллионов")
    for wrong in (10**15, -(10**15)):
        with pytest.raises(ValueError):
            number_in_words(wrong)
    with pytest.raises(TypeError):
        number_in_words(True)


def test_feminine_numbers():
    assert number_in_words(42, feminine=True) == "сорок две"


_VALUES = {
    word: value
    for value, words in {
        1: "один одна", 2: "два две", 3: "три", 4: "четыре", 5: "пять", 6: "шесть", 7: "семь", 8: "восемь", 9: "девять", 10: "десять",
        11: "одиннадцать", 12: "двенадцать", 13: "тринадцать", 14: "четырнадцать", 15: "пятнадцать", 16: "шестнадцать", 17: "семнадцать",
        18: "восемнадцать", 19: "девятнадцать", 20: "двадцать", 30: "тридцать", 40: "сорок", 50: "пятьдесят", 60: "шестьдесят", 70: "семьдесят",
        80: "восемьдесят", 90: "девяносто", 100: "сто", 200: "двести", 300: "триста", 400: "четыреста", 500: "пятьсот", 600: "шестьсот",
        700: "семьсот", 800: "восемьсот", 900: "девятьсот",
    }.items()
    for word in words.split()
}  # fmt: skip
_SCALES = {"тысяч": 1000, "миллион": 10**6, "миллиард": 10**9, "триллион": 10**12}


@many(200)
@given(st.integers(1, 10**12 - 1))
def test_words_read_back(n):
    total = group = 0
    for word in number_in_words(n).split():
        scale = next((size for stem, size in reversed(_SCALES.items()) if word.startswith(stem)), None)
        if scale:
            total, group = total + group * scale, 0
        else:
            group += _VALUES[word]
    assert total + group == n
