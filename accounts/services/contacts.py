"""Contact persons of an account (R2.71); the person record is shared with client cards (R2.51)."""

from __future__ import annotations

from accounts.models import Account, AccountContact
from clients.models import Client, Person
from clients.services import Contact, client_contacts_refresh, contact_link, person_record
from core import journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from partners.models import Employee
from partners.rights import Right

from .locking import locked_account, locked_clients


def contact_attach(*, account: Account, client_id: int, contact: Contact, by: Employee | None) -> Person:
    """Find or make the person and tie it to the account and the card, both locked by the caller.

    `DomainError` for a name, phone or e-mail that is none.
    """
    person = person_record(contact, by=by, client_id=client_id)
    AccountContact.objects.get_or_create(
        account=account,
        person=person,
        defaults={"role": contact.role, "registers": contact.registers, "is_preferred": not account.contacts.exists()},
    )
    client = Client.objects.get(pk=client_id)
    contact_link(client=client, person=person, contact=contact)
    client_contacts_refresh(client)
    return person


@in_transaction
def account_contact_add(*, account_id: int, contact: Contact, by: Employee) -> AccountContact:
    """A contact person of the account and of its main organisation."""
    main = (
        Account.objects.visible_to(by)
        .filter(members__is_main=True, members__left_at=None)
        .values_list("members__client_id", flat=True)
    )
    client_id = main.filter(pk=account_id).first()
    if client_id is None:
        raise DomainError("В аккаунте нет организаций: сначала добавьте организацию.", code="no_member")
    locked_clients([client_id])
    account = locked_account(account_id, by=by)
    require(by, Right.ACCOUNT_CHANGE, account)
    person = contact_attach(account=account, client_id=client_id, contact=contact, by=by)
    journal.record(
        account, "account.contact_added", by=by, data={"account": account.pk, "client": client_id, "person": person.pk}
    )
    return AccountContact.objects.get(account=account, person=person)


@in_transaction
def account_contact_remove(*, link_id: int, by: Employee) -> None:
    """The person is no contact of the account any more; cards keep him."""
    account_id = AccountContact.objects.values_list("account_id", flat=True).get(pk=link_id)
    account = locked_account(account_id, by=by)
    require(by, Right.ACCOUNT_CHANGE, account)
    link = AccountContact.objects.get(pk=link_id)
    person_id = link.person_id
    link.delete()
    journal.record(account, "account.contact_removed", by=by, data={"account": account.pk, "person": person_id})
