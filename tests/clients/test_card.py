"""The client card."""

import re

import pytest

from clients.models import (
    Client,
    ClientDetails,
    ClientPerson,
    ClientPhone,
    ConnectionCheck,
    EdoDocument,
    Invitation,
    Person,
)
from clients.services import client_bind, contact_add, signals_refresh
from clients.services.contacts import Contact
from core.models import JournalEntry, ViewEntry
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(manager):
    client = make.ClientFactory(
        name="Ресурс, ООО", inn="7718159470", region_code="77", city="Москва", phone="+74957123456"
    )
    make.details(
        client,
        full_name="Общество «Ресурс»",
        director="Травин Лев Ильич",
        director_inn="771800000075",
        address="г. Москва, ул. Лесная, д. 5, оф. 12",
    )
    make.bound(client, manager)
    return client


def url(client, rest=""):
    return f"/clients/{client.pk}/{rest}"


@pytest.mark.rows("R2.44", "R2.42")
def test_the_card_shows_phones_first_then_the_register(signed_in, manager, mine, clock_at):
    from datetime import UTC, datetime

    clock_at(datetime(2026, 11, 23, 10, 30, tzinfo=UTC))
    html = signed_in(manager).get(url(mine)).content.decode()
    assert 'href="tel:+74957123456"' in html and html.index("tel:+74957123456") < html.index("Полное название")
    for text in ("7718159470", "Общество «Ресурс»", "Травин Лев Ильич", "ул. Лесная", "77 Москва", "13:30"):
        assert text in html, text


def test_the_category_of_the_small_business_register_is_told_in_words(signed_in, manager, mine):
    for category, words in (("micro", "Микропредприятие"), ("", "есть")):
        ClientDetails.objects.filter(client=mine).update(is_small_business=True, msp_category=category)
        assert f"Реестр МСП</dt><dd>{words}" in signed_in(manager).get(url(mine)).content.decode()


def test_strangers_see_register_fields_and_nothing_else(signed_in, stranger, mine):
    Person.objects.create(
        full_name="Секретова Яна", name_norm="секретова яна", phone="+79001112233", created_at="2026-01-01T00:00Z"
    )
    ClientPerson.objects.create(client=mine, person=Person.objects.get(), role="accountant")
    page = signed_in(stranger)
    response = page.get(url(mine))
    html = response.content.decode()
    assert response.status_code == 200 and "7718159470" in html
    assert "+74957123456" not in html and "Секретова" not in html
    for section in ("contacts", "invitations", "edo"):
        assert page.get(url(mine, f"{section}/")).status_code == 404
    for post in ("decline/", "phones/add/", "contacts/add/", "readiness/", "release/"):
        assert page.post(url(mine, post), {}).status_code == 404, post
    assert not ViewEntry.objects.exists()


def test_looking_at_contacts_is_journalled(signed_in, manager, mine):
    signed_in(manager).get(url(mine, "contacts/"))
    entry = ViewEntry.objects.get()
    assert (entry.by, entry.subject_id, entry.what) == (manager, mine.pk, "contacts")


@pytest.mark.rows("R2.45", "R2.51")
def test_people_are_one_record_each_and_accountants_stand_first(signed_in, manager, mine):
    page = signed_in(manager)
    for name, role, phone in (
        ("Директоров Олег", "director", "8 495 712-00-01"),
        ("Счетова Анна", "accountant", "8 495 712-00-02"),
    ):
        response = page.post(
            url(mine, "contacts/add/"),
            {
                "full_name": name,
                "role": role,
                "phone": phone,
                "source": "client",
                "basis": "сообщила по телефону",
                "registers": "on",
            },
        )
        assert response.status_code == 302, response.content.decode()
    html = page.get(url(mine)).content.decode()
    assert html.index("Счетова Анна") < html.index("Директоров Олег")
    other = make.ClientFactory()
    make.bound(other, manager)
    contact_add(client_id=other.pk, contact=Contact("счетова  АННА", phone="+7 (495) 712-00-02"), by=manager)
    assert Person.objects.filter(phone="+74957120002").count() == 1
    other.refresh_from_db()
    assert other.has_phone


@pytest.mark.rows("R2.10", "R2.44")
def test_a_wrong_phone_stays_and_does_not_count(signed_in, manager, mine):
    phone = ClientPhone.objects.get(client=mine)
    signed_in(manager).post(url(mine, f"phones/{phone.pk}/"), {"wrong": "1"})
    mine.refresh_from_db()
    assert (mine.has_phone, mine.phone_tail) == (False, "")
    signed_in(manager).post(url(mine, f"phones/{phone.pk}/"), {"wrong": "0"})
    mine.refresh_from_db()
    assert mine.has_phone


