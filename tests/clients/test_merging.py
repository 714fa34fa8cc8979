"""Historic duplicates: two cards of one organisation become one, and two again (rule C6, R2.46)."""

import re
from datetime import date, timedelta

import pytest

from accounts.models import NextContact, Note, Task
from accounts.services.work import call_log, note_add
from clients.models import Binding, BindingTopic, Client, ClientMerge, ClientPerson, ClientPhone, Invitation, NotRelated
from clients.rules import merge_refusal
from clients.selectors import search_clients
from clients.selectors.merging import references
from clients.services import Contact, client_bind, clients_merge, contact_add, merge_undo
from clients.services.cube import cube_drift
from core.errors import DomainError, Forbidden
from core.models import JournalEntry
from tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
INN = "7718159470"


@pytest.fixture(autouse=True)
def day(clock_at):
    clock_at(TODAY)


@pytest.fixture
def pair():
    """A card of the register, and one typed by hand before the register came."""
    known = make.ClientFactory(name="РЕСУРС, ООО", inn=INN, kpp="771801001")
    typed = make.ClientFactory(name="Ресурс", inn=INN, kpp="", ogrn=None, registered_on=date(1900, 1, 1))
    make.details(known, full_name="Общество «РЕСУРС»")
    make.details(typed, site="resource.example")
    return known, typed


def merge(main, other, by, **more):
    return clients_merge(main_id=main.pk, other_id=other.pk, reason="одна организация", by=by, on=TODAY, **more)


def both(*cards) -> None:
    for card in cards:
        card.refresh_from_db()


@pytest.mark.parametrize(
    ("a", "b", "may"),
    [
        (("legal", "1", INN, "771801001"), ("legal", "", INN, "771801001"), True),
        (("legal", "1", INN, "771801001"), ("legal", "", INN, "390601001"), True),
        (("legal", "1", INN, "771801001"), ("legal", "2", INN, "771801001"), False),
        (("legal", "1", INN, ""), ("legal", "", "7751160508", ""), False),
        (("legal", "", "", ""), ("legal", "", "", ""), False),
        (("entrepreneur", "1", "390600000000", ""), ("person", "", "390600000000", ""), False),
    ],
)
@pytest.mark.rows("R2.46")
def test_which_pairs_may_become_one(a, b, may):
    assert (merge_refusal(a, b) == "") is may
    assert (merge_refusal(b, a) == "") is may


def furnish(pair, head, manager) -> None:
    """Bindings, phones, people, invitations, a note and a call: at one card, at the other, at both."""
    known, typed = pair
    make.bound(typed, manager)
    make.bound(known, point=head.salespoint)
    for card in pair:
        ClientPhone.objects.create(client=card, number="+74957120001", created_at="2026-01-01T10:00Z")
    ClientPhone.objects.create(client=typed, number="+74957120002", created_at="2026-01-01T10:00Z")
    person = Contact("Счетова Анна", phone="+7 495 712-00-03")
    for card in pair:
        contact_add(client_id=card.pk, contact=person, by=head)
    contact_add(client_id=typed.pk, contact=Contact("Директоров Олег", phone="+7 495 712-00-04"), by=head)
    sender = make.ClientFactory()
    for card in pair:
        Invitation.objects.create(
            client=card,
            sender=sender,
            topic="edo",
            documents=2,
            sent_at="2026-11-01T10:00Z",
            expires_on=date(2027, 1, 1),
        )
    note_add(client_id=typed.pk, text="звонить после обеда", by=manager)
    call_log(client_id=typed.pk, result="agreed", comment="ждут", next_on=date(2026, 12, 1), by=manager, on=TODAY)


