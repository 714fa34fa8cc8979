"""Work with clients: notes, calls, tasks, the next contact (decision 29; R2.21, R2.52–R2.53, C7)."""

from __future__ import annotations

from datetime import date

from accounts.choices import CallResult, TaskKind
from accounts.models import Account, CallLog, NextContact, Note, Task
from clients.choices import WorkState
from clients.models import BindingTopic, Client, ClientPerson
from clients.rules import FAR_MONTHS, term_problem
from clients.services import next_contact_copy, work_state_raise
from clients.services.cards import locked_client
from core import clock, journal
from core.dates import add_months
from core.db import in_transaction
from core.errors import Conflict, DomainError
from core.rights import require
from core.text import clean
from partners.models import Employee
from partners.rights import Right

CALLED = {
    CallResult.TALKED: WorkState.CONTACTED,
    CallResult.CALL_BACK: WorkState.CONTACTED,
    CallResult.REFUSED: WorkState.CONTACTED,
    CallResult.AGREED: WorkState.AGREED,
}
"""How far a call brings the work (R2.53); one that reached nobody does not count."""


@in_transaction
def note_add(
    *, client_id: int, text: str, by: Employee, account_id: int | None = None, is_pinned: bool = False
) -> Note:
    """A note on a card in scope; a pinned one stands first, one per card."""
    client = locked_client(client_id, by=by, right=Right.CLIENT_VIEW)
    text = (text or "").strip()
    if not text:
        raise DomainError("Напишите заметку.", field="text")
    if len(text) > 4000:
        raise DomainError("Заметка длиннее 4000 знаков. Сократите ее.", field="text")
    if is_pinned:
        Note.objects.filter(client=client, is_pinned=True).update(is_pinned=False)
    note = Note.objects.create(
        client=client, account_id=_account(account_id, by), text=text, is_pinned=is_pinned, at=clock.now(), by=by
    )
    journal.record(client, "note.added", by=by, data={"client": client.pk, "account": account_id, "note": note.pk})
    return note


@in_transaction
def note_pin(*, note_id: int, is_pinned: bool, by: Employee) -> Note:
    """Pin a note above the timeline, or take it down."""
    found = Note.objects.only("client_id").get(pk=note_id)
    client = locked_client(found.client_id, by=by, right=Right.CLIENT_VIEW)
    Note.objects.filter(client=client, is_pinned=True).exclude(pk=note_id).update(is_pinned=False)
    note = Note.objects.select_for_update().get(pk=note_id)
    note.is_pinned = is_pinned
    note.save(update_fields=["is_pinned"])
    journal.record(
        client, "note.pinned" if is_pinned else "note.unpinned", by=by, data={"client": client.pk, "note": note.pk}
    )
    return note


@in_transaction
def call_log(
    *, client_id: int, result: str, by: Employee, on: date, comment: str = "", person_id: int | None = None,
    account_id: int | None = None, next_on: date | None = None, topic: str = BindingTopic.MAIN,
) -> CallLog:  # fmt: skip
    """Log a call and, in the same step, when to call next (R2.21, R2.52). `person_id` is one of the card's contacts.

    The open call tasks of the caller about this client are done with it.
    """
    client = locked_client(client_id, by=by, right=Right.CLIENT_VIEW)
    if result not in CallResult.values:
        raise DomainError("Выберите результат звонка.", field="result")
    if person_id and not ClientPerson.objects.filter(client=client, person=person_id).exists():
        raise DomainError("Этого человека нет в контактах клиента. Выберите другого.", field="person")
    call = CallLog.objects.create(
        client=client,
        account_id=_account(account_id, by),
        person_id=person_id,
        result=result,
        comment=(comment or "").strip()[:4000],
        at=clock.now(),
        by=by,
    )
    if state := CALLED.get(result):
        work_state_raise(client, state)
    _close_call_tasks(client, by, CallResult(result).label)
    if next_on is not None:
        _set_next(client, topic, next_on, comment="", by=by, on=on)
    journal.record(
        client,
        "call.logged",
        by=by,
        data={"client": client.pk, "account": account_id, "call": call.pk, "result": result},
    )
    return call


@in_transaction
def next_contact_set(
    *, client_id: int, next_on: date | None, by: Employee, on: date, topic: str = BindingTopic.MAIN, comment: str = ""
) -> NextContact | None:
    """«Следующий контакт»: one date per client and topic; None takes it off."""
    client = locked_client(client_id, by=by, right=Right.CLIENT_VIEW)
    if next_on is not None:
        return _set_next(client, topic, next_on, comment=comment, by=by, on=on)
    if NextContact.objects.filter(client=client, topic__code=topic).delete()[0]:
        if topic == BindingTopic.MAIN:
            next_contact_copy(client, None)
        journal.record(client, "next_contact.removed", by=by, data={"client": client.pk, "topic": topic})
    return None


