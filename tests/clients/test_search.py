"""Search and the look-up by ИНН."""

import pytest

from clients.models import Client
from clients.selectors import InnStatus, Typed, lookup_inn, route, search_clients
from clients.services import phone_add, phone_mark
from clients.services.signals import words_learn
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "typed", "value"),
    [
        ("7718159470", Typed.INN, "7718159470"),
        ("390400000012", Typed.DIGITS, "390400000012"),
        ("1027700132195", Typed.OGRN, "1027700132195"),
        ("2 979 032", Typed.NUMBER, "2979032"),
        ("№ 12345678", Typed.NUMBER, "12345678"),
        ("8 (4012) 12-34-56 доб. 7", Typed.PHONE, "+74012123456"),
        ("+7 4012 123456", Typed.PHONE, "+74012123456"),
        ("4012/12-34-56", Typed.PHONE, "+74012123456"),
        ("3906", Typed.DIGITS, "3906"),
        ("ромашка", Typed.NAME, "ромашка"),
        ("  ", Typed.NOTHING, ""),
        ("0000000000", Typed.INN, "0000000000"),
    ],
)
def test_the_box_understands_what_was_typed(text, typed, value):
    found = route(text)
    if text == "390400000012":
        assert found.value == value
    else:
        assert (found.typed, found.value) == (typed, value)


def names(text):
    return [client.name for client in search_clients(text).clients]


@pytest.fixture
def kupec():
    make.ClientFactory(name="Ромашка, ООО")
    make.ClientFactory(name="Торговый дом Купец, ООО")
    client = make.ClientFactory(name="Золотое дно, ООО")
    words_learn(list(Client.objects.values_list("pk", flat=True)))
    return client


@pytest.mark.parametrize(
    "text", ["золотое дно", "дно золотое", "ЗОЛОТОЕ", "«Золотое дно»", "pjkjnjt lyj", "золатое дно", "дно золтое"]
)
def test_names_are_found_in_any_order_layout_and_with_slips(kupec, text):
    assert names(text)[:1] == ["Золотое дно, ООО"]


def test_what_resembles_nothing_is_not_found(kupec):
    assert names("щщщщщщ") == [] and names("%") == [] and names("_____") == []


def test_what_was_meant_is_said(kupec):
    assert search_clients("золатое дно").note == "Показаны результаты для «золотое дно»."
    assert search_clients("золотое").note == ""


def test_ё_is_е(kupec):
    make.ClientFactory(name="Берёзка, ООО")
    assert names("березка") == names("берёзка") == ["Берёзка, ООО"]


def test_identifiers_and_ends_of_phones_are_found(kupec, operator):
    phone_add(client_id=kupec.pk, phone="8 (4012) 12-34-56", by=operator)
    for text in (kupec.inn, kupec.ogrn, "8 (4012) 12-34-56", "+74012123456", "123456", kupec.inn[:7] + " "):
        assert kupec in search_clients(text).clients, text


def test_a_wrong_number_leads_nowhere(kupec, operator):
    phone = phone_add(client_id=kupec.pk, phone="8 (4012) 12-34-56", by=operator)
    phone_mark(phone_id=phone.pk, is_wrong=True, by=operator)
    assert search_clients("8 (4012) 12-34-56").clients == []


def test_a_common_word_is_cut_and_says_so(monkeypatch):
    from clients.selectors import search

    monkeypatch.setattr(search, "CANDIDATES", 5)
    for n in range(8):
        make.ClientFactory(name=f"Склад Иванов {n}, ООО")
    found = search_clients("иванов")
    assert found.capped and "уточните" in found.note


@pytest.mark.rows("R2.74", "R2.75")
def test_three_different_answers_about_an_inn():
    living, gone = make.ClientFactory(inn="7718159470"), make.ClientFactory(inn="7751160508", ceased_on="2024-05-17")
    assert lookup_inn("7718159471").status == InnStatus.WRONG
    assert "контрольная сумма" in lookup_inn("7718159471").message
    assert lookup_inn("0000000000").status == InnStatus.WRONG
    for typed in ("771815947", "77181594711", "ООО Ромашка"):
        assert lookup_inn(typed).status == InnStatus.WRONG and "10 цифр" in lookup_inn(typed).message
    assert lookup_inn("7727336310").status == InnStatus.UNKNOWN
    assert "не зарегистрирована" in lookup_inn("7727336310").message
    dead = lookup_inn("7751160508")
    assert (
        dead.status == InnStatus.CEASED
        and dead.clients == (gone,)
        and dead.connectable == ()
        and "17.05.2024" in dead.message
    )
    assert lookup_inn(" 7718159470 ").connectable == (living,)


