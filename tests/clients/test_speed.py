"""What a list does where it could be slow: walks categories together, shows rows without a total, names the filter to add."""

import random
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.errors import QueryCanceled

from clients.models import Client
from clients.models.client import NO_CONTACT
from core import db
from core.lists import counts, paging
from partners.rights import Scope
from tests import factories as make

DAY = date(2026, 6, 1)
STATES = ("declined", "lost", "none")


def rows_of(response) -> list[int]:
    return [row.pk for row in response.context["table"].rows]


@pytest.fixture
def cards(db):
    return [
        make.ClientFactory(
            region_code="39", prospect_state=STATES[n % 3], registered_on=DAY - timedelta(days=n % 7), kind="legal"
        )
        for n in range(90)
    ]


@pytest.mark.parametrize("sort", ["-registered", "registered"])
def test_categories_walked_together_give_the_same_pages(cards, operator, signed_in, sort):
    browser, sign = signed_in(operator), "-" if sort.startswith("-") else ""
    wanted = list(
        Client.objects.filter(prospect_state__in=STATES[:2])
        .order_by(f"{sign}registered_on", f"{sign}pk")
        .values_list("pk", flat=True)
    )
    asked = f"/clients/?region=39&state=declined&state=lost&kind=legal&sort={sort}&size=25"
    first = browser.get(asked)
    assert rows_of(first) == wanted[:25]
    second = browser.get("/clients/" + first.context["slice"].links["next"])
    assert rows_of(second) == wanted[25:50]
    back = second.context["slice"].links["previous"]
    assert "before" in parse_qs(urlsplit(back).query) or "page" in parse_qs(urlsplit(back).query)
    assert rows_of(browser.get("/clients/" + back)) == wanted[:25]
    assert rows_of(browser.get(asked + "&page=last")) == wanted[-25:]


@pytest.fixture
def scattered(manager, point, other_point, db):
    """Cards that the manager sees by both halves of the scope, and others."""
    served = sorted(manager.region_codes)[0]
    rng = random.Random(5)
    for n in range(120):
        facts = {
            "salespoint": (point, None, None, other_point)[n % 4],
            "region_code": (served, served, "77", served)[n % 4],
        }
        make.ClientFactory(
            **facts,
            registered_on=DAY - timedelta(days=rng.randint(0, 6)),
            next_contact_on=rng.choice([NO_CONTACT, DAY + timedelta(days=rng.randint(0, 3))]),
        )
    return Client.objects.visible_to(manager)


@pytest.mark.parametrize("sort", ["-registered", "registered", "name", "-name", "contact", "-contact"])
def test_the_halves_of_a_scope_walked_together_give_the_same_pages(scattered, manager, signed_in, sort):
    browser, sign = signed_in(manager), "-" if sort.startswith("-") else ""
    column = {"registered": "registered_on", "name": "name_norm", "contact": "next_contact_on"}[sort.lstrip("-")]
    wanted = list(scattered.order_by(f"{sign}{column}", f"{sign}pk").values_list("pk", flat=True))
    assert len(wanted) == 60
    asked = f"/clients/?all=1&sort={sort}&size=25"
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(asked)
    assert any("UNION ALL" in query["sql"] for query in queries), "walked half by half"
    seen = rows_of(page)
    while more := page.context["slice"].links.get("next"):
        page = browser.get("/clients/" + more)
        seen += rows_of(page)
    assert seen == wanted
    back = browser.get("/clients/" + page.context["slice"].links["previous"])
    assert rows_of(back) == wanted[25:50]
    assert rows_of(browser.get(asked + "&page=2")) == wanted[25:50]
    assert rows_of(browser.get(asked + "&page=3")) == wanted[50:]
    last = browser.get(asked + "&page=last")
    assert rows_of(last) == wanted[-25:]
    assert 'aria-label="Первая страница"' in last.content.decode(), "the way back"


