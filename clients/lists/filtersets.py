"""Filters of the client lists (R2.6–R2.14, R2.22–R2.23, R2.37, R2.40). List, counter, «Распределение», Excel share them."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from clients.choices import (
    CATEGORIES,
    COUNTED_INVITATIONS,
    OPEN_INVITATIONS,
    DeclineReason,
    InvitationTopic,
    Kind,
    LostReason,
    ProspectState,
    TrialReason,
    WorkState,
)
from clients.models import Client, Invitation
from clients.models.client import NO_CONTACT
from clients.rules import new_since
from clients.selectors.dictionaries import region_choices, topic_choices
from clients.selectors.search import Typed, route
from core import filters
from core.names import normalize_name

from .responsible import ByResponsible, Responsible, narrow

ACTIVE_DAYS = 30
MANY_TYPED = 5_000
"""Cards typed by hand whose ИНН are named one by one: the database then asks its index for each."""


class Registered(filters.Period):
    """«Зарегистрированы»: new organisations, or a period of one's own (R2.9)."""

    def __init__(self) -> None:
        super().__init__("Зарегистрированы", presets=("period",), field_name="registered_on")

    def get_field(self):
        field = super().get_field()
        options = [("", "не важно"), ("new", "Новые организации"), ("period", "за период")]
        field.fields[0].choices = field.widget.widgets[0].choices = options
        return field

    def filter(self, qs: QuerySet, value: tuple | None) -> QuerySet:
        if value and value[0] == "new":
            return qs.filter(registered_on__gt=new_since(self.on))
        return super().filter(qs, value)

    def words(self, value: tuple | None, field) -> str:
        return "Новые организации" if value and value[0] == "new" else super().words(value, field)


class Codes(filters.Checks):
    """Checkboxes over a column of codes."""

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


WORK = [
    ("no", "не работали"),
    ("yes", "работали"),
    *[(s.value, s.label) for s in (WorkState.AGREED, WorkState.REGISTERING)],
]
CONTACT = [("overdue", "просрочен"), ("today", "сегодня"), ("week", "ближайшие 7 дней"), ("no", "не назначен")]


TWINS = [("merge", "можно объединить"), ("inn", "другая карточка с тем же ИНН")]