def test_a_bad_phone_comes_back_with_what_was_typed(signed_in, manager, mine):
    response = signed_in(manager).post(url(mine, "phones/add/"), {"phone": "55-55-55", "source": "client"})
    assert (
        response.status_code == 422
        and "55-55-55" in response.content.decode()
        and "кодом города" in response.content.decode()
    )


@pytest.mark.rows("R2.20", "R2.46")
def test_duplicates_of_another_manager_are_shown_before_the_call(signed_in, manager, colleague, mine):
    twin = make.ClientFactory(inn=mine.inn, kpp="390643001", name="Ресурс филиал, ООО")
    make.bound(twin, colleague)
    relative = make.ClientFactory(name="Сестра, ООО")
    make.details(relative, director_inn="771800000075")
    signals_refresh([mine.pk, relative.pk])
    page = signed_in(manager)
    assert "Дубль карточки закреплен" in page.get(url(mine)).content.decode()
    html = page.get(url(mine, "related/")).content.decode()
    for text in ("Ресурс филиал, ООО", "То же лицо", colleague.short_name, "Сестра, ООО", "один руководитель", "60"):
        assert text in html, text


def test_not_related_hides_the_pair_for_everybody_until_an_inn_meets(signed_in, manager, colleague, mine):
    other = make.ClientFactory(name="Сестра, ООО")
    make.details(other, director_inn="771800000075")
    signals_refresh([mine.pk, other.pk])
    page = signed_in(manager)
    assert page.post(url(mine, f"related/{other.pk}/"), {"reason": "однофамилец"}).status_code == 302
    from clients.selectors import related_cards

    assert related_cards(mine, viewer=colleague) == [] == related_cards(other, viewer=colleague)
    Client.objects.filter(pk=other.pk).update(inn=mine.inn)
    other.refresh_from_db()
    assert [hit.client for hit in related_cards(mine, viewer=colleague)] == [other]
    Client.objects.filter(pk=other.pk).update(inn="7751160508")
    page.post(url(mine, f"related/{other.pk}/"), {"withdraw": "1"})
    assert [hit.client.pk for hit in related_cards(mine, viewer=colleague)] == [other.pk]


@pytest.mark.rows("R2.21", "R2.47", "R2.48", "R2.50")
def test_invitations_say_what_to_talk_about(signed_in, manager, mine):
    sender = make.ClientFactory(name="Поставщик, АО")
    for topic in ("edo", "vat"):
        Invitation.objects.create(
            client=mine,
            sender=sender,
            topic=topic,
            sent_at="2026-11-01T09:00Z",
            expires_on="2027-01-30",
            documents=3,
            amount="1500.50",
        )
    html = signed_in(manager).get(url(mine, "invitations/")).content.decode()
    for text in (
        "Поставщик, АО",
        "отправил документы в электронном виде",
        "Сервис бесплатный",
        "Сверка НДС",
        "1\u00a0500,50",
        "Не работал",
    ):
        assert text in html, text


@pytest.mark.rows("R2.49")
def test_unfinished_documents_are_totalled_and_listed(signed_in, manager, mine):
    for n, finished in ((1, None), (2, None), (3, "2026-11-02")):
        EdoDocument.objects.create(
            client=mine,
            direction="in",
            counterparty_name="Поставщик, АО",
            kind="УПД",
            number=f"у-{n}",
            sent_on=f"2026-10-0{n}",
            amount=100,
            finished_on=finished,
            external_id=f"x{n}",
        )
    page = signed_in(manager)
    html = page.get(url(mine, "edo/")).content.decode()
    assert re.search(r"Входящих: <b class=\"b6\">2</b>", html) and "01.10.2026" in html
    listed = page.get(url(mine, "edo/?view=list")).content.decode()
    assert "у-1" in listed and "у-2" in listed and "у-3" not in listed


@pytest.mark.rows("R2.53", "R2.54", "R2.55", "R2.56", "R2.57")
def test_the_checklist_is_a_hint(signed_in, manager, mine):
    Invitation.objects.create(client=mine, topic="edo", sent_at="2026-11-01T09:00Z", expires_on="2027-01-30")
    Invitation.objects.create(client=mine, topic="vat", sent_at="2026-11-01T09:00Z", expires_on="2027-01-30")
    page, connect = signed_in(manager), f'href="/accounts/connect/?client={mine.pk}"'
    before = page.get(url(mine)).content.decode()
    for step in ("Показали, как открыть", "Загрузили декларацию НДС", "Установлена СКЗИ", "на имя руководителя"):
        assert step in before
    assert f'btn-line" {connect}' in before and "/help/requirements/" in before  # offered, not highlighted
    form = {
        "workplace": "yes",
        "signature": "yes",
        "signature_until": "01.03.2027",
        "crypto": "yes",
        "documents": "no",
        "version": "1",
    }
    assert page.post(url(mine, "readiness/"), form).status_code == 302
    check = ConnectionCheck.objects.get(client=mine)
    assert (check.workplace, check.documents, str(check.signature_until)) == ("yes", "no", "2027-03-01")
    after = page.get(url(mine)).content.decode()
    assert "Можно подключать" in after and f'btn-primary" {connect}' in after
    assert page.post(url(mine, "readiness/"), form).status_code == 409


