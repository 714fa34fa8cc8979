"""Which bytes mean which letters in a bank statement: windows-1251, cp866, UTF-8, or all of them in one file."""

from __future__ import annotations

import codecs
import re
from collections import Counter

# Letters and signs that a bank writes; a lucky UTF-8 reading of other bytes gives others (Samaritan, box drawing).
_EXPECTED = re.compile(r"[\x00-\x7f\u00a0-\u00ff\u0400-\u04ff\u2010-\u2044\u20bd\u2116\u2122\ufeff]*")
_KEYS = (
    "секциядокумент",
    "номер",
    "дата",
    "сумма",
    "плательщик",
    "получатель",
    "кодировка",
    "расчсчет",
    "назначениеплатежа",
    "конецдокумента",
)
_BOM_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BREAK = re.compile(rb"\r\n|\n|\r")
_DECLARED = {"windows": ("cp1251",), "dos": ("cp866",)}


def decode_lines(data: bytes) -> tuple[list[str], str, list[str]]:
    """`(lines, encoding of most lines, warnings)` of any bytes; never raises.

    A key and its value are decoded apart: programs write their own keys in one encoding and the bank's text in another.
    """
    warnings: list[str] = []
    if wide := _BOM_16.get(data[:2]):
        text = data[2:].decode(wide, "replace")
        return re.split(r"\r\n|\n|\r", text), wide, warnings
    while data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    raw = _BREAK.split(data)
    single = _single_byte(data)
    used: Counter[str] = Counter()
    lines = []
    for line in raw:
        parts = []
        for part in line.partition(b"="):
            text, encoding = _decode(part, single)
            parts.append(text)
            if encoding:
                used[encoding] += 1
        lines.append("".join(parts))
    encoding = used.most_common(1)[0][0] if used else "ascii"
    if len(used) > 1:
        warnings.append("В файле смешаны кодировки, каждая строка прочитана в своей.")
    if any("\ufffd" in line for line in lines):
        warnings.append("Часть знаков прочитать не удалось, они заменены на �.")
    _compare_with_declared(lines, encoding, warnings)
    return lines, encoding, warnings


def _decode(part: bytes, single: str) -> tuple[str, str | None]:
    """The text and its encoding; None for plain ASCII, which is the same in all of them."""
    if part.isascii():
        return part.decode("ascii"), None
    try:
        text = part.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if _EXPECTED.fullmatch(text):
            return text, "utf-8"
    return part.decode(single, "replace"), single


def _single_byte(data: bytes) -> str:
    """cp866 when more of the known keys are found in it than in windows-1251; the declaration is not to be believed."""
    found = {}
    for encoding in ("cp1251", "cp866"):
        low = data.decode(encoding, "replace").lower()
        found[encoding] = sum(low.count(key) for key in _KEYS)
    return "cp866" if found["cp866"] > found["cp1251"] else "cp1251"


def _compare_with_declared(lines: list[str], encoding: str, warnings: list[str]) -> None:
    for line in lines[:30]:
        name, _, value = line.partition("=")
        if name.strip().lower() == "кодировка":
            expected = _DECLARED.get(value.strip().lower())
            if expected and encoding not in (*expected, "ascii"):
                warnings.append(f"Заявлена кодировка {value.strip()}, на деле {encoding}.")
            return
