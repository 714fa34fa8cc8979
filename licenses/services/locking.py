"""Rows of a sale under lock. Everything of one account is changed under the account's lock, taken first (decision 30)."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Account
from accounts.services.locking import locked_account, locked_with_members
from clients.models import Client
from core.errors import Conflict
from licenses.models import Invoice, License
from partners.models import Employee


def held_invoice(invoice_id: int, *, by: Employee) -> tuple[Account, Invoice]:
    """Account and invoice for update; Invoice.DoesNotExist outside the scope (404)."""
    account_id = Invoice.objects.visible_to(by).values_list("account_id", flat=True).get(pk=invoice_id)
    account = locked_account(account_id, by=by)
    return account, locked_invoice(invoice_id, account)


def held_invoice_with_members(invoice_id: int, *, by: Employee) -> tuple[Account, dict[int, Client], Invoice]:
    """As `held_invoice`, and the clients of the account: for steps that connect or disconnect them."""
    account_id = Invoice.objects.visible_to(by).values_list("account_id", flat=True).get(pk=invoice_id)
    account, clients = locked_with_members(account_id, by=by)
    return account, clients, locked_invoice(invoice_id, account)


def locked_invoice(invoice_id: int, account: Account) -> Invoice:
    """The invoice for update, licences before it."""
    list(License.objects.filter(invoice_lines__invoice=invoice_id).order_by("pk").select_for_update(of=("self",)))
    invoice = Invoice.objects.select_related("legal_entity").select_for_update(of=("self",)).get(pk=invoice_id)
    if invoice.account_id != account.pk:
        raise Conflict("Счет перешел в другой аккаунт: обновите страницу.", code="moved")
    invoice.account = account
    return invoice


def held_invoices(
    invoice_ids: Iterable[int], *, by: Employee, also_accounts: Iterable[int] = ()
) -> tuple[dict[int, Account], dict[int, Invoice]]:
    """Invoices of several accounts for update, accounts before licences before invoices, each by pk (decision 30).

    Invoice.DoesNotExist, Account.DoesNotExist outside the scope (404).
    """
    wanted = set(invoice_ids)
    owners = dict(Invoice.objects.visible_to(by).filter(pk__in=wanted).values_list("pk", "account_id"))
    if owners.keys() != wanted:
        raise Invoice.DoesNotExist
    accounts = held_accounts([*owners.values(), *also_accounts], by=by)
    list(License.objects.filter(invoice_lines__invoice__in=wanted).order_by("pk").select_for_update(of=("self",)))
    rows = Invoice.objects.filter(pk__in=wanted).select_related("legal_entity").order_by("pk")
    invoices = {row.pk: row for row in rows.select_for_update(of=("self",))}
    for invoice in invoices.values():
        if invoice.account_id not in accounts:
            raise Conflict("Счет перешел в другой аккаунт: обновите страницу.", code="moved")
        invoice.account = accounts[invoice.account_id]
    return accounts, invoices


def held_accounts(account_ids: Iterable[int], *, by: Employee) -> dict[int, Account]:
    """Accounts for update, by pk; Account.DoesNotExist when one is outside the scope."""
    wanted = set(account_ids)
    rows = Account.objects.visible_to(by).filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",))
    found = {account.pk: account for account in rows}
    if found.keys() != wanted:
        raise Account.DoesNotExist
    return found


def held_license(license_id: int, *, by: Employee) -> tuple[Account, License]:
    """Account and licence for update; License.DoesNotExist outside the scope (404)."""
    account_id = License.objects.visible_to(by).values_list("account_id", flat=True).get(pk=license_id)
    account = locked_account(account_id, by=by)
    return account, locked_licenses([license_id], account)[0]


def locked_licenses(ids, account: Account) -> list[License]:
    """Licences of the account for update, by pk; with item and term."""
    rows = (
        License.objects.filter(pk__in=set(ids), account=account)
        .select_related("item__line__direction", "term")
        .order_by("pk")
    )
    found = list(rows.select_for_update(of=("self",)))
    for license in found:
        license.account = account
    return found
