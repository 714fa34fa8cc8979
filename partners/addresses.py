"""The address a request comes from, as the door, the session list and public forms see it."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The client's IP: REMOTE_ADDR, or what our own proxies appended to X-Forwarded-For.

    `TRUSTED_PROXIES` says how many proxies of ours stand in front; anything further left in the header is the
    client's own text and is not believed. None when there is no address (commands, tests).
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXIES:
            told = hops[-settings.TRUSTED_PROXIES]
    try:
        return str(ip_address(told))
    except ValueError:
        return None
