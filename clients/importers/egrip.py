"""СвИП, an entrepreneur of ЕГРИП 4.05–4.07 (russia 1.3). The open set has no street address."""

from __future__ import annotations

from datetime import date
from typing import Any

from lxml.etree import _Element

from . import fields
from .fields import NOWHERE, Place, child, fias_address, iso_date, region_of, russian_address, text
from .records import BadRecordError, RegistryRecord

BLOCKS = tuple(
    "СвФЛ СвФИОЗАГС СвАдрМЖ СвАдрЭлПочты СвРегИП СвРегОрг СвСтатус СвПрекращ СвУчетНО СвРегПФ СвРегФСС СвОКВЭД".split()
)


def read_entrepreneur(element: _Element, dated: str = "") -> RegistryRecord:
    """Raises BadRecordError. `dated` is the date of the envelope, for records without ДатаВып."""
    ogrn = fields.ogrn_of(element.get("ОГРНИП"), 15, "ОГРНИП")
    blocks, last_day, last_record = _blocks(element)
    person, name_noted = _person(blocks), fields.noted_on(blocks.get("СвФЛ"))
    if person is None:
        raise BadRecordError("Нет фамилии, имени и отчества")
    tax, office = blocks.get("СвУчетНО"), blocks.get("СвРегОрг")
    tax_office = child(tax, "СвНО")
    place = _place(blocks.get("СвАдрМЖ"))
    main, okveds = fields.activities(blocks.get("СвОКВЭД"))
    state = child(blocks.get("СвСтатус"), "СвСтатус")
    as_of, record_as_of = fields.version_of(element, dated, last_day)
    more = fields.offices(tax_office, office, blocks) | {
        "opf": text(element, "НаимВидИП"),
        "opf_code": text(element, "КодВидИП"),
        "state_text": text(state, "НаимСтатус"),
        "last_record": last_record,
        "okveds": okveds,
        "okved_name": text(main, "НаимОКВЭД"),
        "postal_code": place.index,
        "city": place.city,
    }
    ceased_on, end_code = _ending(blocks.get("СвПрекращ"), more)
    return RegistryRecord(
        ogrn=ogrn,
        inn=text(element, "ИННФЛ") or text(tax, "ИННФЛ"),
        kpp=None,
        kind="entrepreneur",
        name=fields.joined(person),
        short_name=None,
        region_code=region_of(place.region, text(office, "КодНО"), text(tax_office, "КодНО"), ogrn[3:5]),
        registered_on=iso_date(element.get("ДатаОГРНИП") or text(blocks.get("СвРегИП"), "ДатаОГРНИП"), "ДатаОГРНИП"),
        ceased_on=ceased_on,
        state_code=end_code or text(state, "КодСтатус"),
        address=place.text,
        email=fields.email_of(text(blocks.get("СвАдрЭлПочты"), "E-mail")),
        okved=text(main, "КодОКВЭД"),
        director=None,
        as_of=as_of,
        source="egrip",
        record_as_of=record_as_of,
        person=person,
        noted=(name_noted, None, None),
        more=more,
    )


def _ending(block: _Element | None, more: dict[str, Any]) -> tuple[date | None, str | None]:
    """(day, code) of СвПрекращ; unlike ЕГРЮЛ the day stands on its inner СвСтатус."""
    if block is None:
        return None, None
    inner = child(block, "СвСтатус")
    ceased_on = iso_date(text(inner, "ДатаПрекращ") or text(block, "ДатаПрекращ"), "ДатаПрекращ")
    if ceased_on is None:
        raise BadRecordError("Прекращение без даты (ДатаПрекращ)")
    code = text(inner, "КодСтатус")
    more["ceased_code"] = code
    more["ceased_text"] = text(inner, "НаимСтатус")
    more["ceased_record"] = text(child(block, "ГРНИПДата"), "ГРНИП")
    return ceased_on, code


def _blocks(element: _Element) -> tuple[dict, str, str | None]:
    """({tag: block}, greatest ДатаЗап, its ГРНИП)."""
    blocks, last_day, last_record = {}, "", None
    for block in element.iterchildren(*BLOCKS):
        blocks.setdefault(block.tag, block)
    for entry in element.iterchildren("СвЗапЕГРИП"):
        day = entry.get("ДатаЗап")
        if day and day >= last_day:
            last_day, last_record = day, entry
    return blocks, last_day, text(last_record, "ГРНИП")


def _person(blocks: dict) -> tuple[str, str, str] | None:
    """The Russian name; foreigners may have the Latin one alone."""
    person = blocks.get("СвФЛ")
    if person is not None:
        for tag in ("ФИОРус", "ФИОЛат"):
            if name := fields.full_name(child(person, tag)):
                return name
        if name := fields.full_name(person):
            return name
    return fields.full_name(blocks.get("СвФИОЗАГС"))


def _place(block: _Element | None) -> Place:
    """СвАдрМЖ is in no open file; closed ones have it in either form."""
    for tag, read in (("АдресРФ", russian_address), ("АдрМЖФИАС", fias_address)):
        if (inner := child(block, tag)) is not None:
            return read(inner)
    return NOWHERE