@pytest.mark.rows("R2.74")
def test_the_head_office_stands_before_its_branches():
    branch = make.ClientFactory(inn="7718159470", kpp="390643001", name="А филиал")
    head_office = make.ClientFactory(inn="7718159470", kpp="771801001", name="Я голова")
    assert lookup_inn("7718159470").clients == (head_office, branch)


# --- the box of the header ---


@pytest.fixture
def account(manager):
    from accounts.models import Account
    from core import clock

    return Account.objects.create(
        number=2_979_032,
        name="Группа «Золотое дно»",
        salespoint=manager.salespoint,
        manager=manager,
        created_at=clock.now(),
    )


def test_the_box_opens_exact_hits_at_once(signed_in, manager, kupec, account):
    page = signed_in(manager)
    for text, url in (
        (kupec.inn, f"/clients/{kupec.pk}/"),
        (kupec.ogrn, f"/clients/{kupec.pk}/"),
        ("2 979 032", "/accounts/2979032/"),
        ("№ 2979032", "/accounts/2979032/"),
    ):
        response = page.get("/search/", {"q": text})
        assert response.status_code == 302 and response["Location"] == url, text


def test_the_box_shows_groups_for_words(signed_in, manager, kupec, account):
    html = signed_in(manager).get("/search/", {"q": "золотое дно"}).content.decode()
    assert "Клиенты" in html and "Аккаунты" in html and f"/clients/{kupec.pk}/" in html and "/accounts/2979032/" in html
    assert "Ничего не найдено" in signed_in(manager).get("/search/?q=щщщщщ").content.decode()
    assert signed_in(manager).get("/search/").status_code == 200
    suggested = signed_in(manager).get("/search/suggest/", {"q": "золотое"}).content.decode()
    assert f"/clients/{kupec.pk}/" in suggested and "<html" not in suggested
    assert signed_in(manager).get("/search/suggest/?q=з").content == b""


def test_the_page_says_when_there_are_more_than_it_shows(signed_in, manager):
    page = signed_in(manager)
    for n in range(20):
        make.ClientFactory(name=f"Склад {n}, ООО", phone="+74012123456")
    exact = page.get("/search/", {"q": "склад"}).content.decode()
    assert 'data-total="20"' in exact and "не все совпадения" not in exact
    make.ClientFactory(name="Склад 20, ООО", phone="+74012123456")
    more = page.get("/search/", {"q": "склад"}).content.decode()
    assert "первые 20" in more and "не все совпадения" in more and "/clients/?q=" in more
    by_phone = page.get("/search/", {"q": "+7 4012 12-34-56"}).content.decode()
    assert "первые 20" in by_phone and "/clients/?q=" not in by_phone
    assert "Клиенты, первые 6" in page.get("/search/suggest/", {"q": "склад"}).content.decode()


def test_accounts_outside_the_scope_are_not_found_and_clients_are(signed_in, stranger, kupec, account):
    page = signed_in(stranger)
    assert page.get("/search/?q=2979032").status_code == 200
    assert "/accounts/" + "2979032/" not in page.get("/search/?q=золотое").content.decode()
    assert page.get("/search/", {"q": kupec.inn})["Location"] == f"/clients/{kupec.pk}/"


@pytest.mark.parametrize("text", ["\x00", "%", "'; drop table", "9" * 300, "١٢٣", "²", "№", "  "])
def test_hostile_words_find_nothing_and_break_nothing(signed_in, manager, kupec, text):
    assert signed_in(manager).get("/search/", {"q": text}).status_code == 200
    assert signed_in(manager).get("/clients/", {"q": text, "resp": "none"}).status_code in (200, 302, 422)


@pytest.mark.rows("R2.75")
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("7718159470", "Организация не зарегистрирована на территории РФ"),
        ("77 18 15 94 71", "Если это ИНН, в нем ошибка: контрольная сумма не сходится"),
        ("771815947", "Проверьте цифры ИНН или часть названия"),
    ],
)
def test_the_box_of_the_header_tells_a_wrong_inn_from_an_unknown_one(signed_in, manager, typed, words):
    for path in ("/search/", "/search/suggest/"):
        assert words in signed_in(manager).get(path, {"q": typed}).content.decode(), path