@pytest.mark.rows("R2.46")
def test_everything_goes_along_and_the_old_url_leads_to_the_main_card(pair, head, manager, signed_in):
    known, typed = pair
    furnish(pair, head, manager)
    page = signed_in(head)
    preview = page.get(f"/clients/{known.pk}/merge/{typed.pk}/").content.decode()
    for text in (
        "РЕСУРС, ООО",
        "Контактные лица",
        "Телефоны",
        "Приглашения",
        "Заметки",
        "есть в реестре",
        "заведена вручную",
    ):
        assert text in preview, text
    done = page.post(f"/clients/{typed.pk}/merge/{known.pk}/", {"main": known.pk, "reason": "одна организация"})
    assert (done.status_code, done["Location"]) == (302, f"/clients/{known.pk}/")
    both(*pair)
    assert typed.is_merged and (typed.inn, typed.has_phone, typed.manager) == ("", False, None)
    assert known.manager == manager  # the pool of the point takes the manager of the other card
    assert set(known.phones.values_list("number", flat=True)) == {"+74957120001", "+74957120002"}
    assert set(known.persons.values_list("person__full_name", flat=True)) == {"Счетова Анна", "Директоров Олег"}
    open_ = Invitation.objects.get(client=known, closed_at=None)
    assert (open_.documents, known.invite_state, known.prospect_state) == (4, "not_worked", "invited")
    assert Note.objects.get().client == known and NextContact.objects.get().client == known
    assert (known.next_contact_on, known.work_state, known.details.site) == (
        date(2026, 12, 1),
        "agreed",
        "resource.example",
    )
    moved = page.get(f"/clients/{typed.pk}/", follow=True)
    assert (
        moved.redirect_chain == [(f"/clients/{known.pk}/", 302)]
        and "объединена с этой карточкой" in moved.content.decode()
    )
    history = page.get(f"/clients/{known.pk}/history/").content.decode()
    assert "звонить после обеда" in history and "Объединена с карточкой Ресурс" in history
    assert [c.pk for c in search_clients(INN).clients] == [known.pk] and not search_clients("ресурс").clients[1:]
    assert cube_drift() == 0


@pytest.mark.rows("R2.46")
def test_the_merged_card_stands_in_no_list(pair, operator, signed_in):
    known, typed = pair
    page = signed_in(operator)
    assert 'data-total="2"' in page.get("/clients/?all=1").content.decode()
    assert 'data-total="2"' in page.get("/clients/?twins=merge").content.decode()
    merge(known, typed, operator)
    for url in ("/clients/?all=1", "/clients/potential/?all=1"):
        assert 'data-total="1"' in page.get(url).content.decode(), url
    assert 'data-total="0"' in page.get("/clients/?twins=merge").content.decode()
    total = re.search(r"Итого.*?</tr>", page.get("/clients/distribution/?all=1").content.decode(), re.S)[0]
    assert re.findall(r"num\">(?:<[^>]+>)*(\d+)", total)[-1] == "1"
    assert page.post(f"/clients/{typed.pk}/bind/", {"to": "me"}).status_code == 404
    assert page.get(f"/clients/{typed.pk}/merge/{known.pk}/").status_code == 404


def test_the_registers_record_goes_to_whichever_card_stays(pair, operator):
    known, typed = pair
    ogrn = known.ogrn
    made = merge(typed, known, operator)
    both(*pair)
    assert (typed.ogrn, typed.kpp, typed.name, known.ogrn) == (ogrn, "771801001", "РЕСУРС, ООО", None)
    assert (typed.details.full_name, typed.details.site) == ("Общество «РЕСУРС»", "resource.example")
    merge_undo(merge_id=made.pk, by=operator, on=TODAY)
    both(*pair)
    assert (typed.ogrn, typed.name, known.ogrn, known.inn) == (None, "Ресурс", ogrn, INN)
    assert (known.details.full_name, Client.objects.get(pk=typed.pk).details.site) == (
        "Общество «РЕСУРС»",
        "resource.example",
    )


@pytest.mark.rows("R2.46")
def test_two_cards_again(pair, head, manager, colleague, signed_in):
    known, typed = pair
    make.bound(known, colleague)
    make.bound(typed, manager)
    make.bound(typed, manager, topic="tenders")
    link = contact_add(client_id=typed.pk, contact=Contact("Счетова Анна", phone="+7 495 712-00-03"), by=head)
    before = Client.objects.filter(pk=typed.pk).values().get()
    mark = NotRelated.objects.create(
        first_id=min(known.pk, typed.pk),
        second_id=max(known.pk, typed.pk),
        reason="проба",
        by=head,
        at="2026-11-01T10:00Z",
    )
    made = merge(known, typed, head)
    assert Task.objects.filter(assignee=manager, kind="review").exists()  # the colleague's card stays his
    owners = Binding.objects.open().filter(client=known).values_list("topic__code", "manager__login")
    assert set(owners) == {("main", "colleague"), ("tenders", "manager")}
    page = signed_in(head)
    assert "Разъединить" in page.get(f"/clients/{known.pk}/related/").content.decode()
    assert page.post(f"/clients/{known.pk}/merge/{made.pk}/undo/").status_code == 302
    after = Client.objects.filter(pk=typed.pk).values().get()
    assert {k: v for k, v in after.items() if k != "version"} == {k: v for k, v in before.items() if k != "version"}
    assert ClientPerson.objects.get(pk=link.pk).client == typed
    assert set(Binding.objects.open().filter(client=typed).values_list("topic__code", "manager__login")) == {
        ("main", "manager"),
        ("tenders", "manager"),
    }
    assert set(Binding.objects.open().filter(client=known).values_list("topic__code", "manager__login")) == {
        ("main", "colleague")
    }
    mark.refresh_from_db()
    assert mark.withdrawn_at is None and cube_drift() == 0
    assert set(JournalEntry.objects.filter(code__startswith="client.merge").values_list("code", "client_id")) == {
        (code, card.pk) for code in ("client.merged", "client.merge_undone") for card in pair
    }
    with pytest.raises(DomainError, match="уже разъединены"):
        merge_undo(merge_id=made.pk, by=head, on=TODAY)


