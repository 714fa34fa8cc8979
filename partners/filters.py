"""Filters of the network's lists."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from core import filters
from partners import known
from partners.models import Employee, PartnerApplication, SalesPoint


def regions() -> list[tuple[str, str]]:
    return [(code, str(region)) for code, region in known.regions().items()]


def partners() -> list[tuple[int, str]]:
    return [(pk, partner.name) for pk, partner in known.partners().items()]


def points() -> list[tuple[int, str]]:
    return list(known.points().items())


def roles() -> list[tuple[str, str]]:
    return known.roles()


class PointFilter(filters.FilterSet):
    name = filters.Text("Название или код", method="filter_name")
    region = filters.Choice("Регион", choices=regions, field_name="regions", search=True)
    partner = filters.Choice("Партнер", choices=partners, search=True)
    state = filters.Choice("Состояние", choices=SalesPoint.State.choices)

    def filter_name(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(name__icontains=value) | Q(code__startswith=value))


class AccessFilter(filters.Choice):
    """«Доступ»: blocked people are hidden unless they are asked for (R1.29, R1.30)."""

    UNBLOCKED, ANY, BLOCKED = "", "any", "blocked"

    def __init__(self) -> None:
        super().__init__(
            "Доступ",
            any_label="Незаблокированные",
            choices=[(self.ANY, "Незаблокированные и заблокированные"), (self.BLOCKED, "Заблокированные")],
        )

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        if value == self.ANY:
            return qs
        wanted = Employee.Access.FORBIDDEN if value == self.BLOCKED else Employee.Access.ALLOWED
        return qs.filter(access=wanted)


def by_name(queryset: QuerySet, value: str) -> QuerySet:
    """Employees whose surname, name or patronymic begins with every word."""
    for word in value.split():
        queryset = queryset.filter(
            Q(last_name__istartswith=word)
            | Q(first_name__istartswith=word)
            | Q(middle_name__istartswith=word)
            | Q(login__istartswith=word)
        )
    return queryset


class EmployeeFilter(filters.FilterSet):
    name = filters.Text("ФИО или логин", method="filter_name")
    access = AccessFilter()
    role = filters.Choice("Роль", choices=roles, method="filter_role")

    def filter_name(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return by_name(queryset, value)

    def filter_role(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(role_assignments__role__code=value, role_assignments__revoked_at=None)


class EmployeeFilterOfAll(EmployeeFilter):
    point = filters.Choice("Точка продаж", choices=points, field_name="salespoint", search=True)


class ApplicationFilter(filters.FilterSet):
    inn = filters.Text("ИНН", lookup="startswith")
    state = filters.Choice("Состояние", choices=PartnerApplication.State.choices)
    region = filters.Choice("Регион", choices=regions, search=True)


class ExportFilter(filters.FilterSet):
    who = filters.Text("Кто", method="filter_who")
    at = filters.Period("Когда", moments=True, presets=("today", "yesterday", "week", "month", "period"))

    def filter_who(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(by__in=by_name(Employee.objects.all(), value))


class ViewFilter(ExportFilter):
    subject = filters.Whole("Номер карточки", field_name="subject_id")
