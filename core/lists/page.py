"""The list page itself. See `core.lists` for how one is declared."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from core import actions, db, formats, preferences, tables
from core.filters import FilterSet
from core.lists import counts, left, paging, personal, rows, state, trail
from core.lists.excel import excel_response, export_source, page_for
from core.lists.parts import HeadAction, Preset, Segment, Tab
from core.pages import Page
from core.text import plural

WALK = 0.35
"""The share of a list's time for walking along the order before all rows of the filter are gathered instead."""
TOO_WIDE = "Отбор слишком широкий, база не успела ответить."

registry: dict[str, type[ListPage]] = {}
"""{section: page}: background jobs find the list that a person stood in."""


@dataclass
class Found:
    """The rows that the filter gives: page, counters, Excel and bulk all start here (architecture, 2.9)."""

    queryset: QuerySet
    error: str = ""
    filterset: FilterSet | None = None


class ListPage(Page, abstract=True):
    """A declared list (see the package's docstring)."""

    template_name = "lists/list.html"
    timeout = "list"

    section: ClassVar[str] = ""
    parents: tuple[tuple[str, str], ...] = ()
    noun: tuple[str, str, str] = ("строка", "строки", "строк")
    table_class: type[tables.Table]
    filterset_class: type[FilterSet] | None = None
    row_template: str = ""
    row_actions: str = ""
    row_buttons: ClassVar[Callable[[Any, str], SafeString] | None] = None
    """The same as `row_actions` written by Python, of (row, url): a template per row is a third of a list's time."""
    columns: tuple | None = None
    actions: tuple[type[actions.BulkAction], ...] = ()
    segments: tuple[Segment, ...] = ()
    tabs: tuple[Tab, ...] = ()
    presets: tuple[Preset, ...] = ()
    head_actions: tuple[HeadAction, ...] = ()
    order: str = ""
    default_query: str = ""
    export_right: str = "exports.make"
    empty_text: str = "Здесь пока ничего нет."
    empty_action: tuple[str, str] | None = None
    narrow_hint: str = "Уточните фильтр."
    narrow_by: tuple[str, ...] = ()
    """Filters that indexes begin with: a list that took too long names those that are not set."""

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(abstract=abstract, **kwargs)
        if abstract:
            return
        cls.section = cls.__dict__.get("section") or f"{cls.__module__.split('.')[0]}-{cls.__name__.lower()}"
        if registry.setdefault(cls.section, cls).__qualname__ != cls.__qualname__:
            raise TypeError(f"Two list pages have the section {cls.section}.")
        cls.table = tuple(column.bind(name) for name, column in cls.table_class.base_columns.items())

    # --- what a page may say ---

    def get_queryset(self) -> QuerySet:
        """Every row the viewer may see: `Model.objects.visible_to(self.request.user)`, annotated."""
        raise NotImplementedError

    def row_id(self, row: Any) -> Any:
        """`data-id`: the id or number of the row's URL."""
        return row.pk

    def row_url(self, row: Any) -> str:
        """The card; "" when a row has none."""
        return row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""

    def row_sum(self, row: Any) -> Any:
        """What the bulk bar adds up for the ticked rows; None for nothing."""
        return None

    def row_css(self, row: Any) -> str:
        return ""

    def decorate(self, found: list[Any]) -> None:
        """Add what the rows of one page need and SQL does not give; at most one query."""

    def branches(self, found: Found) -> tuple[Q, ...]:
        """Conditions that the rows fall into, each of which has an index in the list's order: they are walked together."""
        return ()

    def parts(self, found: Found) -> Sequence[QuerySet]:
        """The rows by `branches`: parts without common rows, or nothing where the order is walked for all at once."""
        return [found.queryset.filter(branch) for branch in self.branches(found)]

    def exact_total(self, found: Found) -> int | None:
        """The total when something cheap knows it (a cube): a list without sums and segments is not counted then."""
        return None

    def extra(self) -> dict[str, Any]:
        """More for the template."""
        return {}

    def get_columns(self) -> tuple[tables.Column, ...]:
        return self.table

    # --- filter, order, rows: one road for page, counters, Excel, bulk ---

    @cached_property
    def selections(self) -> list:
        return personal.selections_of(self.request, self.section)

    @cached_property
    def params(self) -> QueryDict:
        """The query string; where it says nothing, the page's (or the viewer's own) default filter."""
        clean = state.canonical(self.request.GET)  # an empty parameter is none, for the counter and Excel too
        given = (self.request.GET if clean is None else clean).copy()
        if not state.narrows(given):
            default = personal.default_query(self.selections, self.request.user) or self.default_query
            for name, values in QueryDict(default).lists():
                given.setlistdefault(name, values)
        return given

    @cached_property
    def segment(self) -> Segment | None:
        wanted = self.params.get("seg", "")
        return next((s for s in self.segments if s.slug == wanted), None)

    def segment_q(self, segment: Segment) -> Q:
        return segment.q(self) if callable(segment.q) else segment.q or Q()

    is_filtering = False
    """While `get_queryset` is asked for the rows that the filter narrows, not for rows named by their ids (bulk, gone ones)."""

    def found(self) -> Found:
        """Filtered, but not yet by the segment. An invalid filter gives no rows and its message."""
        self.is_filtering = True
        try:
            queryset = self.get_queryset()
        finally:
            self.is_filtering = False
        if self.filterset_class is None:
            return Found(queryset)
        filterset = self.filterset_class(self.params, queryset, request=self.request, on=self.today)
        if not filterset.is_valid():
            return Found(queryset.none(), filterset.errors_text() or "Фильтр заполнен неверно.", filterset)
        return Found(filterset.qs, "", filterset)

    def filtered(self) -> Found:
        """All rows of filter and segment, in order: what Excel and bulk actions take."""
        found = self.found()
        if self.segment:
            found.queryset = found.queryset.filter(self.segment_q(self.segment))
        found.queryset = found.queryset.order_by(*self.ordering)
        return found

    @cached_property
    def sort(self) -> str:
        """«-ends_on»: the column one orders by, from the allow-list of the table."""
        wanted = self.params.get("sort", "")
        return wanted if wanted.lstrip("-") in {c.name for c in self.table if c.orders} else self.order

    @cached_property
    def ordering(self) -> list[str]:
        """ORM fields, always ending with the primary key."""
        back = self.sort.startswith("-")
        column = next((c for c in self.table if c.name == self.sort.lstrip("-")), None)
        fields = column.orders if column else ()
        return [_turned(name) if back else name for name in fields] + ["-pk" if back else "pk"]

    @cached_property
    def walks(self) -> bool:
        column = next((c for c in self.table if c.name == self.sort.lstrip("-")), None)
        return column is None or column.keyset

    # --- columns ---

    def all_columns(self) -> tuple[tables.Column, ...]:
        return self.get_columns()

    @cached_property
    def shown(self) -> list[tables.Column]:
        chosen = preferences.of(self.request).get((self.section, "columns"))
        return [c for c in self.get_columns() if c.fixed or (not c.hidden if chosen is None else c.name in chosen)]

    @cached_property
    def bulk(self) -> list[type[actions.BulkAction]]:
        return [a for a in self.actions if not a.right or self.request.user.has_right(a.right)]

    @property
    def may_export(self) -> bool:
        return not self.export_right or self.request.user.has_right(self.export_right)

    @classmethod
    def export_source(cls, *, query: str, by):
        """What `core.exports` asks a background export for."""
        return export_source(page_for(cls, query, by))

    # --- answers ---

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("format") == "xlsx":
            return excel_response(self)
        if request.GET.get("format") == "count":
            return self.answer_count()
        clean = state.canonical(request.GET)
        if clean is not None:
            return HttpResponseRedirect(f"{request.path}?{clean.urlencode()}" if clean else request.path)
        if not request.GET and not request.htmx and (last := state.remembered(request, self.section)):
            return HttpResponseRedirect(f"{request.path}?{last}")
        return self.show()

    def show(self, status: int = 200) -> HttpResponse:
        found = self.found()
        piece, totals, error = self._rows(found)
        if request_open := self.request.GET.get("open"):
            return trail.open_row(self, piece, request_open)
        response = self.render(
            status=422 if error and found.filterset else status, **self._context(found, piece, totals, error)
        )
        if not error:
            state.remember(response, self.request, self.section, self.request.GET)
            trail.leave(response, self, piece, totals)
        return response

    def answer_count(self) -> JsonResponse:
        """How many rows the filter being filled in would give: {"words": "1 234"}; empty when it is not known."""
        queryset = self.filtered()
        if queryset.error:
            return JsonResponse({"words": ""})
        try:
            totals = counts.count(queryset.queryset)
        except OperationalError as error:
            if db.sqlstate(error) != db.QUERY_CANCELED:
                raise
            return JsonResponse({"words": ""})
        if totals.capped and (exact := self.exact_total(queryset.queryset)) is not None:
            totals.total, totals.capped = exact, False
        return JsonResponse({"words": f"{formats.group(totals.total)}{'+' if totals.capped else ''}"})

    shown_rows: list[Any] = []
    gone: frozenset[Any] = frozenset()

    def _rows(self, found: Found) -> tuple[paging.Slice, counts.Counts, str]:
        if found.error:
            return paging.Slice([], 0), counts.Counts(), found.error
        queryset = found.queryset.filter(self.segment_q(self.segment)) if self.segment else found.queryset
        began = time.monotonic()
        piece = self._piece(queryset, self.parts(found))
        if piece is None:
            return paging.Slice([], 0), counts.Counts(), f"{TOO_WIDE} {self._narrow_words(found)}"
        totals = self._timely_totals(found, piece, time.monotonic() - began)
        paging.link(piece, self.ordering, self.params, walk=self.walks, total=totals.exact)
        self.shown_rows, self.gone = left.with_left(self, piece.rows)
        self.decorate(self.shown_rows)
        return piece, totals, ""

    def _piece(self, queryset: QuerySet, parts: Sequence[QuerySet]) -> paging.Slice | None:
        """The page's rows: by a walk along the order, which finds common ones at once; else by finding all rare ones.

        None when neither answers in time.
        """
        if self.segment:
            parts = [part.filter(self.segment_q(self.segment)) for part in parts]
        roads = [(paging.Road(queryset, parts), WALK if self.walks else 1)]
        if self.walks:
            roads.append((paging.Road(queryset, gather=True), 1 - WALK))
        for road, share in roads:
            try:
                with db.limited(round(db.TIMEOUTS["list"][0] * share)):
                    return paging.cut(road, self.ordering, self.params, walk=self.walks)
            except OperationalError as error:
                if db.sqlstate(error) != db.QUERY_CANCELED:
                    raise
        return None

    def _narrow_words(self, found: Found) -> str:
        """Which filters would help and are not set yet."""
        if not self.narrow_by or found.filterset is None:
            return self.narrow_hint
        chosen, every = found.filterset.form.cleaned_data, found.filterset.filters
        free = [f"«{every[name].label}»" for name in self.narrow_by if name in every and not chosen.get(name)]
        return f"Добавьте условие: {' или '.join(free)}." if free else self.narrow_hint

    def _timely_totals(self, found: Found, piece: paging.Slice, spent: float) -> counts.Counts:
        """Rows and total together take no longer than a list may; rows that are here are shown without their total."""
        is_whole = piece.start == 1 and not piece.has_next
        if is_whole and not self.segments and not any(c.total for c in self.shown):
            return counts.Counts(len(piece.rows))
        allowed = db.TIMEOUTS["list"][0]
        try:
            return self._totals(found, min(max(allowed - round(spent * 1000), allowed // 8), allowed // 2))
        except OperationalError as error:
            if db.sqlstate(error) != db.QUERY_CANCELED:
                raise
            return counts.Counts(max(piece.end, len(piece.rows)) + piece.has_next, capped=True)

    def _totals(self, found: Found, milliseconds: int) -> counts.Counts:
        sums = [c.name for c in self.shown if c.total]
        segments = {s.slug: self.segment_q(s) for s in self.segments}
        exact = None if self.segment else self.exact_total(found)
        if exact is not None and not sums and not segments:
            return counts.Counts(exact)
        with db.limited(milliseconds):
            totals = counts.count(
                found.queryset, sums=sums, segments=segments, chosen=self.segment.slug if self.segment else ""
            )
        if totals.capped and exact is not None:
            totals.total, totals.capped = exact, False
        return totals

    def _context(self, found: Found, piece: paging.Slice, totals: counts.Counts, error: str) -> dict[str, Any]:
        chips = found.filterset.chips() if found.filterset and not error else []
        query = state.written(self.params)
        return {
            "table": rows.TableView(self, self.shown_rows, totals, gone=self.gone),
            "slice": piece,
            "totals": totals,
            "error": error,
            "is_narrowed": bool(chips or (self.segment and self.segment.q)),
            "form": found.filterset.form if found.filterset else None,
            "chips": [
                (label, _short(words), state.changed(self.params, drop=names), names) for label, words, names in chips
            ],
            "chip_names": [names[0] for _label, _words, names in chips],
            "total_words": f"{formats.group(totals.total)}{'+' if totals.capped else ''} {plural(totals.total, *self.noun)}",
            "tabs": [tab for tab in self.tabs if not tab.right or self.request.user.has_right(tab.right)],
            "head_actions": [a for a in self.head_actions if not a.right or self.request.user.has_right(a.right)],
            "picks": self._picks(),
            "segments": [
                (
                    s,
                    totals.segments.get(s.slug),
                    state.changed(self.params, drop=("seg",), **({"seg": s.slug} if s.q else {})),
                    s is (self.segment or self._plain),
                )
                for s in self.segments
            ],
            "links": {"excel": state.changed(self.params, format="xlsx"), "reset": "?all=1"},
            "query": query,
            "here": f"{self.request.path}?{query}" if query else self.request.path,
            "asked": {"sort": self.request.GET.get("sort"), "size": self.request.GET.get("size")},
            "filter_open": self.request.COOKIES.get("filter", "1") == "1",
            "sizes": [(size, state.changed(self.params, size=str(size))) for size in paging.SIZES],
            "size": paging.size_of(self.params),
            **self.extra(),
        }

    def _picks(self) -> list[tuple[str, str, bool, int | None]]:
        """(title, URL, chosen now, pk of one's own) of the saved selections."""
        now = state.written(self.request.GET)
        built_in = [(p.title, p.query, None) for p in self.presets]
        saved = [(s.title, s.query, s.pk if s.owner_id == self.request.user.pk else None) for s in self.selections]
        return [(title, f"?{query or 'all=1'}", query == now, pk) for title, query, pk in built_in + saved]

    @cached_property
    def _plain(self) -> Segment | None:
        return next((s for s in self.segments if not s.q), None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Columns, saved selections, bulk actions: `do` says which."""
        what = request.POST.get("do", "")
        steps = {"columns": personal.columns_set, "save": personal.selection_save, "forget": personal.selection_delete}
        if what in steps:
            return steps[what](self)
        return actions.handle(self, what)


def _short(words: str) -> str:
    """What a chip has room for."""
    return Truncator(words).chars(60) if len(words) > 60 else words


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"
