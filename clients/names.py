"""How names from registers are shown and searched (russia 1.2, 7; performance 4). Pure."""

from __future__ import annotations

import re
from functools import lru_cache

# Legal forms as registers abbreviate them; the longest first, so that «АНО ДПО» is not taken for «АНО».
FORMS = (
    "АНО ДПО", "АНО ВО", "АНО", "ЧОУ ДПО", "ЧОУ", "НОУ", "НЧОУ", "ГБОУ", "МБОУ", "МБДОУ", "МАДОУ", "МАОУ", "МКОУ", "МКДОУ",
    "ФГБОУ ВО", "ФГБУ", "ФГУП", "ФКУ", "ФГКУ", "ГБУ", "ГКУ", "ГАУ", "ГУП", "МБУ", "МКУ", "МАУ", "МУП", "МУ", "ГУ",
    "ООО", "ПАО", "НАО", "ОАО", "ЗАО", "АО", "ТСЖ", "ТСН", "СНТ", "ДНТ", "ГСК", "ЖСК", "ЖК", "ПК", "СПК", "СХПК", "КФХ", "КХ",
    "НП", "БФ", "ОО", "РОО", "МОО", "ПГ", "ПТ", "АП", "КА", "ТОО", "АОЗТ", "АООТ", "ЧП", "ИЧП", "НКО",
)  # fmt: skip
# What a full name spells out where the register gives no short one.
LONG_FORMS = {
    "ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ": "ООО",
    "ПУБЛИЧНОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО": "ПАО",
    "НЕПУБЛИЧНОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО": "НАО",
    "ОТКРЫТОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО": "ОАО",
    "ЗАКРЫТОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО": "ЗАО",
    "АКЦИОНЕРНОЕ ОБЩЕСТВО": "АО",
}

_QUOTES = "\"«»„“”‟'`’‘"
_SPACES = re.compile(r"\s+")
_FORM = re.compile(r"^(%s)\s*[%s](.+)[%s]$" % ("|".join(sorted(FORMS, key=len, reverse=True)), _QUOTES, _QUOTES))
_LONG = re.compile(r"^(%s)\s+(?=[%s])" % ("|".join(LONG_FORMS), _QUOTES), re.IGNORECASE)
_WORD = re.compile(r"[A-ZА-ЯЁ]+")
_VOWELS = frozenset("АЕЁИОУЫЭЮЯAEIOUY")
_SMALL = frozenset(
    (
        "И",
        "В",
        "НА",
        "ПО",
        "ДЛЯ",
        "ИМ",
        "ИМЕНИ",
        "ОТ",
        "ДО",
        "С",
        "К",
        "О",
        "У",
        "ПРИ",
        "ИЗ",
        "ЗА",
        "НЕ",
        "ОГЛЫ",
        "КЫЗЫ",
    )
)
# A cut at the register's own limits would lose nothing; this one keeps the narrow row narrow.
NAME_LENGTH = 300
_SEPARATORS = dict.fromkeys(map(ord, _QUOTES + "-–—−‑.,;:!?()[]{}/\\|+*#№%&_"), " ")
_NORM = {**_SEPARATORS, ord("ё"): "е", ord("\u00ad"): None}


def tidy(text: str | None) -> str:
    """One line without double spaces; control characters and U+FFFD of a broken encoding become spaces."""
    if not text:
        return ""
    if not text.isprintable() or "�" in text:
        text = "".join(c if c.isprintable() and c != "�" else " " for c in text)
    return _SPACES.sub(" ", text).strip() if "  " in text or text[:1] == " " or text[-1:] == " " else text


def normalise(name: str) -> str:
    """The form that is searched: lower case, ё → е, quotes, dashes and signs as single spaces.

    Query words go through the same function. «ООО "Ёлка-2"» → «ооо елка 2».
    """
    return " ".join(name.lower().translate(_NORM).split())[:NAME_LENGTH]


def display_legal(full: str, short: str | None) -> str:
    """«Купец, ООО» of the manual; names that do not read so are shown as they are, with «» quotes.

    `full` and `short` as in the register, in capitals or not.
    """
    name = tidy(short) or _LONG.sub(lambda m: LONG_FORMS[m[1].upper()] + " ", tidy(full))
    match = _FORM.match(name)
    if match:
        form, inner = match.groups()
        # A name like «ООО "А" И "Б"» is no name in one pair of quotes.
        if _balanced(inner):
            return f"{_inner_quotes(calm(inner))}, {form}"[:NAME_LENGTH]
    return russian_quotes(calm(name) if not short else name)[:NAME_LENGTH]


def display_person(surname: str, first: str, patronymic: str, *, suffix: str = "ИП") -> str:
    """«Дмитриев Максим Владимирович, ИП»."""
    name = " ".join(filter(None, (calm(surname), calm(first), calm(patronymic))))
    return f"{name}, {suffix}"[:NAME_LENGTH]


def calm(text: str) -> str:
    """CAPITALS → Capitals; abbreviations without vowels, digits and mixed case stay as they are."""
    if not text.isupper():
        return text
    return _WORD.sub(_calm_word, text)


@lru_cache(65536)
def _calm(word: str) -> str:
    if _VOWELS.isdisjoint(word):
        return word
    return word.capitalize()


def _calm_word(match: re.Match) -> str:
    word = match[0]
    if word in _SMALL and match.start():
        return word.lower()
    return _calm(word)


def _balanced(inner: str) -> bool:
    """No pair of quotes closes and opens again inside."""
    return not re.search(r"[%s]\s+\S.*\s[%s]\S" % (_QUOTES, _QUOTES), inner)


def _inner_quotes(text: str) -> str:
    """Quotes inside a name: «», or nothing when one is left alone (РОГА "И" КОПЫТА → Рога «И» Копыта)."""
    if sum(text.count(q) for q in _QUOTES) % 2:
        return tidy(text.translate(dict.fromkeys(map(ord, _QUOTES))))
    return russian_quotes(text)


def russian_quotes(text: str) -> str:
    """Straight quotes → «» with „“ inside, by what stands beside them."""
    if '"' not in text:
        return text
    out, depth = [], 0
    for i, char in enumerate(text):
        if char != '"':
            out.append(char)
            continue
        opens = i == 0 or text[i - 1] in ' ("-«„'
        if opens and i + 1 < len(text):
            out.append("«" if depth == 0 else "„")
            depth += 1
        else:
            depth -= 1
            out.append("»" if depth <= 0 else "“")
            depth = max(depth, 0)
    return "".join(out)
