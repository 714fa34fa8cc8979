"""Pages of a list: keyset where its order can be walked, a bounded offset elsewhere (design/performance.md 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
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


def cut(
    queryset: QuerySet, ordering: Sequence[str], params: QueryDict, *, walk: bool, branches: Sequence[Q] = ()
) -> Slice:
    """The page that `params` ask for: one query. A foreign or outdated token gives the first page.

    `branches`: conditions that part the rows; each is walked in the order on its own and the first of all are taken.
    """
    size = size_of(params)
    fields = keyset.fields_of(queryset.model, ordering) if walk else None
    if fields:
        if (token := params.get("after")) and (at := keyset.unpack(token, fields)):
            return _after(queryset, ordering, size, branches, *at)
        if (token := params.get("before")) and (at := keyset.unpack(token, fields)):
            return _before(queryset, ordering, size, branches, *at)
        if params.get("page") == "last":
            rows = _take(queryset, keyset.reverse(ordering), size + 1, branches)
            return Slice(rows[:size][::-1], start=0, number=None, has_previous=len(rows) > size)
    number = number_of(params)
    if number == 1:
        rows = _take(queryset, ordering, size + 1, branches)
    else:
        rows = _skip(queryset, ordering, (number - 1) * size, size + 1, deferred=fields is not None)
    return Slice(rows[:size], (number - 1) * size + 1, number, has_next=len(rows) > size, has_previous=number > 1)


def _skip(queryset: QuerySet, ordering: Sequence[str], past: int, most: int, *, deferred: bool) -> list[Any]:
    """Rows from a number on. Those passed by are read as keys alone, from the order's index: no columns, no joins."""
    ordered = queryset.order_by(*ordering)
    if not deferred:
        return list(ordered[past : past + most])
    keys = ordered.values("pk")[past : past + most]
    return list(ordered.filter(pk__in=keys))


def _take(queryset: QuerySet, ordering: Sequence[str], most: int, branches: Sequence[Q]) -> list[Any]:
    """The first rows in an order."""
    if len(branches) < 2:
        return list(queryset.order_by(*ordering)[:most])
    first, *others = (queryset.filter(branch).order_by(*ordering)[:most] for branch in branches)
    return list(first.union(*others, all=True).order_by(*ordering)[:most])


def _after(
    queryset: QuerySet, ordering: Sequence[str], size: int, branches: Sequence[Q], number: int, values: list
) -> Slice:
    rows = _take(keyset.beyond(queryset, ordering, values), ordering, size + 1, branches)
    return Slice(rows[:size], number + 1, _page(number + 1, size), has_next=len(rows) > size, has_previous=True)


def _before(
    queryset: QuerySet, ordering: Sequence[str], size: int, branches: Sequence[Q], number: int, values: list
) -> Slice:
    rows = _take(keyset.beyond(queryset, ordering, values, back=True), keyset.reverse(ordering), size + 1, branches)
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
