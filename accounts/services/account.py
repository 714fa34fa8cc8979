"""The account itself: name, responsible manager, transfer with a card."""

from __future__ import annotations

from datetime import date

from accounts.events import account_transferred
from accounts.models import Account
from clients.services.cards import check_version
from clients.services.people import locked_people, target
from core import journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from partners.models import Employee
from partners.rights import Right

from .connecting import checked_name
from .locking import locked_account
from .work import account_tasks_move


@in_transaction
def account_rename(*, account_id: int, name: str, by: Employee, version: int | None = None) -> Account:
    """Another name, 2–200 characters; the same name may stand on several accounts (R2.70)."""
    account = locked_account(account_id, by=by)
    require(by, Right.ACCOUNT_CHANGE, account)
    check_version(account, version)
    if changed := journal.changes(account, {"name": checked_name(name)}):
        account.version += 1
        account.save(update_fields=["name", "version"])
        journal.record(account, "account.renamed", by=by, data={"account": account.pk, **changed})
    return account


@in_transaction
def account_assign(*, account_id: int, manager_id: int, by: Employee, on: date, transfer: bool = False) -> Account:
    """Another responsible manager. The sales point moves only by an explicit `transfer` (decision 19).

    A manager takes free accounts of his point; the head gives any of the point's; across points only who reaches both.
    """
    people = locked_people(by.pk, manager_id)
    manager = target(people, manager_id)
    account = locked_account(account_id, by=by)
    require(by, Right.ACCOUNT_CHANGE, account)
    if manager.salespoint_id != account.salespoint_id and not transfer:
        raise DomainError(
            "Этот сотрудник из другой точки продаж: отметьте передачу аккаунта.", field="manager", code="other_point"
        )
    old_manager, old_point = account.manager_id, account.salespoint_id
    changed = journal.changes(account, {"manager_id": manager.pk, "salespoint_id": manager.salespoint_id})
    if not changed:
        return account
    if "salespoint_id" in changed:
        require(by, Right.CLIENT_REBIND)
    account.version += 1
    account.save(update_fields=["manager", "salespoint", "version"])
    account_tasks_move(account, old_id=old_manager)
    journal.record(account, "account.assigned", by=by, data={"account": account.pk, **changed})
    account_transferred.send(
        sender=Account, account=account, old_manager_id=old_manager, old_salespoint_id=old_point, by=by, on=on
    )
    return account