def test_a_merge_is_not_undone_after_thirty_days_or_a_later_one(pair, operator, clock_at):
    known, typed = pair
    third = make.ClientFactory(inn=INN, kpp="390601001", ogrn=None)
    first = merge(known, typed, operator)
    later = merge(known, third, operator)
    assert known.branches.get().kpp == "390601001"  # a branch's КПП stays as a row of the head's card
    with pytest.raises(DomainError, match="Сначала отмените"):
        merge_undo(merge_id=first.pk, by=operator, on=TODAY)
    merge_undo(merge_id=later.pk, by=operator, on=TODAY)
    assert not known.branches.exists()
    clock_at(TODAY + timedelta(days=31))
    with pytest.raises(DomainError, match="30 дней"):
        merge_undo(merge_id=first.pk, by=operator, on=TODAY)


def test_who_may_not(pair, manager, stranger, signed_in):
    known, typed = pair
    url = f"/clients/{known.pk}/merge/{typed.pk}/"
    assert signed_in(manager).get(url).status_code == 403
    with pytest.raises(Forbidden):
        merge(known, typed, manager)
    with pytest.raises(Client.DoesNotExist):
        merge(known, typed, stranger)
    assert "Объединить" not in signed_in(manager).get(f"/clients/{known.pk}/related/").content.decode()


def test_cards_of_two_paid_accounts_stay_two(pair, operator):
    known, typed = pair
    for number, card in enumerate(pair, 1_000_001):
        Client.objects.filter(pk=card.pk).update(
            prospect_state="connected", accounts_count=1, main_account_number=number
        )
    with pytest.raises(DomainError, match="в разных платных аккаунтах"):
        merge(known, typed, operator)
    assert not ClientMerge.objects.exists()


def test_the_account_and_its_money_stay_with_the_card_that_has_them(shop, operator):
    """An issued invoice does not move: the card with the account has to be the main one."""
    account = shop.account()
    shop.choose(account, "eo-basic")
    shop.issue(account)
    typed = shop.client
    Client.objects.filter(pk=typed.pk).update(ogrn=None)
    known = make.ClientFactory(inn=typed.inn, kpp=typed.kpp)
    with pytest.raises(DomainError, match="Не переносится: счета"):
        merge(known, typed, operator)
    merge(typed, known, operator)
    typed.refresh_from_db()
    assert (typed.ogrn, typed.main_account_number) == (known.ogrn, account.number)


def test_an_account_goes_along_and_comes_back(pair, operator, manager):
    from accounts.services import account_create

    known, typed = pair
    account = account_create(
        client_id=typed.pk,
        name="Ресурс",
        contact=Contact("Счетова Анна", phone="+7 495 712-00-03", email="a@b.example"),
        by=manager,
        on=TODAY,
    )
    made = merge(known, typed, operator)
    both(*pair)
    assert (known.main_account_number, known.prospect_state, typed.accounts_count) == (account.number, "trial", 0)
    merge_undo(merge_id=made.pk, by=operator, on=TODAY)
    both(*pair)
    assert (typed.main_account_number, typed.prospect_state) == (account.number, "trial")
    assert (known.main_account_number, known.prospect_state, known.accounts_count) == (None, "none", 0)


def test_a_claim_that_waited_for_the_merge_finds_the_card_gone(pair, operator, manager):
    known, typed = pair
    merge(known, typed, operator)
    with pytest.raises(Client.DoesNotExist):
        client_bind(client_id=typed.pk, by=manager)
    assert BindingTopic.objects.exists()


def test_every_reference_to_a_card_has_words_for_people():
    """A new table that points at cards goes along by itself; its title must be Russian."""
    for reference in references():
        assert re.search("[а-я]", reference.title) or reference.label.startswith("clients."), reference.label
