"""The query that finds the rows of a list of renewals reads little (performance 14): 8-KB blocks, counted by PostgreSQL."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import CallLog
from core.lists import counts
from renewals.models import RenewalRow
from renewals.services import renewals_refresh
from renewals.views.lists import RenewalList
from tests.renewals.conftest import TODAY, account_of, noon, sold

pytestmark = pytest.mark.django_db
URL = "/accounts/renewals/"
MOST, QUERIES = 250, 6
"""Half the bar: indexes are three steps high in life, one or two here."""


@pytest.fixture
def many(manager, today, eo, edo):
    """Sixty accounts of every state with two directions, some of them called."""
    accounts = [account_of(manager, f"Лист {n}, ООО") for n in range(60)]
    for n, account in enumerate(accounts):
        sold(account, eo, TODAY + timedelta(days=n - 1), refresh=False)
        sold(account, edo, TODAY + timedelta(days=n + 30), refresh=False)
        sold(account, edo, TODAY + timedelta(days=n - 335), refresh=False)
        if n % 7 == 0:
            CallLog.objects.create(client=account.members.get().client, result="talked", at=noon(TODAY), by=manager)
    renewals_refresh([account.pk for account in accounts], on=TODAY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return accounts


def blocks(sql: str, params=None) -> int:
    """Blocks that a query touches by walking indexes in its order: a table of a test is smaller than they are.

    Asked twice: the first time it also passes, and marks, what tests before this one left in the indexes.
    """
    ways = ("seqscan", "bitmapscan", "sort", "hashjoin")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL enable_{way} = off" for way in ways))
        for _ in range(2):
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
            plan = cursor.fetchone()[0][0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


@pytest.mark.parametrize(
    "asked",
    [
        "state=requires&resp=point", "state=requires&resp=me", "state=requires&resp=point&seg=d39&outcome=none", "state=renewed&resp=point",
        "call=late&resp=point&state=requires", "resp=point&state=not_renewed&state=terminated&state=requires", "state=requires", "all=1", "winback/?all=1",
    ],
)  # fmt: skip
def test_rows_are_found_without_what_they_show(signed_in, manager, operator, many, asked):
    page = signed_in(manager if "resp" in asked else operator)
    url = f"{URL}{asked}" if "?" in asked else f"{URL}?{asked}"
    page.get(url)
    with CaptureQueriesContext(connection) as seen:
        response = page.get(url)
    assert response.status_code == 200 and len(seen) <= QUERIES
    [rows] = [query["sql"] for query in seen if re.search(r" LIMIT 51$", query["sql"])]
    assert not re.search(r"accounts_account\"|licenses_license|clients_client\"|renewals_outcome", rows), rows
    assert blocks(rows) <= MOST


def test_joined_before_the_page_is_cut_they_would_cost_many_times_that(manager, many, rf):
    """The control: the same rows with what they show."""
    page = RenewalList()
    request = rf.get(URL, {"state": "requires", "resp": "point"})
    request.user, request.htmx = manager, False
    page.setup(request)
    rows = page.in_full(page.found().queryset).order_by("ends_on", "pk")[:51]
    assert blocks(*rows.query.sql_with_params()) > 1.5 * MOST


def test_a_total_that_is_not_shown_is_not_added_up(many, monkeypatch):
    rows = RenewalRow.objects.all()
    with CaptureQueriesContext(connection) as seen:
        assert counts.count(rows, sums=["amount"]).sums["amount"] == sum(row.amount for row in rows)
    whole = blocks(seen[0]["sql"])
    monkeypatch.setattr(counts, "CAP", 10)
    with CaptureQueriesContext(connection) as seen:
        told = counts.count(rows, sums=["amount"])
    assert (told.total, told.capped, told.sums) == (10, True, {})
    assert blocks(seen[0]["sql"]) < whole / 2


def test_a_row_that_a_sweep_took_away_meanwhile_is_left_out(manager, many, rf):
    page = RenewalList()
    request = rf.get(URL, {"state": "requires"})
    request.user, request.htmx = manager, False
    page.setup(request)
    found = list(page.found().queryset.order_by("ends_on", "pk")[:5])
    RenewalRow.objects.filter(pk=found[2].pk).delete()
    kept = [row.pk for n, row in enumerate(found) if n != 2]
    page.decorate(found)
    assert [row.pk for row in found] == kept and all(row.account.name for row in found)
