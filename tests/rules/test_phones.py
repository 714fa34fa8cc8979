"""Every way to write a phone is one phone; a local number is none (rule C6, acceptance test 14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identifiers import normalize_phone

from .strategies import many

KALININGRAD = "+74012123456"


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("8 (4012) 12-34-56", None), ("+7 4012 123456", None), ("4012/12-34-56", None), ("(4012) 12-34-56", None), ("+7(4012)123456", None), ("74012123456", None),
        ("84012123456", None), ("4012123456", None), ("8-4012-12-34-56", None), ("8.4012.12.34.56", None), ("8 (4012)\u00a012\u201334\u201356", None), ("+7\u20114012\u2011123456", None),
        ("тел. 8 (4012) 12-34-56", None), ("Тел.: +7 (4012) 12-34-56", None), ("тел/факс (4012) 12-34-56", None), ("раб. 8(4012)12-34-56", None), ("8 (4012) 12-34-56 бухгалтерия", None),
        ("8 (4012) 12-34-56, 65-43-21", None), ("8 (4012) 12-34-56; 8 (4012) 65-43-21", None), ("8 (4012) 12-34-56 / 65-43-21", None), ("  8 (4012) 12-34-56  ", None),
        ("8 (4012) 12-34-56 доб. 7", "7"), ("8 (4012) 12-34-56 доб.7", "7"), ("8 (4012) 12-34-56 доб 7", "7"), ("8(4012)123456, доб. 7", "7"), ("8 (4012) 12-34-56 (доб. 7)", "7"),
        ("8 (4012) 12-34-56 добавочный 007", "007"), ("8 (4012) 12-34-56 вн. 12", "12"), ("8 (4012) 12-34-56 внутр. 12", "12"), ("8 (4012) 12-34-56 ext. 12", "12"), ("8 (4012) 12-34-56 x12", "12"),
        ("8 (4012) 12-34-56 х12", "12"), ("8 (4012) 12-34-56 #12", "12"), ("8 (4012) 12-34-56*12", "12"), ("8 (4012) 12-34-56 (123)", "123"), ("tel:+7-4012-12-34-56;ext=7", "7"),
        ("8 (4012) 12-34-56 ДОБ. 7", "7"), ("8 (4012) 12-34-56 доб. № 7", "7"),
    ],
)  # fmt: skip
def test_one_phone(text, extension):
    assert normalize_phone(text) == (KALININGRAD, extension)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8-800-555-35-35", "+78005553535"), ("8906 123-45-67", "+79061234567"), ("+7 959 123-45-67", "+79591234567"), ("+7 (701) 123-45-67", "+77011234567"),
        ("8 701 123 45 67", "+77011234567"), ("+7 650 123 45 67", "+76501234567"), ("812 123-45-67", "+78121234567"), ("8812 123-45-67", "+78121234567"), ("8 (812) 123-45-67", "+78121234567"),
        ("7812 1234567", "+78121234567"), ("4951234567", "+74951234567"),
    ],
)  # fmt: skip
def test_codes(text, number):
    assert normalize_phone(text) == (number, None)


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "-", "нет", "55-55-55", "555-55-55", "доб. 12", "123456", "+7", "8", "+7 401 212 345 67", "8 912 345 67 890", "+375 29 123-45-67", "+1 202 555 0123", "+84012123456",
        "+4012123456", "0123456789", "1234567890", "8 123 456 78 90", "8 512 345 67 89", "8999abc4567", "8999123456a", "ИНН 7718159470", "ivan@example.ru", "8" * 300, "９０６１２３４５６７", "٨٩٠٦١٢٣٤٥٦٧",
    ],
)  # fmt: skip
def test_no_phone(text):
    assert normalize_phone(text) is None


@pytest.mark.parametrize("value", [79061234567, b"89061234567", ["89061234567"], object(), 1.5, True])
def test_other_types_are_no_phones(value):
    assert normalize_phone(value) is None


@many(200)
@given(
    st.from_regex(r"[346789][0-9]{9}", fullmatch=True),
    st.sampled_from(["+7", "7", "8", "", "+7 ", "8 ", "8-"]),
    st.lists(st.sampled_from(["", " ", "-", "\u00a0", ".", "–", "("]), min_size=10, max_size=10),
    st.one_of(st.none(), st.from_regex(r"[0-9]{1,6}", fullmatch=True)),
)
def test_any_separators(number, prefix, separators, extension):
    written = prefix + "".join(separator + digit for separator, digit in zip(separators, number, strict=True))
    written += f" доб. {extension}" if extension else ""
    assert normalize_phone(written) == (f"+7{number}", extension)


@many(200)
@given(st.text())
def test_nothing_raises_and_the_key_is_stable(text):
    found = normalize_phone(text)
    if found:
        assert normalize_phone(found[0]) == (found[0], None)
        assert found[1] is None or found[1].isdigit()
