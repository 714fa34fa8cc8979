"""The demo price list: the product world of a reporting and document-exchange vendor (russia 4), prices invented."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from clients.models import BindingTopic
from licenses.choices import Credit, EndRule, NewPrice
from licenses.models import ChangePolicy, Direction, Entitlement, Item, Price, PriceList, Product, ProductLine
from partners.models import Employee, SalesPoint

OPEN_END = date(2099, 12, 31)
SOFTWARE = "пп. 26 п. 2 ст. 149 НК РФ"

PRODUCTS = [  # code, title, parent, two-sided, silent days
    ("account", "Аккаунт", None, False, 60), ("reporting", "Отчетность", None, True, 100), ("eo", "ЭО", "reporting", True, 100),
    ("ub", "СБИС 3 УБ", "reporting", False, 100), ("edo", "ЭДО", None, True, 30), ("ofd", "Кассы ОФД", None, False, 14),
    ("crm", "CRM", None, False, 30), ("calendar", "Календарь", None, False, 60), ("companies", "О компаниях", None, False, 60),
    ("staff", "Персонал", None, False, 30), ("retail", "Розница", None, False, 14), ("tenders", "Торги", None, False, 60),
    ("signature", "Электронная подпись", None, False, 400),
]  # fmt: skip
DIRECTIONS = [  # code, title, topic
    ("account", "Аккаунт", None), ("reporting", "Отчетность", None), ("edo", "ЭДО", None), ("ofd", "ОФД", None), ("crm", "CRM", None),
    ("companies", "О компаниях", "contractors"), ("tenders", "Торги", "tenders"), ("staff", "Персонал", None), ("retail", "Розница", None),
    ("signature", "Электронная подпись", None),
]  # fmt: skip
LINES = [  # code, title, direction, product
    ("account", "Аккаунт", "account", "account"), ("eo", "ЭО", "reporting", "eo"), ("ub", "Уполномоченная бухгалтерия", "reporting", "ub"),
    ("edo", "ЭДО", "edo", "edo"), ("ofd", "ОФД", "ofd", "ofd"), ("crm", "CRM", "crm", "crm"), ("companies", "О компаниях", "companies", "companies"),
    ("tenders", "Торги", "tenders", "tenders"), ("staff", "Персонал", "staff", "staff"), ("retail", "Розница", "retail", "retail"),
    ("signature", "Электронная подпись", "signature", "signature"),
]  # fmt: skip
# code, line, kind, title, rank, countable, options, entitlements, {payer: price of 12 months}
ITEMS = [
    ("account-full", "account", "tariff", "Полный", 1, False, {}, {"users": 5, "organisations": 5}, {"any": 1_800}),
    ("account-user", "account", "extension", "Пользователь", 0, True, {}, {"users": 1}, {"any": 600}),
    ("account-company", "account", "extension", "Организация", 0, True, {}, {"organisations": 1}, {"any": 900}),
    ("eo-zero", "eo", "tariff", "Нулевка", 1, False, {}, {"reports": 4, "organisations": 1}, {"ip": 1_200, "any": 1_900}),
    ("eo-light", "eo", "tariff", "Легкий", 2, False, {}, {"reports": 24}, {"ip": 2_400, "usn": 3_600, "any": 4_200}),
    ("eo-basic", "eo", "tariff", "Базовый", 3, False, {}, {"reports": 120, "signatures": 1}, {"ip": 3_900, "usn": 5_400, "osno": 8_900, "budget": 4_500, "any": 6_900}),
    ("eo-corporate", "eo", "tariff", "Корпоративный", 4, False, {}, {"reports": 600, "signatures": 5, "organisations": 5}, {"any": 14_500}),
    ("eo-direction", "eo", "extension", "Дополнительное направление", 0, True, {}, {}, {"any": 900}),
    ("eo-alcohol", "eo", "extension", "Росалкогольтабакконтроль", 0, False, {"requires_tariff": True}, {}, {"any": 1_600}),
    ("ub-full", "ub", "tariff", "Уполномоченная бухгалтерия", 5, False, {}, {"reports": 200, "organisations": 25, "signatures": 6}, {"any": 15_000}),
    ("ub-reports", "ub", "extension", "100 отчетов", 0, True, {"requires_tariff": True}, {"reports": 100}, {"any": 4_800}),
    ("edo-free", "edo", "tariff", "Свободный", 1, False, {}, {"documents": 200}, {"any": 4_500}),
    ("edo-basic", "edo", "tariff", "Базовый", 2, False, {}, {"documents": 1_200}, {"any": 12_000}),
    ("edo-corporate", "edo", "tariff", "Корпоративный", 3, False, {}, {"documents": 10_000, "users": 10}, {"any": 31_400}),
    ("edo-package", "edo", "extension", "100 документов", 0, True, {"requires_tariff": True}, {"documents": 100}, {"any": 800}),
    ("ofd-desk", "ofd", "tariff", "Касса", 1, True, {"vat": True}, {"cash_desks": 1}, {"any": 3_000}),
    ("crm-user", "crm", "tariff", "Пользователь", 1, True, {}, {"users": 1}, {"any": 14_400}),
    ("companies-basic", "companies", "tariff", "Базовый", 1, False, {}, {}, {"any": 7_200}),
    ("companies-full", "companies", "tariff", "Полный", 2, False, {}, {}, {"any": 14_900}),
    ("tenders-member", "tenders", "tariff", "Участник", 1, False, {}, {}, {"any": 9_800}),
    ("tenders-full", "tenders", "tariff", "Полный", 2, False, {}, {}, {"any": 29_000}),
    ("staff-basic", "staff", "tariff", "Базовый", 1, False, {}, {}, {"any": 6_000}),
    ("retail-shop", "retail", "tariff", "Магазин", 1, True, {}, {"cash_desks": 1}, {"any": 8_400}),
    ("retail-promo", "retail", "tariff", "Магазин, акция", 1, True, {"is_promo": True}, {"cash_desks": 1}, {"any": 4_200}),
    ("signature-employee", "signature", "tariff", "Подпись сотрудника", 1, True, {"vat": True}, {"signatures": 1}, {"any": 2_200}),
    ("signature-token", "signature", "extension", "Носитель", 0, True, {"vat": True}, {"tokens": 1}, {"any": 1_800}),
    ("signature-visit", "signature", "service", "Выезд инженера", 0, False, {"vat": True, "needs_visit": True}, {}, {"any": 2_500}),
]  # fmt: skip
MONTHS = {1: Decimal("0.12"), 3: Decimal("0.30"), 6: Decimal("0.55"), 12: Decimal(1), 24: Decimal("1.8")}
REGIONS = {77: Decimal("1.15"), 25: Decimal("1.05")}


def load_items() -> dict[str, Item]:
    """Directions, products, lines, items, entitlements, change policies. Returns items by code."""
    products: dict[str, Product] = {}
    for order, (code, title, parent, two_sided, silent) in enumerate(PRODUCTS):
        products[code] = Product.objects.create(
            code=code, title=title, parent=products.get(parent), order=order, is_two_sided=two_sided, silent_days=silent
        )
    topics = {t.code: t for t in BindingTopic.objects.all()}
    directions = {
        code: Direction.objects.create(code=code, title=title, order=order, topic=topics.get(topic))
        for order, (code, title, topic) in enumerate(DIRECTIONS)
    }
    lines = {
        code: ProductLine.objects.create(
            code=code, title=title, order=order, direction=directions[direction], product=products[product]
        )
        for order, (code, title, direction, product) in enumerate(LINES)
    }
    items: dict[str, Item] = {}
    for order, (code, line, kind, title, rank, countable, options, entitled, _prices) in enumerate(ITEMS):
        options = dict(options)
        vat = options.pop("vat", False)
        items[code] = Item.objects.create(
            code=code, line=lines[line], kind=kind, title=title, rank=rank, order=order, is_countable=countable,
            vat_kind="standard" if vat else "exempt", vat_ground="" if vat else SOFTWARE, **options,
        )  # fmt: skip
        Entitlement.objects.bulk_create(
            Entitlement(item=items[code], limit=limit, amount=n) for limit, n in entitled.items()
        )
    for code, line in lines.items():
        if code == "ub":  # decision 2: no credit, full price, new term
            ChangePolicy.objects.create(
                line=line, end_rule=EndRule.NEW_TERM, new_price=NewPrice.FULL, credit=Credit.NONE
            )
        else:
            ChangePolicy.objects.create(line=line)
    return items


def load_prices(
    items: dict[str, Item], points: list[SalesPoint], by: Employee, on: date, at: datetime
) -> dict[tuple, Price]:
    """Last year's archived list and this year's published one. Returns prices by (item code, payer, months) for «везде»."""
    found: dict[tuple, Price] = {}
    spans = [
        (
            f"Прайс-лист {on.year - 3}–{on.year - 1}",
            "archived",
            date(on.year - 3, 1, 1),
            date(on.year - 1, 12, 31),
            Decimal("0.9"),
        ),
        (f"Прайс-лист {on.year}", "published", date(on.year, 1, 1), OPEN_END, Decimal(1)),
    ]
    for title, state, valid_from, valid_to, factor in spans:
        price_list = PriceList.objects.create(
            title=title, state=state, created_at=at, created_by=by, published_at=at, published_by=by
        )
        rows = []
        for code, _line, kind, *_rest, payers in ITEMS:
            for payer, yearly in payers.items():
                for months, share in MONTHS.items():
                    if kind == "service" and months != 12:
                        continue
                    base = (Decimal(yearly) * share * factor).quantize(Decimal(10))
                    common = {
                        "price_list": price_list,
                        "state": state,
                        "item": items[code],
                        "payer_kind": payer,
                        "months": months,
                        "valid_from": valid_from,
                        "valid_to": valid_to,
                    }
                    rows.append(Price(scope="all", scope_id=0, amount=base, **common))
                    for region, more in REGIONS.items():
                        if code.startswith(("eo-", "edo-")):
                            rows.append(
                                Price(
                                    scope="region",
                                    scope_id=region,
                                    amount=(base * more).quantize(Decimal(10)),
                                    **common,
                                )
                            )
                    if code == "crm-user":
                        rows.append(Price(scope="salespoint", scope_id=points[2].pk, amount=base - 100, **common))
        for row in Price.objects.bulk_create(rows):
            if row.scope == "all" and state == "published":
                found[row.item.code, row.payer_kind, row.months] = row
    return found
