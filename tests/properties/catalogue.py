"""The price list of the histories: odd sums, prices that change in the middle of a year, every policy, one promotion."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from licenses.models import ChangePolicy, Entitlement, Price, Promo
from partners.models import Employee
from tests.licenses.market import LONG_AGO, OPEN_END, Market, open_market

from . import oracle

DEAR_FROM = date(2025, 7, 1)
PRICES = {
    # code: (line, kind, countable, vat, price of a year, price of a year from DEAR_FROM on)
    "mini": ("eo", "tariff", False, "exempt", "1200.50", "1200.50"),
    "basic": ("eo", "tariff", False, "exempt", "5999.99", "6400.01"),
    "pro": ("eo", "tariff", False, "exempt", "12000.03", "12999.99"),
    "plus": ("eo2", "tariff", False, "exempt", "24000.99", "24000.99"),
    "ub": ("ub", "tariff", False, "exempt", "15000.00", "15500.50"),
    "users": ("eo", "extension", True, "standard", "1200.33", "1300.07"),
    "desk": ("edo", "tariff", True, "standard", "3000.07", "3000.07"),
    "desk2": ("edo", "tariff", True, "standard", "4000.10", "4100.01"),
    "visit": ("edo", "service", False, "standard", "2500.00", "2500.00"),
}
MONTHS = (1, 3, 12)


def year_price(code: str, on: date) -> Fraction:
    return Fraction(PRICES[code][5 if on >= DEAR_FROM else 4])


def price_of(code: str, months: int, on: date) -> Fraction:
    """The price list: a month is a tenth of a year, three months three tenths."""
    return oracle.kopecks(year_price(code, on) * {1: 1, 3: 3, 12: 10}[months] / 10)


def open_floor(manager: Employee, head: Employee, operator: Employee) -> Market:
    """The catalogue, its prices and one promotion."""
    market = open_market(manager)
    product = market.lines["eo"].product
    market.lines["eo2"] = type(market.lines["eo"]).objects.create(
        code="eo2", title="ЭО плюс", direction=market.lines["eo"].direction, product=product, order=2
    )
    ChangePolicy.objects.create(line=market.lines["eo2"])
    for code, (line, kind, countable, vat, _old, _new) in PRICES.items():
        item = market.item(
            code, 1, line=line, kind=kind, months=(), countable=countable, vat_kind=vat, requires_tariff=kind == "extension"
        )  # fmt: skip
        for months in MONTHS if kind != "service" else (1,):
            for first, last in ((LONG_AGO, DEAR_FROM - oracle.ONE_DAY), (DEAR_FROM, OPEN_END)):
                amount = year_price(code, first) if kind == "service" else price_of(code, months, first)
                Price.objects.create(
                    price_list=market.price_list, state="published", item=item, months=months, valid_from=first,
                    valid_to=last, amount=Decimal(amount.numerator) / amount.denominator,
                )  # fmt: skip
    for code, limit in (("mini", "reports"), ("basic", "reports"), ("pro", "reports"), ("plus", "users"), ("users", "users"), ("desk", "cash_desks")):  # fmt: skip
        Entitlement.objects.create(item=market.items[code], limit=limit, amount=len(code))
    Promo.objects.create(code="ЛЕТО", title="−15,5 %", valid_from=LONG_AGO, valid_to=OPEN_END, percent=Decimal("15.5"))
    market.head, market.operator = head, operator
    return market
