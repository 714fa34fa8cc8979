"""The price list: which price stands for an item, a place, a payer and a term on a day (billing 3.2, decision 8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.models import Account
from clients.choices import Kind
from clients.models import Client
from core.errors import DomainError
from core.text import plural
from licenses.choices import ItemKind, ListState, PayerKind, PriceScope
from licenses.models import Item, Price

_WIDTH = {PriceScope.SALESPOINT: 0, PriceScope.REGION: 1, PriceScope.ALL: 2}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a price is asked for. `region`: the region's code as a number, 0 when unknown."""

    salespoint_id: int
    region: int = 0

    @classmethod
    def of(cls, account: Account) -> Place:
        code = account.region_code
        return cls(account.salespoint_id, int(code) if code.isdigit() else 0)


def prices_for(items: Iterable[Item], *, place: Place, payer_kind: str, months: int, on: date) -> dict[int, Price]:
    """{item pk: price} for the document date. The most specific wins: sales point, region, all; then the payer's kind, any.

    A service has no term: its price is taken whatever the months. Items without a price are absent. One query.
    """
    kinds = {item.pk: item.kind for item in items}
    rows = Price.objects.filter(
        _place_q(place),
        item__in=kinds,
        state=ListState.PUBLISHED,
        payer_kind__in=[payer_kind, PayerKind.ANY],
        valid_from__lte=on,
        valid_to__gte=on,
    )
    best: dict[int, tuple[tuple, Price]] = {}
    for price in rows:
        is_service = kinds[price.item_id] == ItemKind.SERVICE
        if not is_service and price.months != months:
            continue
        rank = (_WIDTH[price.scope], price.payer_kind == PayerKind.ANY, price.months != months, price.months)
        if price.item_id not in best or rank < best[price.item_id][0]:
            best[price.item_id] = (rank, price)
    return {pk: price for pk, (_, price) in best.items()}


def price_for(item: Item, *, place: Place, payer_kind: str, months: int, on: date) -> Price:
    """One price. `DomainError` names the terms that are sold when this one is not."""
    found = prices_for([item], place=place, payer_kind=payer_kind, months=months, on=on)
    if item.pk in found:
        return found[item.pk]
    sold = months_sold(item, place=place, payer_kind=payer_kind, on=on)
    if not sold:
        raise DomainError(
            f"{item}: в прайсе нет цены для этого плательщика. Выберите другую форму или позицию.",
            field="items",
            code="no_price",
        )
    raise DomainError(
        f"{item}: нет цены на {months}\u00a0мес. Выберите {', '.join(str(m) for m in sold)}\u00a0мес.",
        field="months",
        code="no_price",
    )


def months_sold(item: Item | None = None, *, place: Place, payer_kind: str, on: date) -> list[int]:
    """The terms in months that have a price today, of one item or of the whole list."""
    rows = Price.objects.filter(
        _place_q(place),
        state=ListState.PUBLISHED,
        payer_kind__in=[payer_kind, PayerKind.ANY],
        valid_from__lte=on,
        valid_to__gte=on,
    )
    rows = rows.filter(item=item) if item else rows.exclude(item__kind=ItemKind.SERVICE)
    return sorted(set(rows.values_list("months", flat=True)))


def default_payer_kind(client: Client) -> str:
    """The form to start with; a person may choose another one: no register tells the tax regime of everybody."""
    if client.kind != Kind.LEGAL:
        return PayerKind.IP
    name = client.name.lower()
    if any(word in name for word in ("бюджетн", "казенн", "гбоу", "мбоу", "мку", "гбуз", "администрация")):
        return PayerKind.BUDGET
    return PayerKind.OSNO


def months_words(months: int) -> str:
    """«1 год», «3 месяца»."""
    if months % 12 == 0:
        years = months // 12
        return f"{years}\u00a0{plural(years, 'год', 'года', 'лет')}"
    return f"{months}\u00a0{plural(months, 'месяц', 'месяца', 'месяцев')}"


def _place_q(place: Place) -> Q:
    here = Q(scope=PriceScope.ALL) | Q(scope=PriceScope.SALESPOINT, scope_id=place.salespoint_id)
    return here | Q(scope=PriceScope.REGION, scope_id=place.region) if place.region else here
