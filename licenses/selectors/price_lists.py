"""Price lists for the operator: what differs, what a scope means in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Case, CharField, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, LPad

from licenses.choices import PayerKind, PriceScope
from licenses.importers.price_sheet import SheetPrice
from licenses.models import Item, Price, PriceList
from partners.models import Region, SalesPoint


@dataclass(frozen=True, slots=True)
class Difference:
    """One price: before (None: added) and after (None: gone)."""

    item: Item
    words: str
    before: tuple[Decimal, date] | None
    after: tuple[Decimal, date] | None

    @property
    def kind(self) -> str:
        return "added" if self.before is None else "gone" if self.after is None else "changed"


@dataclass
class Comparison:
    """What the sheet changes in the draft."""

    rows: list[Difference] = field(default_factory=list)
    same: int = 0

    def count(self, kind: str) -> int:
        return sum(row.kind == kind for row in self.rows)

    @property
    def added(self) -> int:
        return self.count("added")

    @property
    def changed(self) -> int:
        return self.count("changed")

    @property
    def gone(self) -> int:
        return self.count("gone")


def compare(price_list: PriceList, prices: Iterable[SheetPrice]) -> Comparison:
    """The sheet beside the list as it is."""
    now = {_key(row): (row.amount, row.valid_to) for row in price_list.prices.all()}
    new = {row.key: (row.amount, row.valid_to) for row in prices}
    items = Item.objects.select_related("line").in_bulk({key[0] for key in now.keys() | new.keys()})
    words = ScopeWords()
    found = Comparison()
    for key in sorted(now.keys() | new.keys(), key=lambda k: (items[k[0]].line_id, items[k[0]].order, k)):
        if now.get(key) == new.get(key):
            found.same += 1
            continue
        found.rows.append(Difference(items[key[0]], words.of(*key[1:5], since=key[5]), now.get(key), new.get(key)))
    return found


def _key(row: Price) -> tuple:
    return (row.item_id, row.scope, row.scope_id, row.payer_kind, row.months, row.valid_from)


class ScopeWords:
    """«39 Калининградская область», «7699 Центральный офис», «Везде»: two queries for any number of rows."""

    def __init__(self) -> None:
        self._regions = {int(code): f"{code} {name}" for code, name in Region.objects.values_list("code", "name")}
        self._points = {
            pk: (code, f"{code} {name}") for pk, code, name in SalesPoint.objects.values_list("pk", "code", "name")
        }

    def place(self, scope: str, scope_id: int) -> str:
        if scope == PriceScope.REGION:
            return self._regions.get(scope_id, str(scope_id))
        if scope == PriceScope.SALESPOINT:
            return self._points.get(scope_id, ("", str(scope_id)))[1]
        return "Везде"

    @staticmethod
    def code_expression() -> Case:
        """«Код области» of the sheet, in SQL: two digits of a region, four of a sales point."""
        point = SalesPoint.objects.filter(pk=OuterRef("scope_id")).values("code")[:1]
        region = LPad(Cast("scope_id", CharField()), 2, Value("0"))
        return Case(
            When(scope=PriceScope.SALESPOINT, then=Subquery(point)),
            When(scope=PriceScope.REGION, then=region),
            default=Value(""),
        )

    def of(self, scope: str, scope_id: int, payer_kind: str, months: int, *, since: date) -> str:
        return f"{self.place(scope, scope_id)} · {PayerKind(payer_kind).label} · {months} мес. · с {since:%d.%m.%Y}"
