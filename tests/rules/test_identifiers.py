"""core.identifiers against a second implementation, written from the same rules in another way."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identifiers import is_bank_account, is_bik, is_inn, is_kpp, is_ogrn, is_ogrnip

from .strategies import many

CHECKS = (is_inn, is_kpp, is_ogrn, is_ogrnip, is_bik)


def digits(length: int, prefix: str = ""):
    return st.text("0123456789", min_size=length, max_size=length).map(lambda tail: prefix + tail)


def inn10(body: str) -> str:
    total = 0
    for digit, weight in zip(body, [2, 4, 10, 3, 5, 9, 4, 6, 8], strict=True):
        total += int(digit) * weight
    return body + str(total % 11 % 10)


def inn12(body: str) -> str:
    for weights in ([7, 2, 4, 10, 3, 5, 9, 4, 6, 8], [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]):
        total = 0
        for digit, weight in zip(body, weights, strict=True):
            total += int(digit) * weight
        body += str(total % 11 % 10)
    return body


def account(body: str, bik: str) -> str:
    """Put the key into the ninth place so that the weighted sum ends with 0."""
    for key in "0123456789":
        number = body[:8] + key + body[8:]
        if sum(int(digit) * int("7131371"[place % 3]) for place, digit in enumerate(bik[6:] + number)) % 10 == 0:
            return number
    raise AssertionError("There is always a key.")


def other_digit(text: str, place: int) -> str:
    return text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]


@many(200)
@given(digits(9))
def test_inn_of_a_company(body):
    number = inn10(body)
    assert is_inn(number) is not body.startswith("00")
    assert not is_inn(other_digit(number, 9))


@many(200)
@given(digits(10))
def test_inn_of_a_person(body):
    number = inn12(body)
    assert is_inn(number) is not body.startswith("00")
    assert not is_inn(other_digit(number, 10))
    assert not is_inn(other_digit(number, 11))


@pytest.mark.rows("R2.74")
@pytest.mark.parametrize(
    "text",
    [
        "0000000000",
        "000000000000",
        "7718159471",
        "771815947",
        "77181594700",
        "7718159470 ",
        " 7718159470",
        "7718159470\n",
        "77181594７0",
        "",
        "ИНН7718159470",
    ],
)
def test_wrong_inn(text):
    assert not is_inn(text)


@pytest.mark.parametrize("text", ["7718159470", "7751160508", "7727336310"])
def test_inns_of_the_manual(text):
    assert is_inn(text)


@pytest.mark.parametrize("text", ["770701001", "7707AZ001", "010143999", "999950999", "771801000"])
def test_kpp(text):
    assert is_kpp(text)


@pytest.mark.parametrize(
    "text",
    [
        "007701001",
        "77070100",
        "7707010011",
        "7707az001",
        "7707ЖЖ001",
        "77A701001",
        "770701A01",
        "770701001 ",
        "77 701001",
        "",
    ],
)
def test_wrong_kpp(text):
    assert not is_kpp(text)


@many(200)
@given(digits(11), st.sampled_from("0123456789"))
def test_ogrn(body, first):
    body = first + body
    number = body + str(int(body) % 11)[-1]
    assert is_ogrn(number) is (first in "15")
    assert not is_ogrn(other_digit(number, 12))


@many(200)
@given(digits(13), st.sampled_from("0123456789"))
def test_ogrnip(body, first):
    body = first + body
    number = body + str(int(body) % 13)[-1]
    assert is_ogrnip(number) is (first == "3")
    assert not is_ogrnip(other_digit(number, 14))


@pytest.mark.parametrize("remainder", [10, 11, 12])
def test_ogrnip_with_a_remainder_of_two_digits(remainder):
    body = next(str(n) for n in range(30400000000000, 30400000000100) if n % 13 == remainder)
    assert is_ogrnip(body + str(remainder - 10))


@pytest.mark.parametrize("text", ["044525225", "017003983", "004525988", "024501901", "040000000"])
def test_bik(text):
    assert is_bik(text)


@pytest.mark.parametrize(
    "text", ["04452522", "0445252255", "144525225", "094525225", "000000000", "04452522A", "044525225 ", ""]
)
def test_wrong_bik(text):
    assert not is_bik(text)


@many(200)
@given(digits(19), digits(7, "04"))
def test_account(body, bik):
    number = account(body, bik)
    assert is_bank_account(number, bik)
    for place in (0, 8, 19):
        assert not is_bank_account(other_digit(number, place), bik)


@many(50)
@given(digits(20), digits(7, "01"))
def test_treasury_account_by_format_only(number, bik):
    assert is_bank_account(number, bik)
    assert not is_bank_account(number[:19], bik)


def test_account_of_a_wrong_bank():
    assert not is_bank_account("40702810000000000000", "444525225")
    assert not is_bank_account("40702810000000000000", "")


@many(300)
@given(
    st.one_of(st.text(), st.none(), st.integers(), st.binary(), st.from_regex(re.compile(r"\d{9,20}"), fullmatch=True))
)
def test_nothing_raises(value):
    for check in CHECKS:
        assert check(value) in (True, False)
    assert is_bank_account(value, value) in (True, False)
    assert is_bank_account(value, "044525225") in (True, False)
