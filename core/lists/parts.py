"""Small declarations of a list page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True)
class Segment:
    """A quick filter above the table with its counter. `q` is a Q, or a function of the page (for dates).

    `tone` colours the number (bad, warn); `apart` puts a line before it: another kind of question.
    """

    slug: str
    title: str
    q: Q | Callable | None = None
    tone: str = ""
    hint: str = ""
    apart: bool = False


@dataclass(frozen=True)
class Tab:
    """«Список», «Распределение», «Статистика»: another page on the same subject. `right` hides it."""

    title: str
    url: str
    right: str = ""


@dataclass(frozen=True)
class Preset:
    """A saved selection that comes with the program: «60 дней, мой офис»."""

    title: str
    query: str


@dataclass(frozen=True)
class HeadAction:
    """A button in the head of the page; `key` is its hot key's data-key, `dialog` opens it over the page."""

    title: str
    url: str
    right: str = ""
    icon: str = "plus"
    dialog: bool = True
    primary: bool = True
    key: str = ""
