"""Phones as one key: +7 and ten digits, the extension apart (clients-and-tickets C6, russia.md 2)."""

from __future__ import annotations

import re

_LABEL = re.compile(
    r"^\s*(?:(?:контактный|рабочий|мобильный|городской|сотовый)\s+)?"
    r"(?:телефон/факс|тел/факс|телефоны?|тел|моб|факс|раб|гор|сот|т|ф|phone|tel|mob|fax)?[\s\u00a0.:–—-]*", re.IGNORECASE
)  # fmt: skip
# Digits with any separators people put between them; letters end the number.
_NUMBER = re.compile(r"\+?\s*\(?\s*[0-9](?:[\s\u00a0()\[\].‐‑‒–—−/\\_-]*[0-9])*")
_EXTENSION = re.compile(
    r"[\s\u00a0,;.()\[-]*(?:добавочный|доб|внутренний|внутр|вн|extension|ext|х|x|\#|\*)"
    r"[\s\u00a0.:=()№-]*([0-9]{1,8})(?![0-9])", re.IGNORECASE
)  # fmt: skip
_IN_BRACKETS = re.compile(r"^(.*[0-9)])[\s\u00a0]*\([\s\u00a0]*([0-9]{1,6})[\s\u00a0]*\)[\s\u00a0]*$")
_NATIONAL = re.compile(r"[346789][0-9]{9}")  # no area code of the +7 zone begins with 0, 1, 2 or 5
_LONGEST = 200


def normalize_phone(text: str) -> tuple[str, str | None] | None:
    """`("+7XXXXXXXXXX", extension or None)` of the first phone in the text, None when there is none.

    Understands 8/7/+7/10-digit forms, any separators, a label before («тел.») and words after, «доб. 12», «(12)».
    A local number without its code («55-55-55»), another country's, a too long or a foreign text give None; nothing
    raises. +7 6xx and +7 7xx are Kazakhstan's and stay phones.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    rest = text[_LABEL.match(text).end() :]
    found = _NUMBER.match(rest)
    if found is None:
        return None
    written, tail = found[0], rest[found.end() :]
    extension = _EXTENSION.match(tail)
    if extension:
        return _with_extension(written, extension[1])
    if bracketed := _IN_BRACKETS.match(written + (tail if tail.startswith(")") else "")):
        with_inner = _with_extension(bracketed[1], bracketed[2])
        if with_inner:
            return with_inner
    if tail[:1].isalpha():
        return None
    return _with_extension(written, None) or _with_extension(written.split("/")[0], None)


def _with_extension(written: str, extension: str | None) -> tuple[str, str | None] | None:
    plus = written.lstrip(" (\u00a0").startswith("+")
    digits = re.sub(r"[^0-9]", "", written)
    if len(digits) == 11 and (digits[0] == "7" or (digits[0] == "8" and not plus)):
        digits = digits[1:]
    elif len(digits) != 10 or plus:
        return None
    return (f"+7{digits}", extension) if _NATIONAL.fullmatch(digits) else None
