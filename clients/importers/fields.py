"""What the readers of all registers share: dates, codes, addresses, people."""

from __future__ import annotations

import re
from datetime import date

from lxml.etree import _Element

from .records import BadRecordError
from .wording import calm, tidy

# The codes of the tax service; those of merged regions, which old addresses and numbers still have, lead to their successors.
_REGIONS = {code: code for code in (*(f"{n:02d}" for n in range(1, 80)), *"83 86 87 89 90 91 92 93 94 95 99".split())}
_REGIONS |= {"80": "75", "81": "59", "82": "41", "84": "24", "85": "38", "88": "24"}
_ADDRESS = re.compile(r"[^\s@,;<>()\"']+@[^\s@,;<>()\"']+\.[^\s@,;<>()\"'.]{2,}")
_RECORD_OF_BLOCK = frozenset(("ГРНДата", "ГРНИПДата"))
_DATES = ("сведений", "записи", "регистрации", "прекращения")
_EARLIEST = date(1800, 1, 1)
_CITY_REGIONS = {"77": "Москва", "78": "Санкт-Петербург", "92": "Севастополь", "99": "Байконур"}


def text(element: _Element | None, attribute: str) -> str | None:
    """A trimmed attribute; None when the element, the attribute or its content is absent."""
    if element is None:
        return None
    value = element.get(attribute)
    return (tidy(value) or None) if value else None


def child(element: _Element | None, tag: str) -> _Element | None:
    """The first child of that name; `find` takes four times as long."""
    return next(element.iterchildren(tag), None) if element is not None else None


def required(value: str | None, reason: str) -> str:
    if not value:
        raise BadRecordError(reason)
    return value


def version_of(element: _Element, dated: str, last_day: str) -> tuple[date, date | None]:
    """(ДатаВып, greatest ДатаЗап): the newer pair wins. ДатаВып may be absent by the schema: then the envelope's date."""
    record_as_of = iso_date(last_day, "ДатаЗап")
    as_of = iso_date(element.get("ДатаВып") or dated, "ДатаВып") or record_as_of
    if as_of is None:
        raise BadRecordError("Нет даты сведений (ДатаВып)")
    return as_of, record_as_of


def activities(block: _Element | None) -> tuple[_Element | None, list[str]]:
    """The main ОКВЭД and the codes of the others: their names would be half of the whole directory."""
    main, others = None, []
    for inner in block if block is not None else ():
        if inner.tag == "СвОКВЭДОсн":
            main = inner if main is None else main
        elif inner.tag == "СвОКВЭДДоп":
            others.append(tidy(inner.get("КодОКВЭД")))
    return main, others


def offices(tax: _Element | None, office: _Element | None, blocks: dict[str, _Element]) -> dict[str, str | None]:
    """Where the subject is on record: tax office and funds."""
    return {
        "tax_office": text(tax, "НаимНО") or text(office, "НаимНО"),
        "tax_office_code": text(tax, "КодНО") or text(office, "КодНО"),
        "pension_number": text(blocks.get("СвРегПФ"), "РегНомПФ"),
        "insurance_number": text(blocks.get("СвРегФСС"), "РегНомФСС"),
    }


def noted_on(block: _Element | None) -> str | None:
    """Since when a block stands in the register so: the day of its record, ГГГГ-ММ-ДД; None where it does not say."""
    for inner in block if block is not None else ():
        if inner.tag in _RECORD_OF_BLOCK:
            try:
                return date.fromisoformat((inner.get("ДатаЗаписи") or "")[:10]).isoformat()
            except ValueError:
                return None
    return None


def iso_date(value: str | None, what: str) -> date | None:
    """ГГГГ-ММ-ДД, the form of ЕГРЮЛ and ЕГРИП; a time behind it is dropped."""
    if not value or not (value := value.strip()):
        return None
    try:
        if value[4:5] == "-" and value[10:11] in ("", "T", "+", "Z"):
            return date.fromisoformat(value[:10])
    except ValueError:
        pass
    raise BadRecordError(f"Неверная дата «{what}»: {value[:20]}")


def russian_date(value: str | None, what: str) -> date | None:
    """ДД.ММ.ГГГГ, the form of the small-business register; the other form is understood too."""
    if not value or not (value := value.strip()):
        return None
    if value[4:5] == "-":
        return iso_date(value, what)
    try:
        if len(value) == 10 and value[2] == value[5] == ".":
            return date(int(value[6:]), int(value[3:5]), int(value[:2]))
    except ValueError:
        pass
    raise BadRecordError(f"Неверная дата «{what}»: {value[:20]}")


