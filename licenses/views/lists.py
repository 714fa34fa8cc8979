"""«Аккаунты»: all, paid, trial, promo (R2.61–R2.64, R0.12)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Account
from accounts.models.account import NEVER
from clients.selectors.dictionaries import region_choices
from core import filters, formats, tables
from core.lists import ListPage, Preset, Segment
from licenses.models import License
from partners import known
from partners.models import Employee
from partners.rights import Right

CLOUD_DAYS = timedelta(days=30)


def _known(day):
    return None if day == NEVER else day


def people(request=None) -> list[tuple[str, str]]:
    """«Ответственный»: mine, my point, nobody's, then managers one may see."""
    return [("me", "Мои"), ("point", "Моя точка продаж"), ("free", "Без ответственного")]


STAGES = {
    "chosen": ("Тарифы выбраны", "selected"),
    "invoiced": ("Счет выставлен", "invoiced"),
    "shipped": ("Отгружен, не активирован", "shipped"),
}
"""Stages of a sale, derived from what stands in the account, never set by hand (R2.65): code → (title, state of a licence)."""


class AccountFilter(filters.FilterSet):
    resp = filters.Choice("Ответственный", choices=people, method="filter_resp")
    number = filters.Text("Номер аккаунта", method="filter_number")
    name = filters.Text("Название", field_name="name")
    region = filters.Choice(
        "Регион",
        choices=region_choices,
        field_name="region_code",
    )
    stage = filters.Checks(
        "Этап продажи", choices=[(code, title) for code, (title, _state) in STAGES.items()], method="filter_stage"
    )
    ends = filters.Period("Оплачен до", field_name="paid_until", presets=("month", "next_30", "next_60", "period"))
    active = filters.Period("Активность", field_name="last_active_on", presets=("last_30", "month", "period"))

    def filter_resp(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        user: Employee = self.request.user
        if value == "me":
            return queryset.filter(manager=user)
        if value == "point":
            return queryset.filter(salespoint=user.salespoint_id)
        return queryset.filter(salespoint=user.salespoint_id, manager__isnull=True)

    def filter_stage(self, queryset: QuerySet, name: str, value) -> QuerySet:
        states = [STAGES[code][1] for code in value if code in STAGES]
        return queryset.filter(Exists(License.objects.filter(account=OuterRef("pk"), state__in=states)))

    def filter_number(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        digits = "".join(filter(str.isdecimal, value))
        return queryset.filter(number=int(digits)) if 0 < len(digits) <= 9 else queryset.none()


class TrialFilter(AccountFilter):
    """R2.62, R2.63: what the manual names stands right under the responsible person."""

    @classmethod
    def get_filters(cls) -> dict:
        found = super().get_filters()
        return {name: found[name] for name in dict.fromkeys(["resp", "status", "state", *found]) if name in found}

    status = filters.Choice(
        "Статус",
        choices=[("activated", "Активированные"), ("not_activated", "Неактивированные")],
        method="filter_status",
    )
    state = filters.Choice(
        "Состояние",
        choices=[("cloud", "Активные в облаке"), ("outside", "Активные вне облака"), ("idle", "Неактивные")],
        method="filter_state",
    )

    def filter_status(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(activated_at__isnull=value == "not_activated")

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        since = self.on - CLOUD_DAYS
        if value == "cloud":
            return queryset.filter(last_cloud_on__gte=since)
        if value == "outside":
            return queryset.filter(last_cloud_on__lt=since, last_active_on__gte=since)
        return queryset.filter(last_active_on__lt=since)


class AccountTable(tables.Table):
    name = tables.Link("Аккаунт", accessor="name", sub=lambda a: f"№ {formats.group(a.number)}")
    paid_until = tables.Date("Оплачен до", order_by="paid_until", keyset=True, value=lambda a: _known(a.paid_until))
    created = tables.Date("Создан", order_by="created_at", keyset=True, value=lambda a: a.created_at.date(), low=2)
    active = tables.Date(
        "Активность", order_by="last_active_on", keyset=True, value=lambda a: _known(a.last_active_on), low=1
    )
    members = tables.Number("Организаций", accessor="members_count", low=1)
    manager = tables.Person("Ответственный", name=lambda a: known.person_name(a.manager_id))
    office = tables.Column("Точка продаж", value=lambda a: known.point_name(a.salespoint_id), hidden=True)


class TrialTable(tables.Table):
    """Nothing is paid: when they began and whether anybody works there tells such accounts apart (R2.61)."""

    name = tables.Link("Аккаунт", accessor="name", sub=lambda a: f"№ {formats.group(a.number)}")
    created = tables.Date("Создан", order_by="created_at", keyset=True, value=lambda a: a.created_at.date())
    active = tables.Date("Активность", order_by="last_active_on", keyset=True, value=lambda a: _known(a.last_active_on))
    members = tables.Number("Организаций", accessor="members_count", low=1)
    manager = tables.Person("Ответственный", name=lambda a: known.person_name(a.manager_id))
    paid_until = tables.Date(
        "Был оплачен до", order_by="paid_until", keyset=True, value=lambda a: _known(a.paid_until), low=2
    )
    office = tables.Column("Точка продаж", value=lambda a: known.point_name(a.salespoint_id), hidden=True)


class AccountListPage(ListPage, abstract=True):
    right, noun = Right.ACCOUNT_VIEW, ("аккаунт", "аккаунта", "аккаунтов")
    parents = (("Аккаунты", "/accounts/"),)
    table_class, filterset_class, order = AccountTable, AccountFilter, "-created"
    default_query = "resp=point"
    empty_text = "Аккаунтов по условиям нет."

    def get_queryset(self) -> QuerySet:
        return Account.objects.visible_to(self.request.user)  # names come from `partners.known`

    def row_id(self, row: Account) -> int:
        return row.number


class AllAccounts(AccountListPage):
    title, section, parents = "Аккаунты", "accounts", ()
    segments = (
        Segment("", "Все"),
        Segment("paid", "Платные", lambda page: Q(paid_until__gte=page.today)),
        Segment("trial", "Триальные", lambda page: Q(paid_until__lt=page.today)),
    )


class PaidAccounts(AccountListPage):
    title, section, order = "Платные", "accounts-paid", "paid_until"

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().paid(on=self.today)


class TrialAccounts(AccountListPage):
    title, section, filterset_class = "Триальные", "accounts-trial", TrialFilter
    table_class = TrialTable
    presets = (Preset("Активные в облаке", "status=activated&state=cloud&resp=point"),)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().trial(on=self.today)


class PromoAccounts(AccountListPage):
    """Accounts on a promotion, the one that ends first on top (R0.12)."""

    title, section, order = "Акционные", "accounts-promo", "paid_until"

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().paid(on=self.today).filter(is_promo=True)
