"""«Подключить»: an account for an organisation (manual ch. 2.2, R2.65–R2.80)."""

from __future__ import annotations

from datetime import date

from django.db import connection

from accounts.events import account_created
from accounts.models import Account, AccountMember
from clients.choices import Kind
from clients.models import BindingTopic, Client
from clients.services import client_bind_if_free, lock_key, lock_roots
from core import clock, journal
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.faults import hit, protected
from core.formats import group
from core.rights import require
from core.text import clean
from partners.models import Employee
from partners.rights import Right

from .connections import refresh_connections
from .contacts import Contact, contact_attach
from .locking import acting_employee, locked_clients


@in_transaction
def account_create(
    *,
    client_id: int,
    name: str,
    contact: Contact | None,
    by: Employee,
    on: date,
    second: bool = False,
    source: str = "manager",
) -> Account:
    """A trial account with one organisation, the main one; its creator is responsible (R2.77–R2.80).

    The card is bound to the creator only if nobody has it (R2.79). `second`: the person has seen that the organisation
    is in an account already and ticked that another one is meant (decision 16). `contact` None: only for self-registration.
    Raises DomainError for a ceased organisation or a bad name, Conflict when it was connected meanwhile.
    """
    require(by, Right.ACCOUNT_ADD)
    if protected("accounts.create.lock"):
        lock_roots([lock_key(Client.objects.only("inn").get(pk=client_id))], BindingTopic.MAIN)
    by = acting_employee(by)
    client = (
        locked_clients([client_id])[client_id]
        if protected("accounts.create.lock")
        else Client.objects.get(pk=client_id)
    )
    check_connectable(client)
    if not second:
        _refuse_second(client)
    hit("accounts.create.checked")
    account = open_account(client, name=name, salespoint_id=by.salespoint_id, manager=by, source=source, by=by)
    if contact is not None:
        contact_attach(account=account, client_id=client.pk, contact=contact, by=by)
    if client_bind_if_free(client_id=client.pk, by=by).won:
        client.salespoint_id, client.manager_id = by.salespoint_id, by.pk  # as the trigger has written
    refresh_connections({client.pk: client}, on=on, by=by)
    journal.record(
        account, "account.created", by=by, data={"client": client.pk, "account": account.pk, "name": account.name}
    )
    account_created.send(sender=Account, account=account, client=client, by=by, on=on)
    return account


def open_account(
    client: Client, *, name: str, salespoint_id: int, manager: Employee | None, source: str, by: Employee | None = None,
    external_id: str | None = None,
) -> Account:  # fmt: skip
    """The rows of a new trial account with its main organisation, whoever opens it (R2.68, R2.77, R2.80)."""
    now = clock.now()
    account = Account.objects.create(
        number=_next_number(), name=checked_name(name or client.name), salespoint_id=salespoint_id, manager=manager, source=source, created_at=now,
        created_by=by, region_code=client.region_code, members_count=1, external_id=external_id,
    )  # fmt: skip
    AccountMember.objects.create(
        account=account, client=client, is_main=True, kpp=member_kpp(client, client.kpp), joined_at=now, joined_by=by
    )
    return account


def check_connectable(client: Client) -> None:
    """A ceased organisation is shown and cannot be connected (R2.75)."""
    if client.is_ceased:
        raise DomainError(
            f"{client.name}: деятельность прекращена {client.ceased_on:%d.%m.%Y}, подключить нельзя.", code="ceased"
        )


def checked_name(name: str) -> str:
    """An account's name: 2–200 characters (R2.70)."""
    name = clean(name)
    if not 2 <= len(name) <= 200:
        raise DomainError("Название аккаунта должно быть от 2 до 200 символов.", field="name")
    return name


def member_kpp(client: Client, kpp: str) -> str:
    """KPP of a member: legal entities have one, others never (R2.82)."""
    return clean(kpp) if client.kind == Kind.LEGAL else ""


def _refuse_second(client: Client) -> None:
    member = (
        AccountMember.objects.present()
        .filter(client=client)
        .select_related("account", "account__created_by")
        .order_by("-account__paid_until", "pk")
        .first()
    )
    if member is not None:
        account = member.account
        raise Conflict(
            f"Организация уже в аккаунте №\u00a0{group(account.number)} «{account.name}». "
            "Откройте его или отметьте, что нужен еще один аккаунт.",
            code="already_connected",
            who=str(account.created_by or ""),
            when=account.created_at,
        )


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('accounts_account_number')")
        return cursor.fetchone()[0]
