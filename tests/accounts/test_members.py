"""Organisations of an account, its contacts, its name and its manager (R2.66–R2.82, R2.151–R2.158)."""

import pytest

from accounts.models import Account, AccountMember
from accounts.services import (
    Contact,
    account_assign,
    account_contact_add,
    account_contact_remove,
    account_rename,
    contact_attach,
    member_add,
    member_kpp_change,
    member_make_main,
    member_move,
    member_remove,
)
from accounts.services.connections import refresh_connections
from clients.models import Client
from core.errors import Conflict, DomainError, Forbidden
from licenses.services import allocation_set
from tests import factories as make
from tests.selling import ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(shop):
    return shop.account()


@pytest.fixture
def sister(shop):
    return make.ClientFactory(name="Дно-Трейд, ООО", region_code="39")


@pytest.mark.rows("R2.82")
def test_an_organisation_joins_once_and_keeps_its_binding(shop, account, sister, colleague):
    make.bound(sister, colleague)
    member = member_add(account_id=account.pk, client_id=sister.pk, kpp=sister.kpp, by=shop.by, on=ON)
    assert not member.is_main
    sister.refresh_from_db()
    assert (sister.manager, sister.main_account_number) == (colleague, account.number)
    with pytest.raises(DomainError, match="уже есть"):
        member_add(account_id=account.pk, client_id=sister.pk, kpp=sister.kpp, by=shop.by, on=ON)


@pytest.mark.rows("R2.66")
def test_a_paid_organisation_joins_another_account_by_confirmation_only(shop, sister):
    paid, _ = shop.sold("eo-basic")
    shop.client = sister
    other = shop.account()
    first = paid.members.get().client
    with pytest.raises(Conflict, match="платном аккаунте"):
        member_add(account_id=other.pk, client_id=first.pk, kpp=first.kpp, by=shop.by, on=ON)
    assert member_add(account_id=other.pk, client_id=first.pk, kpp=first.kpp, by=shop.by, on=ON, confirmed=True)


@pytest.mark.rows("R2.67")
def test_the_licence_limits_the_organisations(shop, sister):
    account, _ = shop.sold("eo-zero")  # one organisation
    with pytest.raises(DomainError, match="организаций: 1"):
        member_add(account_id=account.pk, client_id=sister.pk, kpp=sister.kpp, by=shop.by, on=ON)


@pytest.mark.rows("R2.80", "R2.158")
def test_the_main_one_changes_and_cannot_leave_while_others_stay(shop, account, sister):
    second = member_add(account_id=account.pk, client_id=sister.pk, kpp=sister.kpp, by=shop.by, on=ON)
    first = account.members.get(is_main=True)
    with pytest.raises(DomainError, match="основной"):
        member_remove(member_id=first.pk, reason="Продана", by=shop.by, on=ON)
    member_make_main(member_id=second.pk, by=shop.by, on=ON)
    assert account.members.get(is_main=True).pk == second.pk
    member_remove(member_id=first.pk, reason="Продана", by=shop.by, on=ON)
    assert Client.objects.get(pk=first.client_id).prospect_state == "lost"


@pytest.mark.rows("R2.151")
def test_a_kpp_is_checked(shop, account):
    member = account.members.get()
    with pytest.raises(DomainError, match="Проверьте КПП"):
        member_kpp_change(member_id=member.pk, kpp="12", by=shop.by, on=ON)
    assert member_kpp_change(member_id=member.pk, kpp="390601002", by=shop.by, on=ON).kpp == "390601002"


@pytest.mark.rows("R2.155")
def test_an_organisation_moves_in_one_step(shop, account, sister):
    member = member_add(account_id=account.pk, client_id=sister.pk, kpp=sister.kpp, by=shop.by, on=ON)
    shop.client = make.ClientFactory(region_code="39")
    other = shop.account()
    member_move(member_id=member.pk, to_account_id=other.pk, by=shop.by, on=ON)
    assert AccountMember.objects.present().get(client=sister).account == other
    assert Account.objects.get(pk=account.pk).members_count == 1


def test_a_colleague_reads_and_does_not_change(shop, account, colleague):
    with pytest.raises(Forbidden):
        account_rename(account_id=account.pk, name="Чужое", by=colleague)
    assert account_rename(account_id=account.pk, name="Группа «Дно»", by=shop.by).name == "Группа «Дно»"
    with pytest.raises(DomainError, match="от 2 до 200"):
        account_rename(account_id=account.pk, name="Х", by=shop.by)


def test_the_head_gives_the_account_to_a_colleague(shop, account, head, colleague):
    assert account_assign(account_id=account.pk, manager_id=colleague.pk, by=head, on=ON).manager == colleague


@pytest.mark.rows("R2.79")
def test_who_connects_a_colleagues_client_is_told_whose_it_is(colleague, manager, signed_in):
    client = make.bound(make.ClientFactory(), colleague).client
    url = f"/accounts/connect/?client={client.pk}"
    assert f"Клиента ведет {colleague.short_name}" in signed_in(manager).get(url).content.decode()
    assert "Клиента ведет" not in signed_in(colleague).get(url).content.decode()


def test_the_responsible_manager_is_changed_on_the_card(shop, account, head, colleague, stranger, signed_in):
    url = f"/accounts/{account.number}/assign/"
    browser = signed_in(head)
    assert f'href="{url}"' in browser.get(account.get_absolute_url()).content.decode()
    assert browser.post(url, {"manager": stranger.pk}).status_code == 422, "not in the head's scope"
    assert browser.post(url, {"manager": colleague.pk}).status_code == 302
    account.refresh_from_db()
    assert account.manager == colleague
    assert signed_in(shop.by).post(url, {"manager": shop.by.pk}).status_code == 403, "it is a colleague's now"


@pytest.mark.rows("R2.51")
def test_a_contact_is_one_person_on_the_account_and_the_card(shop, account):
    contact = Contact(full_name="Лапин Денис Сергеевич", phone="8 (4012) 55-55-55", role="director")
    link = account_contact_add(account_id=account.pk, contact=contact, by=shop.by)
    assert link.person.client_links.get().client == shop.client
    again = contact_attach(account=account, client_id=shop.client.pk, contact=contact, by=shop.by)
    assert again == link.person
    account_contact_remove(link_id=link.pk, by=shop.by)
    assert not account.contacts.filter(person=link.person).exists() and link.person.client_links.exists()


def test_the_copies_on_the_card_come_from_the_members(shop, account):
    Client.objects.filter(pk=shop.client.pk).update(accounts_count=7, main_account_number=None)
    client = Client.objects.get(pk=shop.client.pk)
    refresh_connections({client.pk: client}, on=ON)
    client.refresh_from_db()
    assert (client.accounts_count, client.main_account_number) == (1, account.number)


def test_a_leaving_organisation_gives_its_licences_back(shop, sister):
    """`allocations_free` is called when a member leaves."""
    paid, _ = shop.sold("eo-corporate")
    member = member_add(account_id=paid.pk, client_id=sister.pk, kpp=sister.kpp, by=shop.by, on=ON)
    license = paid.licenses.get()
    allocation_set(license_id=license.pk, shares={sister.pk: 1}, by=shop.by, on=ON)
    with pytest.raises(DomainError):
        member_remove(member_id=member.pk, reason="Продана", by=shop.by, on=ON)
    member_remove(member_id=member.pk, reason="Продана", by=shop.by, on=ON, free=True)
    assert not license.allocations.filter(client=sister, ends_on__gt=ON).exists()
