"""Two generated years of renewals: one category a day, and the same end however the nights went (invariants 13, 16)."""

from datetime import date

import pytest
from django.db import transaction

from tests.licenses.market import open_market

from .years import Years, stored

pytestmark = pytest.mark.django_db

ACCOUNTS, SEED = 3, 1


@pytest.fixture
def years(manager, colleague, head):
    """years() begins two years anew; the database is rolled back between them by the caller."""
    market = open_market(head)  # who may act whoever has the account
    market.item("a", 6000, months=(1, 3, 12))
    market.item("d", 9000, line="edo", months=(1, 3, 12))
    return lambda: Years(market, [manager, colleague], head, SEED, ACCOUNTS)


@pytest.mark.long
def test_every_account_is_in_one_category_every_day_and_the_nights_do_not_matter(years):
    life = years()

    def exactly_one(on: date) -> None:
        rows = stored()
        assert rows == life.slow_rows(on), on
        sold = sum(bool(terms) for terms in life.facts.values())
        assert sum(worst for _, worst in rows.values()) == sold, on

    with transaction.atomic():
        daily = life.live(lambda day: 1, check=exactly_one)
        transaction.set_rollback(True)
    assert life.told["renewed"] and life.told["sold"] and daily["rows"]
    # Three days of twenty nobody ran the jobs, on every fourth day somebody ran them twice; chaos time does it apart.
    other = years()
    with transaction.atomic():
        end = other.live(lambda day: 0 if day % 20 in (7, 8, 9) else 1 + (day % 4 == 0))
        transaction.set_rollback(True)
    assert other.told == life.told
    assert end == daily
    # A client that was lost or won during an outage is not written to afterwards: no letter more, none twice.
    assert set() < other.letters <= life.letters


def test_without_the_nights_the_rows_are_stale(years):
    """The control: what the comparison looks for does appear."""
    with transaction.atomic():
        life = years()
        life.live(lambda day: 0, last_night=False)
        assert stored() != life.slow_rows(life.ended_on)
        transaction.set_rollback(True)
