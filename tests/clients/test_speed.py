"""What a list does where it could be slow: walks categories together, shows rows without a total, names the filter to add."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from clients.models import Client
from core import db
from core.lists import counts, paging
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
