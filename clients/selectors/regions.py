"""Names of regions for cells: a small dictionary that does not change while the program runs."""

from __future__ import annotations

from partners.models import Region

_names: dict[str, tuple[str, str]] = {}


def _all() -> dict[str, tuple[str, str]]:
    if not _names:
        _names.update((code, (name, zone)) for code, name, zone in Region.objects.values_list("code", "name", "zone"))
    return _names


def region_name(code: str) -> str:
    """«Москва» of «77»; "" for an unknown code."""
    return _all().get(code, ("", ""))[0]


def region_label(code: str) -> str:
    """«77 Москва» (R2.38)."""
    return f"{code} {region_name(code)}".strip()


def region_zone(code: str) -> str:
    """IANA zone of the client, "" when it is not known."""
    return _all().get(code, ("", ""))[1]


def region_choices() -> list[tuple[str, str]]:
    """All regions for a select."""
    return [(code, f"{code} {name}") for code, (name, _zone) in sorted(_all().items())]


__all__ = ["region_choices", "region_label", "region_name", "region_zone"]
