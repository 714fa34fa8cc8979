"""What the journal's codes mean in words. Apps register theirs in `<app>/journal_titles.py`, found at start.

    register({"client.bound": "Закреплен за: {manager_name}", "account.renamed": "Переименован: {name_old} → {name}"})

A text is filled in from the entry's data; a change {field: [old, new]} gives `{field_old}` and `{field}`. What is
missing stays empty, an unknown code is shown as it is: history must never fail to open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.models import JournalEntry
from core.money import format_money
from core.text import clean

_DAY, _SUM = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), re.compile(r"\d{1,12}\.\d\d", re.ASCII)
_DOTS = re.compile(r"\.\.(?=\s|$)")  # «…: Иванова А. А.» before a full stop
_titles: dict[str, str] = {}


def register(titles: Mapping[str, str]) -> None:
    """Add {code: text}; two texts for one code are a mistake."""
    for code, text in titles.items():
        if _titles.setdefault(code, text) != text:
            raise ValueError(f"Two titles for the journal code {code}.")


class _Data(dict):
    def __missing__(self, key: str) -> str:
        return ""


def describe(entry: JournalEntry) -> str:
    """One line of history."""
    text = _titles.get(entry.code)
    if text is None:
        return entry.code
    try:
        return _DOTS.sub(".", clean(text.format_map(_Data(_flat(entry.data))))).rstrip(" :,→—")
    except (ValueError, IndexError, AttributeError, KeyError):
        return clean(text.partition("{")[0]).rstrip(" :,→—")


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, list) and len(value) == 2:
            flat[f"{name}_old"], flat[name] = (_word(part) for part in value)
        else:
            flat[name] = _word(value)
    return flat


def _word(value: Any) -> Any:
    """A date and a sum as people write them: 2026-11-23 → 23.11.2026, "3008.22" → 3 008,22."""
    if value is None:
        return ""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return ".".join(reversed(value.split("-")))
    if isinstance(value, str) and _SUM.fullmatch(value):
        return format_money(Decimal(value))
    return value
