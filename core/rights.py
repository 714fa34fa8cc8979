"""Rights mechanics. Which rights exist and who holds them is the business of the app with the user model."""

from __future__ import annotations

from typing import Any, Protocol

from .errors import Forbidden


class Holder(Protocol):
    """Whoever acts: the user model implements it."""

    def has_right(self, right: str) -> bool: ...

    def may(self, right: str, obj: Any) -> bool: ...


def require(by: Holder, right: str, obj: Any = None) -> None:
    """Raise Forbidden unless `by` holds `right` and, when an object is given, in a scope that covers it."""
    if not (by.has_right(right) if obj is None else by.may(right, obj)):
        raise Forbidden
