"""Names of people and organisations: how they are shown, found and sorted (russia.md 7).

Shown: «Купец, ООО», «Дмитриев Максим Владимирович, ИП». Found: lower case, е for ё, quotes and dashes as spaces.
Sorted: the same without the legal form, so that «ООО "Купец"» stands under «К» (decision 33: never ICU).
"""

from __future__ import annotations

import re

from core.text import NB, clean

# Full legal forms of the register and their usual short forms; longer ones first, since one begins another.
_FORMS = {
    "общество с ограниченной ответственностью": "ООО",
    "общество с дополнительной ответственностью": "ОДО",
    "непубличное акционерное общество": "НАО",
    "публичное акционерное общество": "ПАО",
    "открытое акционерное общество": "ОАО",
    "закрытое акционерное общество": "ЗАО",
    "акционерное общество": "АО",
    "индивидуальный предприниматель": "ИП",
    "глава крестьянского (фермерского) хозяйства": "КФХ",
    "крестьянское (фермерское) хозяйство": "КФХ",
    "муниципальное бюджетное дошкольное образовательное учреждение": "МБДОУ",
    "муниципальное бюджетное общеобразовательное учреждение": "МБОУ",
    "муниципальное унитарное предприятие": "МУП",
    "муниципальное бюджетное учреждение": "МБУ",
    "муниципальное казенное учреждение": "МКУ",
    "муниципальное автономное учреждение": "МАУ",
    "государственное бюджетное учреждение здравоохранения": "ГБУЗ",
    "федеральное государственное бюджетное учреждение": "ФГБУ",
    "федеральное государственное унитарное предприятие": "ФГУП",
    "государственное унитарное предприятие": "ГУП",
    "государственное бюджетное учреждение": "ГБУ",
    "государственное казенное учреждение": "ГКУ",
    "автономная некоммерческая организация": "АНО",
    "некоммерческое партнерство": "НП",
    "садоводческое некоммерческое товарищество": "СНТ",
    "товарищество собственников жилья": "ТСЖ",
    "товарищество собственников недвижимости": "ТСН",
    "потребительский кооператив": "ПК",
    "производственный кооператив": "ПК",
    "гаражно-строительный кооператив": "ГСК",
    "жилищно-строительный кооператив": "ЖСК",
    "благотворительный фонд": "БФ",
    "общественная организация": "ОО",
}
_SHORT = {form.lower(): form for form in _FORMS.values()} | {
    f.lower(): f for f in ("ИП", "НКО", "ГБОУ", "ГАУ", "КХ", "СПК", "ТОО", "МП", "НАО")
}
_FULL_FORM = re.compile("|".join(re.escape(form) for form in sorted(_FORMS, key=len, reverse=True)), re.IGNORECASE)
_QUOTES = "\"'`´«»„“”‘’‹›″"
_TO_SPACE = re.compile(rf"[{re.escape(_QUOTES)}‐‑‒–—−_/\\|,.;:()\[\]{{}}-]+")
# Latin letters that look like Cyrillic ones: «OOO» typed in the wrong layout is the same company.
_LOOK_ALIKE = str.maketrans("abcehkmoptxy", "авсенкмортху")
_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_TO_CYRILLIC = str.maketrans(_LATIN + _LATIN.upper() + '~{}:"<>', _CYRILLIC + _CYRILLIC.upper() + "ЁХЪЖЭБЮ")
_TO_LATIN = str.maketrans(_CYRILLIC + _CYRILLIC.upper(), _LATIN + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>')
_VOWELS = set("аеёиоуыэюяaeiouy")
_LOWER_IN_NAMES = {"оглы", "кызы", "оглу", "гызы", "угли", "улы", "де", "фон", "ван"}


def normalize_name(name: str | None) -> str:
    """What a name is searched by: lower case, е for ё, quotes, dashes and punctuation as single spaces; "" for None."""
    text = clean(name).lower().replace("ё", "е")
    return " ".join(_TO_SPACE.sub(" ", text).split())


def split_legal_form(name: str | None) -> tuple[str, str]:
    """`(form, rest)`: «ООО "Купец"» and «Купец, ООО» → («ООО», «"Купец"» / «Купец»); the form is "" when there is none."""
    text = clean(name)
    full = _FULL_FORM.match(text.replace("ё", "е").replace("Ё", "Е"))
    if full:
        return _FORMS[full[0].lower()], text[full.end() :].strip(" ,")
    head, _, rest = text.partition(" ")
    if rest and head.lower() in _SHORT:
        return _SHORT[head.lower()], rest.strip(" ,")
    glued = re.match(rf"(\w+)(?=[{re.escape(_QUOTES)}])", text)  # ООО"Купец"
    if glued and glued[1].lower() in _SHORT:
        return _SHORT[glued[1].lower()], text[glued.end() :]
    rest, comma, tail = text.rpartition(",")
    if comma and tail.strip().lower() in _SHORT:
        return _SHORT[tail.strip().lower()], rest.strip()
    return "", text


def sort_key(name: str | None) -> str:
    """What lists sort by: the normalised name without its legal form; the form alone when nothing else is left."""
    return normalize_name(split_legal_form(name)[1]) or normalize_name(name)


def twin_key(name: str | None) -> str:
    """What duplicates are compared by: `sort_key` with Latin look-alikes folded into Cyrillic (rule C6)."""
    return normalize_name(split_legal_form(clean(name).lower().translate(_LOOK_ALIKE))[1])


def display_name(name: str | None, form: str = "") -> str:
    """How an organisation is shown: «Купец, ООО», «Фирма «Авторемонт», ООО», «Дмитриев Максим Владимирович, ИП».

    Takes register names in capitals with straight quotes and mends both. `form` overrides the form found in the name.
    """
    found, rest = split_legal_form(name)
    form = form or found
    if not rest or rest.lower() in _SHORT:
        return form or clean(name)
    rest = _typographic(_unwrapped(rest))
    if rest.isupper():
        rest = (
            person_name(rest) if form in ("ИП", "КФХ") and '"' not in rest and "«" not in rest else _sentence_case(rest)
        )
    return f"{rest}, {form}" if form else rest


def person_name(*parts: str | None) -> str:
    """«Салтыков-Щедрин Михаил Евграфович» of parts or of one text in any case; absent parts are left out."""
    words = clean(" ".join(part for part in parts if part)).split(" ")
    return " ".join(
        word.lower() if word.lower() in _LOWER_IN_NAMES else "-".join(piece.capitalize() for piece in word.split("-"))
        for word in words
    )


def initials(full_name: str | None) -> str:
    """«Травина А. Е.» (no-break spaces) of «Травина Анна Евгеньевна»; one word stays as it is; "" for nothing."""
    words = clean(full_name).split(" ")
    return NB.join([words[0], *(f"{word[0].upper()}." for word in words[1:3] if word[0].isalpha())])


def switch_layout(text: str) -> str:
    """The text as typed on the other keyboard: «jjj» → «ооо», «ыишы» → «sbis». By the letters that prevail."""
    latin = sum(char.isascii() and char.isalpha() for char in text)
    cyrillic = sum("а" <= char <= "я" or char == "ё" for char in text.lower())
    return text.translate(_TO_CYRILLIC if latin >= cyrillic else _TO_LATIN)


def search_variants(text: str) -> list[str]:
    """The normalised query and, when it differs, the same keys in the other layout, for a second search (russia.md 7)."""
    variants = [normalize_name(text), normalize_name(switch_layout(clean(text)))]
    return [variant for index, variant in enumerate(variants) if variant and variant not in variants[:index]]


def _unwrapped(name: str) -> str:
    """Without the quotes that hold the whole name: «"Купец"» → «Купец»; `"РОГА "И" КОПЫТА"` keeps the inner ones."""
    if len(name) > 2 and name[0] in _QUOTES and name[-1] in _QUOTES:
        inner = name[1:-1]
        quotes = [char for char in inner if char in _QUOTES]
        if len(quotes) % 2 == 0 and (not quotes or not _closes_first(inner)):
            return inner.strip()
        if len(quotes) % 2 == 1:  # "ФИРМА "АВТОРЕМОНТ": one sign closes both pairs
            return inner.strip() + name[-1]
    elif len(name) > 1 and name[0] in _QUOTES and sum(char in _QUOTES for char in name) == 1:
        return name[1:].strip()
    return name


def _closes_first(inner: str) -> bool:
    """Whether the first inner quote closes a pair: in «"А" и "Б"» the outer quotes are two pairs, not one."""
    first = next(index for index, char in enumerate(inner) if char in _QUOTES)
    return first > 0 and inner[first - 1] != " "


def _typographic(name: str) -> str:
    """Straight quotes into «…», inner ones into „…“."""
    out: list[str] = []
    depth = 0
    for index, char in enumerate(name):
        if char not in '"«»„“”':
            out.append(char)
            continue
        opens = index == 0 or name[index - 1] in ' ("«„' if char in '"“”' else char in "«„"
        if opens:
            out.append("«" if depth == 0 else "„")
            depth += 1
        elif depth:
            depth -= 1
            out.append("»" if depth == 0 else "“")
    return "".join(out) + ("»" if depth == 1 else "“»" if depth == 2 else "")


def _sentence_case(name: str) -> str:
    """Capitals of the register into a sentence: the first letter stays, words without vowels (ГТВЦ) are abbreviations."""
    text = re.sub(r"[\w-]+", lambda match: match[0] if _is_abbreviation(match[0]) else match[0].lower(), name)
    first = next((index for index, char in enumerate(text) if char.isalpha()), None)
    if first is None:
        return text
    text = text[:first] + text[first].upper() + text[first + 1 :]
    # The name in quotes begins with a capital too: «Фирма «Авторемонт».
    return re.sub(r"(«\w)(?=\w)", lambda match: match[1].upper(), text)


def _is_abbreviation(word: str) -> bool:
    """ГТВЦ, РН-КАРТ: a part of two letters or more without a vowel."""
    return any(len(part) > 1 and not _VOWELS & set(part.lower()) for part in word.split("-"))
