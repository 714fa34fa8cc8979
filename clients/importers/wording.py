"""Texts of registers made fit to read: CAPITALS calmed, control characters out. Names go through `core.names`."""

from __future__ import annotations

import re
from functools import lru_cache

from core.names import display_name, person_name

_SPACES = re.compile(r"\s+")
# Words of addresses that stay small; the register prints everything in capitals.
PLACE_WORDS = frozenset(
    """Г УЛ Д П С СТ СТ-ЦА ПГТ РП Р-Н ПЕР ПР-КТ ПР-Д ПРОЕЗД ПРОСПЕКТ НАБ Ш ШОССЕ Б-Р ПЛ АЛЛЕЯ ТУП МКР МКР-Н КВ-Л ТЕР
    СНТ ДНТ ОБЛ КРАЙ РЕСП ОБЛАСТЬ РАЙОН УЛИЦА ДОМ ДВЛД ВЛД ЗД КОРП К СТР СТРОЕНИЕ СООР ЛИТ ЛИТЕР ЛИТЕРА ОФИС ОФ КВ КВАРТИРА
    ПОМ ПОМЕЩ ПОМЕЩЕНИЕ КОМ КОМНАТА ЭТАЖ ЭТ ПОДВАЛ ГОРОД ПОСЕЛОК ДЕРЕВНЯ СЕЛО СТАНИЦА ПЕРЕУЛОК НАБЕРЕЖНАЯ
    МУНИЦИПАЛЬНЫЙ ОКРУГ ГОРОДСКОЙ СЕЛЬСКОЕ ПОСЕЛЕНИЕ АВТОНОМНЫЙ ВН ТЕРРИТОРИЯ ЗД""".split()
)
_TOKEN = re.compile(r"[A-ZА-ЯЁ]+(?:-[A-ZА-ЯЁ]+)*")
_VOWELS = frozenset("АЕЁИОУЫЭЮЯAEIOUY")


def tidy(text: str | None) -> str:
    """One line without double spaces; control characters and U+FFFD of a broken encoding become spaces."""
    if not text:
        return ""
    if not text.isprintable() or "\ufffd" in text:
        text = "".join(c if c.isprintable() and c != "\ufffd" else " " for c in text)
    return _SPACES.sub(" ", text).strip() if "  " in text or text[0] == " " or text[-1] == " " else text


def shown_person(parts: tuple[str, str, str]) -> str:
    """«Дмитриев Максим Владимирович, ИП»: what `core.names.display_name` gives, word by word from a cache."""
    return " ".join(_person_word(word) for part in parts for word in part.split()) + ", ИП"


_person_word = lru_cache(1 << 16)(person_name)


def shown_legal(full: str, short: str | None) -> str:
    """«Купец, ООО» by the short name, by the full one where there is none."""
    return display_name(short or full)


def calm(text: str) -> str:
    """CAPITALS → Capitals; words without vowels are abbreviations and stay."""
    return _TOKEN.sub(lambda match: _calm_token(match[0]), text) if text.isupper() else text


def calm_sentence(text: str) -> str:
    """«ГЕНЕРАЛЬНЫЙ ДИРЕКТОР» → «Генеральный директор»."""
    return text.capitalize() if text.isupper() else text


def calm_address(address: str | None) -> str:
    """«Г.САНКТ-ПЕТЕРБУРГ, УЛ. ТАМБОВСКАЯ» → «г.Санкт-Петербург, ул. Тамбовская»."""
    if not address or not address.isupper():
        return address or ""
    # No word spans a comma; regions, cities and streets come again and again.
    return ", ".join(map(_calm_part, address.split(", ")))


@lru_cache(1 << 15)
def _calm_part(part: str) -> str:
    return _TOKEN.sub(_calm_place, part)


def _calm_place(match: re.Match) -> str:
    # «Д. 16» is a house, «литер А» a letter: these are words of an address only before a dot or a space.
    if match[0] in PLACE_WORDS and match.string[match.end() : match.end() + 1] in (".", " "):
        return match[0].lower()
    return _calm_token(match[0])


@lru_cache(1 << 16)
def _calm_token(token: str) -> str:
    return "-".join(w if _VOWELS.isdisjoint(w) else w.capitalize() for w in token.split("-"))
