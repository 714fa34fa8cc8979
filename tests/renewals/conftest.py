"""Sold terms for tests of renewals."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from accounts.models import Account, AccountMember
from core import clock
from licenses.models import Direction, Item, License, Price, PriceList, Product, ProductLine, Term
from renewals.services import renewals_refresh
from tests import factories as make

TODAY = date(2026, 11, 23)
_numbers = count(1_187_702)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def tariff(code: str, title: str, amount: str = "5400.00", *, topic=None) -> Item:
    """A tariff in a direction of its own, with a price for a year."""
    direction, _ = Direction.objects.get_or_create(code=code, defaults={"title": title, "topic": topic})
    product, _ = Product.objects.get_or_create(code=code, defaults={"title": title})
    line, _ = ProductLine.objects.get_or_create(
        code=code, defaults={"title": title, "direction": direction, "product": product}
    )
    item, made = Item.objects.get_or_create(
        code=f"{code}-basic", defaults={"line": line, "kind": "tariff", "title": "Базовый"}
    )
    if made:
        prices, _ = PriceList.objects.get_or_create(
            title="Прайс", defaults={"state": "published", "created_at": clock.now(), "published_at": clock.now()}
        )
        Price.objects.create(
            price_list=prices,
            state="published",
            item=item,
            months=12,
            valid_from=date(2024, 1, 1),
            valid_to=date(2030, 1, 1),
            amount=Decimal(amount),
        )
    return item


def account_of(manager, name: str = "Гарант-Сервис, ООО", *, point=None) -> Account:
    """An account with its main member."""
    client = make.ClientFactory(name=name)
    make.bound(client, manager, point=point)
    account = Account.objects.create(
        number=next(_numbers),
        name=name,
        salespoint=point or manager.salespoint,
        manager=manager,
        created_at=clock.now(),
        region_code="39",
        members_count=1,
    )
    AccountMember.objects.create(account=account, client=client, is_main=True, kpp="390601001", joined_at=clock.now())
    return account


def sold(
    account: Account,
    item: Item,
    ends_on: date,
    *,
    shipped_on: date | None = None,
    amount: str = "5400.00",
    state: str = "active",
    refresh=True,
) -> Term:
    """A yearly term with one licence; its row is counted as of today."""
    starts_on = ends_on - timedelta(days=364)
    term = Term.objects.create(
        account=account,
        direction=item.line.direction,
        starts_on=starts_on,
        ends_on=ends_on,
        anchor_day=starts_on.day,
        months=12,
        created_at=noon(starts_on),
    )
    live = state in ("active", "shipped", "replaced")
    License.objects.create(
        account=account, term=term, item=item, starts_on=starts_on, ends_on=ends_on, full_days=365, list_amount=Decimal(amount), amount=Decimal(amount),
        state=state, payer=account.members.get(is_main=True).client, shipped_on=(shipped_on or starts_on) if live else None,
        activated_at=noon(starts_on) if live and state != "shipped" else None, created_at=noon(starts_on),
    )  # fmt: skip
    if refresh:
        renewals_refresh([account.pk], on=clock.today())
    return term


@pytest.fixture
def today(clock_at):
    clock_at(TODAY)
    return TODAY


@pytest.fixture
def eo(db):
    return tariff("eo", "ЭО")


@pytest.fixture
def edo(db):
    return tariff("edo", "ЭДО", "8900.00")
