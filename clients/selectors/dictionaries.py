"""Small dictionaries for cells and selects, kept in the process for a minute: a list page does not ask for them again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from clients.models import BindingTopic
from partners.models import Region

KEPT_SECONDS = 60
_kept: dict[str, tuple[float, object]] = {}
T = TypeVar("T")


def _remembered(name: str, read: Callable[[], T]) -> T:
    """Empty answers are not kept: a database that is being filled."""
    until, value = _kept.get(name, (0.0, None))
    if time.monotonic() < until:
        return value  # type: ignore[return-value]
    value = read()
    if value:
        _kept[name] = (time.monotonic() + KEPT_SECONDS, value)
    return value


def _regions() -> dict[str, tuple[str, str]]:
    return _remembered("regions", _read_regions)


def _read_regions() -> dict[str, tuple[str, str]]:
    return {code: (name, zone) for code, name, zone in Region.objects.values_list("code", "name", "zone")}


def region_name(code: str) -> str:
    """«Москва» of «77»; "" for an unknown code."""
    return _regions().get(code, ("", ""))[0]


def region_label(code: str) -> str:
    """«77 Москва» (R2.38)."""
    return f"{code} {region_name(code)}".strip()


def region_zone(code: str) -> str:
    """IANA zone of the client, "" when it is not known."""
    return _regions().get(code, ("", ""))[1]


def region_choices() -> list[tuple[str, str]]:
    """All regions for a select."""
    return [(code, f"{code} {name}") for code, (name, _zone) in sorted(_regions().items())]


def topic_choices() -> list[tuple[str, str]]:
    """Topics of binding for a select, «Основная» first."""
    return _remembered("topics", lambda: list(BindingTopic.objects.values_list("code", "title")))
