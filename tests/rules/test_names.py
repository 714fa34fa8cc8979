"""core.names: what is shown, searched, sorted and compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.names import (
    display_name,
    initials,
    normalize_name,
    person_name,
    search_variants,
    sort_key,
    split_legal_form,
    switch_layout,
    twin_key,
)

from .strategies import many


@pytest.mark.parametrize(
    ("name", "shown", "key"),
    [
        ('ООО "КУПЕЦ"', "Купец, ООО", "купец"),
        ("ООО «Купец»", "Купец, ООО", "купец"),
        ("Купец, ООО", "Купец, ООО", "купец"),
        ('ООО"Купец"', "Купец, ООО", "купец"),
        ('ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ "КУПЕЦ"', "Купец, ООО", "купец"),
        ('ООО "РОГА "И" КОПЫТА"', "Рога «и» копыта, ООО", "рога и копыта"),
        ('ООО "ФИРМА "АВТОРЕМОНТ"', "Фирма «Авторемонт», ООО", "фирма авторемонт"),
        ('Фирма "Авторемонт", ООО', "Фирма «Авторемонт», ООО", "фирма авторемонт"),
        ('МУП "ГТВЦ"', "ГТВЦ, МУП", "гтвц"),
        ('ООО "РН-КАРТ"', "РН-КАРТ, ООО", "рн карт"),
        ("108%, ООО", "108%, ООО", "108%"),
        ("Тверицкая набережная, 39, ТСЖ", "Тверицкая набережная, 39, ТСЖ", "тверицкая набережная 39"),
        (
            "ИНДИВИДУАЛЬНЫЙ ПРЕДПРИНИМАТЕЛЬ ДМИТРИЕВ МАКСИМ ВЛАДИМИРОВИЧ",
            "Дмитриев Максим Владимирович, ИП",
            "дмитриев максим владимирович",
        ),
        ("ИП Дмитриев Максим Владимирович", "Дмитриев Максим Владимирович, ИП", "дмитриев максим владимирович"),
        ("ИП САЛТЫКОВ-ЩЕДРИН МИХАИЛ", "Салтыков-Щедрин Михаил, ИП", "салтыков щедрин михаил"),
        ('ООО "А" и "Б"', "«А» и «Б», ООО", "а и б"),
        ("АДМИНИСТРАЦИЯ ГОРОДА", "Администрация города", "администрация города"),
        ("ООО", "ООО", "ооо"),
        ("Ёлки-палки", "Ёлки-палки", "елки палки"),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_organisations(name, shown, key):
    assert display_name(name) == shown
    assert sort_key(name) == key


@pytest.mark.parametrize("name", ["Ёлка — «2»", "елка -2", "ЕЛКА  2", "Елка/2", "«Ёлка»-“2”"])
def test_search_ignores_case_quotes_dashes_and_yo(name):
    assert normalize_name(name) == "елка 2"


def test_twins_by_look_alike_letters():
    assert twin_key('OOO "KACCA"') == twin_key("ООО «Касса»") == twin_key("касса, ооо") == "касса"


def test_the_legal_form_is_a_word():
    assert split_legal_form("ООО Ромашка") == ("ООО", "Ромашка")
    assert split_legal_form("Оооо Ромашка") == ("", "Оооо Ромашка")
    assert split_legal_form("Публичное акционерное общество «Банк»") == ("ПАО", "«Банк»")
    assert display_name("Ромашка", "ООО") == "Ромашка, ООО"


def test_people():
    assert person_name("ИВАНОВА", "анна", None) == "Иванова Анна"
    assert person_name("АЛИЕВ РАМИЛЬ АЛИ ОГЛЫ") == "Алиев Рамиль Али оглы"
    assert initials("Травина Анна Евгеньевна") == "Травина\u00a0А.\u00a0Е."
    assert initials("Травина Анна") == "Травина\u00a0А."
    assert initials("Травина") == "Травина"
    assert initials(None) == ""


def test_the_other_keyboard_layout():
    assert switch_layout("jjj") == "ооо"
    assert switch_layout("Regtw") == "Купец"
    assert switch_layout("ыишы") == "sbis"
    assert search_variants("rfkbybyuhfl") == ["rfkbybyuhfl", "калининград"]
    assert search_variants("Купец")[0] == "купец"
    assert search_variants("7718159470") == ["7718159470"]
    assert search_variants(" ") == []


@many(200)
@given(st.text())
def test_nothing_raises_and_keys_are_stable(text):
    assert normalize_name(normalize_name(text)) == normalize_name(text)
    display_name(text)
    sort_key(text)
    twin_key(text)
    initials(text)
    search_variants(text)
