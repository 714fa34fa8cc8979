"""«Аккаунты / Требуют продления»: the list and its «Распределение» (R3.1–R3.17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import cached_property

from clients.selectors.distribution import Measure
from clients.views.distribution import DistributionPage
from core import db
from core.fields import MoneyField
from core.lists import Found, HeadAction, ListPage, Preset, Segment, Tab
from core.lists.state import changed
from licenses.choices import ItemKind
from licenses.models import License
from partners.rights import Right
from renewals import rules
from renewals.choices import Category, OutcomeKind
from renewals.lists import columns
from renewals.lists.bulk import ACTIONS
from renewals.lists.deferred import DeferredList, inn, said, whole_country
from renewals.lists.facets import facets
from renewals.lists.filterset import RenewalFilter, by_direction, categories_of
from renewals.models import RenewalRow
from renewals.selectors.counters import default_resp
from renewals.selectors.options import title_of
from renewals.selectors.terms import (
    OPEN,
    SHOWN,
    SOLD,
    by_topic_owner,
    last_call,
    own_topics,
    waiting_titles,
    with_topic_manager,
)

PATH = "/accounts/renewals/"
TABS = (
    Tab("Список", PATH),
    Tab("Распределение", f"{PATH}distribution/"),
    Tab("Возврат", f"{PATH}winback/"),
    Tab("Подписи", f"{PATH}certificates/"),
)


def left(first: int, last: int):
    """Rows whose licence ends in first…last days, both included."""

    def condition(page: ListPage) -> Q:
        return Q(ends_on__range=(page.today + timedelta(days=first), page.today + timedelta(days=last)))

    return condition


def due_of(params: QueryDict):
    """Roubles to renew: of the direction, or of everything that waits in the account, which stands on its worst row."""
    if params.getlist("topic"):
        return F("amount")
    if not by_direction({"state": params.getlist("state")}):
        return F("account_due")
    worst = RenewalRow.objects.worst().filter(account=OuterRef("account")).order_by().values("account_due")
    return Case(When(is_worst=True, then=F("account_due")), default=Subquery(worst), output_field=MoneyField())


def licences_of(by_direction: bool) -> ArraySubquery:
    """Names for Excel, which rows are streamed to one by one; the page has its own with quantities."""
    wanted = Q(term=OuterRef("pk"))
    if not by_direction:
        waits = RenewalRow.objects.filter(account=OuterRef(OuterRef("account")), category__in=OPEN)
        wanted |= Q(term__in=waits.order_by().values("pk"))
    rows = License.objects.filter(wanted, account=OuterRef("account"), state__in=SOLD)
    plain, quotes = F("item__title"), Concat("item__line__title", Value(" «"), "item__title", Value("»"))
    name = Case(When(item__kind=ItemKind.TARIFF, then=quotes), default=plain, output_field=CharField())
    return ArraySubquery(rows.order_by("pk").annotate(words=name).values("words"))


NONE = Segment("none", "Без итога", Q(outcome=""), apart=True)
INVOICED = Segment("invoice", "Выставлен счет", Q(outcome=OutcomeKind.INVOICE_ISSUED))
WINDOW = (
    Segment("", "Все"),
    Segment("d7", "до 7 дней", left(0, 7), tone="bad"),
    Segment("d14", "8–14 дней", left(8, 14), tone="warn"),
    Segment("d39", "15–39 дней", left(15, 39)),
    Segment("d60", "40–60 дней", left(40, 60), hint="По регламенту звоним за 40–60 дней до окончания"),
    NONE,
    INVOICED,
)
PAST = (
    Segment("", "Все"),
    Segment("p30", "до 30 дней", left(-30, -1), hint="Закончилась не больше 30 дней назад"),
    Segment("p90", "31–90 дней", left(-90, -31), tone="warn", hint="До 90 дней это продление с опозданием"),
    Segment("past", "больше 90", left(-9999, -91), tone="bad", hint="Закончилась больше 90 дней назад: это возврат"),
    NONE,
    INVOICED,
)
OVER = {"not_renewed", "terminated"}


class RenewalList(DeferredList):
    """Opened without parameters: «Непродленные», a manager's own or a head's sales point (R3.2)."""

    title, section, right = "Требуют продления", "renewals", Right.ACCOUNT_VIEW
    template_name = "renewals/list.html"
    parents, noun = (("Аккаунты", "/accounts/"),), ("аккаунт", "аккаунта", "аккаунтов")
    path: ClassVar[str] = PATH
    table_class, filterset_class, order = columns.RenewalTable, RenewalFilter, "ends"
    narrow_hint = "Добавьте ответственного, регион или период."
    tabs = TABS
    head_actions = (
        HeadAction("Письма", f"{PATH}letters/", Right.DICTIONARY_CHANGE, "mail", dialog=False, primary=False),
    )
    actions, row_buttons = ACTIONS, staticmethod(columns.row_buttons)
    empty_text = "Здесь никого: все лицензии продлены или еще не закончились."
    presets = (
        Preset("60 дней, мой офис", "resp=point&state=requires"),
        Preset("60 дней, мои", "resp=me&state=requires"),
        Preset("Непродленные, мои", "resp=me&state=not_renewed"),
        Preset("Не продлены в прошлом месяце", "ends=last_month&resp=point&state=not_renewed&state=terminated"),
        Preset("Пора звонить", "call=now&resp=point&state=requires"),
        Preset("Просрочен контакт", "call=late&resp=point&state=requires"),
    )

    @property
    def default_query(self) -> str:
        resp = default_resp(self.request.user)
        return f"state=not_renewed&resp={resp}" if resp else "state=not_renewed"

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Days left for what is to come, days gone for what is over; the operator's name of «Выставлен счет»."""
        title = title_of(OutcomeKind.INVOICE_ISSUED)
        return tuple(replace(s, title=title) if s is INVOICED else s for s in (PAST if self.is_past else WINDOW))

    @property
    def is_past(self) -> bool:
        chosen = set(self.params.getlist("state"))
        return bool(chosen) and chosen <= OVER

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("numbers") != "1":
            return super().get(request, *args, **kwargs)
        filterset = self.found().filterset
        try:
            numbers = facets(filterset) if filterset.form.is_valid() else {}
        except OperationalError as error:
            if db.sqlstate(error) != db.QUERY_CANCELED:
                raise
            numbers = {}
        return render(request, "renewals/numbers.html", {"numbers": numbers.items()})

    def _context(self, *args: Any) -> dict[str, Any]:
        """After the segments: the way to the other half of the list in one click."""
        context = super()._context(*args)
        resp = self.params.get("resp", "")
        whose = f"&resp={quote(resp)}" if resp else ""
        if self.is_past:
            month = f"?ends=last_month&state=not_renewed&state=terminated{whose}"
            others = [
                (Segment("", "Прошлый месяц", hint="Непродленные и расторгнутые прошлого месяца", apart=True), month),
                (Segment("", "Ближайшие 60 дней", hint="Продление в ближайшие 60 дней"), f"?state=requires{whose}"),
            ]
        else:
            others = [(Segment("", "Непродленные", apart=True), f"?state=not_renewed{whose}")]
        now = f"?{self.request.GET.urlencode()}"
        context["segments"] += [(segment, None, url, url == now) for segment, url in others]
        context["numbers_url"] = changed(self.params, numbers="1")
        return context

    is_grouped = False
    """«Распределение» asks: rows know whose they are."""

    def bare(self) -> QuerySet:
        rows = RenewalRow.objects.visible_to(self.request.user).annotate(due=due_of(self.params))
        topics = own_topics(self.params.getlist("topic"))
        return by_topic_owner(rows, topics) if topics and self.is_grouped else rows

    def in_full(self, rows: QuerySet) -> QuerySet:
        if topics := own_topics(self.params.getlist("topic")):
            rows = with_topic_manager(rows, topics)
        return rows.select_related("account", "direction").annotate(
            inn=inn(),
            said=said(invoice="invoice__number", target="target_account__number", move="move"),
            called_on=last_call(),
        )

    def filtered(self) -> Found:
        found = super().filtered()
        found.queryset = found.queryset.annotate(licences=licences_of(bool(self.params.getlist("topic"))))
        return found

    def branches(self, found: Found) -> tuple[Q, ...]:
        return whole_country(self, categories_of(self.params.getlist("state")))

    def decorate(self, found: list[RenewalRow]) -> None:
        """Titles of the licences: of the row's own term first, then of what else waits in the account."""
        super().decorate(found)
        titles = waiting_titles(found, alone=bool(self.params.getlist("topic")))
        for row in found:
            row.titles = titles[row.pk]
            row.days_left = (row.ends_on - self.today).days
            row.call, row.may_set = None, self.request.user.may(Right.OUTCOME_SET, row)
            row.may_renew = self.request.user.may(Right.LICENSE_CHOOSE, row)
            if row.category == Category.REQUIRES:
                row.call = rules.call_flag(row.ends_on, on=self.today, contacted_on=row.called_on)

    def row_id(self, row: RenewalRow) -> int:
        return row.account.number

    def row_url(self, row: RenewalRow) -> str:
        return row.account.get_absolute_url()

    def row_sum(self, row: RenewalRow):
        return row.due


def _state(slug: str, title: str, *categories: Category) -> Measure:
    return Measure(f"n_{slug}", title, Q(category__in=categories), (("state", slug),))


class Distribution(DistributionPage):
    """Who has how much to renew; every number opens its rows."""

    right, list_page, from_cube = Right.ACCOUNT_VIEW, RenewalList, False

    @property
    def measures(self) -> tuple[Measure, ...]:
        code = OutcomeKind.INVOICE_ISSUED.value
        return (
            _state("requires", "В ближайшие 60 дней", Category.REQUIRES),
            _state("not_renewed", "Непродленные", Category.NOT_RENEWED),
            _state("terminated", "Расторгнутые", Category.TERMINATED),
            Measure("n_none", "Без итога", Q(outcome=""), (("outcome", "none"),)),
            Measure("n_invoice", title_of(code), Q(outcome=code), (("outcome", code),)),
        )

    def topic(self, page: RenewalList) -> str:
        # A row is a term: its own columns, or those of `by_topic_owner`, say whose it is.
        return ""

    def prepare(self, page: RenewalList) -> None:
        # The columns are the states: a chosen one would empty the others.
        page.params.setlist("state", [str(category) for category in SHOWN])
        page.is_grouped = True
