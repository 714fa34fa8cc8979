"""Accounts and open tasks of a person who leaves, or of a sales point that closes (R1.17, R1.26)."""

from __future__ import annotations

from datetime import date

from accounts.events import account_transferred
from accounts.models import Account, Task
from clients.services.people import acting, locked_people, target
from core import journal
from core.db import in_transaction
from core.errors import DomainError, Forbidden
from partners.models import Employee, SalesPoint
from partners.rights import Right
from partners.scopes import ScopeFacts, covers

REFUSED = "Передавать можно внутри своей точки продаж. Обратитесь к оператору."


@in_transaction
def account_hand_over(
    account_id: int, *, source: Employee | SalesPoint, to: Employee | SalesPoint, by: Employee, on: date
) -> str:
    """One account to another manager, or to another sales point; returns its name.

    At another sales point the manager stays who works there already; else the account has none until one is named.
    """
    actor, person, point = _parties(to, by)
    account = Account.objects.select_for_update(of=("self",)).select_related("manager").get(pk=account_id)
    manager = person if person else _kept(account.manager, point)
    _check(actor, Right.ACCOUNT_CHANGE, account.scope_facts(), point, manager)
    old_manager, old_point = account.manager_id, account.salespoint_id
    moved = {"manager_id": manager and manager.pk, "salespoint_id": point.pk}
    if changed := journal.changes(account, moved):
        account.version += 1
        account.save(update_fields=["manager", "salespoint", "version"])
        journal.record(account, "account.assigned", by=actor, data={"account": account.pk, **changed})
        account_transferred.send(
            sender=Account, account=account, old_manager_id=old_manager, old_salespoint_id=old_point, by=actor, on=on
        )
    return f"{account.name} № {account.number}"


@in_transaction
def task_hand_over(
    task_id: int, *, source: Employee | SalesPoint, to: Employee | SalesPoint, by: Employee, on: date
) -> str:
    """One open task to another employee, or to another sales point; returns what has to be done."""
    actor, person, point = _parties(to, by)
    task = Task.objects.open().select_for_update(of=("self",)).select_related("assignee", "client").get(pk=task_id)
    assignee = person if person else _kept(task.assignee, point)
    _check(actor, Right.CLIENT_REBIND, task.scope_facts(), point, assignee)
    if changed := journal.changes(task, {"assignee_id": assignee and assignee.pk, "salespoint_id": point.pk}):
        task.save(update_fields=["assignee", "salespoint"])
        data = {"client": task.client_id, "account": task.account_id, "task": task.pk, "title": task.title, **changed}
        journal.record(task.client, "task.handed_over", by=actor, data=data)
    return task.title


def _parties(to: Employee | SalesPoint, by: Employee) -> tuple[Employee, Employee | None, SalesPoint]:
    """(who acts, who takes, at which sales point), people held against a block until the commit."""
    people = locked_people(by.pk, to.pk if isinstance(to, Employee) else None)
    actor = acting(people, by)
    if isinstance(to, SalesPoint):
        return actor, None, to
    person = target(people, to.pk)
    return actor, person, person.salespoint


def _kept(person: Employee | None, point: SalesPoint) -> Employee | None:
    return person if person and person.is_active and person.salespoint_id == point.pk else None


def _check(actor: Employee, right: str, facts: ScopeFacts, point: SalesPoint, person: Employee | None) -> None:
    """The right over the row where it stands, and over cards where it goes; a point is crossed by who reaches both."""
    if not covers(actor, right, facts):
        raise Forbidden(REFUSED)
    if not covers(actor, Right.CLIENT_REBIND, ScopeFacts(point.pk, person and person.pk)):
        raise Forbidden(REFUSED)
    if point.state != SalesPoint.State.ACTIVE:
        raise DomainError(f"Точка продаж «{point}» закрыта. Выберите другую.", field="to")
