"""Evidence of outcomes: the register's extract, wrong numbers, another account of the group; hostile use (R3.26–R3.31)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AccountContact, AccountMember
from clients.models import ClientDetails, ClientPerson, ClientPhone, Person
from clients.selectors.emails import register_emails
from clients.selectors.related import relations
from clients.services import email_mark
from core import clock
from core.errors import DomainError, Forbidden
from renewals.models import Outcome, OutcomeExtract, RenewalRow
from renewals.services import Evidence, Extract, outcome_set, outcome_withdraw
from renewals.services.reminders import _addresses as addresses
from tests import factories as make
from tests.renewals.conftest import TODAY, account_of, sold

pytestmark = pytest.mark.django_db
WHY = "Закрылись, сдавать отчетность некому"
PDF = b"%PDF-1.7 extract"


@pytest.fixture
def account(manager, today):
    return account_of(manager)


@pytest.fixture
def term(account, eo):
    return sold(account, eo, TODAY + timedelta(days=20))


def set_(term, kind, by, **more):
    return outcome_set(term_id=term.pk, kind=kind, by=by, on=TODAY, **more)


def client_of(account):
    return account.members.get(is_main=True).client


def phone(client, number: str) -> ClientPhone:
    return ClientPhone.objects.create(client=client, number=number, created_at=clock.now())


# --- R3.28 ---


@pytest.mark.rows("R3.28")
def test_not_existing_is_confirmed_by_the_register_or_by_an_extract(term, account, manager, signed_in):
    with pytest.raises(DomainError, match="Приложите электронную выписку"):
        set_(term, "not_existing", manager, comment=WHY)
    for wrong, words in ((b"MZ not a pdf", "не PDF"), (PDF + b"0" * (5 * 1024 * 1024), "больше 5 МБ")):
        with pytest.raises(DomainError, match=words):
            set_(term, "not_existing", manager, comment=WHY, evidence=Evidence(extract=Extract("a.pdf", wrong)))
    assert not Outcome.objects.exists()
    page, url = signed_in(manager), f"/accounts/{account.number}/outcome/"
    assert 'enctype="multipart/form-data"' in page.get(url).content.decode()
    asked = {"term": term.pk, "kind": "not_existing", "comment": WHY}
    assert page.post(url, asked).status_code == 422
    done = page.post(url, {**asked, "extract": SimpleUploadedFile("../Выписка ЕГРЮЛ.pdf", PDF)})
    assert done.status_code == 302 and RenewalRow.objects.get().category == "terminated"
    outcome = Outcome.objects.get()
    section = page.get(f"/accounts/{account.number}/renewal/").content.decode()
    assert "Выписка ЕГРЮЛ.pdf" in section and "По реестру" in section
    file = page.get(f"{url}{outcome.pk}/extract/")
    assert b"".join(file.streaming_content) == PDF and file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"].startswith("attachment") and file["X-Content-Type-Options"] == "nosniff"


@pytest.mark.rows("R3.28")
def test_the_register_needs_no_extract(term, account, manager):
    client = client_of(account)
    client.ceased_on = TODAY
    client.save(update_fields=["ceased_on"])
    assert "прекращена" in set_(term, "not_existing", manager, comment=WHY).register_state
    assert not OutcomeExtract.objects.exists()


def test_an_extract_is_seen_by_those_who_see_the_account_under_its_own_account(
    term, account, manager, stranger, signed_in
):
    outcome = set_(term, "not_existing", manager, comment=WHY, evidence=Evidence(extract=Extract("a.pdf", PDF)))
    other = account_of(manager, "Другой, ООО")
    assert signed_in(stranger).get(f"/accounts/{account.number}/outcome/{outcome.pk}/extract/").status_code == 404
    assert signed_in(manager).get(f"/accounts/{other.number}/outcome/{outcome.pk}/extract/").status_code == 404


# --- R3.26 ---


@pytest.mark.rows("R3.26")
def test_wrong_contacts_offer_to_mark_the_numbers_wrong(term, account, manager, signed_in):
    client = client_of(account)
    wrong, right = phone(client, "+74012555501"), phone(client, "+74012555502")
    foreign = phone(make.ClientFactory(), "+74012555503")
    page, url = signed_in(manager), f"/accounts/{account.number}/outcome/"
    body = page.get(url).content.decode()
    assert "Отметить неверными" in body and "55-55-01" in body and "55-55-03" not in body
    asked = {"term": term.pk, "kind": "wrong_contacts", "comment": WHY}
    assert page.post(url, {**asked, "wrong_phones": [foreign.pk]}).status_code == 422
    assert page.post(url, {**asked, "wrong_phones": [wrong.pk]}).status_code == 302
    assert (
        list(ClientPhone.objects.filter(is_wrong=True)) == [wrong] and not ClientPhone.objects.get(pk=right.pk).is_wrong
    )
    set_(term, "wrong_contacts", manager, comment=WHY, evidence=Evidence(wrong_phones=(foreign.pk,)))
    assert not ClientPhone.objects.get(pk=foreign.pk).is_wrong, "a number of somebody else's is nothing here"
    page.post(url, {**asked, "kind": "liquidating", "wrong_phones": [right.pk]})
    assert not ClientPhone.objects.get(pk=right.pk).is_wrong, "another outcome marks none"


def mail_of(client, address: str, name: str) -> ClientPerson:
    person = Person.objects.create(full_name=name, name_norm=name.lower(), email=address, created_at=clock.now())
    return ClientPerson.objects.create(client=client, person=person)


@pytest.mark.rows("R3.26")
def test_wrong_contacts_offer_to_mark_addresses_wrong_and_letters_pass_them_by(
    term, account, manager, stranger, signed_in
):
    client = client_of(account)
    number = phone(client, "+74012555501")
    wrong, right = mail_of(client, "old@example.ru", "Старов Иван"), mail_of(client, "new@example.ru", "Новов Петр")
    theirs = make.ClientFactory()
    make.bound(theirs, stranger)
    foreign = mail_of(theirs, "other@example.ru", "Чужов Семен")
    for place, link in enumerate((wrong, right)):
        AccountContact.objects.create(account=account, person=link.person, is_preferred=not place)
    page, url = signed_in(manager), f"/accounts/{account.number}/outcome/"
    body = page.get(url).content.decode()
    assert "old@example.ru, Старов Иван" in body and "other@example.ru" not in body
    assert addresses({account.pk: client}) == {account.pk: "old@example.ru"}
    asked = {"term": term.pk, "kind": "wrong_contacts", "comment": WHY}
    assert page.post(url, {**asked, "wrong_emails": [foreign.pk]}).status_code == 422
    assert page.post(url, {**asked, "wrong_emails": [wrong.pk], "wrong_phones": [number.pk]}).status_code == 302
    assert set(Person.objects.filter(email_is_wrong=True)) == {wrong.person}
    assert ClientPhone.objects.get(pk=number.pk).is_wrong
    assert addresses({account.pk: client}) == {account.pk: "new@example.ru"}
    with pytest.raises((Forbidden, client.DoesNotExist)):
        email_mark(client_id=foreign.client_id, person_id=foreign.person_id, is_wrong=True, by=manager)
    with pytest.raises(Person.DoesNotExist):
        email_mark(client_id=client.pk, person_id=foreign.person_id, is_wrong=True, by=manager)
    ClientDetails.objects.update_or_create(client=client, defaults={"email": "Old@example.ru"})
    assert register_emails([client.pk]) == {}, "the register has the wrong address too"
    html = page.get(f"{client.get_absolute_url()}contacts/").content.decode()
    assert html.count("неверный") == 2, "the number and the address"
    form = {
        "full_name": "Старов Иван",
        "email": "fresh@example.ru",
        "role": "other",
        "source": "client",
        "email_is_wrong": "on",
    }
    person = Person.objects.get(pk=wrong.person_id)
    page.post(f"{client.get_absolute_url()}contacts/{wrong.pk}/", {**form, "version": person.version})
    person.refresh_from_db()
    assert (person.email, person.email_is_wrong) == ("fresh@example.ru", False), "another address is right"


def test_a_number_that_the_viewer_may_not_change_is_not_offered_and_refused(term, account, manager, stranger):
    other = make.ClientFactory(name="Чужая, ООО")
    make.bound(other, stranger)
    AccountMember.objects.create(account=account, client=other, joined_at=clock.now())
    theirs = phone(other, "+74012555504")
    from renewals.selectors.phones import phone_choices

    assert phone_choices(account, manager) == []
    with pytest.raises((Forbidden, other.DoesNotExist)):
        set_(term, "wrong_contacts", manager, comment=WHY, evidence=Evidence(wrong_phones=(theirs.pk,)))
    assert not Outcome.objects.exists()


# --- R3.30, R3.31 ---


@pytest.fixture
def group(manager, today):
    """An account of a group of companies: a main organisation and another one."""
    found = account_of(manager, "Холдинг «Восток»")
    AccountMember.objects.create(account=found, client=make.ClientFactory(name="Восток-2, ООО"), joined_at=clock.now())
    type(found).objects.filter(pk=found.pk).update(members_count=2)
    found.refresh_from_db()
    return found


def related(client) -> set[int]:
    return {hit.client_id for hit in relations([client.pk]).get(client.pk, [])}


@pytest.mark.rows("R3.30", "R3.31")
def test_an_additional_subscriber_is_renewed_in_the_main_ones_account(term, account, group, manager):
    evidence = Evidence(target_number=group.number, move="additional")
    with pytest.raises(DomainError, match="Сначала добавьте ее туда"):
        set_(term, "moved_account", manager, evidence=evidence)
    AccountMember.objects.create(account=group, client=client_of(account), joined_at=clock.now())
    outcome = set_(term, "moved_account", manager, evidence=evidence)
    assert (outcome.move, outcome.target_account) == ("additional", group)
    assert RenewalRow.objects.get(term=term).category == "transferred"
    assert not related(client_of(account)), "no group: nothing is tied"


@pytest.mark.rows("R3.31")
def test_the_way_of_the_move_is_asked_for(term, account, group, manager):
    AccountMember.objects.create(account=group, client=client_of(account), joined_at=clock.now())
    for move in ("", "nonsense"):
        with pytest.raises(DomainError, match="как сменили аккаунт"):
            set_(term, "moved_account", manager, evidence=Evidence(target_number=group.number, move=move))


@pytest.mark.rows("R3.30", "R3.31")
def test_an_organisation_that_joins_a_group_is_related_to_it_while_the_outcome_stands(term, account, group, manager):
    ours, theirs = client_of(account), client_of(group)
    evidence = Evidence(target_number=group.number, move="group")
    with pytest.raises(DomainError, match="ни связанных с ней"):
        set_(term, "moved_account", manager, evidence=evidence)
    AccountMember.objects.create(account=group, client=ours, joined_at=clock.now())
    outcome = set_(term, "moved_account", manager, evidence=evidence)
    AccountMember.objects.filter(account=group, client=ours).update(left_at=clock.now())
    assert theirs.pk in related(ours) and related(theirs) >= {ours.pk}
    outcome_withdraw(outcome_id=outcome.pk, by=manager, on=TODAY)
    assert theirs.pk not in related(ours)


@pytest.mark.rows("R3.30", "R3.31")
def test_a_group_known_by_its_director_needs_no_membership(term, account, group, manager):
    from clients.services.signals import signal_set

    for client in (client_of(account), client_of(group)):
        signal_set(client_id=client.pk, kind="director_inn", value="390600000001")
    assert set_(term, "moved_account", manager, evidence=Evidence(target_number=group.number, move="group"))
    assert client_of(group).pk in related(client_of(account))


@pytest.mark.rows("R3.31")
def test_the_cards_and_the_list_show_the_group(term, account, group, manager, signed_in):
    AccountMember.objects.create(account=group, client=client_of(account), joined_at=clock.now())
    set_(term, "moved_account", manager, evidence=Evidence(target_number=group.number, move="group"))
    page = signed_in(manager)
    here = page.get(f"/accounts/{group.number}/renewal/").content.decode()
    assert "Продлеваются в этом аккаунте" in here and account.name in here and "вошли в группу компаний" in here
    assert "ГК: 2" in page.get(f"/accounts/{group.number}/").content.decode()
    assert "вошли в группу компаний" in page.get(f"/accounts/{account.number}/renewal/").content.decode()
    listed = page.get("/accounts/renewals/?resp=me&state=moved").content.decode()
    assert "вошли в ГК" in listed and account.name in listed


# --- hostile use ---


def test_ten_thousand_characters_come_back_as_they_were_typed(term, account, manager, signed_in):
    long = "о" * 10_000
    answer = signed_in(manager).post(
        f"/accounts/{account.number}/outcome/", {"term": term.pk, "kind": "liquidating", "comment": long}
    )
    assert answer.status_code == 422 and long in answer.content.decode() and "длиннее 4000" in answer.content.decode()
    with pytest.raises(DomainError, match="длиннее"):
        set_(term, "liquidating", manager, comment=long)
    assert not Outcome.objects.exists()


def test_a_target_outside_the_scope_is_as_good_as_none(term, account, manager, stranger):
    foreign = account_of(stranger, "Чужой, ООО")
    AccountMember.objects.create(account=foreign, client=client_of(account), joined_at=clock.now())
    with pytest.raises(DomainError, match="среди доступных вам нет"):
        set_(term, "moved_account", manager, evidence=Evidence(target_number=foreign.number, move="group"))


def test_a_competitor_is_one_in_any_case(term, manager):
    first = set_(term, "left_us", manager, comment=WHY, evidence=Evidence("Контур-Пример", "Цена"))
    again = set_(term, "left_us", manager, comment=WHY, evidence=Evidence(" контур-пример ", "Цена"))
    assert first.competitor == again.competitor
