"""Rows of an account under lock, in the one order of decision 30: employees, clients, accounts."""

from __future__ import annotations

from accounts.models import Account, AccountMember
from clients.models import Client
from clients.services.people import acting, locked_people
from core.errors import Conflict
from partners.models import Employee


def locked_account(account_id: int, *, by: Employee) -> Account:
    """The account for update, if `by` may see it; Account.DoesNotExist otherwise (404)."""
    return Account.objects.visible_to(by).select_for_update(of=("self",)).get(pk=account_id)


def locked_clients(ids) -> dict[int, Client]:
    """Clients for update, by pk."""
    rows = Client.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True, of=("self",))
    return {client.pk: client for client in rows}


def locked_with_members(
    account_id: int, *, by: Employee, others: tuple[int, ...] = ()
) -> tuple[Account, dict[int, Client]]:
    """The account and the clients in it (and `others`), for steps that also change what clients show of their accounts."""
    ids = set(AccountMember.objects.present().filter(account=account_id).values_list("client_id", flat=True))
    clients = locked_clients(ids | set(others))
    account = locked_account(account_id, by=by)
    now = set(AccountMember.objects.present().filter(account=account_id).values_list("client_id", flat=True))
    if not now <= clients.keys():
        raise Conflict("Состав аккаунта только что изменился. Повторите действие.", code="members")
    return account, clients


def acting_employee(by: Employee) -> Employee:
    """`by` as he is now, held against a block until the commit."""
    return acting(locked_people(by.pk), by)
