"""Excel of exactly what is filtered, in the order of the screen (R3.17): inline to 20 000 rows, then a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from core import exports, htmx
from core.errors import DomainError
from core.rights import require

if TYPE_CHECKING:
    from core.lists.page import Found, ListPage


def columns_of(page: ListPage) -> list[exports.Column]:
    """The declared export columns, or the table's own: those shown first, in their order, the others after them."""
    if page.columns is not None:
        return list(page.columns)
    rest = [c for c in page.all_columns() if c not in page.shown]
    return [
        exports.Column(c.heading, c.kind, c.value, c.width, total=c.total)
        for c in (*page.shown, *rest)
        if c.export and c.heading
    ]


def params_of(page: ListPage, found: Found) -> list[tuple[str, str]]:
    """The sheet «Параметры отбора»: what narrows the list, in words."""
    lines = [(label, words) for label, words, _names in (found.filterset.chips() if found.filterset else [])]
    if page.segment and page.segment.q:
        lines.append(("Быстрый отбор", page.segment.title))
    return lines


def export_source(page: ListPage) -> exports.ExportSource:
    """Everything an export needs; Forbidden without the right, DomainError for an invalid filter."""
    page.check_right(page.request.user)
    if page.export_right:
        require(page.request.user, page.export_right)
    found = page.filtered()
    if found.error:
        raise DomainError(found.error)
    total = found.queryset.order_by()[: exports.INLINE_ROWS + 1].count()
    return exports.ExportSource(
        title=page.get_title(),
        section=page.section,
        columns=columns_of(page),
        rows=found.queryset,
        params=params_of(page, found),
        total=total if total <= exports.INLINE_ROWS else None,
    )


def excel_response(page: ListPage) -> HttpResponse:
    """The file, or the page of the job that makes it."""
    source, user, query = export_source(page), page.request.user, page.params.urlencode()
    if source.total is not None:
        return exports.xlsx_response(
            source.title, source.columns, source.rows, params=source.params, by=user, section=page.section, query=query
        )
    exports.queue_export(f"{type(page).__module__}.{type(page).__qualname__}", query, user)
    if page.request.htmx:
        return htmx.toast(HttpResponse(status=204), "Готовим файл: ход виден в шапке страницы")
    return HttpResponseRedirect("/jobs/")


def page_for(page_class: type[ListPage], query: str, by) -> ListPage:
    """The page as `by` would see it with this query string, for work without a request."""
    request = HttpRequest()
    request.method, request.user, request.htmx, request.GET = "GET", by, False, QueryDict(query)
    page = page_class()
    page.setup(request)
    return page
