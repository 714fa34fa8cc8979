"""A price list out of Excel: the sheet that «Выгрузить в Excel» of the prices gives, edited and sent back."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl

from core.errors import DomainError
from core.money import parse_money
from core.text import clean
from licenses.choices import PayerKind, PriceScope
from licenses.models import Item
from partners.models import Region, SalesPoint

MOST_ROWS, MOST_BYTES, MOST_UNPACKED = 20_000, 5_000_000, 100_000_000
HEADINGS = ("Код", "Область", "Код области", "Плательщик", "Месяцев", "Действует с", "Действует по", "Цена, ₽")
KEY = ("item_id", "scope", "scope_id", "payer_kind", "months", "valid_from")


@dataclass(frozen=True, slots=True)
class SheetPrice:
    """One row; roubles, both dates included."""

    item_id: int
    scope: str
    scope_id: int
    payer_kind: str
    months: int
    valid_from: date
    valid_to: date
    amount: Decimal

    @property
    def key(self) -> tuple:
        return tuple(getattr(self, name) for name in KEY)


@dataclass
class Sheet:
    """What was read; `errors` are sentences with the number of their row."""

    prices: list[SheetPrice] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def read_price_sheet(data: bytes) -> Sheet:
    """Rows and errors of an .xlsx file; DomainError for what is no such file."""
    rows = _rows(data)
    places = _heading(rows)
    items = dict(Item.objects.values_list("code", "pk"))
    scopes = {label: value for value, label in PriceScope.choices}
    payers = {label: value for value, label in PayerKind.choices}
    points = dict(SalesPoint.objects.values_list("code", "pk"))
    regions = set(Region.objects.values_list("code", flat=True))
    sheet, seen = Sheet(), set()
    for number, row in rows:
        cells = {name: row[place] if place < len(row) else None for name, place in places.items()}
        if all(value in (None, "") for value in cells.values()):
            continue
        if len(sheet.prices) + len(sheet.errors) >= MOST_ROWS:
            raise DomainError(f"В файле больше {MOST_ROWS} строк: разделите его.", field="file")
        try:
            price = _price(cells, items, scopes, payers, points, regions)
            if price.key in seen:
                raise ValueError("такая цена в файле уже есть")
        except ValueError as error:
            sheet.errors.append(f"Строка {number}: {error}.")
            continue
        seen.add(price.key)
        sheet.prices.append(price)
    if not sheet.prices and not sheet.errors:
        raise DomainError("В файле нет ни одной цены.", field="file")
    return sheet


def _rows(data: bytes):
    if len(data) > MOST_BYTES:
        raise DomainError("Файл больше 5 МБ: разделите прайс-лист.", field="file")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise DomainError("Файл распаковывается в слишком большой объем: проверьте его.", field="file")
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # Some programs write a wrong size of the sheet; then nothing would be read.
        sheet.reset_dimensions()
        return enumerate(sheet.iter_rows(values_only=True), 1)
    except DomainError:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise on a spoiled file
        raise DomainError(
            "Это не файл Excel (.xlsx): выгрузите цены, измените их и загрузите.", field="file"
        ) from error


def _heading(rows) -> dict[str, int]:
    """Where each heading stands; rows above it are passed over."""
    for number, row in rows:
        found = {clean(str(value)): place for place, value in enumerate(row) if value is not None}
        if all(name in found for name in HEADINGS):
            return {name: found[name] for name in HEADINGS}
        if number >= 20:
            break
    raise DomainError(
        f"Не найдены столбцы: {', '.join(HEADINGS)}. Выгрузите цены в Excel и измените их там.", field="file"
    )


def _price(cells: dict[str, Any], items, scopes, payers, points, regions) -> SheetPrice:
    code = clean(str(cells["Код"] or ""))
    if code not in items:
        raise ValueError(f"позиции «{code}» нет")
    scope = _one_of(cells["Область"], scopes, "область")
    payer_kind = _one_of(cells["Плательщик"], payers, "плательщик")
    months = _whole(cells["Месяцев"], "месяцев")
    if not 1 <= months <= 60:
        raise ValueError("срок — от 1 до 60 месяцев")
    valid_from, valid_to = _day(cells["Действует с"], "действует с"), _day(cells["Действует по"], "действует по")
    if valid_to < valid_from:
        raise ValueError("«действует по» раньше, чем «действует с»")
    amount = _amount(cells["Цена, ₽"])
    return SheetPrice(
        items[code],
        scope,
        _scope_id(scope, cells["Код области"], points, regions),
        payer_kind,
        months,
        valid_from,
        valid_to,
        amount,
    )


def _one_of(value: Any, known: dict[str, str], name: str) -> str:
    text = clean(str(value or ""))
    if text not in known:
        raise ValueError(f"{name} «{text}»: возможно {', '.join(known)}")
    return known[text]


def _whole(value: Any, name: str) -> int:
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        return int(value)
    text = clean(str(value or ""))
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise ValueError(f"{name}: нужно целое число")
    return int(text)


def _day(value: Any, name: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = clean(str(value or ""))
    parts = text.split(".") if "." in text else list(reversed(text.split("-")))
    try:
        day, month, year = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"{name}: нужна дата, например 01.01.2027") from None


def _amount(value: Any) -> Decimal:
    # A number in a sheet is binary: its shortest decimal form is what the person sees.
    text = repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else clean(str(value or ""))
    try:
        amount = parse_money(text)
    except ValueError as error:
        raise ValueError(f"цена: {str(error).rstrip('.').lower()}") from None
    if amount <= 0:
        raise ValueError("цена должна быть больше нуля")
    return amount


def _scope_id(scope: str, value: Any, points: dict[str, int], regions: set[str]) -> int:
    if scope == PriceScope.ALL:
        return 0
    text = clean(str(value or "")).removesuffix(".0")
    if scope == PriceScope.REGION:
        if text.zfill(2) not in regions:
            raise ValueError(f"региона «{text}» нет")
        return int(text)
    if text.zfill(4) not in points:
        raise ValueError(f"точки продаж «{text}» нет")
    return points[text.zfill(4)]