def ogrn_of(value: str | None, length: int, what: str) -> str:
    """An ОГРН (13 digits) or ОГРНИП (15): the key of a card, so its form must hold; its check digit need not."""
    value = (value or "").strip()
    if not value:
        raise BadRecordError(f"Нет {what}")
    if len(value) != length or not (value.isascii() and value.isdigit()):
        raise BadRecordError(f"{what} не из {length} цифр: {value[:20]}")
    return value


def region_of(*candidates: str | None) -> str | None:
    """The region by the first candidate that begins with the code of one."""
    for value in candidates:
        if value and (code := _REGIONS.get(value.strip()[:2])):
            return code
    return None


def email_of(value: str | None) -> str | None:
    """The first address of a field where people also write «нет» and several addresses."""
    found = _ADDRESS.search(value) if value else None
    return found[0] if found and len(found[0]) <= 254 else None


def check_dates(days: tuple[date | None, date | None, date | None, date | None], until: date) -> None:
    """A date behind `until` is a slip of the pen: as a version it would shut out all later records of the subject."""
    for place, day in enumerate(days):
        if day is not None and not _EARLIEST <= day <= until:
            raise BadRecordError(f"Невозможная дата «{_DATES[place]}»: {day:%d.%m}.{day.year:04d}")


def full_name(element: _Element | None) -> tuple[str, str, str] | None:
    """(Фамилия, Имя, Отчество) of an element that has at least one of them."""
    if element is None:
        return None
    parts = tuple(tidy(element.get(a)) for a in ("Фамилия", "Имя", "Отчество"))
    return parts if any(parts) else None


def joined(parts: tuple[str, ...] | None) -> str | None:
    return " ".join(filter(None, parts)) if parts else None


class Place:
    """An address as it is found: where, as the register writes it, and its parts for the narrow row."""

    __slots__ = ("city", "index", "noted", "region", "text")

    def __init__(self, region: str | None, index: str | None, parts: list[str], city: str | None) -> None:
        self.region = region
        self.index = index
        self.noted: str | None = None
        self.text = ", ".join(([index] if index else []) + parts) or None
        self.city = calm(city) if city else _CITY_REGIONS.get(region or "")


NOWHERE = Place(None, None, [], None)


def russian_address(element: _Element) -> Place:
    """АдресРФ: Регион, Район, Город, НаселПункт, Улица with ТипХ and НаимХ, then Дом, Корпус, Кварт."""
    parts, city = [], None
    for child in element:
        tag = child.tag
        name = child.get("Наим" + tag) if tag in _STREET_PARTS else None
        if not name or not (name := tidy(name)):
            continue
        kind = child.get("Тип" + tag)
        parts.append(f"{kind} {name}" if kind else name)
        if tag == "Город" or (tag == "НаселПункт" and city is None):
            city = name
    parts.extend(tidy(v) for v in (element.get("Дом"), element.get("Корпус"), element.get("Кварт")) if v)
    return Place(region_of(element.get("КодРегион")), text(element, "Индекс"), parts, city)


_STREET_PARTS = frozenset(("Регион", "Район", "Город", "НаселПункт", "Улица"))


def fias_address(element: _Element) -> Place:
    """СвАдрЮЛФИАС, СвМНЮЛ and their kin: Регион and НаимРегион as texts, the rest by attributes."""
    region, parts, city = None, [], None
    for child in element:
        tag = child.tag
        if tag == "Регион":
            region = (child.text or "").strip()
        elif tag == "НаимРегион":
            parts.append(tidy(child.text))
        elif not tag.startswith("ГРН"):
            name = tidy(child.get("Наим") or child.get("Номер"))
            kind = tidy(child.get("Вид") or child.get("Тип"))
            if name:
                parts.append(f"{kind} {name}" if kind else name)
            if name and tag == "НаселенПункт":
                city = name
    return Place(region_of(region), text(element, "Индекс"), [p for p in parts if p], city)


def simple_address(element: _Element) -> Place:
    """СведМН of the small-business register: children with Тип and Наим."""
    parts, city = [], None
    for child in element:
        name = tidy(child.get("Наим"))
        if not name:
            continue
        kind = tidy(child.get("Тип"))
        parts.append(f"{kind} {name}" if kind else name)
        if child.tag == "Город" or (child.tag == "НаселПункт" and city is None):
            city = name
    return Place(region_of(element.get("КодРегион")), None, parts, city)
