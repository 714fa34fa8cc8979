"""«Распределение» of the client lists: every number is a link to exactly those rows (R2.8, R2.27–R2.33)."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.safestring import SafeString

from clients.choices import LostReason, ProspectState, TrialReason
from clients.lists.filtersets import INVITE_STATES
from clients.lists.responsible import inside
from clients.selectors.distribution import Distribution, Line, Measure, distribution
from core import db, formats
from core.html import conditional_escape
from core.lists import state
from core.pages import Page
from partners.rights import Right

from . import lists

ALL = Measure("n", "Всего", Q())


def _states(*values: ProspectState) -> tuple[Measure, ...]:
    return tuple(Measure(f"n_{s.value}", s.label, Q(prospect_state=s.value), (("state", s.value),)) for s in values)


class DistributionPage(Page, abstract=True):
    """Stands beside its list: the same rows, filter and default, grouped by binding."""

    right, timeout, template_name = Right.CLIENT_VIEW, "list", "clients/distribution.html"
    list_page: ClassVar[type[lists.ClientListPage]]
    measures: ClassVar[tuple[Measure, ...]] = ()
    total_params: ClassVar[tuple[tuple[str, str], ...]] = ()
    from_cube: ClassVar[bool] = True
    own: ClassVar[str] = ""
    """The filter whose values are the columns: it stands open here, and the list comes back without it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        clean = state.canonical(request.GET)
        if clean is not None:
            return HttpResponseRedirect(f"{request.path}?{clean.urlencode()}" if clean else request.path)
        page = self.list_page()
        page.setup(request)
        self.prepare(page)
        self.page, found, error, shown = page, page.found(), "", None
        try:
            shown = (
                None
                if found.error
                else distribution(
                    found.queryset,
                    [*self.measures, ALL],
                    topic=self.topic(page),
                    cells=self.cells(page, found),
                )
            )
        except OperationalError as failure:
            if db.sqlstate(failure) != db.QUERY_CANCELED:
                raise
            error = f"Отбор слишком широкий, база не успела ответить. {lists.NARROW}"
        chips = [chip for chip in found.filterset.chips() if self.own not in chip[2]] if not found.error else []
        beside = state.changed(page.params, drop=[self.own])
        return self.render(
            status=422 if found.error else 200,
            error=error or found.error,
            body=self.body(shown) if shown else "",
            total=shown.total.total if shown else 0,
            measures=[*self.measures, ALL],
            form=found.filterset.form,
            chips=[(label, words, state.changed(page.params, drop=names)) for label, words, names in chips],
            tabs=[
                (
                    tab.title,
                    f"{tab.url}{beside}" if tab.url != request.path else request.path,
                    tab.url == request.path,
                )
                for tab in page.tabs
            ],
            parents=page.parents,
            filter_open=request.COOKIES.get("filter", "1") == "1",
        )

    def prepare(self, page: lists.ClientListPage) -> None:
        """Change the parameters of the list before they filter."""

    def topic(self, page: lists.ClientListPage) -> str:
        """The topic whose bindings group the rows; "" for the columns of the rows themselves."""
        return page.params.get("topic", "")

    def cells(self, page: lists.ClientListPage, found) -> QuerySet | None:
        """The cube, when it knows the filter and the columns of this page."""
        return page.cells(found) if self.from_cube else None

    def body(self, shown: Distribution) -> SafeString:
        """The rows. Written by Python: with five hundred sales points there are four thousand numbers, each with its list."""
        columns = [Links(self, more) for more in [*[m.params for m in self.measures], self.total_params]]
        parts = []
        for line in [shown.total, *shown]:
            title, css = conditional_escape(line.title), " sum" if line is shown.total else ""
            if line.total:
                title = f'<a href="{columns[-1].to(line)}">{title}</a>'
            parts.append(f'<tr class="lv{line.level}{css}" data-group="{line.resp}"><th scope="row">{title}</th>')
            for number, links in zip(line.numbers, columns, strict=True):
                inner = (
                    f'<a href="{links.to(line)}">{formats.group(number)}</a>' if number else '<span class="t3">0</span>'
                )
                parts.append(f'<td class="r num">{inner}</td>')
            parts.append("</tr>")
        return SafeString("".join(parts))  # titles are escaped, the rest are figures and encoded queries

    def get_title(self) -> str:
        return self.list_page.title


