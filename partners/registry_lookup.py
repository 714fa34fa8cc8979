"""What the register of organisations says about an ИНН. The app that keeps the register registers its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Registered:
    """An organisation of the register: short name, region code, whether it ceased."""

    name: str
    region_code: str
    is_ceased: bool


_lookup: Callable[[str], Registered | None] | None = None


def use(lookup: Callable[[str], Registered | None]) -> None:
    """Register the lookup by ИНН."""
    global _lookup
    _lookup = lookup


def find(inn: str) -> Registered | None:
    """The organisation, or None: not in the register, or no register here."""
    return _lookup(inn) if _lookup else None