@pytest.mark.parametrize("asked", ["", "&page=2", "&page=last", "&sort=name", "&sort=-contact&page=2"])
def test_rare_rows_are_gathered_where_a_walk_takes_too_long(
    impatient, operator, signed_in, monkeypatch, asked, clock_at
):
    clock_at(DAY)
    for n in range(60):
        make.ClientFactory(region_code="39", kind="legal", registered_on=DAY - timedelta(days=n % 5))
    browser, url = signed_in(operator), f"/clients/?region=39&kind=legal{asked}"
    walked, cut = rows_of(browser.get(url)), paging.cut

    def slow_walk(road, *args, **kwargs):
        return cut(road, *args, **kwargs) if road.gather else sleepy()

    monkeypatch.setattr(paging, "cut", slow_walk)
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(url)
    assert rows_of(response) == walked and walked
    assert any("GREATEST" in query["sql"] for query in queries), "an order that no index has"


@pytest.mark.parametrize("ordering", [["-registered_on", "-pk"], ["name_norm", "pk"], ["pk"]])
def test_no_index_gives_the_order_of_a_gathering(cards, ordering):
    def plan(gather: bool) -> str:
        with CaptureQueriesContext(connection) as queries:
            paging.Road(Client.objects.exclude(prospect_state="merged"), gather=gather).rows(ordering, 51)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + queries[-1]["sql"])
            return "\n".join(line for (line,) in cursor.fetchall())

    assert "Sort" not in plan(False), "the control: a walk"
    assert "Sort" in plan(True)


def test_a_late_cancel_does_not_strike_the_next_statement():
    asked = []

    class Raw:
        info = type("Info", (), {"transaction_status": 0})

        def execute(self, sql, values):
            asked.append(values)
            if len(asked) == 1:
                raise QueryCanceled

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_broken", lambda: False)
        db._allow(Raw(), 700)
    assert asked == [["700"], ["700"]]


def test_a_list_on_one_page_is_not_counted(cards, operator, signed_in, monkeypatch):
    monkeypatch.setattr(counts, "count", lambda *args, **kwargs: pytest.fail("counted"))
    response = signed_in(operator).get("/clients/?region=39&state=lost&kind=legal")
    assert response.context["totals"].total == 30 and not response.context["totals"].capped


def test_twins_of_one_inn(operator, signed_in):
    inn = make.inn10(7)
    twins = [make.ClientFactory(inn=inn, kpp=kpp).pk for kpp in ("390601001", "390643001")]
    make.ClientFactory(inn=make.inn10(8))
    assert sorted(rows_of(signed_in(operator).get("/clients/?twins=inn"))) == twins


def sleepy(*args, **kwargs):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")


@pytest.fixture
def impatient(transactional_db, monkeypatch):
    monkeypatch.setitem(db.TIMEOUTS, "list", (400, 3_000))


def test_rows_are_shown_when_their_number_takes_too_long(impatient, operator, signed_in, monkeypatch):
    made = [make.ClientFactory(region_code="39", kind="legal").pk for _ in range(60)]
    monkeypatch.setattr(counts, "count", sleepy)
    response = signed_in(operator).get("/clients/?kind=legal")
    assert response.status_code == 200 and len(rows_of(response)) == 50 < len(made)
    assert "51+" in response.content.decode()
    assert response.context["slice"].links["next"]


def test_a_list_that_takes_too_long_names_the_filter_to_add(impatient, operator, signed_in, monkeypatch):
    monkeypatch.setattr(paging, "cut", sleepy)
    text = signed_in(operator).get("/clients/?region=39&kind=legal").content.decode()
    assert "Отбор слишком широкий" in text
    assert "Добавьте условие: «Ответственный» или «Категория» или «Зарегистрированы»." in text


@pytest.mark.parametrize("scope", Scope)
def test_the_parts_of_a_scope_are_the_scope(scattered, manager, colleague, monkeypatch, scope):
    cards = list(Client.objects.exclude(salespoint=None).order_by("pk"))
    for card, owner in zip(cards, [manager, colleague, None] * len(cards), strict=False):
        if owner and card.salespoint_id == owner.salespoint_id:
            Client.objects.filter(pk=card.pk).update(manager=owner)
    monkeypatch.setattr(type(manager), "scope_of", lambda self, right: scope)
    parts = [card for part in Client.objects.parts_visible_to(manager) for card in part.values_list("pk", flat=True)]
    seen = list(Client.objects.visible_to(manager).values_list("pk", flat=True))
    assert len(parts) == len(set(parts)), "no card twice"
    assert sorted(parts) == sorted(seen) if scope != Scope.ALL else (not parts and len(seen) == 120)
