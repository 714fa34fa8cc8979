"""The accounting system behind one interface: built-in, files (CommerceML out), HTTP (signed JSON). See docs/gateway.md.

Nothing here touches the database but through `licenses.services.outbox` and `licenses.services.inbox`.
"""

from __future__ import annotations

from django.conf import settings

from .base import Answer, Event, Gateway, GatewayDown, GatewayRefused, Page, Staff

__all__ = ["Answer", "Event", "Gateway", "GatewayDown", "GatewayRefused", "Page", "Staff", "current"]


def current() -> Gateway:
    """The adapter named by SBILLING_GATEWAY; ValueError for a name that is none."""
    if settings.GATEWAY == "builtin":
        from .builtin import BuiltinGateway

        return BuiltinGateway()
    if settings.GATEWAY == "files":
        from .files import FileGateway

        return FileGateway(settings.GATEWAY_FOLDER)
    if settings.GATEWAY == "http":
        from .http import HttpGateway

        return HttpGateway(
            settings.GATEWAY_URL, key_id=settings.GATEWAY_KEY_ID, secret=settings.GATEWAY_SECRET,
            timeout=settings.GATEWAY_TIMEOUT,
        )  # fmt: skip
    raise ValueError(f"SBILLING_GATEWAY: {settings.GATEWAY!r} is neither builtin, files nor http.")