class Links:
    """Lists behind the numbers of a column: the filter of the page, the group of the line, what the column says."""

    GROUP = "-group-"

    def __init__(self, view: DistributionPage, more: tuple[tuple[str, str], ...]) -> None:
        query: QueryDict = view.page.params.copy()
        for name in (*state.POSITION, "all", "format", "sort", *{name for name, _value in more}):
            query.pop(name, None)
        self.chosen, self.viewer = query.get("resp", ""), view.request.user
        path = view.list_page.path
        whole = f"{path}?{self._encoded(query, more) or urlencode({'all': 1})}"
        query["resp"] = self.GROUP
        self.whole, self.of_group = conditional_escape(whole), f"{path}?{self._encoded(query, more)}"
        self.of_group = conditional_escape(self.of_group)

    @staticmethod
    def _encoded(query: QueryDict, more: tuple[tuple[str, str], ...]) -> str:
        query = query.copy()
        query.update(dict(more))
        return query.urlencode()

    def to(self, line: Line) -> str:
        """The URL, escaped."""
        return (
            self.of_group.replace(self.GROUP, inside(line.resp, self.chosen, self.viewer)) if line.resp else self.whole
        )


class AllClients(DistributionPage):
    list_page = lists.AllClients
    measures = _states(
        ProspectState.NONE,
        ProspectState.INVITED,
        ProspectState.CONNECTED,
        ProspectState.DECLINED,
        ProspectState.LOST,
        ProspectState.TRIAL,
    )


class Potential(DistributionPage):
    list_page = lists.Potential
    measures = _states(
        ProspectState.NONE, ProspectState.INVITED, ProspectState.DECLINED, ProspectState.LOST, ProspectState.TRIAL
    )


class Invited(DistributionPage):
    """Приглашены, Подключились, Отказались, Всего: always their sum (R2.31)."""

    list_page, own = lists.Invited, "invite"
    measures = tuple(
        Measure(f"n_{code}", title, Q(invite_state__in=INVITE_STATES[code]), (("invite", code),))
        for code, title in (("open", "Приглашены"), ("connected", "Подключились"), ("declined", "Отказались"))
    )
    total_params = (("invite", "any"),)

    def prepare(self, page: lists.ClientListPage) -> None:
        # The columns are the states: a chosen one would empty the others.
        page.params["invite"] = "any"


class Declined(DistributionPage):
    list_page = lists.Declined
    measures = (
        Measure("n_phone", "С телефоном", Q(has_phone=True), (("phone", "1"),)),
        Measure("n_none", "Без телефона", Q(has_phone=False), (("phone", "0"),)),
    )


class Lost(DistributionPage):
    from_cube = False  # reasons are no dimension; the category is small
    list_page = lists.Lost
    measures = tuple(
        Measure(f"n_{r.value}", title, Q(lost_reason=r.value), (("why", r.value),))
        for r, title in (
            (LostReason.REFUSED, "Отказались"),
            (LostReason.INACTIVE, "Замолчали"),
            (LostReason.REMOVED, "Удалены"),
        )
    )


class Trial(DistributionPage):
    from_cube = False
    list_page = lists.Trial
    measures = tuple(
        Measure(f"n_{r.value}", title, Q(trial_reason=r.value), (("licence", r.value),))
        for r, title in ((TrialReason.ACCOUNT, "Нет лицензии в аккаунте"), (TrialReason.CLIENT, "Не распределена"))
    )
