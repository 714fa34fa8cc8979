"""«Аккаунты / Требуют продления»: the list and its «Распределение» (R3.1–R3.17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Concat
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property

from accounts.models import AccountMember
from clients.selectors.distribution import Measure
from clients.views.distribution import DistributionPage
from core import db
from core.fields import MoneyField
from core.lists import HeadAction, ListPage, Preset, Segment, Tab
from core.lists.state import changed
from licenses.choices import ItemKind
from licenses.models import License
from partners.rights import Right
from renewals import rules
from renewals.choices import Category, OutcomeKind
from renewals.lists.bulk import ACTIONS
from renewals.lists.columns import RenewalTable
from renewals.lists.facets import facets
from renewals.lists.filterset import RenewalFilter
from renewals.models import Outcome, RenewalRow
from renewals.selectors.counters import default_resp
from renewals.selectors.options import title_of, told
from renewals.selectors.terms import OPEN, SHOWN, SOLD, last_call, own_topics, titles_of, with_topic_owner

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


def due_of(by_direction: bool):
    """Roubles to renew: of the direction, or of everything that waits in the account."""
    if by_direction:
        return F("amount")
    siblings = (
        RenewalRow.objects.filter(account=OuterRef("account"))
        .filter(Q(category__in=OPEN) | Q(is_worst=True))
        .order_by()
    )
    total = siblings.values("account").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total, output_field=MoneyField()), 0, output_field=MoneyField())


def licences_of(by_direction: bool) -> ArraySubquery:
    """Names for Excel, which rows are streamed to one by one; the page has its own with quantities."""
    waits = Q() if by_direction else Q(term__renewal__category__in=OPEN)
    rows = License.objects.filter(
        Q(term=OuterRef("pk")) | (waits if waits else Q(pk=None)), account=OuterRef("account"), state__in=SOLD
    )
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


class RenewalList(ListPage):
    """Opened without parameters: «Непродленные», a manager's own or a head's sales point (R3.2)."""

    title, section, right = "Требуют продления", "renewals", Right.ACCOUNT_VIEW
    template_name = "renewals/list.html"
    parents, noun = (("Аккаунты", "/accounts/"),), ("аккаунт", "аккаунта", "аккаунтов")
    path: ClassVar[str] = PATH
    table_class, filterset_class, order = RenewalTable, RenewalFilter, "ends"
    narrow_hint = "Добавьте ответственного, регион или период."
    tabs = TABS
    head_actions = (
        HeadAction("Письма", f"{PATH}letters/", Right.DICTIONARY_CHANGE, "mail", dialog=False, primary=False),
    )
    actions, row_actions = ACTIONS, "renewals/row_actions.html"
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

    def get_queryset(self) -> QuerySet:
        by_topic = bool(self.params.getlist("topic"))
        main = AccountMember.objects.filter(account=OuterRef("account"), is_main=True, left_at=None)
        outcome = Outcome.objects.filter(term=OuterRef("pk"), withdrawn_at=None)
        rows = RenewalRow.objects.visible_to(self.request.user).select_related(
            "account", "direction", "manager", "salespoint"
        )
        if topics := own_topics(self.params.getlist("topic")):
            rows = with_topic_owner(rows, topics)
        return told(rows).annotate(
            due=due_of(by_topic),
            inn=Subquery(main.values("client__inn")[:1]),
            invoice_number=Subquery(outcome.values("invoice__number")[:1]),
            target_number=Subquery(outcome.values("target_account__number")[:1]),
            move=Subquery(outcome.values("move")[:1]),
            licences=licences_of(by_topic),
            called_on=last_call(),
        )

    def decorate(self, found: list[RenewalRow]) -> None:
        """Titles of the licences: of the row's own term first, then of what else waits in the account."""
        accounts = [row.account_id for row in found]
        titles, others = titles_of(accounts), {}
        for pk, account in (
            RenewalRow.objects.filter(account__in=accounts, category__in=OPEN).values_list("pk", "account")
            if accounts
            else ()
        ):
            others.setdefault(account, []).append(pk)
        alone = bool(self.params.getlist("topic"))
        for row in found:
            terms = [row.pk] + ([] if alone else [pk for pk in others.get(row.account_id, []) if pk != row.pk])
            row.titles = [title for term in terms for title in titles.get(term, [])]
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
        # A row is a term: its own columns, or those of `with_topic_owner`, say whose it is.
        return ""

    def prepare(self, page: RenewalList) -> None:
        # The columns are the states: a chosen one would empty the others.
        page.params.setlist("state", [str(category) for category in SHOWN])
