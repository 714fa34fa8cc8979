"""СвЮЛ, a legal entity of ЕГРЮЛ 4.05–4.08 (russia 1.3). Read by names; what is unknown is passed over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml.etree import _Element

from . import fields
from .fields import NOWHERE, Place, child, fias_address, iso_date, region_of, russian_address, text
from .records import BadRecordError, RegistryRecord
from .wording import calm_address, tidy

SINGLE = frozenset(
    """СвНаимЮЛ СвАдресЮЛ СвАдрЭлПочты СвОбрЮЛ СвРегОрг СвПрекрЮЛ СвУчетНО СвРегПФ СвРегФСС СвУстКап СвУчредит СвОКВЭД
    СвПодразд""".split()
)
REPEATED = frozenset(("СвСтатус", "СведДолжнФЛ", "СвУпрОрг", "СвПредш", "СвПреем"))
WANTED = tuple(SINGLE | REPEATED)
HEAD_OF_ENTITY = "02"
STATE = "1"
FOUNDER_NAMES = ("НаимЮЛПолн", "НаимМО", "НаимРегион", "НаимСубъект", "НаимПИФ", "НаимПолн", "НаимДог")


def read_legal(element: _Element, dated: str = "") -> RegistryRecord:
    """Raises BadRecordError. `dated` is the date of the envelope, for records without ДатаВып."""
    ogrn = fields.ogrn_of(element.get("ОГРН"), 13, "ОГРН")
    blocks, lists, last_day, last_record = _blocks(element)
    naming = blocks.get("СвНаимЮЛ")
    name = fields.required(text(naming, "НаимЮЛПолн"), "Нет наименования")
    tax, office = blocks.get("СвУчетНО"), blocks.get("СвРегОрг")
    tax_office = child(tax, "СвНО")
    place = _place(blocks.get("СвАдресЮЛ"))
    main, okveds = fields.activities(blocks.get("СвОКВЭД"))
    directors, head_noted = _directors(lists.get("СведДолжнФЛ", ()), lists.get("СвУпрОрг", ()))
    code, more = _states(lists.get("СвСтатус", ()))
    ceased_on, end_code = _ending(blocks.get("СвПрекрЮЛ"), more)
    as_of, record_as_of = fields.version_of(element, dated, last_day)
    more |= fields.offices(tax_office, office, blocks) | {
        "opf": text(element, "ПолнНаимОПФ"),
        "opf_code": text(element, "КодОПФ"),
        "last_record": last_record,
        "okveds": okveds,
        "okved_name": text(main, "НаимОКВЭД"),
        "directors": directors,
        "founders": _founders(blocks.get("СвУчредит")),
        "branches": _branches(blocks.get("СвПодразд")),
        "capital": _capital(blocks.get("СвУстКап")),
        "predecessors": [_link(e) for e in lists.get("СвПредш", ())],
        "successors": [_link(e) for e in lists.get("СвПреем", ())],
        "postal_code": place.index,
        "city": place.city,
    }
    return RegistryRecord(
        ogrn=ogrn,
        inn=text(element, "ИНН") or text(tax, "ИНН"),
        kpp=text(element, "КПП") or text(tax, "КПП"),
        kind="legal",
        name=name,
        short_name=text(child(naming, "СвНаимЮЛСокр"), "НаимСокр") or text(naming, "НаимЮЛСокр"),
        region_code=region_of(place.region, text(tax_office, "КодНО"), text(office, "КодНО"), ogrn[3:5]),
        registered_on=iso_date(element.get("ДатаОГРН") or text(blocks.get("СвОбрЮЛ"), "ДатаОГРН"), "ДатаОГРН"),
        ceased_on=ceased_on,
        state_code=end_code or code,
        address=place.text,
        email=fields.email_of(text(blocks.get("СвАдрЭлПочты"), "E-mail")),
        okved=text(main, "КодОКВЭД"),
        director=directors[0]["name"] if directors else None,
        as_of=as_of,
        source="egrul",
        record_as_of=record_as_of,
        noted=(fields.noted_on(naming), place.noted, head_noted),
        more=more,
    )


def _blocks(element: _Element) -> tuple[dict, dict, str, str | None]:
    """({tag: block}, {tag: [blocks]}, greatest ДатаЗап, its ГРН)."""
    blocks, lists, last_day, last_record = {}, {}, "", None
    for block in element.iterchildren(*WANTED):
        tag = block.tag
        if tag in REPEATED:
            lists.setdefault(tag, []).append(block)
        else:
            # A block given twice: the first one holds, as with every element of cardinality one.
            blocks.setdefault(tag, block)
    for entry in element.iterchildren("СвЗапЕГРЮЛ"):
        day = entry.get("ДатаЗап")
        if day and day >= last_day:
            last_day, last_record = day, entry
    return blocks, lists, last_day, text(last_record, "ГРН")


def _place(block: _Element | None) -> Place:
    """New records have the address twice, some only one of the two, some only the place."""
    found = {inner.tag: inner for inner in block} if block is not None else {}
    for tag, read in (("АдресРФ", russian_address), ("СвАдрЮЛФИАС", fias_address), ("СвМНЮЛ", fias_address)):
        if tag in found:
            place = read(found[tag])
            place.noted = fields.noted_on(found[tag])
            return place
    return NOWHERE


def _states(blocks: list[_Element]) -> tuple[str | None, dict[str, Any]]:
    """(code of the latest state, texts of all): a record has none, one or several, and may be alive with them."""
    found = []
    for block in blocks:
        inner = child(block, "СвСтатус")
        if code := text(inner, "КодСтатусЮЛ"):
            found.append((text(child(block, "ГРНДата"), "ДатаЗаписи") or "", code, text(inner, "НаимСтатусЮЛ")))
    code = max(found, key=lambda state: state[0])[1] if found else None
    return code, {"state_text": "; ".join(state[2] for state in found if state[2])}


def _ending(block: _Element | None, more: dict[str, Any]) -> tuple[date | None, str | None]:
    """(day, code) of СвПрекрЮЛ. Only this block says that an entity has ceased, no state code does (russia 1.5)."""
    if block is None:
        return None, None
    ceased_on = iso_date(block.get("ДатаПрекрЮЛ"), "ДатаПрекрЮЛ")
    if ceased_on is None:
        raise BadRecordError("Прекращение без даты (ДатаПрекрЮЛ)")
    way = child(block, "СпПрекрЮЛ")
    code = text(way, "КодСпПрекрЮЛ")
    more["ceased_code"] = code
    more["ceased_text"] = text(way, "НаимСпПрекрЮЛ")
    more["ceased_record"] = text(child(block, "ГРНДата"), "ГРН")
    return ceased_on, code


def _directors(people: list[_Element], companies: list[_Element]) -> tuple[list[dict[str, str]], str | None]:
    """Who acts for the entity without a power of attorney: heads first, managing companies last; since when the first."""
    heads, others = [], []
    for block in people:
        person, post = child(block, "СвФЛ"), child(block, "СвДолжн")
        name = fields.joined(fields.full_name(person) or fields.full_name(child(block, "СвФИОЗАГС")))
        if name:
            entry = {"name": name, "inn": text(person, "ИННФЛ") or "", "position": text(post, "НаимДолжн") or ""}
            if bans := [day for ban in block.iterchildren("СвДискв") if (day := text(ban, "ДатаОкончДискв"))]:
                entry["banned_until"] = max(bans)[:10]
            (heads if text(post, "ВидДолжн") == HEAD_OF_ENTITY else others).append((entry, person))
    for block in companies:
        inner = child(block, "НаимИННЮЛ")
        if name := text(inner, "НаимЮЛПолн"):
            entry = {"name": name, "inn": text(inner, "ИНН") or "", "position": "Управляющая организация"}
            others.append((entry, inner))
    found = heads + others
    return [entry for entry, _ in found], fields.noted_on(found[0][1]) if found else None


def _founders(block: _Element | None) -> list[dict[str, str]]:
    """Participants with name, INN, share in per cent and roubles, as far as the record says."""
    found = []
    for participant in block if block is not None else ():
        entry = _founder(participant)
        if not entry.get("name"):
            continue
        share = child(participant, "ДоляУстКап")
        if share is not None:
            entry["amount"] = text(share, "НоминСтоим")
            entry["percent"] = _percent(child(share, "РазмерДоли"))
        found.append({key: value for key, value in entry.items() if value})
    return found


def _percent(size: _Element | None) -> str:
    """РазмерДоли as per cent: Процент, or ДробДесят and ДробПрост counted out."""
    for inner in size if size is not None else ():
        if inner.tag == "Процент":
            return tidy(inner.text)
        try:
            if inner.tag == "ДробДесят":
                value = Decimal(tidy(inner.text).replace(",", ".")) * 100
            elif inner.tag == "ДробПрост":
                value = Decimal(inner.get("Числит") or "") * 100 / Decimal(inner.get("Знаменат") or "")
            else:
                continue
            return f"{value.quantize(Decimal('0.01')):f}".rstrip("0").rstrip(".") if value else ""
        except ArithmeticError:
            return ""
    return ""


def _founder(block: _Element) -> dict[str, str | None]:
    """Name and numbers of one participant: a person, an entity, a region, a fund."""
    if block.tag == "УчрФЛ":
        who = child(block, "СвФЛ")
        name = fields.joined(fields.full_name(who) or fields.full_name(child(block, "СвФИОЗАГС")))
        return {"name": name, "inn": text(who, "ИННФЛ")}
    if not block.tag.startswith("Учр"):
        return {}
    who = child(block, "НаимИННЮЛ")
    if who is None:
        who = next(block.iter("ВидНаимУчр", "СвНаимПИФ", "СвНаимЮЛПолнИн", "ИнПрДогИнвТов"), None)
    name = next((v for a in FOUNDER_NAMES if (v := text(who, a))), None)
    if not name and text(who, "КодУчрРФСубМО") == STATE:
        name = "Российская Федерация"
    return {"name": name, "inn": text(who, "ИНН"), "ogrn": text(who, "ОГРН")}


def _branches(block: _Element | None) -> list[dict[str, str]]:
    """Branches and representations: rows of the head's card, often with a КПП of their own (decision 14)."""
    if block is None:
        return []
    return [
        _branch(inner, kind)
        for inner in block
        if (kind := {"СвФилиал": "branch", "СвПредстав": "office"}.get(inner.tag))
    ]


def _branch(block: _Element, kind: str) -> dict[str, str]:
    place = name = kpp = None
    for inner in block:
        tag = inner.tag
        if tag == "СвНаим":
            name = text(inner, "НаимПолн")
        elif tag == "АдрМНРФ" or (tag == "АдрМНФИАС" and place is None):
            place = (russian_address if tag == "АдрМНРФ" else fias_address)(inner).text
        elif tag == "АдрМНИн":
            place = ", ".join(filter(None, (text(inner, "НаимСтран"), text(inner, "АдрИн"))))
        elif tag.startswith("СвУчетНО"):
            kpp = text(inner, "КПП")
    return {"kind": kind, "name": name or "", "kpp": (kpp or "")[:9], "address": calm_address(place)}


def _capital(block: _Element | None) -> Decimal | None:
    value = text(block, "СумКап")
    try:
        amount = Decimal(value) if value else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() and abs(amount) < 10**18 else None


def _link(element: _Element) -> dict[str, str]:
    """A predecessor or successor."""
    pairs = (("ogrn", text(element, "ОГРН")), ("inn", text(element, "ИНН")), ("name", text(element, "НаимЮЛПолн")))
    return {key: value for key, value in pairs if value}
