"""What a person set: columns of a list, density, hot keys. One query per request, whatever is asked (R0.6)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from core.models import Preference


def of(request: HttpRequest) -> dict[tuple[str, str], Any]:
    """{(section, key): value} of the signed-in employee, read once."""
    if not request.user.is_authenticated:
        return {}
    if not hasattr(request, "preferences"):
        rows = Preference.objects.filter(employee=request.user.pk).values_list("section", "key", "value")
        request.preferences = {(section, key): value for section, key, value in rows}
    return request.preferences


def preference_set(*, by, section: str, key: str, value: Any) -> None:
    """Remember a value; None forgets it. Not journalled: it changes nothing but one's own screen."""
    if value is None:
        Preference.objects.filter(employee=by, section=section, key=key).delete()
    else:
        Preference.objects.update_or_create(employee=by, section=section, key=key, defaults={"value": value})
