"""Small dictionaries for cells and selects, kept in the process: a list page does not ask for them again."""

from __future__ import annotations

from clients.models import BindingTopic
from core.reference import kept
from partners.known import regions


def region_name(code: str) -> str:
    """«Москва» of «77»; "" for an unknown code."""
    region = regions().get(code)
    return region.name if region else ""


def region_label(code: str) -> str:
    """«77 Москва» (R2.38)."""
    return f"{code} {region_name(code)}".strip()


def region_zone(code: str) -> str:
    """IANA zone of the client, "" when it is not known."""
    region = regions().get(code)
    return region.zone if region else ""


def region_choices() -> list[tuple[str, str]]:
    """All regions for a select."""
    return kept("clients.regions", lambda: [(code, str(region)) for code, region in regions().items()])


def topic_choices() -> list[tuple[str, str]]:
    """Topics of binding for a select, «Основная» first."""
    return kept("clients.topics", lambda: list(BindingTopic.objects.values_list("code", "title")))


def topic_id(code: str) -> int | None:
    """The topic's key: the planner knows how many bindings a key has, of a code it would have to look up it does not."""
    return kept("clients.topic_ids", lambda: dict(BindingTopic.objects.values_list("code", "pk"))).get(code)