@pytest.mark.rows("R2.3")
def test_a_refusal_needs_reason_and_comment_and_can_be_taken_back(signed_in, manager, mine):
    Invitation.objects.create(client=mine, topic="edo", sent_at="2026-11-01T09:00Z", expires_on="2027-01-30")
    Client.objects.filter(pk=mine.pk).update(prospect_state="invited", invite_state="not_worked")
    page = signed_in(manager)
    assert page.post(url(mine, "decline/"), {"reason": "price", "comment": ""}).status_code == 422
    assert page.post(url(mine, "decline/"), {"reason": "price", "comment": "дорого, подумают"}).status_code == 302
    mine.refresh_from_db()
    assert (mine.prospect_state, mine.invite_state, mine.decline_reason, mine.manager) == (
        "declined",
        "declined",
        "price",
        manager,
    )
    assert Invitation.objects.get(client=mine).refusal_reason == "Дорого: дорого, подумают"
    page.post(url(mine, "return/"))
    mine.refresh_from_db()
    assert mine.prospect_state == "none"
    assert list(
        JournalEntry.objects.filter(client_id=mine.pk, code__startswith="client.").values_list("code", flat=True)
    ) == ["client.returned", "client.declined"]


@pytest.mark.rows("R2.15", "R2.18", "R2.43")
def test_binding_from_the_card_and_from_a_row(signed_in, manager, colleague):
    client = make.ClientFactory()
    page = signed_in(manager)
    assert "Закрепить за мной" in page.get(url(client)).content.decode()
    assert page.post(url(client, "bind/"), {"to": "me"}).status_code == 302
    client.refresh_from_db()
    assert client.manager == manager
    lost = signed_in(colleague).post(url(client, "bind/"), {"to": "me"}, headers={"HX-Request": "true"})
    assert lost.status_code == 409 and "page-reload" in lost["HX-Trigger"]
    assert "\\u041c\\u0435\\u043d\\u0435\\u0434\\u0436\\u0435\\u0440\\u043e\\u0432\\u0430" in lost["HX-Trigger"]


@pytest.mark.rows("R2.17")
def test_the_picker_offers_active_colleagues_only(signed_in, manager, colleague, stranger):
    client = make.ClientFactory()
    gone = make.employee(
        None, point=manager.salespoint, last_name="Уволенов", access="forbidden", blocked_at="2026-11-01T00:00Z"
    )
    page = signed_in(manager)
    html = page.get(url(client, "bind/")).content.decode()
    assert colleague.short_name in html and stranger.short_name not in html and gone.short_name not in html
    assert page.post(url(client, "bind/"), {"manager": stranger.pk}).status_code == 422
    assert page.post(url(client, "bind/"), {"manager": colleague.pk, "topic": "main"}).status_code == 302
    client.refresh_from_db()
    assert client.manager == colleague


def test_release_and_transfer_pages(signed_in, manager, colleague, head, mine):
    assert signed_in(manager).get(url(mine, "transfer/")).status_code == 403
    page = signed_in(head)
    assert (
        page.post(url(mine, "transfer/"), {"manager": colleague.pk, "carry": ["accounts"], "reason": ""}).status_code
        == 422
    )
    assert (
        page.post(
            url(mine, "transfer/"), {"manager": colleague.pk, "carry": ["accounts"], "reason": "отпуск"}
        ).status_code
        == 302
    )
    assert signed_in(colleague).post(url(mine, "release/"), {"reason": "не отвечает"}).status_code == 302
    mine.refresh_from_db()
    assert mine.manager is None and mine.salespoint == manager.salespoint


def test_the_card_costs_at_most_twenty_queries(signed_in, manager, mine, django_assert_max_num_queries):
    client_bind(client_id=mine.pk, by=manager)
    page = signed_in(manager)
    page.get(url(mine))
    with django_assert_max_num_queries(20):
        page.get(url(mine))
    for section in ("contacts", "invitations", "edo", "related"):
        with django_assert_max_num_queries(20):
            assert page.get(url(mine, f"{section}/")).status_code == 200
