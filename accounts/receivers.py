"""What accounts do when something happens to clients (clients.events)."""

from __future__ import annotations

from django.dispatch import receiver

from accounts.events import account_transferred
from accounts.models import Account
from accounts.services.connections import refresh_connections
from accounts.services.work import task_make, tasks_move
from clients.events import client_merged, client_transferred, task_wanted
from clients.models import BindingTopic, Client
from core import clock, journal


@receiver(task_wanted, sender=Client, dispatch_uid="accounts.task_wanted")
def make_task(*, client_id, assignee_id, salespoint_id, kind, title, due_on, key, by, **_):
    """Somebody has to do something about a client."""
    task_make(
        client_id=client_id,
        assignee_id=assignee_id,
        salespoint_id=salespoint_id,
        kind=kind,
        title=title,
        due_on=due_on,
        key=key,
        by=by,
    )


@receiver(client_transferred, sender=Client, dispatch_uid="accounts.client_transferred")
def carry_along(*, client, topic, old_manager_id, manager_id, salespoint_id, carry, by, **_):
    """Accounts and open tasks follow the card to its new manager (rule C1)."""
    if "tasks" in carry and old_manager_id:
        tasks_move(client_id=client.pk, old_id=old_manager_id, new_id=manager_id, salespoint_id=salespoint_id)
    if "accounts" not in carry or topic != BindingTopic.MAIN:
        return
    rows = Account.objects.filter(members__client=client, members__left_at=None).filter(manager=old_manager_id)
    for account in rows.select_for_update(of=("self",)).order_by("pk"):
        old_manager, old_point = account.manager_id, account.salespoint_id
        changed = journal.changes(account, {"manager_id": manager_id, "salespoint_id": salespoint_id})
        if changed:
            account.version += 1
            account.save(update_fields=["manager", "salespoint", "version"])
            journal.record(
                account, "account.transferred", by=by, data={"client": client.pk, "account": account.pk, **changed}
            )
            account_transferred.send(
                sender=Account,
                account=account,
                old_manager_id=old_manager,
                old_salespoint_id=old_point,
                by=by,
                on=clock.today(),
            )


@receiver(client_merged, sender=Client, dispatch_uid="accounts.client_merged")
def follow_merge(*, clients, on, by, **_):
    """The memberships went along: the cards show their accounts anew."""
    refresh_connections(clients, on=on, by=by)
