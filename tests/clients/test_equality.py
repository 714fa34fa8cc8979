"""List, counter, «Отобразить N», «Распределение», drill-down and Excel agree under random filters (R2.8, R2.32, R2.40)."""

import os
import random
import re
from datetime import date
from io import BytesIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from clients.models import Client, Invitation
from clients.selectors.cube import KNOWN
from clients.services import distribution_clock_move
from tests import factories as make
from tests.clients.test_lists import SECTIONS, TODAY, ids, numbers, scatter, spread, total

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("SBILLING_EXAMPLES", "25"))
"""The long form: `./run chaos equality --examples 400`."""
days = st.dates(date(2019, 12, 1), date(2027, 2, 1)).map(lambda day: f"{day:%d.%m.%Y}")


def some(*values: str):
    return st.sampled_from(values)


COMMON = {
    "phone": some("1", "0"),
    "kind": some("legal", "entrepreneur"),
    "work": some("no", "yes", "agreed"),
    "region": some("39", "25", "77"),
    "life": some("1", "0"),
    "contact": some("overdue", "today", "week", "no"),
    "twins": some("merge", "inn"),
    "topic": some("main", "tenders"),
    "q": some("К 1", "к 2", "39", "7718159470", "ничего", "%", "ё"),
    "sort": some("name", "-name", "registered", "-registered", "нет"),
    "reg": some("new", "period"),
}
OWN = {
    "/clients/": {"state": some("none", "invited", "connected", "lost")},
    "/clients/potential/": {"state": some("none", "invited", "declined", "trial")},
    "/clients/potential/invited/": {"step": some("not_worked", "invited", "started"), "about": some("edo", "vat"), "sent": some("today", "week", "period")},
    "/clients/potential/declined/": {"why": some("price", "other"), "since": some("week", "month", "period")},
    "/clients/potential/lost/": {"why": some("refused", "inactive", "removed"), "since": some("week", "period")},
    "/clients/potential/trial/": {"licence": some("account", "client"), "active": some("1", "0")},
}  # fmt: skip


def few(names: list[str]):
    return st.lists(st.sampled_from(names), max_size=4, unique=True)


@st.composite
def asked(draw):
    """A section and up to four of its filters; periods with days of their own, the earlier first."""
    section = draw(st.sampled_from(SECTIONS))
    known = COMMON | OWN[section] | {"resp": st.integers(0, 9).map(str)}
    told = sorted(KNOWN & set(known))  # totals that the cube tells: half of what is asked
    names = draw(st.sampled_from([told, sorted(known)]).flatmap(few))
    query = {name: draw(known[name]) for name in names}
    for name in [name for name, value in query.items() if value == "period"]:
        first, last = sorted((draw(days), draw(days)), key=lambda text: text.split(".")[::-1])
        query |= {f"{name}_from": first, f"{name}_to": last}
    return section, query or {"all": "1"}


@pytest.fixture
def world(signed_in, head, manager, colleague, point, other_point, clock_at):
    clock_at(TODAY)
    distribution_clock_move(on=TODAY)
    rng = random.Random(11)
    scatter(rng, point, other_point, [manager, colleague], 90)
    cards = list(Client.objects.filter(salespoint=point))
    for card in cards[:25]:
        make.bound(card, rng.choice([manager, colleague]), topic="tenders")
        Client.objects.filter(pk=card.pk).update(
            next_contact_on=rng.choice([date(2026, 11, 1), TODAY, date(2026, 11, 26)])
        )
    for card in Client.objects.exclude(invite_state=""):
        Invitation.objects.create(
            client=card,
            topic=rng.choice(["edo", "vat"]),
            state="expired",
            closed_at="2026-11-02T10:00Z",
            sent_at="2026-11-01T10:00Z",
            expires_on=TODAY,
        )
    make.ClientFactory(inn="7718159470")
    make.ClientFactory(inn="7718159470", kpp="", ogrn=None)
    people = [
        "",
        "point",
        "free",
        "none",
        "me",
        "blocked",
        f"e{manager.pk}",
        f"p{point.pk}",
        f"p{point.pk}f",
        f"p{point.pk}e{colleague.pk}",
    ]
    return signed_in(head), people


@pytest.mark.rows("R2.8", "R2.32", "R2.40")
@settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES == 25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(what=("/clients/", {"resp": "0"}), every=2, excel=0)  # an empty parameter is none, for the counter too
@given(what=asked(), every=st.integers(2, 5), excel=st.integers(0, 3))
def test_one_number_everywhere(world, what, every, excel):
    page, people = world
    section, query = what
    if "resp" in query:
        query = {**query, "resp": people[int(query["resp"])]}
    listed = page.get(section, {**query, "size": "25"}, follow=True)  # more pages than one: its total is not its rows
    assert listed.status_code == 200, query
    shown = total(listed)
    assert len(set(ids(page.get(section, {**query, "size": "100"}, follow=True)))) == min(shown, 100)
    assert page.get(section, {**query, "format": "count"}).json() == {"words": str(shown)}
    lines = spread(page.get(f"{section}distribution/", query, follow=True))
    whole = lines["Итого"] if lines else [(0, "")]
    assert shown == (whole[0][0] if "invited" in section else whole[-1][0])
    groups = [line for title, line in lines.items() if title == "Без привязки к партнеру" or re.match(r"\d{4} ", title)]
    assert [sum(column) for column in zip(*map(numbers, groups), strict=True)] == (numbers(whole) if groups else [])
    for number, url in [cell for line in lines.values() for cell in line if cell[1]][::every]:
        assert total(page.get(url)) == number, url
    if not excel:
        answer = page.get(section, {**query, "format": "xlsx"})
        book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
        assert book["Данные"].max_row - 1 == shown
