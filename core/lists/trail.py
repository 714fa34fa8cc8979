"""«17 из 248 ‹ ›»: a card knows its neighbours in the list one came from, without a query.

The last list page shown leaves its row ids in a cookie; at its ends the list itself is asked for the next page
and opens its first (last) row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from core.lists.state import changed

if TYPE_CHECKING:
    from core.lists.counts import Counts
    from core.lists.page import ListPage
    from core.lists.paging import Slice

COOKIE = "trail"
LIMIT = 3500


@dataclass(frozen=True)
class Place:
    """Where a card stands in its list; empty URLs at the ends."""

    list_url: str
    list_title: str
    number: int
    total: str
    previous: str
    next: str

    @property
    def path(self) -> str:
        return self.list_url.partition("?")[0]


def leave(response: HttpResponse, page: ListPage, piece: Slice, totals: Counts) -> None:
    """Remember the rows of this page when they have cards."""
    if not piece.rows or not page.row_url(piece.rows[0]):
        return
    links = [
        f"{piece.links[name]}&open={which}" if name in piece.links else ""
        for name, which in (("previous", "last"), ("next", "first"))
    ]
    here = page.request.path + changed(page.params, keep_position=True)
    urls = [page.row_url(row) for row in piece.rows]
    parts = [here, page.get_title(), str(piece.start), totals.data_total, *links, *urls]
    text = quote("\n".join(parts))
    if text == page.request.COOKIES.get(COOKIE):
        return
    if len(text) <= LIMIT:
        response.set_cookie(COOKIE, text, max_age=12 * 3600, samesite="Lax", httponly=True)
    elif page.request.COOKIES.get(COOKIE):
        response.delete_cookie(COOKIE, samesite="Lax")


def place_of(request: HttpRequest, url: str) -> Place | None:
    """The place of the card with this URL in the last list, if it stood there."""
    parts = unquote(request.COOKIES.get(COOKIE, "")).split("\n")
    if len(parts) < 7 or url not in parts[6:] or any(not _own(part) for part in (parts[0], *parts[6:])):
        return None
    here, title, start, total, before, after, *urls = parts
    path, index = here.partition("?")[0], urls.index(url)
    previous = urls[index - 1] if index else f"{path}{before}" if before.startswith("?") else ""
    following = urls[index + 1] if index + 1 < len(urls) else f"{path}{after}" if after.startswith("?") else ""
    first = int(start) if start.isdecimal() and len(start) < 12 else 0
    return Place(here, title, first + index if first else 0, total, previous, following)


def _own(url: str) -> bool:
    return url.startswith("/") and not url.startswith("//") and "\\" not in url


def open_row(page: ListPage, piece: Slice, which: str) -> HttpResponse:
    """Go on to the first or last card of this page of the list."""
    if not piece.rows:
        return HttpResponseRedirect(page.request.path)
    response = HttpResponseRedirect(page.row_url(piece.rows[0 if which == "first" else -1]))
    from core.lists.counts import Counts

    leave(response, page, piece, Counts())
    return response
