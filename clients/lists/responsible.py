"""The filter «Ответственный»: sales point → employee, mine, nobody's (R2.12–R2.14), for any topic of binding.

Values: me, point (own sales point), free (its cards without a manager: pool A), none (without a sales point: pool B),
blocked (the manager's access is closed), p12 (a sales point), p12f (its cards without a manager), p12b (of blocked
managers), p12e7 (of one manager), e7 (a manager wherever).
"""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from clients.models import Binding, BindingTopic
from clients.selectors.dictionaries import topic_id
from core import filters
from partners import known
from partners.models import Employee
from partners.rights import Right, Scope

SPECIAL = {
    "me": "Мои",
    "point": "Моя точка продаж",
    "free": "Без привязки к менеджеру",
    "none": "Без привязки к партнеру",
    "blocked": "Ответственный заблокирован",
}
_CODED = re.compile(r"(?:p([0-9]{1,9}))?(?:([fb])|e([0-9]{1,9}))?")
KINDS = {"f": "без привязки к менеджеру", "b": "ответственный заблокирован"}
MANY_POINTS = 20


def asks_for_bound(value: str, topic: str) -> bool | None:
    """Whether the filter lets through cards with a sales point only (True), without one only (False), or both (None)."""
    if topic not in ("", BindingTopic.MAIN):
        return None  # told from the bindings of that topic, not from the card
    if value == "none":
        return False
    # A manager's card has a sales point: a constraint of the table.
    return True if re.match(r"(?:me|point|free|blocked|[pe][0-9])", value) else None


def inside(group: str, chosen: str, employee: Employee) -> str:
    """The value that shows a line of «Распределение» under the filter `chosen`: never wider than the filter."""
    if not re.fullmatch(r"p[0-9]+", group):
        return group
    if chosen == "me":
        return f"{group}e{employee.pk}"
    if chosen == "free":
        return f"{group}f"
    if chosen == "blocked":
        return f"{group}b"
    found = _CODED.fullmatch(chosen) if chosen and chosen not in SPECIAL else None
    if found and (found[2] or found[3]):
        return group + (found[2] or f"e{found[3]}")
    return group


def responsible_q(value: str, employee: Employee, prefix: str = "") -> Q:
    """The condition on `salespoint` and `manager` of cards or (with a prefix) of open bindings."""
    point, manager = f"{prefix}salespoint", f"{prefix}manager"
    if value == "me":
        return Q(**{manager: employee.pk})
    if value == "point":
        return Q(**{point: employee.salespoint_id})
    if value == "free":
        return Q(**{point: employee.salespoint_id, f"{manager}__isnull": True})
    if value == "none":
        return Q(**{f"{point}__isnull": True})
    if value == "blocked":
        return Q(**{f"{manager}__in": _blocked()})
    number, kind, person = _CODED.fullmatch(value).groups()
    found = Q(**{point: int(number)}) if number else Q()
    if kind:
        return found & (Q(**{f"{manager}__isnull": True}) if kind == "f" else Q(**{f"{manager}__in": _blocked()}))
    return found & Q(**{manager: int(person)}) if person else found


def _blocked() -> list[int]:
    """Ids at once, not as a join: a dozen people are looked up by the index of managers, not every card by its manager."""
    return list(Employee.objects.filter(access=Employee.Access.FORBIDDEN).values_list("pk", flat=True))


def coded(value: str) -> tuple[int | None, str | None, int | None]:
    """(sales point, "f" or "b", manager) of a coded value."""
    number, kind, person = _CODED.fullmatch(value).groups()
    return (int(number) if number else None), kind, (int(person) if person else None)


def narrow(queryset: QuerySet, value: str, topic: str, employee: Employee) -> QuerySet:
    """«Основная» stands on the card itself; other topics are asked of their open bindings."""
    if topic in ("", BindingTopic.MAIN):
        return queryset.filter(responsible_q(value, employee)) if value else queryset
    rows = Binding.objects.open().filter(client=OuterRef("pk"), topic=topic_id(topic))
    if value == "none":
        return queryset.filter(~Exists(rows))
    return queryset.filter(Exists(rows.filter(responsible_q(value, employee)) if value else rows))


def choices_for(employee: Employee, chosen: str = "") -> list[tuple[str, Any]]:
    """The tree of the select; where there are many points, people of one's own only. No query."""
    scope, names, working = employee.scope_of(Right.CLIENT_VIEW), known.points(), known.working_people()
    points = [employee.salespoint_id]
    if scope in (Scope.ALL, Scope.REGION):
        points = [pk for pk in names if scope == Scope.ALL or pk in employee.points_of_regions]
    shown = set(points if len(points) <= MANY_POINTS else [employee.salespoint_id])
    tree: list[tuple[str, Any]] = list(SPECIAL.items())
    codes = set(SPECIAL)
    for point in points:
        name = names.get(point, "")
        people = working.get(point, ()) if point in shown else ()
        options = [(f"p{point}", name), *((f"e{person.pk}", person.short_name) for person in people)]
        codes.update(code for code, _name in options)
        # A group of its own only where it has people: five hundred groups of one would cost more than the table.
        tree.append((name, options) if people else options[0])
    found = _CODED.fullmatch(chosen)
    if found and chosen and chosen not in codes:
        tree.append((chosen, words_of(chosen)))
    return tree


def words_of(value: str) -> str:
    """A value of a drill-down in words."""
    number, kind, person = _CODED.fullmatch(value).groups()
    parts = [
        known.point_name(int(number)) if number else "",
        KINDS[kind] if kind else known.person_name(int(person)) if person else "",
    ]
    return ", ".join(filter(None, parts)) or value


class Responsible(filters.Choice):
    """The select; its options are made for the viewer by `ByResponsible`."""

    def __init__(self) -> None:
        super().__init__("Ответственный", choices=[], any_label="Все", search=True, method="by_responsible")

    def words(self, value: Any, field: forms.Field) -> str:
        return super().words(value, field) if value else ""


class ByResponsible(filters.FilterSet):
    """A filter with the field `resp = Responsible()`; it says in `by_responsible` what a choice means."""

    def __init__(self, data=None, queryset=None, **kwargs: Any) -> None:
        super().__init__(data, queryset, **kwargs)
        self.filters["resp"].extra["choices"] = choices_for(self.user, (data or {}).get("resp", ""))
