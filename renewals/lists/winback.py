"""«Возврат»: who was not renewed or refused, why and to whom he left; the renewal centre takes them into work (R3.37)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from clients.lists.responsible import ByResponsible, Responsible, responsible_q
from clients.models import Binding
from clients.selectors.dictionaries import topic_choices
from clients.services.binding import RETURN_TOPIC, client_bind
from core import filters, formats, tables
from core.actions import BulkAction
from core.errors import DomainError
from core.html import format_html
from partners import known
from partners.rights import Right
from renewals.choices import Category
from renewals.lists.columns import outcome_words
from renewals.lists.deferred import inn, main_member, said
from renewals.lists.filterset import Outcomes, Regions
from renewals.models import Competitor, Outcome, RenewalRow
from renewals.selectors.options import refusal_choices, tone
from renewals.selectors.terms import main_client

WORK = [("free", "никто не взял"), ("me", "у меня"), ("taken", "у кого-то в работе"), ("back", "уже вернулись")]


def taken() -> QuerySet:
    """The open binding of the row's main organisation on the topic «Возврат»."""
    return Binding.objects.open().filter(client=main_client(), topic__code=RETURN_TOPIC).order_by()


def told(rows: QuerySet) -> QuerySet:
    """Rows with their open outcome and who has them in work."""
    name = JSONObject(last=F("manager__last_name"), first=F("manager__first_name"))
    return rows.select_related("account", "direction").annotate(
        inn=inn(),
        said=said(competitor="competitor__name", reason="reason", comment="comment", at="at"),
        taken_by=Subquery(taken().exclude(manager=None).values(name=name)[:1]),
    )


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
        return queryset.filter(category__in=self.categories(self.form.cleaned_data.get("work")))

    @staticmethod
    def categories(work: str | None) -> list[Category]:
        if work == "back":
            return [Category.WON_BACK, Category.RENEWED_LATE]
        return [Category.TERMINATED, Category.NOT_RENEWED]

    def by_competitor(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        open_ = Outcome.objects.filter(term=OuterRef("pk"), withdrawn_at=None, competitor=value)
        return queryset.filter(Exists(open_))

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if not value:
            return queryset
        open_ = Outcome.objects.filter(term=OuterRef("pk"), withdrawn_at=None)
        return queryset.filter(Exists(open_.filter(Q(comment__icontains=value) | Q(reason__icontains=value))))

    def by_work(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        somebodys = taken().exclude(manager=None)
        return {
            "free": queryset.filter(~Exists(somebodys)), "me": queryset.filter(Exists(taken().filter(manager=self.user))),
            "taken": queryset.filter(Exists(somebodys)),
        }.get(value, queryset)  # fmt: skip

    def by_responsible(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(responsible_q(value, self.user))


def outcome_cell(row: RenewalRow) -> str:
    """The badge; to whom he left and when it was said below it."""
    at = datetime.fromisoformat(row.said["at"]) if row.said else None
    below = ", ".join(filter(None, (competitor_words(row), formats.day(at) if at else "")))
    return format_html(
        '<span class="{}">{}</span>{}', tone(row.outcome), outcome_words(row),
        format_html('<span class="sub num">{}</span>', below) if below else "",
    )  # fmt: skip


def ends_cell(row: RenewalRow) -> str:
    return format_html('{}<span class="sub">{}</span>', formats.day(row.ends_on), row.direction)


def why_words(row: RenewalRow) -> str:
    return ". ".join(filter(None, (row.said["reason"], row.said["comment"]))) if row.said else ""


def why_cell(row: RenewalRow) -> str:
    return format_html('<span class="ell" title="{0}">{0}</span>', why_words(row)) if why_words(row) else ""


def taken_words(row: RenewalRow) -> str:
    """«Травина А.»"""
    return f"{row.taken_by['last']}\u00a0{row.taken_by['first'][:1]}." if row.taken_by else ""


def competitor_words(row: RenewalRow) -> str | None:
    return row.said["competitor"] if row.said else None


class WinbackTable(tables.Table):
    """One row per lost term."""

    account = tables.Link("Аккаунт", accessor="account__name", sub=lambda r: r.inn or "")
    ends = tables.Date("Окончание", accessor="ends_on", order_by="ends_on", keyset=True, html=ends_cell)
    amount = tables.Money("К продлению, ₽", accessor="amount", order_by="amount", total=True)
    outcome = tables.Column("Итог", value=outcome_words, html=outcome_cell, css="nw")
    why = tables.Column("Причина", value=why_words, html=why_cell, css="c-from")
    taken = tables.Column("В работе", value=taken_words, css="nw")
    manager = tables.Person("Ответственный", name=lambda r: known.person_name(r.manager_id), low=1)
    direction = tables.Column("Направление", value=lambda r: str(r.direction), hidden=True)
    competitor = tables.Column("К кому ушли", value=competitor_words, hidden=True)
    number = tables.Number("Номер аккаунта", value=lambda r: r.account.number, hidden=True)
    inn = tables.Column("ИНН", accessor="inn", hidden=True)
    office = tables.Column("Точка продаж", value=lambda r: known.point_name(r.salespoint_id), hidden=True)


class TakeIntoWork(BulkAction):
    """Binds on the topic «Возврат»: who renews the account stays who he is."""

    slug, title, icon, right = "take", "Взять в работу", "user-check", Right.CLIENT_CLAIM
    question = "Взять выбранных клиентов в работу? Ответственный за аккаунт не изменится."
    submit, result = "Взять в работу", "Взято в работу"

    def name_of(self, row: RenewalRow) -> str:
        return row.account.name

    def perform(self, row: RenewalRow, *, by, data: dict[str, Any]) -> None:
        member = main_member(row.account_id).first()
        if member is None:
            raise DomainError("В аккаунте нет организаций.", code="nobody")
        client_bind(client_id=member.client_id, topic=RETURN_TOPIC, by=by)


__all__ = ["TakeIntoWork", "WinbackFilter", "WinbackTable", "told"]
