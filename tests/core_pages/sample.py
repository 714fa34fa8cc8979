"""A small declared list and card over employees: what the pages of the program look like, and what the tests drive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django import forms
from django.db.models import DateTimeField, DecimalField, DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Cast, Mod
from django.shortcuts import get_object_or_404
from django.urls import path

from core import cards, filters, formats, tables
from core.actions import BulkAction
from core.errors import Conflict, DomainError
from core.forms import MoneyField, Option, VersionMixin
from core.lists import HeadAction, ListPage, Preset, Segment, Tab
from core.pages import FormPage
from partners.models import Employee
from partners.rights import Right
from sbilling.urls import urlpatterns as real_urls

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class EmployeeTable(tables.Table):
    name = tables.Link(
        "Сотрудник",
        accessor="full_name",
        order_by=("last_name", "id"),
        keyset=True,
        sub=lambda e: f"{e.login} · № {formats.group(e.pk)}",
    )
    position = tables.Column("Должность", order_by="position")
    seen = tables.Moment("Был в системе", accessor="seen_at", order_by="seen_at", low=1)
    amount = tables.Money("К выплате, ₽", order_by="amount", total=True)
    access = tables.Badge("Доступ", tones={"allowed": "ok", "forbidden": "bad"})
    department = tables.Column("Отдел", accessor="department__name", hidden=True)


class EmployeeFilter(filters.FilterSet):
    q = filters.Text("Фамилия", field_name="last_name")
    access = filters.Checks("Доступ", choices=Employee.Access.choices)
    position = filters.Choice("Должность", choices=[("менеджер", "Менеджер"), ("инженер", "Инженер")], search=True)
    seen = filters.Period(
        "Был в системе", field_name="seen_at", moments=True, presets=("today", "month", "year", "period")
    )
    amount = filters.Amount("Сумма, ₽")
    phone = filters.YesNo("Телефон", yes="с телефоном", no="без телефона", method="filter_phone")

    def filter_phone(self, queryset, name, value):
        return queryset.exclude(phone="") if value == "1" else queryset.filter(phone="")


class RenameForm(forms.Form):
    position = forms.CharField(label="Новая должность", max_length=40)


class RenameMany(BulkAction):
    slug, title, icon, right = "rename", "Сменить должность", "edit", Right.EMPLOYEE_VIEW
    form_class, question, result = RenameForm, "Сменить должность?", "Изменено"

    def perform(self, row, *, by, data):
        if row.last_name.startswith("Отказ"):
            raise DomainError("Эту должность менять нельзя.")
        Employee.objects.filter(pk=row.pk).update(position=data["position"])


class EmployeeSample(ListPage):
    title, section, right = "Сотрудники", "sample", Right.EMPLOYEE_VIEW
    noun = ("сотрудник", "сотрудника", "сотрудников")
    parents = (("Мы и партнеры", "/partners/"),)
    table_class, filterset_class, order = EmployeeTable, EmployeeFilter, "name"
    tabs = (Tab("Список", "/sample/"), Tab("Распределение", "/sample/distribution/"))
    segments = (
        Segment("", "Все"),
        Segment("managers", "Менеджеры", Q(position="менеджер"), tone="warn"),
        Segment("blocked", "Заблокированы", Q(access="forbidden"), tone="bad", apart=True),
    )
    presets = (Preset("Инженеры с телефоном", "position=инженер&phone=1"),)
    actions = (RenameMany,)
    head_actions = (HeadAction("Сотрудник", "/sample/add/"),)
    row_actions = "core_pages/row_actions.html"

    def get_queryset(self):
        amount = Cast(Mod(F("pk") * 137, Value(9000)), DecimalField(max_digits=14, decimal_places=2)) + Value(
            Decimal("0.50")
        )
        seen = ExpressionWrapper(
            Value(NOW)
            - ExpressionWrapper(Mod(F("pk"), Value(300)) * Value(timedelta(days=1)), output_field=DurationField()),
            output_field=DateTimeField(),
        )
        return (
            Employee.objects.visible_to(self.request.user)
            .select_related("department")
            .annotate(amount=amount, seen_at=seen)
        )

    def row_url(self, row):
        return f"/sample/{row.pk}/"

    def row_sum(self, row):
        return row.amount


class FastSample(EmployeeSample):
    """The same list with a slim row template."""

    section, row_template = "sample-fast", "core_pages/row.html"


class EditForm(VersionMixin):
    position = forms.CharField(label="Должность", max_length=40, help_text="Как в учетной системе")
    amount = MoneyField(label="Оклад, ₽", min_value=1)
    why = forms.ChoiceField(
        label="Причина",
        widget=forms.RadioSelect,
        choices=[
            ("a", Option("Повышение", hint="решение руководителя")),
            ("b", Option("Исправление", hint="была опечатка")),
        ],
    )
    quiet = forms.BooleanField(label="Без уведомления", required=False)


class EditSample(FormPage):
    title, right, form_class = "Изменить должность", Right.EMPLOYEE_VIEW, EditForm
    success_text, creates = "Должность изменена", True

    def get_object(self):
        return get_object_or_404(Employee.objects.visible_to(self.request.user), pk=self.kwargs["pk"])

    def get_initial(self):
        return {"version": self.object.version, "position": self.object.position}

    def perform(self, form):
        data = form.cleaned_data
        if data["position"] == "занято":
            raise DomainError("Такая должность занята. Выберите другую.", field="position")
        if data["version"] != self.object.version:
            raise Conflict("Запись изменила Каверкина Н. И. в 14:02.")
        return Employee.objects.filter(pk=self.object.pk).update(position=data["position"], version=F("version") + 1)

    def get_success_url(self):
        return f"/sample/{self.object.pk}/"


sample_card = cards.Card("sample", title="Карточка сотрудника")
sample_card.register(cards.Section("tasks", "Задачи", "core_pages/section.html", badge=lambda e, request: (2, "bad")))
sample_card.register(cards.Section("secret", "Секрет", "core_pages/section.html", right=Right.PRICE_CHANGE))
sample_card.register(
    cards.Panel(
        "facts",
        "core_pages/panel.html",
        context=lambda e, request: {"lines": [("Логин", e.login), ("Должность", e.position)]},
    )
)
sample_card.register(
    cards.Panel("use", "core_pages/side.html", place="side", context=lambda e, request: {"weeks": [0, 2, 5, 3]})
)
sample_card.register(cards.Attention(lambda e, request: cards.Alert("Срок договора истекает через 24 дня", urgency=24)))
sample_card.register(
    cards.Attention(
        lambda e, request: cards.Alert("Просрочена задача", urgency=-3, url=f"/sample/{e.pk}/edit/", action="Изменить")
    )
)
sample_card.register(cards.Action("Изменить", lambda e: f"/sample/{e.pk}/edit/", icon="edit", main=True, key="renew"))
sample_card.register(cards.Action("Печать карточки", lambda e: f"/sample/{e.pk}/", icon="printer", dialog=False))


class SampleCard(cards.CardPage):
    card, right = sample_card, Right.EMPLOYEE_VIEW
    parents = (("Сотрудники", "/sample/"),)
    header_template = "core_pages/card_header.html"

    def get_object(self):
        return get_object_or_404(Employee.objects.visible_to(self.request.user), pk=self.kwargs["pk"])

    def get_title(self):
        return self.object.full_name

    def get_url(self):
        return f"/sample/{self.object.pk}/"


urlpatterns = [
    path("sample/", EmployeeSample.as_view()),
    path("sample/fast/", FastSample.as_view()),
    path("sample/<int:pk>/", SampleCard.as_view()),
    path("sample/<int:pk>/edit/", EditSample.as_view()),
    path("sample/<int:pk>/<slug:section>/", SampleCard.as_view()),
    *real_urls,
]
handler500 = "sbilling.views.server_error"
