"""The first page says what waits and leads there."""

import re

import pytest
from django.core.cache import cache

from core import clock
from tests.factories import ClientFactory, bound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_numbers():
    cache.clear()
    yield
    cache.clear()


def test_what_waits_stands_first_with_its_number(manager, signed_in):
    for _ in range(3):
        bound(ClientFactory(prospect_state="invited", invite_state="invited", invited_on=clock.today()), manager)
    html = signed_in(manager).get("/").content.decode()
    tile = html.partition('class="tiles"')[2].partition("</ul>")[0]
    assert 'href="/clients/potential/invited/"' in tile and ">3</b>" in tile


def test_nothing_waits_is_said_in_words(manager, signed_in):
    html = signed_in(manager).get("/").content.decode()
    assert 'class="tiles"' not in html and "Ничего не ждет" in html


def test_every_section_is_a_card_with_its_link(manager, signed_in):
    html = signed_in(manager).get("/").content.decode()
    cards = re.findall(r'<h2 id="h-([\w-]+)"><a href="(/[^"]*)">([^<]+)</a></h2>', html)
    assert ("clients", "/clients/", "Все клиенты") in cards
    assert len(cards) == html.count('class="cd-h"')
