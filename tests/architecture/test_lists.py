"""Every list page: few queries (decision 31), Excel that opens, and no input that breaks it (A5, A15)."""

import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.lists import ListPage
from core.lists.excel import page_for
from tests.architecture.code import assert_only_exceptions
from tests.architecture.test_urls import PARAMETER, routes
from tests.factories import employee

QUERIES, OWN_QUERIES = 6, 2
HOSTILE = [
    "\x00", "\ud800", "x" * 100_000, "-1", "1e5", "9" * 30, "\u202eevil", "👍", "0001-01-01", "9999-12-31", "%00",
    "31.02.2026", "' OR 1=1 --", "../../etc/passwd", "__class__", "salespoint__manager__password", "", " ",
]  # fmt: skip


def lists() -> dict[str, type[ListPage]]:
    return {
        f"/{route}": view
        for route, view in routes().items()
        if isinstance(view, type) and issubclass(view, ListPage) and not PARAMETER.search(route)
    }


@pytest.fixture
def operator(db, client):
    person = employee("operator")
    client.force_login(person)
    client.get("/jobs/")
    client.person = person
    return client


def test_lists_ask_little(operator):
    much = {}
    for url, page in lists().items():
        operator.get(f"{url}?all=1")  # what a process keeps is read once
        with CaptureQueriesContext(connection) as seen:
            assert operator.get(f"{url}?all=1").status_code == 200, url
        table = page_for(page, "all=1", operator.person).get_queryset().model._meta.db_table
        own = [q for q in seen.captured_queries if re.search(rf'FROM "{table}"', q["sql"])]
        if len(seen) > QUERIES or len(own) > OWN_QUERIES:
            much[url] = f"{len(seen)} queries, {len(own)} of {table}"
    assert_only_exceptions(
        set(much), "slow_lists", f"At most {QUERIES} queries, {OWN_QUERIES} of its own table: {much}"
    )


def test_every_list_gives_excel(operator):
    for url, page in lists().items():
        response = operator.get(f"{url}?all=1&format=xlsx")
        if page.export_right and response.status_code == 302:
            continue  # above 20 000 rows
        assert response.status_code == 200 and b"".join(response.streaming_content)[:2] == b"PK", url


def test_no_input_breaks_a_list(operator):
    broken = set()
    for url, page in lists().items():
        names = ["page", "size", "sort", "seg", "open", "after", "before", "format"]
        if page.filterset_class:
            names += list(page.filterset_class.base_filters)
        for value in HOSTILE:
            query = urlencode(dict.fromkeys(names, value), errors="surrogatepass")
            response = operator.get(f"{url}?{query}")
            if response.status_code >= 500:
                broken.add(f"{url} with {value[:20]!r}: {response.status_code}")
    assert not broken, "\n".join(sorted(broken))


def test_order_is_an_allow_list(operator):
    """Names of other columns and paths change nothing (T12)."""
    for url in lists():
        plain = _rows(operator.get(f"{url}?all=1"))
        for name in ("id", "password", "manager__password", "salespoint__name", "version"):
            assert _rows(operator.get(f"{url}?all=1&sort={name}")) == plain, (url, name)


def _rows(response) -> list[str]:
    return re.findall(r'data-id="(\w+)"', response.content.decode())