class ClientFilter(ByResponsible):
    """«Все клиенты»."""

    lead: ClassVar[tuple[str, ...]] = ("reg", "phone", "resp")
    """What the manual names stands on top, then what a category has of its own, then the rest."""

    @classmethod
    def get_filters(cls) -> dict:
        found = super().get_filters()
        own = [name for name in found if name not in cls.lead and name not in getattr(cls.__base__, "base_filters", {})]
        top = [name for name in cls.lead if name in found]
        return {name: found[name] for name in dict.fromkeys([*top, *own, *found])}

    reg = Registered()
    phone = filters.YesNo("Телефон", yes="С телефоном", no="Без телефона", field_name="has_phone")
    resp = Responsible()
    region = filters.Choice("Регион", choices=region_choices, field_name="region_code", search=True)
    kind = Codes("Вид", choices=Kind.choices, field_name="kind")
    state = Codes("Категория", choices=CATEGORIES, field_name="prospect_state")
    work = filters.Choice("Работа", choices=WORK, any_label="не важно", method="by_work")
    contact = filters.Choice("Следующий контакт", choices=CONTACT, any_label="не важно", method="by_contact")
    twins = filters.Choice("Дубли", choices=TWINS, any_label="не важно", method="by_twins")
    life = filters.YesNo("Деятельность", yes="ведут", no="прекратили", method="by_life")
    topic = filters.Choice("Тема закрепления", choices=topic_choices, any_label="Основная", method="by_topic")
    q = filters.Text("Название или ИНН", method="by_text")

    def by_responsible(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return narrow(queryset, value, self.form.cleaned_data.get("topic") or "", self.user)

    def by_topic(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        # With a responsible person the topic tells whose bindings are meant.
        return queryset if self.form.cleaned_data.get("resp") else narrow(queryset, "", value, self.user)

    def by_work(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "no":
            return queryset.filter(work_state=WorkState.NEW)
        return queryset.exclude(work_state=WorkState.NEW) if value == "yes" else queryset.filter(work_state=value)

    def by_contact(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "no":
            return queryset.filter(next_contact_on=NO_CONTACT)
        week = self.on + timedelta(days=7)
        bounds = {
            "overdue": Q(next_contact_on__lt=self.on),
            "today": Q(next_contact_on=self.on),
            "week": Q(next_contact_on__range=(self.on, week)),
        }
        return queryset.filter(bounds[value])

    def by_twins(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        queryset = queryset.exclude(inn="")
        if value == "inn":
            # «A second card of this ИНН», asked row by row: a join would read every card before the first fifty are known.
            return queryset.filter(
                Exists(Client.objects.filter(inn=OuterRef("inn")).exclude(inn="").order_by("pk")[1:])
            )
        # One of the pair was typed by hand: such cards are few and have an index of their own. Private persons have no pair:
        # a constraint keeps their ИНН unique.
        by_hand = Client.objects.filter(ogrn__isnull=True, kind__in=(Kind.LEGAL, Kind.ENTREPRENEUR)).exclude(inn="")
        numbers = list(by_hand.values_list("inn", flat=True)[: MANY_TYPED + 1])
        if len(numbers) > MANY_TYPED:
            numbers = by_hand.values("inn")
        typed = Client.objects.filter(ogrn__isnull=True, kind=OuterRef("kind"), inn=OuterRef("inn")).exclude(inn="")
        other = Client.objects.filter(kind=OuterRef("kind"), inn=OuterRef("inn")).exclude(pk=OuterRef("pk"))
        pair = Q(Exists(typed.exclude(pk=OuterRef("pk")))) | Q(Exists(other), ogrn__isnull=True)
        return queryset.filter(inn__in=numbers).filter(pair)

    def by_life(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(ceased_on__isnull=value == "1")

    def by_text(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        asked = route(value)
        if asked.typed is Typed.NAME:
            for word in normalize_name(asked.value).split()[:8]:
                queryset = queryset.filter(name_norm__contains=word)
            return queryset
        if asked.typed is Typed.PHONE:
            return queryset.filter(phone_tail=asked.value)
        if asked.typed is Typed.OGRN:
            return queryset.filter(ogrn=asked.value)
        return queryset.exclude(inn="").filter(inn__startswith=asked.value)  # the index leaves out the empty ones


class PotentialFilter(ClientFilter):
    """«Потенциальные клиенты»: everybody but the connected."""

    state = Codes(
        "Категория", choices=[c for c in CATEGORIES if c[0] != ProspectState.CONNECTED], field_name="prospect_state"
    )


INVITED = [("open", "Приглашены"), ("connected", "Подключились"), ("declined", "Отказались"), ("any", "Все")]
INVITE_STATES = {
    "open": [str(s) for s in OPEN_INVITATIONS],
    "connected": ["connected"],
    "declined": ["declined"],
    "any": COUNTED_INVITATIONS,
}
OPEN_STATES = [("not_worked", "Не работал"), ("invited", "Приглашен"), ("started", "Начал регистрацию")]


class InvitedFilter(ClientFilter):
    """«Приглашены»: without «Статус» the open ones, which are the category (R2.2); the others for the drill-down of R2.32."""

    state = None
    invite = filters.Choice("Статус", choices=INVITED, any_label="Приглашены", method="by_invite")
    step = Codes("Ход регистрации", choices=OPEN_STATES, field_name="invite_state")
    about = Codes("Тема приглашения", choices=InvitationTopic.choices, method="by_about")
    sent = filters.Period(
        "Приглашены за период", field_name="invited_on", presets=("today", "week", "month", "last_30", "period")
    )

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        return queryset.filter(invite_state__in=INVITE_STATES[self.form.cleaned_data.get("invite") or "open"])

    def by_invite(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset

    def by_about(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return (
            queryset.filter(pk__in=Invitation.objects.filter(topic__in=value).values("client")) if value else queryset
        )


class DeclinedFilter(ClientFilter):
    """«Отказались»."""

    state = None
    why = Codes("Причина", choices=[c for c in DeclineReason.choices if c[0]], field_name="decline_reason")
    since = filters.Period(
        "Отказались за период", field_name="prospect_on", presets=("week", "month", "last_30", "period")
    )


class LostFilter(ClientFilter):
    """«Потерянные»."""

    state = None
    why = Codes("Причина", choices=[c for c in LostReason.choices if c[0]], field_name="lost_reason")
    since = filters.Period(
        "Потеряны за период", field_name="prospect_on", presets=("week", "month", "last_30", "period")
    )


ACTIVE = [("1", "за последние 30 дней"), ("0", "нет 30 дней")]


class TrialFilter(ClientFilter):
    """«Активные триальные»: the licence may be missing on the account or on the organisation (R2.5)."""

    state = None
    licence = Codes("Нет лицензии", choices=[c for c in TrialReason.choices if c[0]], field_name="trial_reason")
    active = filters.Choice("Активность", choices=ACTIVE, any_label="не важно", method="by_active")

    def by_active(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        since = self.on - timedelta(days=ACTIVE_DAYS)
        return queryset.filter(last_active_on__gte=since) if value == "1" else queryset.filter(last_active_on__lt=since)