def _set_next(client: Client, topic: str, next_on: date, *, comment: str, by: Employee, on: date) -> NextContact:
    if next_on < on:
        raise DomainError("Дата следующего контакта уже прошла. Укажите сегодня или позже.", field="next_on")
    if next_on > add_months(on, FAR_MONTHS):
        raise DomainError("До следующего контакта больше двух лет. Проверьте год.", field="next_on")
    found = BindingTopic.objects.filter(code=topic).first()
    if found is None:
        raise DomainError("Такой темы закрепления нет. Выберите другую.", field="topic")
    contact, _ = NextContact.objects.update_or_create(
        client=client,
        topic=found,
        defaults={"on": next_on, "comment": clean(comment)[:200], "by": by, "set_at": clock.now()},
    )
    if topic == BindingTopic.MAIN:
        next_contact_copy(client, next_on)
    journal.record(client, "next_contact.set", by=by, data={"client": client.pk, "topic": topic, "on": next_on})
    return contact


def task_make(
    *, client_id: int, kind: str, title: str, due_on: date, salespoint_id: int, assignee_id: int | None = None,
    account_id: int | None = None, key: str | None = None, by: Employee | None = None,
) -> Task | None:  # fmt: skip
    """A task of a rule or a step; with a `key` at most one ever: None when it exists. No right is asked: its caller has one."""
    values = {
        "client_id": client_id, "account_id": account_id, "kind": kind, "title": clean(title)[:200], "assignee_id": assignee_id,
        "salespoint_id": salespoint_id, "due_on": due_on, "created_at": clock.now(), "created_by": by,
    }  # fmt: skip
    if key is None:
        return Task.objects.create(**values)
    task, made = Task.objects.get_or_create(key=key[:120], defaults=values)
    return task if made else None


@in_transaction
def task_add(
    *, client_id: int, title: str, due_on: date, by: Employee, assignee: Employee | None = None, kind: str = TaskKind.OTHER,
    account_id: int | None = None,
) -> Task:  # fmt: skip
    """A task by hand, for oneself or an active colleague of one's sales point."""
    client = locked_client(client_id, by=by, right=Right.CLIENT_VIEW)
    who = assignee or by
    if not clean(title):
        raise DomainError("Напишите, что сделать.", field="title")
    if problem := term_problem(due_on, on=clock.today(by.business_zone)):
        raise DomainError(problem, field="due_on")
    if not who.is_active or (who.pk != by.pk and not by.may(Right.CLIENT_VIEW, who)):
        raise DomainError("Выберите действующего сотрудника своей точки продаж.", field="assignee")
    task = task_make(
        client_id=client.pk, kind=kind, title=title, due_on=due_on, salespoint_id=who.salespoint_id, assignee_id=who.pk,
        account_id=_account(account_id, by), by=by,
    )  # fmt: skip
    journal.record(
        client,
        "task.added",
        by=by,
        data={"client": client.pk, "account": account_id, "task": task.pk, "assignee": who.pk},
    )
    return task


@in_transaction
def task_done(*, task_id: int, by: Employee, result: str = "") -> Task:
    """Done; a repeat changes nothing. Task.DoesNotExist outside the scope."""
    task = Task.objects.visible_to(by).select_for_update(of=("self",)).get(pk=task_id)
    if task.assignee_id not in (None, by.pk):
        require(by, Right.CLIENT_REBIND, task)
    if task.done_at is None:
        task.done_at, task.done_by, task.result = clock.now(), by, clean(result)[:300]
        task.save(update_fields=["done_at", "done_by", "result"])
        journal.record(
            task.client,
            "task.done",
            by=by,
            data={"client": task.client_id, "account": task.account_id, "task": task.pk},
        )
    return task


@in_transaction
def task_undo(*, task_id: int, by: Employee) -> Task:
    """Back to the open ones: the «Отменить» of the toast."""
    task = Task.objects.visible_to(by).select_for_update(of=("self",)).get(pk=task_id)
    if task.done_by_id != by.pk:
        raise Conflict("Задачу закрыл другой сотрудник.", who=str(task.done_by or ""), when=task.done_at)
    task.done_at, task.done_by, task.result = None, None, ""
    task.save(update_fields=["done_at", "done_by", "result"])
    journal.record(
        task.client,
        "task.reopened",
        by=by,
        data={"client": task.client_id, "account": task.account_id, "task": task.pk},
    )
    return task


def tasks_move(*, client_id: int, old_id: int, new_id: int | None, salespoint_id: int) -> int:
    """Open tasks about a client follow its card; without a new manager they wait for one at the sales point."""
    return (
        Task.objects.open().filter(client=client_id, assignee=old_id).update(assignee=new_id, salespoint=salespoint_id)
    )


def account_tasks_move(account: Account, *, old_id: int | None) -> int:
    """Open tasks about an account that were its manager's follow it to the new one (C7)."""
    rows = Task.objects.open().filter(account=account, assignee=old_id)
    return rows.update(assignee=account.manager_id, salespoint=account.salespoint_id)


def _close_call_tasks(client: Client, by: Employee, result: str) -> None:
    kinds = [TaskKind.CALL, TaskKind.RENEWAL_CALL, TaskKind.RENEWAL_LATE]
    Task.objects.open().filter(client=client, assignee=by, kind__in=kinds).update(
        done_at=clock.now(), done_by=by, result=result[:300]
    )


def _account(account_id: int | None, by: Employee) -> int | None:
    """An account named beside the client has to be visible (404)."""
    return Account.objects.visible_to(by).values_list("pk", flat=True).get(pk=account_id) if account_id else None
