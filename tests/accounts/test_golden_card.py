"""The account card of figures 2-8 and 2-18 with the values of the manual (fixture T6; R2.131–R2.150)."""

import re
from html import unescape

import pytest

from core import clock
from tests.accounts.golden import NUMBER, TODAY, golden_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def golden(manager, operator):
    account = golden_account(manager, operator)
    with clock.override(on=TODAY):
        yield account


def words(html: str) -> str:
    """What a person reads: no tags, one space between words."""
    return re.sub(r"[\s\u00a0]+", " ", unescape(re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", html, flags=re.S)))


@pytest.fixture
def card(golden, signed_in, manager):
    response = signed_in(manager).get(f"/accounts/{NUMBER}/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.rows("R2.131", "R2.132")
def test_the_head_has_number_tick_tariff_organisation_and_region(card):
    text = words(card)
    head = text[text.index("Аккаунт №") : text.index("Обзор")]
    assert "Аккаунт № 2 979 032" in head
    assert "активирован, лицензия действует" in head and "Платный" in head and "Полный" in head
    assert '"Золотое дно", ООО' in text and re.search(r"76 \w+", head)


@pytest.mark.rows("R2.133", "R2.134")
def test_licences_with_the_debt_beside_them(card, golden):
    text = words(card)
    block = text[text.index("Лицензии Долг") : text.rindex("Контрагенты 1")]
    assert block.startswith("Лицензии Долг 150 ₽") or block.startswith("Лицензии Долг 150,00 ₽")
    assert "Добавить тариф" in block and "Аккаунт «Полный»" in block and "09.01.2020 – 08.01.2021" in block
    assert f'href="/accounts/{NUMBER}/payments/"' in card


@pytest.mark.rows("R2.135", "R2.136", "R2.137", "R2.138")
def test_limits_used_and_allowed(card):
    text = words(card)
    assert "Пользователи 11 из 121" in text
    assert "ЭП 0 из 6" in text
    assert "ЭП на носителе 0 из 6" in text
    assert "Кассы ОФД 1 из 1" in text
    assert re.search(r'class="p-warn"[^>]*aria-label="Кассы ОФД: 1 из 1"', card)
    assert re.search(r'class=""[^>]*aria-label="Пользователи: 11 из 121"', card)


@pytest.mark.rows("R2.135")
def test_what_is_used_above_the_licence_is_red(golden, signed_in, manager):
    golden.limits_used.filter(limit="users").update(used=122)
    page = signed_in(manager).get(f"/accounts/{NUMBER}/").content.decode()
    assert re.search(r'class="p-bad"[^>]*aria-label="Пользователи: 122 из 121"', page)


@pytest.mark.rows(
    "R2.139", "R2.140", "R2.141", "R2.142", "R2.143", "R2.144", "R2.145", "R2.146", "R2.147", "R2.148"
)  # fmt: skip
@pytest.mark.parametrize(
    "row",
    [
        "Активность 07.05", "Отчетность > 3х мес 0 | 0", "ЭДО 31.03 13 | 16", "CRM 14.02 1", "Календарь 06.04 1", "О компаниях 13.03 3",
        "Персонал 14.04 1", "Розница 09.04 3", "СБИС 3 УБ 19.02 1", "Торги 26.04 2",
    ],
)  # fmt: skip
def test_activity_of_products(card, row):
    assert row in words(card)


@pytest.mark.rows("R2.149", "R2.150")
def test_tickets_unresolved_and_all_with_the_latest(card):
    text = words(card)
    block = text[text.index("Обращения 5 | 5") :]
    assert "13.06.19" in block and '"Золотое дно", ООО' in block
    assert re.search(r"Не удается распечатать документы в\S* ?…", block)


@pytest.mark.rows("R2.81", "R2.129")
def test_the_menu_of_an_organisation_is_whole(card, golden, signed_in, manager):
    block = words(card)[words(card).rindex("Контрагенты 1") :]
    block = block[block.index("Изменить КПП") :]
    entries = [
        "Изменить КПП",
        "История",
        "ЭДО/ЭО",
        "Подпись",
        "Переместить в аккаунт",
        "Филиалы/Рабочие места",
        "Удалить",
    ]
    places = [block.index(entry) for entry in entries]
    assert places == sorted(places)
    assert "Сменить тариф" not in block  # holds no tariff yet: hidden (R2.128)


@pytest.mark.rows("R2.81")
def test_who_may_not_see_usage_charges_and_tickets_sees_the_rest(golden, signed_in, support):
    text = words(signed_in(support).get(f"/accounts/{NUMBER}/").content.decode())
    assert "Долг" not in text and "Пользователи 11 из 121" in text


def test_the_card_asks_few_questions(golden, signed_in, manager, django_assert_max_num_queries):
    client = signed_in(manager)
    client.get(f"/accounts/{NUMBER}/")
    with django_assert_max_num_queries(20):
        client.get(f"/accounts/{NUMBER}/")


@pytest.mark.parametrize(
    "query", ["year=0", "year=-1", "year=99999", "year=x", "year=%00", "year=2019", "kind=x&after=%00"]
)
@pytest.mark.rows("R2.128")
def test_the_switch_of_periods_takes_anything(golden, signed_in, manager, query):
    response = signed_in(manager).get(f"/accounts/{NUMBER}/?{query}")
    assert response.status_code == 200
    assert ("09.01.2020 – 08.01.2021" in response.content.decode()) is (query != "year=2019")
