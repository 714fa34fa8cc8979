"""The filter of «Требуют продления» (R3.2–R3.15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Exists, Q, QuerySet

from clients.lists.responsible import ByResponsible, Responsible, responsible_q
from clients.models import BindingTopic
from clients.selectors.dictionaries import region_choices, topic_choices
from core import filters
from core.forms import Option
from licenses.models import Direction
from renewals import rules
from renewals.choices import Category
from renewals.selectors.options import NO_OUTCOME, outcome_choices
from renewals.selectors.terms import SHOWN, contacted, own_topics, topic_bindings

STATES = {
    "requires": ("Продление в ближайшие 60 дней", [Category.REQUIRES]),
    "not_renewed": ("Непродленные", [Category.NOT_RENEWED]),
    "terminated": ("Расторгнутые", [Category.TERMINATED]),
    "renewed": ("Продленные", [Category.RENEWED, Category.RENEWED_LATE]),
    "won_back": ("Возвращены", [Category.WON_BACK]),
    "moved": ("Сменили аккаунт и «Нулевка»", [Category.TRANSFERRED, Category.REDUCED]),
    "settled": ("Решено без продления", [Category.SETTLED]),
}
FACETS = ("state", "outcome")
"""Fields whose values carry a number: how many rows each would show under the rest of the filter."""
CALLS = [("now", "пора звонить"), ("late", "просрочен контакт")]


def categories_of(states: list[str]) -> list[Category]:
    """What the states mean; without one, what the list shows by itself."""
    return [category for state in states for category in STATES[state][1]] or SHOWN


class Ends(filters.Period):
    """«за сегодня»: the states as of today, whatever the end; «за период»: ends between two days, both included (R3.4)."""

    def __init__(self) -> None:
        super().__init__(
            "Окончание лицензии", presets=("month", "last_month", "quarter", "period"), field_name="ends_on"
        )

    def get_field(self):
        field = super().get_field()
        options = [("", "за сегодня"), *list(field.fields[0].choices)[1:]]
        field.fields[0].choices = field.widget.widgets[0].choices = options
        return field


def slot(name: str, value: str) -> str:
    """The id of the place where a value's number goes."""
    return f"n-{name}-{value}"


def counted(name: str, choices: list[tuple[str, str]]) -> list[tuple[str, Option]]:
    return [(value, Option(title, slot=slot(name, value))) for value, title in choices]


class Regions(filters.Checks):
    """Several regions; nothing chosen means all of them (R3.7)."""

    def __init__(self) -> None:
        super().__init__("Регион", choices=region_choices, field_name="account__region_code")
        self.extra["widget"] = forms.SelectMultiple(attrs={"data-ts": True, "size": 4, "placeholder": "Все регионы"})


class States(filters.Checks):
    """Renewed rows are no worst rows: their account is shown by its next term."""

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        return qs.filter(category__in=categories_of(value or []))


class Outcomes(filters.Checks):
    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        return qs.filter(outcome__in=["" if kind == NO_OUTCOME else kind for kind in value]) if value else qs


class RenewalFilter(ByResponsible):
    """Without a state: everything that waits or was refused."""

    ends = Ends()
    resp = Responsible()
    state = States(
        "Состояние договора", choices=counted("state", [(slug, title) for slug, (title, _c) in STATES.items()])
    )
    topic = filters.Checks("Тема закрепления", choices=topic_choices, method="by_topic")
    region = Regions()
    outcome = Outcomes("Итог продления", choices=lambda: counted("outcome", outcome_choices()))
    call = filters.Choice("Звонок", choices=CALLS, any_label="не важно", method="by_call")
    amount = filters.Amount("Сумма продления, ₽", field_name="due")

    def without(self, *names: str) -> QuerySet:
        """The rows under every field but these; the form is valid."""
        queryset = self.queryset
        for name, value in self.form.cleaned_data.items():
            if name not in names:
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        chosen = self.form.cleaned_data
        if not chosen.get("state"):
            queryset = queryset.filter(category__in=SHOWN)
        # By topic each direction stands for itself; else one row per account, its worst direction (decision 20).
        return queryset if by_direction(chosen) else queryset.filter(is_worst=True)

    def by_responsible(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """The account's; where a topic is asked for and bound, the topic's."""
        plain, topics = responsible_q(value, self.user), own_topics(self.form.cleaned_data.get("topic") or [])
        if not topics:
            return queryset.filter(plain)
        bound = topic_bindings(topics)
        return queryset.filter(Exists(bound.filter(plain)) | (~Exists(bound) & plain))

    def by_topic(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        if not value:
            return queryset
        wanted = Q(topic__code__in=value) | (Q(topic=None) if BindingTopic.MAIN in value else Q(pk=None))
        # Ids at once, not as a join: PostgreSQL knows how many rows a direction has, and walks the order or sorts by that.
        return queryset.filter(direction__in=list(Direction.objects.filter(wanted).values_list("pk", flat=True)))

    def by_call(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        last = self.on + timedelta(days=rules.CALL_TO_DAYS)
        first = self.on + timedelta(days=rules.CALL_FROM_DAYS)
        days = (
            Q(ends_on__range=(last, first)) if value == "now" else Q(ends_on__range=(self.on, last - timedelta(days=1)))
        )
        return queryset.filter(days, ~contacted(), category=Category.REQUIRES)


def by_direction(chosen: dict[str, Any]) -> bool:
    """Whether rows are directions: a topic is asked for, or terms that are renewed already."""
    return bool(chosen.get("topic")) or bool(
        {"renewed", "won_back", "moved", "settled"} & set(chosen.get("state") or [])
    )


__all__ = [
    "FACETS", "NO_OUTCOME", "STATES", "RenewalFilter", "by_direction", "categories_of", "contacted", "slot",
]  # fmt: skip
