"""Notes, calls, tasks, the next contact from the client card; «Мои задачи»."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.models import Note, Task
from accounts.services import work
from clients.models import BindingTopic, Client
from core import filters, htmx, tables
from core.lists import ListPage, Segment
from core.pages import FormPage, Page
from partners.rights import Right

from . import forms


class WorkForm(FormPage, abstract=True):
    """A form about one client in scope."""

    right, creates = Right.CLIENT_VIEW, True

    def get_object(self) -> Client:
        return get_object_or_404(Client.objects.visible_to(self.request.user), pk=self.kwargs["pk"])

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        return (("Все клиенты", "/clients/"), (self.object.name, self.object.get_absolute_url()))

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class NoteAdd(WorkForm):
    title, submit, success_text, form_class = "Заметка", "Добавить", "Заметка добавлена", forms.NoteForm

    def perform(self, form: forms.NoteForm) -> Note:
        return work.note_add(client_id=self.object.pk, by=self.request.user, **form.cleaned_data)


class NotePin(Page):
    """«Закрепить» a note above the others, and back; the other one pinned so far comes down."""

    right = Right.CLIENT_VIEW

    def post(self, request: HttpRequest, pk: int, note: int) -> HttpResponse:
        client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
        row = get_object_or_404(Note, pk=note, client=client)
        pinned = request.POST.get("pin", request.GET.get("pin")) != "0"
        before = Note.objects.filter(client=client, is_pinned=True).values_list("pk", flat=True).first()
        work.note_pin(note_id=row.pk, is_pinned=pinned, by=request.user)
        undo = f"{client.get_absolute_url()}notes/{before or row.pk}/pin/?pin={int(before is not None)}"
        return htmx.done(
            request,
            "Заметка закреплена наверху" if pinned else "Заметка откреплена",
            url=client.get_absolute_url(),
            undo=undo,
        )


class CallAdd(WorkForm):
    title, submit, success_text = "Записать звонок", "Записать", "Звонок записан"

    def get_form(self, data=None, files=None) -> forms.CallForm:
        return forms.CallForm(data, client=self.object, initial={"topic": BindingTopic.MAIN})

    def perform(self, form: forms.CallForm) -> Any:
        data = form.cleaned_data
        return work.call_log(
            client_id=self.object.pk, result=data["result"], comment=data["comment"], person_id=data["person"].person_id if data["person"] else None,
            next_on=data["next_on"], topic=data["topic"] or BindingTopic.MAIN, by=self.request.user, on=self.today,
        )  # fmt: skip


class NextContactSet(WorkForm):
    title, success_text, form_class, creates = (
        "Следующий контакт",
        "Следующий контакт сохранен",
        forms.NextContactForm,
        False,
    )

    def get_initial(self) -> dict[str, Any]:
        return {"topic": BindingTopic.MAIN}

    def perform(self, form: forms.NextContactForm) -> Any:
        data = form.cleaned_data
        return work.next_contact_set(
            client_id=self.object.pk,
            next_on=data["next_on"],
            topic=data["topic"] or BindingTopic.MAIN,
            comment=data["comment"],
            by=self.request.user,
            on=self.today,
        )


class TaskAdd(WorkForm):
    title, submit, success_text = "Поставить задачу", "Поставить", "Задача поставлена"

    def get_form(self, data=None, files=None) -> forms.TaskForm:
        return forms.TaskForm(data, employee=self.request.user)

    def perform(self, form: forms.TaskForm) -> Task:
        return work.task_add(client_id=self.object.pk, by=self.request.user, **form.cleaned_data)


class TaskDone(Page):
    """«Сделано», and back with `undo`."""

    right = Right.CLIENT_VIEW

    def post(self, request: HttpRequest, task: int) -> HttpResponse:
        row = get_object_or_404(Task.objects.visible_to(request.user), pk=task)
        if "undo" in request.GET:
            work.task_undo(task_id=row.pk, by=request.user)
            return htmx.done(request, "Задача снова открыта", url="/tasks/")
        work.task_done(task_id=row.pk, by=request.user, result=request.POST.get("result", ""))
        return htmx.done(request, "Задача выполнена", url="/tasks/", undo=f"/tasks/{row.pk}/done/?undo=1")


class TaskTable(tables.Table):
    title = tables.Link("Задача", accessor="title", sub=lambda t: t.client.name)
    kind = tables.Badge("Вид", accessor="kind", low=1)
    due = tables.Date("Срок", accessor="due_on", order_by="due_on", keyset=True)
    assignee = tables.Person("Исполнитель", accessor="assignee")
    inn = tables.Column("ИНН", accessor="client__inn", hidden=True)


WHOSE = [("me", "мои"), ("free", "ничьи"), ("point", "все в точке продаж")]
STATE = [("open", "открытые"), ("done", "выполненные")]


class TaskFilter(filters.FilterSet):
    who = filters.Choice("Чьи", choices=WHOSE, any_label="мои", method="by_who")
    state = filters.Choice("Состояние", choices=STATE, any_label="открытые", method="by_state")
    due = filters.Period("Срок", field_name="due_on", presets=("today", "week", "next_7", "period"))

    def filter_queryset(self, queryset):
        queryset = super().filter_queryset(queryset)
        who, state = self.form.cleaned_data.get("who") or "me", self.form.cleaned_data.get("state") or "open"
        mine = {"me": Q(assignee=self.user), "free": Q(assignee=None), "point": Q()}[who]
        return queryset.filter(mine, done_at__isnull=state == "open")

    def by_who(self, queryset, name, value):
        return queryset

    def by_state(self, queryset, name, value):
        return queryset


class TaskList(ListPage):
    """«Мои задачи»."""

    title, section, right = "Мои задачи", "tasks", Right.CLIENT_VIEW
    noun = ("задача", "задачи", "задач")
    table_class, filterset_class, order = TaskTable, TaskFilter, "due"
    segments = (
        Segment("", "Все"),
        Segment("late", "Просрочены", lambda page: Q(due_on__lt=page.today), tone="bad"),
        Segment("today", "Сегодня", lambda page: Q(due_on=page.today)),
    )
    row_actions, empty_text = "accounts/work/task_actions.html", "Задач нет."

    def get_queryset(self):
        return Task.objects.visible_to(self.request.user).select_related("client", "assignee")

    def row_url(self, row: Task) -> str:
        return row.client.get_absolute_url()
