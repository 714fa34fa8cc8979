"""Bank statements as they are in life, and 500 spoiled ones (SBILLING_MUTATIONS=10000 for the long form)."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from licenses.statements import Statement, StatementError, read_statement

from .statement_samples import (
    FEE,
    HEADER,
    INCOMING,
    OTHER,
    OUTGOING,
    OWN,
    SAMPLES,
    SECOND,
    WHOLE,
    lines,
    spoiled,
    statement,
)
from .strategies import many

MUTATIONS = int(os.environ.get("SBILLING_MUTATIONS", "500"))
REAL = (
    sorted((Path(os.environ["SBILLING_REAL_DATA"]) / "bank").glob("*.txt"))
    if os.environ.get("SBILLING_REAL_DATA")
    else []
)
FILES = [
    *(pytest.param(data, id=name) for name, data in SAMPLES.items()),
    *(pytest.param(path.read_bytes(), id=path.name) for path in REAL),
]


def only(**keys: str):
    """The one document of a statement whose incoming payment has these keys; None drops a key."""
    document = {key: value for key, value in {**INCOMING, **keys}.items() if value is not None}
    (found,) = read_statement(statement(document)).documents
    return found


def well_formed(found: Statement) -> None:
    """What every statement keeps to, whatever came in."""
    assert all(isinstance(number, str) and number for number in found.accounts)
    assert len(set(found.accounts)) == len(found.accounts)
    assert isinstance(found.encoding, str)
    assert all(isinstance(text, str) for text in found.warnings)
    for document in found.documents:
        for text in (
            document.kind,
            document.number,
            document.payer_name,
            document.payer_inn,
            document.payer_account,
            document.payee_inn,
            document.payee_account,
            document.purpose,
        ):
            assert text is None or (isinstance(text, str) and text and "\x00" not in text)
        for day in (document.date, document.received_on, document.written_off_on):
            assert day is None or type(day) is date
        assert document.amount is None or (
            isinstance(document.amount, Decimal) and document.amount >= 0 and document.amount.as_tuple().exponent == -2
        )
        assert document.is_payment_order in (True, False)


def test_every_field_of_an_incoming_payment():
    found = read_statement(statement(*WHOLE))
    assert (found.accounts, found.encoding, found.warnings) == ([OWN], "cp1251", [])
    fee, outgoing, incoming = found.documents
    assert (incoming.kind, incoming.number, incoming.date, incoming.amount) == (
        "Платежное поручение",
        "5",
        date(2026, 1, 11),
        Decimal("6000.00"),
    )
    assert (incoming.payer_name, incoming.payer_inn, incoming.payer_account) == ('ООО "Ромашка"', "7700000001", OTHER)
    assert (incoming.payee_name, incoming.payee_inn, incoming.payee_account) == ('ООО "Вестник"', "3900000001", OWN)
    assert (incoming.received_on, incoming.written_off_on, incoming.operation) == (date(2026, 1, 11), None, "01")
    assert incoming.purpose == "Оплата по счету №125 от 10.01.2026. НДС не облагается"
    assert (outgoing.received_on, outgoing.written_off_on, outgoing.payer_name) == (
        None,
        date(2026, 1, 11),
        'ООО "Вестник"',
    )
    assert [document.is_payment_order for document in (fee, outgoing, incoming)] == [False, True, True]


@pytest.mark.parametrize("data", FILES)
def test_every_sample_is_read(data):
    found = read_statement(data)
    well_formed(found)
    assert read_statement(data) == found


@pytest.mark.parametrize(
    "name", [name for name in SAMPLES if name not in ("no documents", "mixed lines", "two files glued")]
)
def test_the_shape_changes_nothing(name):
    found = read_statement(SAMPLES[name])
    assert found.documents == read_statement(SAMPLES["cp1251"]).documents
    assert found.accounts == [OWN]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("cp1251", "cp1251"),
        ("cp866", "cp866"),
        ("cp866 that says Windows", "cp866"),
        ("utf-8 that says Windows", "utf-8"),
        ("utf-8 with a mark", "utf-8"),
        ("utf-16", "utf-16-le"),
    ],
)
def test_the_encoding_is_found_and_not_believed(name, encoding):
    assert read_statement(SAMPLES[name]).encoding == encoding


def test_a_false_encoding_is_reported():
    assert read_statement(SAMPLES["utf-8 that says Windows"]).warnings == ["Заявлена кодировка Windows, на деле utf-8."]


def test_mixed_encodings_are_read_line_by_line():
    found = read_statement(SAMPLES["mixed lines"])
    assert found.documents == [only()]
    assert "В файле смешаны кодировки, каждая строка прочитана в своей." in found.warnings


def test_text_behind_the_end_is_left_out():
    assert read_statement(SAMPLES["text behind the end"]).warnings == []
    assert len(read_statement(SAMPLES["two files glued"]).documents) == 4


def test_a_missing_end_is_reported():
    assert read_statement(SAMPLES["no mark of the end"]).warnings == [
        "Нет строки «КонецФайла»: возможно, файл выгружен не до конца."
    ]


def test_half_a_document_is_no_document():
    whole = statement(OUTGOING, INCOMING)
    found = read_statement(whole[: whole.index("ПолучательСчет".encode("cp1251"), len(whole) // 2)])
    assert [document.number for document in found.documents] == ["1"]
    assert "оборван" in found.warnings[-1]


def test_a_document_without_its_end_is_closed_by_the_next():
    text = lines(OUTGOING, INCOMING)
    text.remove("КонецДокумента")
    text.remove("КонецДокумента")
    found = read_statement("\n".join(text).encode("cp1251"))
    assert [document.number for document in found.documents] == ["1", "5"]
    assert len(found.warnings) == 2


def test_several_accounts_stand_in_their_order_once():
    data = statement(header={**HEADER, "РасчСчет": SECOND}, accounts=(OWN, SECOND, OWN))
    assert read_statement(data).accounts == [SECOND, OWN]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \r\n\r\n ",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"<?xml version='1.0'?>",
        b"\x00" * 100,
        "Выписка за январь".encode("cp1251"),
        "СекцияДокумент=Платежное поручение".encode(),
        bytes(range(256)),
    ],
)
def test_what_is_no_statement(data):
    with pytest.raises(StatementError) as refused:
        read_statement(data)
    assert isinstance(refused.value, DomainError)
    assert refused.value.message[0].isupper() and refused.value.message.endswith(".")


def test_a_text_is_no_file():
    with pytest.raises(TypeError):
        read_statement("1CClientBankExchange")


def test_the_first_line_alone_is_an_empty_statement():
    found = read_statement(b"1CClientBankExchange")
    assert (found.accounts, found.documents) == ([], [])


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("6000.00", "6000.00"),
        ("6000,5", "6000.50"),
        ("6000", "6000.00"),
        ("6 000.00", "6000.00"),
        ("6000-00", "6000.00"),
        ("6000=05", "6000.05"),
        ("10.1000", "10.10"),
        ("+7.00", "7.00"),
        ("0.01", "0.01"),
        ("999999999999.99", "999999999999.99"),
    ],
)
def test_sums(written, amount):
    assert str(only(Сумма=written).amount) == amount


@pytest.mark.parametrize(
    "written", ["", "-5.00", "10.105", "сто", "1e5", "NaN", "1000000000000.00", "٣", "1.2.3", None]
)
def test_what_is_no_sum(written):
    document = {key: value for key, value in {**INCOMING, "Сумма": written}.items() if value is not None}
    found = read_statement(statement(document, encoding="utf-8"))
    assert found.documents[0].amount is None
    assert any("сумма" in text for text in found.warnings)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("11.01.2026", date(2026, 1, 11)),
        ("1.1.2026", date(2026, 1, 1)),
        ("11.01.26", date(2026, 1, 11)),
        ("2026-01-11", date(2026, 1, 11)),
        ("11/01/2026", date(2026, 1, 11)),
        ("11.01.2026 10:28:35", date(2026, 1, 11)),
        ("2026-01-11T10:28:35", date(2026, 1, 11)),
    ],
)
def test_dates(written, day):
    assert only(Дата=written).date == day


@pytest.mark.parametrize(
    ("written", "is_reported"),
    [
        ("", False),
        ("0", False),
        ("00.00.0000", False),
        ("01.01.0001", False),
        ("31.02.2026", True),
        ("вчера", True),
        ("11.01", True),
    ],
)
def test_what_is_no_date(written, is_reported):
    found = read_statement(statement({**INCOMING, "ДатаПоступило": written}))
    assert found.documents[0].received_on is None
    assert bool(found.warnings) is is_reported


@pytest.mark.parametrize(
    ("whole", "first", "inn", "expected"),
    [
        ('7700000001, ООО "Ромашка"', None, "7700000001", ('ООО "Ромашка"', "7700000001")),
        ('ИНН 7700000001 ООО "Ромашка"', None, None, ('ООО "Ромашка"', "7700000001")),
        ('ИНН 7700000001/770001001 ООО "Ромашка"', None, "0", ('ООО "Ромашка"', "7700000001")),
        ("770000000001 Иванов Иван (ИП)", None, "", ("Иванов Иван (ИП)", "770000000001")),
        ("7700000000013, ИП Иванов И.И.", None, "7700000000013", ("ИП Иванов И.И.", "7700000000013")),
        (None, 'ООО "Ромашка"', "7700000001", ('ООО "Ромашка"', "7700000001")),
        ("", 'ООО "Ромашка"', "000000000000", ('ООО "Ромашка"', None)),
        ("Иванов Иван Иванович", None, "0", ("Иванов Иван Иванович", None)),
        (None, None, None, (None, None)),
    ],
)
def test_who_paid(whole, first, inn, expected):
    found = only(Плательщик=whole, Плательщик1=first, ПлательщикИНН=inn)
    assert (found.payer_name, found.payer_inn) == expected


def test_accounts_of_the_parties_have_a_second_key():
    found = only(ПлательщикСчет=None, ПлательщикРасчСчет=OTHER, ПолучательСчет="", ПолучательРасчСчет=OWN)
    assert (found.payer_account, found.payee_account) == (OTHER, OWN)


@pytest.mark.parametrize(
    ("keys", "purpose"),
    [
        (
            {"НазначениеПлатежа": "Оплата", "НазначениеПлатежа1": "", "НазначениеПлатежа2": "по счету 5"},
            "Оплата по счету 5",
        ),
        (
            {
                "НазначениеПлатежа": "Оплата по счету 5",
                "НазначениеПлатежа1": "Оплата",
                "НазначениеПлатежа2": "по счету 5",
            },
            "Оплата по счету 5",
        ),
        (
            {"НазначениеПлатежа": None, "НазначениеПлатежа1": "Оплата", "НазначениеПлатежа6": "по счету 5"},
            "Оплата по счету 5",
        ),
        ({"НазначениеПлатежа": "x=5; y = 6"}, "x=5; y = 6"),
        ({"НазначениеПлатежа": ""}, None),
        ({"НазначениеПлатежа": None}, None),
    ],
)
def test_the_purpose_of_several_lines(keys, purpose):
    assert only(**keys).purpose == purpose


def test_a_purpose_broken_by_a_line_end():
    text = lines({**INCOMING, "НазначениеПлатежа": "Оплата\nпо счету №125"})
    assert read_statement("\n".join(text).encode()).documents[0].purpose == "Оплата по счету №125"


@pytest.mark.parametrize(
    ("keys", "is_order"),
    [
        ({}, True), ({"СекцияДокумент": "Платёжное поручение"}, True), ({"СекцияДокумент": "ПЛАТЕЖНОЕ ПОРУЧЕНИЕ"}, True), ({"СекцияДокумент": ""}, True),
        ({"СекцияДокумент": "", "ВидОплаты": "17"}, False), ({"СекцияДокумент": "", "ВидОплаты": None}, True), ({"СекцияДокумент": "Платежное требование"}, False),
        ({"СекцияДокумент": "Инкассовое поручение"}, False), ({"СекцияДокумент": "Банковский ордер"}, False), ({"СекцияДокумент": "Прочее"}, False),
    ],
)  # fmt: skip
def test_what_counts_as_a_payment_order(keys, is_order):
    found = only(**keys)
    assert found.is_payment_order is is_order
    assert found.kind == (keys.get("СекцияДокумент", "Платежное поручение") or None)


def test_keys_in_any_case_with_spaces_and_repeated():
    text = lines(FEE)
    place = text.index("Номер=697162")
    text[place : place + 1] = [" НОМЕР = 697162 ", "Номер=", "Номер=999", "НеизвестныйКлюч=1"]
    assert read_statement("\n".join(text).encode()).documents[0].number == "697162"


def test_control_characters_do_not_reach_the_database():
    found = only(НазначениеПлатежа="Оплата\x00 по\x1f счету\t5")
    assert found.purpose == "Оплата по счету 5"


def test_warnings_have_an_end():
    found = read_statement(statement(*[{**INCOMING, "Сумма": "?"}] * 300))
    assert len(found.documents) == 300
    assert len(found.warnings) == 101
    assert found.warnings[-1] == "И еще замечаний: 200."


@many(200)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=400).map(lambda tail: b"1CClientBankExchange\n" + tail),
        st.text(max_size=200).map(lambda text: f"1CClientBankExchange\nСекцияДокумент={text}\nКонецДокумента".encode()),
    )
)
def test_any_bytes_give_a_statement_or_the_typed_error(data):
    try:
        found = read_statement(data)
    except StatementError:
        return
    well_formed(found)


def test_spoiled_statements_give_a_statement_or_the_typed_error():
    samples = [*SAMPLES.values(), *(path.read_bytes() for path in REAL)]
    read = 0
    for seed in range(MUTATIONS):
        data = spoiled(samples[seed % len(samples)], seed)
        try:
            found = read_statement(data)
        except StatementError:
            continue
        well_formed(found)
        read += 1
    assert read > MUTATIONS // 2
