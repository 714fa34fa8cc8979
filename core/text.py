"""Russian words around numbers, and the cleaning of what people type."""

from __future__ import annotations

import re
from decimal import Decimal

NB = "\u00a0"

_SPACES = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")


def plural(n: int | Decimal, one: str, few: str, many: str) -> str:
    """The word alone in the form that `n` asks for: 1 день, 2 дня, 5 дней, 11 дней, 21 день.

    The sign does not matter (−1 день); a fraction takes the genitive singular, which is `few` (1,5 дня).
    """
    if n != int(n):
        return few
    n = abs(int(n)) % 100
    if 11 <= n <= 14:
        return many
    n %= 10
    return one if n == 1 else few if 2 <= n <= 4 else many


def counted(n: int, one: str, few: str, many: str) -> str:
    """«1 204 дня»: the number in groups and its word, joined by U+00A0."""
    number = f"{n:,}".replace(",", NB).replace("-", "\u2212")
    return f"{number}{NB}{plural(n, one, few, many)}"


def clean(text: str | None) -> str:
    """One line of what was typed or imported: no control or invisible characters, single spaces; "" for None.

    PostgreSQL refuses U+0000 in text, and an invisible sign makes two equal names differ.
    """
    return _SPACES.sub(" ", _CONTROL.sub(" ", text or "")).strip()


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word where one is near, with «…» (R2.150)."""
    text = clean(text)
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    space = cut.rfind(" ")
    if space >= limit * 2 // 3:
        cut = cut[:space]
    return cut.rstrip(" ,.;:—-") + "…"
