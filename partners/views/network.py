"""«Мы и партнеры»: sales points, their cards and what the operator does with them (R1.13–R1.17)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from core.cards import CardPage
from core.lists import HeadAction, ListPage
from core.pages import FormPage
from partners import filters, forms, handover, structure, tables
from partners.cards import point_card
from partners.models import Department, Partner, SalesPoint
from partners.rights import Right
from partners.services import handing, network

HOME = ("Мы и партнеры", "/partners/")


class PointList(ListPage):
    """/partners/"""

    title, section, right = "Мы и партнеры", "partners", Right.SALESPOINT_VIEW
    noun = ("точка продаж", "точки продаж", "точек продаж")
    table_class, filterset_class, order = tables.PointTable, filters.PointFilter, "code"
    template_name = "partners/points.html"
    empty_text = "Вы видите только свою точку продаж."
    head_actions = (
        HeadAction("Точка продаж", "/partners/add/", Right.SALESPOINT_CHANGE),
        HeadAction("Партнер", "/partners/structure/add/", Right.SALESPOINT_CHANGE, primary=False),
    )

    def get_queryset(self) -> QuerySet:
        working = Count("employees", filter=Q(employees__access="allowed"), distinct=True)
        points = SalesPoint.objects.visible_to(self.request.user)
        return points.select_related("partner", "region", "head").annotate(people=working)

    def decorate(self, found: list[SalesPoint]) -> None:
        paths = structure.paths()
        for point in found:
            point.path = paths.get(point.partner_id, "")

    def row_css(self, row: SalesPoint) -> str:
        return "is-grey" if row.state == SalesPoint.State.CLOSED else ""

    def extra(self) -> dict[str, Any]:
        links = [
            (title, url)
            for title, url, right in (
                ("Все сотрудники", "/employees/", Right.EMPLOYEE_VIEW),
                ("Заявки партнеров", "/partners/applications/", Right.APPLICATION_PROCESS),
                ("Роли", "/partners/roles/", Right.EMPLOYEE_GRANT),
                ("Кто выгружал", "/partners/exports/", Right.JOURNAL_VIEW),
                ("Кто смотрел", "/partners/views/", Right.JOURNAL_VIEW),
                ("Удаление персональных данных", "/partners/erasure/", Right.ADMIN),
            )
            if self.request.user.has_right(right)
        ]
        return {"tree": structure.tree(self.request.user), "links": links}


class PointPage(FormPage, abstract=True):
    """A form of one sales point: outside the scope 404, without the right 403."""

    right = Right.SALESPOINT_CHANGE

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        return (HOME, (str(self.object), self.object.get_absolute_url()))

    def get_object(self) -> SalesPoint:
        return get_object_or_404(SalesPoint.objects.visible_to(self.request.user), pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class PointCard(CardPage):
    """/partners/<id>/: others read it, the operator edits (R1.13)."""

    card, right, parents = point_card, Right.SALESPOINT_VIEW, (HOME,)
    header_template, overview_title = "partners/point_header.html", "Карточка"

    def get_object(self) -> SalesPoint:
        points = SalesPoint.objects.visible_to(self.request.user)
        return get_object_or_404(
            points.select_related("partner", "region", "head", "legal_entity"), pk=self.kwargs["pk"]
        )


class PointAdd(FormPage):
    title, right, form_class, creates = "Новая точка продаж", Right.SALESPOINT_CHANGE, forms.PointForm, True
    parents = (HOME,)
    submit, success_text, success_url, stay = "Создать", "Точка продаж создана", "/partners/", False

    def get_initial(self) -> dict[str, Any]:
        return {"kind": "own", "zone": "Europe/Kaliningrad", "calendar": "пн–пт 09:00–18:00"}

    def perform(self, form: forms.PointForm) -> SalesPoint:
        data = form.cleaned_data | {"version": None}
        data.pop("version")
        return network.salespoint_add(by=self.request.user, **data)

    def get_success_url(self) -> str:
        return self.result.get_absolute_url()


class PointChange(PointPage):
    title, form_class, success_text, stay = "Карточка точки продаж", forms.PointChangeForm, "Карточка сохранена", False

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"point": self.object}

    def get_initial(self) -> dict[str, Any]:
        point = self.object
        names = (*network.POINT_FIELDS, "version")
        return {name: getattr(point, name) for name in names} | {"regions": point.regions.all()}

    def perform(self, form: forms.PointChangeForm) -> SalesPoint:
        return network.salespoint_change(salespoint_id=self.object.pk, by=self.request.user, **form.cleaned_data)


class PartnerAdd(FormPage):
    title, right, form_class, creates = "Новый партнер", Right.SALESPOINT_CHANGE, forms.PartnerForm, True
    parents = (HOME,)
    submit, success_text, success_url = "Создать", "Партнер добавлен", "/partners/"

    def perform(self, form: forms.PartnerForm) -> Partner:
        return network.partner_add(by=self.request.user, **form.cleaned_data)


class DepartmentAdd(PointPage):
    title, form_class, creates = "Новый отдел", forms.DepartmentForm, True
    submit, success_text = "Добавить", "Отдел добавлен"

    def perform(self, form: forms.DepartmentForm) -> Department:
        return network.department_add(salespoint_id=self.object.pk, by=self.request.user, **form.cleaned_data)


class PointClose(PointPage):
    """Closing: what is bound is named; «Передать все» first (R1.17)."""

    title, submit, submit_tone = "Закрыть точку продаж", "Закрыть", "danger"
    success_text, template_name = "Точка продаж закрыта", "partners/point_close.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        people = self.object.employees.unblocked().count()
        return super().get_context(bound=handover.of_point(self.object), people=people, **extra)

    def perform(self, form) -> SalesPoint:
        return network.salespoint_close(salespoint_id=self.object.pk, by=self.request.user, on=self.today)


class PointReopen(PointPage):
    title, submit, success_text = "Открыть точку продаж снова", "Открыть", "Точка продаж снова работает"
    lead = "Точка продаж вернется в списки, в нее снова можно принимать сотрудников."

    def perform(self, form) -> SalesPoint:
        return network.salespoint_reopen(salespoint_id=self.object.pk, by=self.request.user)


class PointHandOver(PointPage):
    title, form_class, submit = "Передать все другой точке продаж", forms.PointToForm, "Передать"
    success_text, template_name = "Передача начата: ход виден в шапке страницы", "partners/hand_over.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"point": self.object}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(bound=handover.of_point(self.object), **extra)

    def perform(self, form: forms.PointToForm) -> object:
        return handing.salespoint_hand_over_start(
            salespoint_id=self.object.pk, to_id=form.cleaned_data["to"].pk, by=self.request.user
        )
