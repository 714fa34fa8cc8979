"""What a person set: columns of a list, density, hot keys. Read once per request at most, mostly from the cache (R0.6)."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest

from core.models import Preference

KEPT_SECONDS = 600


def of(request: HttpRequest) -> dict[tuple[str, str], Any]:
    """{(section, key): value} of the signed-in employee."""
    if not request.user.is_authenticated:
        return {}
    if not hasattr(request, "preferences"):
        rows = cache.get(_key(request.user.pk))
        if rows is None:
            rows = list(Preference.objects.filter(employee=request.user.pk).values_list("section", "key", "value"))
            cache.set(_key(request.user.pk), rows, KEPT_SECONDS)
        request.preferences = {(section, key): value for section, key, value in rows}
    return request.preferences


@transaction.atomic
def preference_set(*, by, section: str, key: str, value: Any) -> None:
    """Remember a value; None forgets it. Not journalled: it changes nothing but one's own screen."""
    if value is None:
        Preference.objects.filter(employee=by, section=section, key=key).delete()
    else:
        Preference.objects.update_or_create(employee=by, section=section, key=key, defaults={"value": value})
    # Before the commit another request could still read, and keep, what was set until now.
    transaction.on_commit(lambda: cache.delete(_key(by.pk)), robust=True)


def _key(employee_id: int) -> str:
    return f"preferences:{employee_id}"
