"""What may be done with many clients at once (R2.16–R2.17, R2.30)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from clients.events import task_wanted
from clients.forms import BindForm, CallTaskForm, ReasonForm, TransferForm
from clients.models import BindingTopic, Client
from clients.services import client_bind_many, client_release, client_transfer, explain
from core.actions import BulkAction, RowReport
from core.rights import require
from partners.rights import Right


class BindMine(BulkAction):
    slug, title, icon, right = "bind-me", "Закрепить за мной", "user-check", Right.CLIENT_CLAIM
    question, result, submit = "Закрепить за вами выбранных клиентов?", "Закреплено", "Закрепить"

    def run(self, rows: Iterable[Client], *, by, data: dict[str, Any]) -> list[RowReport]:
        names = {row.pk: row.name for row in rows}
        topic = data.get("topic") or BindingTopic.MAIN
        results = client_bind_many(client_ids=list(names), manager=data.get("manager"), topic=topic, by=by)
        return [RowReport(r.client_id, names[r.client_id], explain(r)) for r in results]


class BindTo(BindMine):
    slug, title, icon, right = "bind-to", "Закрепить за…", "users", Right.CLIENT_BIND_OTHERS
    question, submit = "За кем закрепить выбранных клиентов?", "Закрепить"
    form_class = BindForm

    def get_form(self, data=None) -> forms.Form:
        return BindForm(data, employee=self.page.request.user, many=True)


class CallTasks(BulkAction):
    slug, title, icon, right = "call", "Задача", "phone", Right.CLIENT_CLAIM
    question, result, submit = "Поставить задачу «Позвонить» по выбранным клиентам?", "Поставлено задач", "Поставить"

    def get_form(self, data=None) -> forms.Form:
        return CallTaskForm(data, today=self.page.today)

    def perform(self, row: Client, *, by, data: dict[str, Any]) -> None:
        require(by, Right.CLIENT_VIEW, row)
        task_wanted.send(
            Client, client_id=row.pk, assignee_id=row.manager_id or by.pk, salespoint_id=row.salespoint_id or by.salespoint_id, kind="call",
            title=data["title"] or "Позвонить", due_on=data["due_on"], key=f"call:{row.pk}:{data['due_on']}:{by.pk}", by=by,
        )  # fmt: skip


class ReleaseMany(BulkAction):
    slug, title, icon, right = "release", "Освободить", "user-off", Right.CLIENT_CLAIM
    question, result, form_class = "Вернуть карточки в общий список точки продаж?", "Освобождено", ReasonForm

    def perform(self, row: Client, *, by, data: dict[str, Any]) -> None:
        client_release(client_id=row.pk, reason=data["reason"], by=by)


class TransferMany(BulkAction):
    slug, title, icon, right = "transfer", "Передать…", "transfer", Right.CLIENT_REBIND
    question, result, submit = "Кому передать выбранных клиентов?", "Передано", "Передать"
    form_class = TransferForm

    def get_form(self, data=None) -> forms.Form:
        return TransferForm(data, employee=self.page.request.user)

    def perform(self, row: Client, *, by, data: dict[str, Any]) -> None:
        client_transfer(
            client_id=row.pk, manager=data["manager"], salespoint=data["salespoint"], reason=data["reason"], topic=data["topic"] or BindingTopic.MAIN,
            carry=frozenset(data["carry"]), by=by,
        )  # fmt: skip


ACTIONS = (BindMine, BindTo, CallTasks, ReleaseMany, TransferMany)
