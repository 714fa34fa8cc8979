"""Документ of the register of small business, 4.01–4.06 (russia 1.7). Dates are dd.mm.yyyy; old files have no ОГРН."""

from __future__ import annotations

from lxml.etree import _Element

from . import fields
from .fields import NOWHERE, child, russian_date, simple_address, text
from .records import BadRecordError, RegistryRecord

CATEGORIES = {"1": "micro", "2": "small", "3": "medium"}


def is_msp(element: _Element) -> bool:
    return child(element, "ОргВклМСП") is not None or child(element, "ИПВклМСП") is not None


def read_small_business(element: _Element, dated: str = "") -> RegistryRecord:
    """Raises BadRecordError; without ОГРН the ИНН is the key, so its form must hold."""
    blocks = {}
    for inner in element:
        blocks.setdefault(inner.tag, inner)
    kind, ogrn, inn, name, short, person = _subject(blocks)
    as_of = russian_date(element.get("ДатаСост") or dated, "ДатаСост")
    if as_of is None:
        raise BadRecordError("Нет даты сведений (ДатаСост)")
    place = simple_address(blocks["СведМН"]) if "СведМН" in blocks else NOWHERE
    main, okveds = fields.activities(blocks.get("СвОКВЭД"))
    return RegistryRecord(
        ogrn=ogrn,
        inn=inn,
        kpp=None,
        kind=kind,
        name=name,
        short_name=short,
        region_code=fields.region_of(place.region, ogrn[3:5] if ogrn else None, inn),
        registered_on=None,
        ceased_on=None,
        state_code=None,
        address=place.text,
        email=None,
        okved=text(main, "КодОКВЭД"),
        director=None,
        as_of=as_of,
        source="msp",
        person=person,
        more={
            "msp_category": CATEGORIES.get((element.get("КатСубМСП") or "").strip(), ""),
            "msp_since": russian_date(element.get("ДатаВклМСП"), "ДатаВклМСП"),
            "employees": _number(element.get("ССЧР")),
            "okveds": okveds,
            "okved_name": text(main, "НаимОКВЭД"),
            "city": place.city,
        },
    )


def _subject(blocks: dict[str, _Element]) -> tuple:
    """(kind, ОГРН or None, ИНН, name, short name, person) of ОргВклМСП or ИПВклМСП."""
    if (block := blocks.get("ОргВклМСП")) is not None:
        short, person = text(block, "НаимОргСокр"), None
        kind, name, inn, ogrn = "legal", text(block, "НаимОрг") or short, text(block, "ИННЮЛ"), text(block, "ОГРН")
        length, key_length, key = 10, 13, "ОГРН"
    elif (block := blocks.get("ИПВклМСП")) is not None:
        short, person = None, fields.full_name(child(block, "ФИОИП"))
        kind, name, inn, ogrn = "entrepreneur", fields.joined(person), text(block, "ИННФЛ"), text(block, "ОГРНИП")
        length, key_length, key = 12, 15, "ОГРНИП"
    else:
        raise BadRecordError("Нет сведений об организации или предпринимателе")
    if ogrn:
        ogrn = fields.ogrn_of(ogrn, key_length, key)
    elif not inn or len(inn) != length or not (inn.isascii() and inn.isdigit()):
        raise BadRecordError(f"Нет ни ОГРН, ни верного ИНН: {(inn or '')[:20]}".rstrip(": "))
    return kind, ogrn, inn, fields.required(name, "Нет наименования"), short, person


def _number(value: str | None) -> int | None:
    value = (value or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else None
