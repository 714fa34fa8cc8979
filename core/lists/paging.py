"""Pages of a list: keyset where its order can be walked, a bounded offset elsewhere (design/performance.md 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.http import QueryDict

from core import keyset
from core.lists.state import changed

SIZES = (25, 50, 100)
LAST_JUMP = 200
"""Pages one may jump to by number; farther on only next, previous, last."""


@dataclass
class Slice:
    """Rows of one page. `start` is the number of the first row, 0 when it is not known."""

    rows: list[Any]
    start: int = 1
    number: int | None = 1
    has_next: bool = False
    has_previous: bool = False
    links: dict[str, str] = field(default_factory=dict)
    numbers: list[tuple[int, str]] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.start + len(self.rows) - 1


def size_of(params: QueryDict) -> int:
    size = params.get("size", "")
    return int(size) if size in {str(s) for s in SIZES} else 50


def number_of(params: QueryDict) -> int:
    page = params.get("page", "1")
    return min(max(int(page), 1), LAST_JUMP) if page.isascii() and page.isdigit() and len(page) < 9 else 1


@dataclass(frozen=True)
class Road:
    """How the rows of an order are found.

    `parts`: the rows in parts that share none; an index is walked for each, and the first of all are taken. `gather`: all
    rows of the filter are found first and sorted then, for a filter so rare that a walk would pass by millions.
    """

    queryset: QuerySet
    parts: Sequence[QuerySet] = ()
    gather: bool = False

    def beyond(
        self, ordering: Sequence[str], values: Sequence[Any], *, back: bool = False, with_it: bool = False
    ) -> Road:
        """The same behind (back: before) a row."""
        narrowed = [
            keyset.beyond(rows, ordering, values, back=back, with_it=with_it) for rows in (self.queryset, *self.parts)
        ]
        return replace(self, queryset=narrowed[0], parts=narrowed[1:])

    def rows(self, ordering: Sequence[str], most: int, past: int = 0) -> list[Any]:
        """`most` rows behind the first `past` ones: one query, two where rows are passed by."""
        if self.gather:
            return list(self.queryset.order_by(*self._terms(ordering))[past : past + most])
        if past:
            # What is passed by is read as keys alone, in the order's index; from the first key on the walk goes as ever.
            key = self._first([name.lstrip("-") for name in ordering], ordering, past)
            return self.beyond(ordering, key, with_it=True).rows(ordering, most) if key else []
        if len(self.parts) < 2:
            return list(self.queryset.order_by(*ordering)[:most])
        return list(_together([part.order_by(*ordering) for part in self.parts], ordering, most))

    def _first(self, names: Sequence[str], ordering: Sequence[str], past: int) -> tuple | None:
        if len(self.parts) < 2:
            found = self.queryset.order_by(*ordering).values_list(*names)[past : past + 1]
        else:
            parts = [part.order_by(*ordering).values_list(*names) for part in self.parts]
            found = _together(parts, ordering, past + 1)[past:]
        return next(iter(found), None)

    def _terms(self, ordering: Sequence[str]) -> list[Any]:
        first = Greatest(F(name := ordering[0].lstrip("-")), F(name))  # the same value, for which there is no index
        return [first.desc() if ordering[0].startswith("-") else first.asc(), *ordering[1:]]


def _together(parts: Sequence[QuerySet], ordering: Sequence[str], most: int) -> QuerySet:
    first, *others = (part[:most] for part in parts)
    return first.union(*others, all=True).order_by(*ordering)[:most]


def cut(road: Road, ordering: Sequence[str], params: QueryDict, *, walk: bool) -> Slice:
    """The page that `params` ask for. A foreign or outdated token gives the first page."""
    size = size_of(params)
    fields = keyset.fields_of(road.queryset.model, ordering) if walk else None
    if fields:
        if (token := params.get("after")) and (at := keyset.unpack(token, fields)):
            found = _after(road, ordering, size, *at)
            return found if found.rows else _last(road, ordering, size)
        if (token := params.get("before")) and (at := keyset.unpack(token, fields)):
            found = _before(road, ordering, size, *at)
            if found.rows:
                return found
        if params.get("page") == "last":
            return _last(road, ordering, size)
    number = number_of(params)
    past = (number - 1) * size
    if fields:
        rows = road.rows(ordering, size + 1, past)
    else:
        rows = list(road.queryset.order_by(*ordering)[past : past + size + 1])
    if number > 1 and not rows:
        # Rows have left the list, or the number was typed: the nearest page, never «nothing found».
        return _last(road, ordering, size) if fields else _first(road, ordering, size)
    return Slice(rows[:size], past + 1, number, has_next=len(rows) > size, has_previous=number > 1)


def _first(road: Road, ordering: Sequence[str], size: int) -> Slice:
    rows = list(road.queryset.order_by(*ordering)[: size + 1])
    return Slice(rows[:size], 1, 1, has_next=len(rows) > size, has_previous=False)


def _last(road: Road, ordering: Sequence[str], size: int) -> Slice:
    rows = road.rows(keyset.reverse(ordering), size + 1)
    return Slice(rows[:size][::-1], start=0, number=None, has_previous=len(rows) > size)


def _after(road: Road, ordering: Sequence[str], size: int, number: int, values: list) -> Slice:
    rows = road.beyond(ordering, values).rows(ordering, size + 1)
    return Slice(rows[:size], number + 1, _page(number + 1, size), has_next=len(rows) > size, has_previous=True)


def _before(road: Road, ordering: Sequence[str], size: int, number: int, values: list) -> Slice:
    rows = road.beyond(ordering, values, back=True).rows(keyset.reverse(ordering), size + 1)
    more, rows = len(rows) > size, rows[:size][::-1]
    start = max(number - len(rows), 1) if more and number else 1 if not more else 0
    return Slice(rows, start, _page(start, size), has_next=True, has_previous=more)


def _page(start: int, size: int) -> int | None:
    return (start - 1) // size + 1 if start and (start - 1) % size == 0 else None


def link(page: Slice, ordering: Sequence[str], params: QueryDict, *, walk: bool, total: int | None) -> Slice:
    """Add the links: first, previous, next, last, and numbered pages round the current one.

    `total` is the exact number of rows, None when it is not known.
    """
    size = size_of(params)
    walk = walk and bool(page.rows) and keyset.fields_of(type(page.rows[0]), ordering) is not None
    if total is not None and not page.start and page.rows:
        page.start = total - len(page.rows) + 1
    if page.has_previous:
        page.links["first"] = changed(params)
        if walk and page.number not in (2,):
            page.links["previous"] = changed(
                params, before=keyset.pack(keyset.values_of(page.rows[0], ordering), page.start)
            )
        else:
            page.links["previous"] = changed(params, page=str((page.number or 2) - 1))
    if page.has_next:
        if walk:
            page.links["next"] = changed(
                params, after=keyset.pack(keyset.values_of(page.rows[-1], ordering), page.end if page.start else 0)
            )
        elif (page.number or 0) < LAST_JUMP:
            page.links["next"] = changed(params, page=str((page.number or 1) + 1))
        pages = None if total is None else -(-total // size)
        if pages and pages <= LAST_JUMP:
            page.links["last"] = changed(params, page=str(pages))
        elif walk:
            page.links["last"] = changed(params, page="last")
    known = -(-total // size) if total is not None else (page.number or 0) + (1 if page.has_next else 0)
    if page.number and known > 1:
        first = max(1, min(page.number - 2, known - 4))
        page.numbers = [(n, changed(params, page=str(n))) for n in range(first, min(first + 4, known, LAST_JUMP) + 1)]
    return page
