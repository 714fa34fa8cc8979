"""Employees: the list, «Сотрудник +», the card (R1.18–R1.20, R1.29–R1.31)."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from core import htmx
from core.cards import CardPage, Section
from core.errors import DomainError, Forbidden
from core.lists import HeadAction, ListPage
from core.pages import EMPLOYEE, FormPage, Page
from core.rights import require
from partners import directory, filters, forms, tables
from partners.cards import employee_card
from partners.models import Employee, RoleAssignment, SalesPoint
from partners.rights import Right
from partners.services import people

from .network import HOME

SEARCH_FROM = 3
"""Letters after which the directory is asked."""


class EmployeeList(ListPage, abstract=True):
    right, noun = Right.EMPLOYEE_VIEW, ("сотрудник", "сотрудника", "сотрудников")
    table_class, filterset_class, order = tables.EmployeeTable, filters.EmployeeFilter, "name"
    empty_text = "Добавьте первого сотрудника."

    def get_queryset(self) -> QuerySet:
        live = RoleAssignment.objects.filter(revoked_at=None).select_related("role").order_by("role__title")
        return (
            Employee.objects.visible_to(self.request.user)
            .select_related("department", "salespoint")
            .prefetch_related(Prefetch("role_assignments", live, to_attr="live_roles"))
        )

    def row_css(self, row: Employee) -> str:
        return "" if row.is_active else "is-grey"


class PointEmployees(EmployeeList):
    """/partners/<id>/employees/"""

    title, section = "Сотрудники", "partners-employees"

    @cached_property
    def point(self) -> SalesPoint:
        return get_object_or_404(SalesPoint.objects.visible_to(self.request.user), pk=self.kwargs["pk"])

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        return (HOME, (str(self.point), self.point.get_absolute_url()))

    @property
    def head_actions(self) -> tuple[HeadAction, ...]:
        if not self.request.user.may(Right.EMPLOYEE_ADD, self.point) or self.point.state != SalesPoint.State.ACTIVE:
            return ()
        return (HeadAction("Сотрудник", f"/partners/{self.point.pk}/employees/add/", icon="plus"),)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(salespoint=self.point)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _ = self.point  # 404 outside the scope, whatever is posted
        return super().post(request, *args, **kwargs)


class AllEmployees(EmployeeList):
    """/employees/: those of every sales point one sees."""

    title, section, parents = "Сотрудники", "employees", (HOME,)
    table_class, filterset_class = tables.EmployeeTableOfAll, filters.EmployeeFilterOfAll


class EmployeeAdd(Page):
    """«Сотрудник +»: type-ahead over the directory of the accounting system (fig. 1-2). Works without JavaScript."""

    right, title, template_name = Right.EMPLOYEE_ADD, "Новый сотрудник", "partners/employee_add.html"

    @cached_property
    def point(self) -> SalesPoint:
        point = get_object_or_404(SalesPoint.objects.visible_to(self.request.user), pk=self.kwargs["pk"])
        require(self.request.user, Right.EMPLOYEE_ADD, point)
        return point

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        home = self.point.get_absolute_url()
        return (HOME, (str(self.point), home), ("Сотрудники", f"{home}employees/"))

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(status=200)

    def show(self, *, status: int, problem: str = "") -> HttpResponse:
        name = self.request.GET.get("q", "").replace("\0", "").strip()[:200]
        found, error = [], ""
        if len(name) >= SEARCH_FROM:
            try:
                found = self._marked(directory.current().search(name))
            except directory.DirectoryDown as down:
                error, status = down.message, 200
        answer = {
            "point": self.point, "q": name, "found": found, "error": error, "problem": problem,
            "asked": len(name) >= SEARCH_FROM, "from_letters": SEARCH_FROM,
        }  # fmt: skip
        part = "partners/parts/directory_people.html" if self.request.htmx.target == "people" else None
        return self.render(status=status, template=part, **answer)

    def _marked(self, found: list[directory.Person]) -> list[dict[str, Any]]:
        """Each person with the employee he is already, if he is."""
        ids = [person.external_id for person in found]
        known = {e.external_id: e for e in Employee.objects.select_related("salespoint").filter(external_id__in=ids)}
        return [{"person": person, "employee": known.get(person.external_id)} for person in found]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        wanted = request.POST.get("person", "").replace("\0", "")[:100]
        try:
            employee = people.employee_hire(salespoint_id=self.point.pk, external_id=wanted, by=request.user)
        except DomainError as error:
            return self.show(status=error.status, problem=error.message)
        if employee.salespoint_id != self.point.pk:
            raise Http404
        return htmx.done(
            request,
            f"{employee.full_name}: теперь настройте права",
            url=f"{employee.get_absolute_url()}access/",
            stay=False,
        )


class EmployeePage(FormPage, abstract=True):
    """A form of one employee: outside the scope 404; the service asks for the right over him."""

    right = EMPLOYEE
    needs: Right | None = None

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        return (HOME, (self.object.short_name, self.object.get_absolute_url()))

    def get_object(self) -> Employee:
        employee = get_object_or_404(
            Employee.objects.visible_to(self.request.user).select_related("salespoint", "department"),
            pk=self.kwargs["pk"],
        )
        if self.needs:
            require(self.request.user, self.needs, employee)
        return employee

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class EmployeeCard(CardPage):
    """/employees/<id>/"""

    card, right = employee_card, EMPLOYEE
    header_template, overview_title = "partners/employee_header.html", "Основные данные"

    def get_object(self) -> Employee:
        employees = Employee.objects.visible_to(self.request.user) | Employee.objects.filter(pk=self.request.user.pk)
        return get_object_or_404(
            employees.select_related("salespoint", "department", "blocked_by"), pk=self.kwargs["pk"]
        )

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        point = self.object.salespoint
        return (HOME, (str(point), point.get_absolute_url()), ("Сотрудники", f"{point.get_absolute_url()}employees/"))

    def get_title(self) -> str:
        return self.object.full_name

    def _section(self, slug: str) -> Section | None:
        """A section that is there but not for this viewer is a refusal, not a missing page (decision 21)."""
        part = next((s for s in self.card.sections if s.slug == slug), None)
        if part and not self.may_see(part):
            raise Forbidden
        return super()._section(slug)


class EmployeeChange(EmployeePage):
    """Main data; of oneself only how to be reached."""

    title, success_text = "Данные сотрудника", "Данные сохранены"

    @cached_property
    def object(self) -> Employee:
        if int(self.kwargs["pk"]) == self.request.user.pk:
            return Employee.objects.select_related("salespoint").get(pk=self.request.user.pk)
        employee = self.get_object()
        require(self.request.user, Right.EMPLOYEE_ADD, employee)
        return employee

    def get_form(self, data=None, files=None):
        if self.object.pk == self.request.user.pk:
            return forms.ContactsForm(data, initial=self.get_initial())
        return forms.EmployeeForm(data, initial=self.get_initial(), employee=self.object)

    def get_initial(self) -> dict[str, Any]:
        names = ("position", "department", "phone", "email", "zone", "version")
        return {name: getattr(self.object, name) for name in names}

    def perform(self, form) -> Employee:
        return people.employee_change(employee_id=self.object.pk, by=self.request.user, **form.cleaned_data)


class EmployeeMove(EmployeePage):
    title, form_class, submit = "Перевести в другую точку продаж", forms.MoveForm, "Перевести"
    needs, success_text = Right.EMPLOYEE_ADD, "Сотрудник переведен"
    lead = "Клиенты и дела останутся за прежней точкой продаж: их передают отдельно."

    def perform(self, form: forms.MoveForm) -> Employee:
        return people.employee_move(
            employee_id=self.object.pk, salespoint_id=form.cleaned_data["salespoint"].pk, by=self.request.user,
            version=form.cleaned_data["version"],
        )  # fmt: skip


class EmployeePassword(EmployeePage):
    title, form_class, submit = "Новый пароль сотрудника", forms.NewPasswordForm, "Задать пароль"
    needs, success_text = Right.EMPLOYEE_ADD, "Пароль задан, сеансы сотрудника завершены"
    lead = "Передайте пароль сотруднику лично. Все его сеансы завершатся."

    def perform(self, form: forms.NewPasswordForm) -> None:
        people.password_set(employee_id=self.object.pk, password=form.cleaned_data["new"], by=self.request.user)
