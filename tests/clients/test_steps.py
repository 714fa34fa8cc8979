"""Steps on a card called directly: their rights, refusals and lost races."""

import pytest

from clients.models import Client, ClientPerson, NotRelated, Person
from clients.services import client_decline, client_return, contact_add, contact_change, person_record
from clients.services.cards import locked_client
from clients.services.contacts import Contact
from clients.services.readiness import readiness_set
from clients.services.related import not_related_mark, not_related_withdraw
from core import clock
from core.errors import Conflict, DomainError, Forbidden
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(manager):
    client = make.ClientFactory()
    make.bound(client, manager)
    return client


def test_a_card_is_locked_in_scope_and_with_the_right(manager, colleague, stranger, mine):
    assert locked_client(mine.pk, by=manager) == mine
    with pytest.raises(Forbidden):
        locked_client(mine.pk, by=colleague)  # he sees the point's cards and changes his own
    with pytest.raises(Client.DoesNotExist):
        locked_client(mine.pk, by=stranger)


def test_one_person_is_found_again_by_phone_or_by_email(manager):
    first = person_record(Contact("Счетова Анна", phone="8 495 712-00-02"), by=manager)
    assert person_record(Contact("СЧЕТОВА  Анна", phone="+74957120002", email="a@b.example"), by=manager) == first
    by_mail = person_record(Contact("Счетова Анна", email="x@b.example"), by=manager)
    assert by_mail != first and person_record(Contact("счетова анна", email="X@b.example"), by=manager) == by_mail
    for wrong in (
        Contact("А", phone="84957120002"),
        Contact("Анна"),
        Contact("Анна", email="не почта"),
        Contact("Анна", phone="12"),
    ):
        with pytest.raises(DomainError):
            person_record(wrong, by=manager)


def test_a_contact_changed_meanwhile_is_a_conflict_and_twins_are_refused(manager, mine):
    link = contact_add(
        client_id=mine.pk, contact=Contact("Счетова Анна", phone="84957120002", is_preferred=True), by=manager
    )
    other = contact_add(
        client_id=mine.pk, contact=Contact("Другова Яна", phone="84957120003", is_preferred=True), by=manager
    )
    assert list(ClientPerson.objects.filter(is_preferred=True)) == [other]
    contact_change(
        link_id=link.pk, contact=Contact("Счетова Анна Игоревна", phone="84957120002"), by=manager, version=1
    )
    assert Person.objects.get(pk=link.person_id).full_name == "Счетова Анна Игоревна"
    with pytest.raises(Conflict):
        contact_change(link_id=link.pk, contact=Contact("Счетова", phone="84957120002"), by=manager, version=1)
    with pytest.raises(Conflict):
        contact_change(link_id=link.pk, contact=Contact("Другова Яна", phone="84957120003"), by=manager)


def test_only_a_refused_or_lost_client_returns(manager, mine):
    with pytest.raises(DomainError):
        client_return(client_id=mine.pk, by=manager, on=clock.today())
    Client.objects.filter(pk=mine.pk).update(prospect_state="connected")
    with pytest.raises(DomainError):
        client_decline(client_id=mine.pk, reason="price", comment="дорого", by=manager, on=clock.today())


@pytest.mark.rows("R2.4")
def test_a_trial_client_that_refuses_is_lost_and_returns_to_trial(manager, mine):
    Client.objects.filter(pk=mine.pk).update(prospect_state="trial", accounts_count=1, main_account_number=1_000_001)
    client_decline(client_id=mine.pk, reason="competitor", comment="ушли", by=manager, on=clock.today())
    mine.refresh_from_db()
    assert (mine.prospect_state, mine.lost_reason) == ("lost", "refused")
    client_return(client_id=mine.pk, by=manager, on=clock.today())
    mine.refresh_from_db()
    assert (mine.prospect_state, mine.lost_reason, mine.trial_reason) == ("trial", "", "account")


def test_readiness_is_written_field_by_field(manager, mine):
    readiness_set(client_id=mine.pk, by=manager, workplace="yes")
    check = readiness_set(client_id=mine.pk, by=manager, version=2, crypto="no", skipped="сами разберутся")
    assert (check.workplace, check.crypto, check.version) == ("yes", "no", 3)


def test_a_pair_is_marked_once_and_twins_never(manager, mine):
    other, twin = make.ClientFactory(), make.ClientFactory(inn=mine.inn)
    not_related_mark(client_id=mine.pk, other_id=other.pk, reason="однофамилец", by=manager)
    not_related_mark(client_id=mine.pk, other_id=other.pk, reason="еще раз", by=manager)
    assert NotRelated.objects.get().reason == "однофамилец"
    not_related_withdraw(client_id=mine.pk, other_id=other.pk, by=manager)
    assert NotRelated.objects.get().withdrawn_at
    with pytest.raises(DomainError):
        not_related_mark(client_id=mine.pk, other_id=twin.pk, reason="не та", by=manager)


@pytest.mark.parametrize("page", ["/clients/potential/declined/", "/clients/potential/lost/"])
def test_reasons_are_filtered(signed_in, manager, page):
    for field, value in (("declined", "price"), ("declined", "paper"), ("lost", "refused"), ("lost", "removed")):
        client = make.ClientFactory(
            prospect_state=field, **{"decline_reason" if field == "declined" else "lost_reason": value}
        )
        make.bound(client, manager)
    wanted = "price" if "declined" in page else "removed"
    html = signed_in(manager).get(f"{page}?why={wanted}").content.decode()
    assert html.count('<tr id="row-') == 1
