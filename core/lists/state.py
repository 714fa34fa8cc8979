"""The state of a list is its query string: canonical, remembered per section in a cookie (decision 27)."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote, urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict

NOT_FILTERS = frozenset({"sort", "page", "after", "before", "size", "format", "open", "all"})
POSITION = ("page", "after", "before")
ONCE = ("format", "open")
"""Asked for in one request, never part of a link or of what is remembered."""
COOKIE_LIMIT = 1500
HALF_A_YEAR = 180 * 24 * 3600


def narrows(params: QueryDict) -> bool:
    """Some filter (or «все») is chosen explicitly."""
    return "all" in params or any(name not in NOT_FILTERS for name in params)


def canonical(params: QueryDict) -> QueryDict | None:
    """The query without empty parameters, or None when it is so already. `all=1` stands only where nothing else narrows."""
    given = dict(params.lists())
    clean = {name: kept for name, values in given.items() if (kept := [value for value in values if value.strip()])}
    if "all" in clean and any(name not in NOT_FILTERS for name in clean):
        del clean["all"]
    if clean == given:
        return None
    query = QueryDict(mutable=True)
    for name, values in clean.items():
        query.setlist(name, values)
    return query


def changed(
    params: QueryDict, drop: tuple[str, ...] | list[str] = (), keep_position: bool = False, **values: str
) -> str:
    """«?…» with parameters set or dropped; the page is dropped too, because other rows start at page one."""
    query = dict(
        params.lists()
    )  # a page makes twenty links: a copy of the parameters for each would cost more than its rows
    for name in (*drop, *(() if keep_position else POSITION), *ONCE):
        query.pop(name, None)
    for name, value in values.items():
        query[name] = [value]
    if not any(name not in NOT_FILTERS for name in query):
        query["all"] = ["1"]
    elif "all" in query:
        del query["all"]
    return "?" + _written(query)


def written(params: QueryDict) -> str:
    """The parameters as a query string."""
    return _written(dict(params.lists()))


def _written(query: dict[str, list[str]]) -> str:
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, values in query.items() for value in values])


@lru_cache(maxsize=1024)
def _quoted(text: str) -> str:
    return quote_plus(text)


def remember(response: HttpResponse, request: HttpRequest, section: str, params: QueryDict) -> None:
    """Keep the section's last filter and order in a cookie of the page's path."""
    query = {name: values for name, values in params.lists() if name not in POSITION and name not in ONCE}
    text = quote(_written(query))
    if not query or len(text) > COOKIE_LIMIT:
        return
    if request.COOKIES.get(f"f_{section}") != text:
        response.set_cookie(f"f_{section}", text, max_age=HALF_A_YEAR, path=request.path, samesite="Lax", httponly=True)


def remembered(request: HttpRequest, section: str) -> str:
    """The section's last query when one comes from another page of the program; "" otherwise.

    Typing the address, or the section's own menu entry while standing in it, gives the plain list.
    """
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host() or came_from.path == request.path:
        return ""
    query = QueryDict(unquote(request.COOKIES.get(f"f_{section}", "")))
    return query.urlencode() if narrows(query) else ""
