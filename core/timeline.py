"""What the journal's codes mean in words. Apps register theirs in `<app>/journal_titles.py`, found at start.

    register({"client.bound": "Закреплен за: {manager_name}", "account.renamed": "Переименован: {name_old} → {name}"})

A text is filled in from the entry's data; a change {field: [old, new]} gives `{field_old}` and `{field}`. What is
missing stays empty, an unknown code is shown as it is: history must never fail to open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.models import JournalEntry
from core.text import clean

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
        return clean(text.format_map(_Data(_flat(entry.data)))).rstrip(" :,→—")
    except (ValueError, IndexError, AttributeError, KeyError):
        return clean(text.partition("{")[0]).rstrip(" :,→—")


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, list) and len(value) == 2:
            flat[f"{name}_old"], flat[name] = ("" if part is None else part for part in value)
        else:
            flat[name] = "" if value is None else value
    return flat
