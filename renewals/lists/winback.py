"""«Возврат»: who was not renewed or refused, why and to whom he left; the renewal centre takes them into work (R3.37)."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.html import format_html

from accounts.models import AccountMember
from clients.lists.responsible import ByResponsible, Responsible, responsible_q
from clients.models import Binding
from clients.selectors.dictionaries import topic_choices
from clients.services.binding import RETURN_TOPIC, client_bind
from core import filters, formats, tables
from core.actions import BulkAction
from core.errors import DomainError
from partners.rights import Right
from renewals.choices import Category
from renewals.lists.columns import outcome_words
from renewals.lists.filterset import Outcomes, Regions
from renewals.models import Competitor, Outcome, RenewalRow
from renewals.selectors.options import refusal_choices, told, tone

WORK = [("free", "никто не взял"), ("me", "у меня"), ("taken", "у кого-то в работе"), ("back", "уже вернулись")]


def taken() -> QuerySet:
    """The open binding of the row's main organisation on the topic «Возврат»."""
    return Binding.objects.open().filter(
        client__memberships__account=OuterRef("account"), client__memberships__is_main=True,
        client__memberships__left_at=None, topic__code=RETURN_TOPIC,
    )  # fmt: skip


def winback_rows(employee) -> QuerySet:
    """Every lost or refused term in scope with its open outcome and who has it in work."""
    main = AccountMember.objects.filter(account=OuterRef("account"), is_main=True, left_at=None)
    outcome = Outcome.objects.filter(term=OuterRef("pk"), withdrawn_at=None)
    bound = taken().order_by().values
    rows = told(RenewalRow.objects.visible_to(employee)).select_related("account", "direction", "manager", "salespoint")
    return rows.annotate(
        inn=Subquery(main.values("client__inn")[:1]), client_id=Subquery(main.values("client")[:1]),
        competitor=Subquery(outcome.values("competitor__name")[:1]), reason=Subquery(outcome.values("reason")[:1]),
        comment=Subquery(outcome.values("comment")[:1]), said_at=Subquery(outcome.values("at")[:1]),
        taken_by=Subquery(bound("manager")[:1]), taken_last=Subquery(bound("manager__last_name")[:1]),
        taken_first=Subquery(bound("manager__first_name")[:1]),
    )  # fmt: skip


def competitors() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Competitor.objects.values_list("pk", "name")]


class WinbackFilter(ByResponsible):
    """Without «В работе»: who has not come back yet."""

    ends = filters.Period(
        "Окончание лицензии", field_name="ends_on", presets=("last_month", "month", "quarter", "year", "period")
    )
    outcome = Outcomes("Итог", choices=refusal_choices)
    competitor = filters.Choice(
        "К кому ушли", choices=competitors, any_label="Не важно", search=True, method="by_competitor"
    )
    why = filters.Text("Причина или комментарий", method="by_words")
    work = filters.Choice("В работе", choices=WORK, any_label="Не важно", method="by_work")
    resp = Responsible()
    topic = filters.Checks("Тема закрепления", choices=topic_choices, field_name="direction__topic__code")
    region = Regions()

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("work") == "back":
            return queryset.filter(category__in=[Category.WON_BACK, Category.RENEWED_LATE])
        return queryset.filter(category__in=[Category.TERMINATED, Category.NOT_RENEWED])

    def by_competitor(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        open_ = Outcome.objects.filter(term=OuterRef("pk"), withdrawn_at=None, competitor=value)
        return queryset.filter(Exists(open_))

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(comment__icontains=value) | Q(reason__icontains=value)) if value else queryset

    def by_work(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return {
            "free": queryset.filter(taken_by=None), "me": queryset.filter(taken_by=self.user.pk),
            "taken": queryset.filter(taken_by__isnull=False),
        }.get(value, queryset)  # fmt: skip

    def by_responsible(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(responsible_q(value, self.user))


def outcome_cell(row: RenewalRow) -> str:
    """The badge; to whom he left and when it was said below it."""
    below = ", ".join(filter(None, (row.competitor, formats.day(row.said_at) if row.said_at else "")))
    return format_html(
        '<span class="{}">{}</span>{}', tone(row.outcome_effect), outcome_words(row),
        format_html('<span class="sub num">{}</span>', below) if below else "",
    )  # fmt: skip


def ends_cell(row: RenewalRow) -> str:
    return format_html('{}<span class="sub">{}</span>', formats.day(row.ends_on), row.direction)


def why_words(row: RenewalRow) -> str:
    return ". ".join(filter(None, (row.reason, row.comment)))


def why_cell(row: RenewalRow) -> str:
    return format_html('<span class="ell" title="{0}">{0}</span>', why_words(row)) if why_words(row) else ""


def taken_words(row: RenewalRow) -> str:
    """«Травина А.»"""
    return f"{row.taken_last}\u00a0{row.taken_first[:1]}." if row.taken_last else ""


class WinbackTable(tables.Table):
    """One row per lost term."""

    account = tables.Link("Аккаунт", accessor="account__name", sub=lambda r: r.inn or "")
    ends = tables.Date("Окончание", accessor="ends_on", order_by="ends_on", keyset=True, html=ends_cell)
    amount = tables.Money("К продлению, ₽", accessor="amount", order_by="amount", total=True)
    outcome = tables.Column("Итог", value=outcome_words, html=outcome_cell, css="nw")
    why = tables.Column("Причина", value=why_words, html=why_cell, css="c-from")
    taken = tables.Column("В работе", value=taken_words, css="nw")
    manager = tables.Person("Ответственный", accessor="manager", low=1)
    direction = tables.Column("Направление", value=lambda r: str(r.direction), hidden=True)
    competitor = tables.Column("К кому ушли", accessor="competitor", hidden=True)
    number = tables.Number("Номер аккаунта", value=lambda r: r.account.number, hidden=True)
    inn = tables.Column("ИНН", accessor="inn", hidden=True)
    office = tables.Column("Точка продаж", value=lambda r: str(r.salespoint), hidden=True)


class TakeIntoWork(BulkAction):
    """Binds on the topic «Возврат»: who renews the account stays who he is."""

    slug, title, icon, right = "take", "Взять в работу", "user-check", Right.CLIENT_CLAIM
    question = "Взять выбранных клиентов в работу? Ответственный за аккаунт не изменится."
    submit, result = "Взять в работу", "Взято в работу"

    def name_of(self, row: RenewalRow) -> str:
        return row.account.name

    def perform(self, row: RenewalRow, *, by, data: dict[str, Any]) -> None:
        if row.client_id is None:
            raise DomainError("В аккаунте нет организаций.", code="nobody")
        client_bind(client_id=row.client_id, topic=RETURN_TOPIC, by=by)


__all__ = ["TakeIntoWork", "WinbackFilter", "WinbackTable", "winback_rows"]
