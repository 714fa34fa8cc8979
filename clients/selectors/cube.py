"""«Распределение» from its cube: the answer does not depend on how many cards there are (design/performance.md 5).

The cube knows binding, region, category, invitation, phone and «новые». Any other filter is counted live.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum

from clients.choices import ProspectState
from clients.lists.responsible import coded
from clients.models import BindingTopic, DistributionCell, DistributionClock
from clients.rules import new_since
from core.reference import kept
from partners.models import Employee
from partners.rights import Right, Scope

KNOWN = frozenset({"resp", "region", "phone", "reg", "state", "invite", "topic"})
"""Filters that the cube answers; a filter set of another list adds none."""


def cells(cleaned: Mapping[str, Any], *, viewer: Employee, on: date, base: Q) -> QuerySet | None:
    """Cells of the same rows as the list's filter; None when something in it is not a dimension of the cube."""
    chosen = {name for name, value in cleaned.items() if value not in (None, "", [], ())}
    if (
        not chosen <= KNOWN
        or cleaned.get("topic") not in (None, "", BindingTopic.MAIN)
        or cleaned.get("resp") == "blocked"
    ):
        return None
    scope, whose = _scope(viewer), _responsible(cleaned.get("resp") or "", viewer)
    if scope is None or whose is None:
        return None
    found = DistributionCell.objects.filter(scope, whose, base)
    if reg := cleaned.get("reg"):
        # Between midnight and the nightly job, and in other zones, «новые» begin on another day: counted live.
        if reg[0] != "new" or kept("clients.new_since", _clock) != new_since(on):
            return None
        found = found.filter(is_new=True)
    if cleaned.get("region"):
        found = found.filter(region_code=cleaned["region"])
    if cleaned.get("phone"):
        found = found.filter(has_phone=cleaned["phone"] == "1")
    if cleaned.get("state"):
        found = found.filter(prospect_state__in=cleaned["state"])
    return found


def _clock() -> date | None:
    return DistributionClock.objects.values_list("new_since", flat=True).first()


def _scope(viewer: Employee) -> Q | None:
    """`ClientQuerySet.visible_to` on cells."""
    scope = viewer.scope_of(Right.CLIENT_VIEW)
    pool = Q(salespoint=0, region_code__in=viewer.region_codes)
    if scope == Scope.ALL:
        return ~Q(prospect_state=ProspectState.MERGED)
    if scope == Scope.REGION:
        return Q(salespoint__in=viewer.points_of_regions) | pool
    return Q(salespoint=viewer.salespoint_id) | pool if scope == Scope.SALESPOINT else None


def _responsible(value: str, viewer: Employee) -> Q | None:
    """The filter «Ответственный» on cells, where 0 is «without»."""
    plain = {
        "": Q(), "me": Q(manager=viewer.pk), "point": Q(salespoint=viewer.salespoint_id), "none": Q(salespoint=0),
        "free": Q(salespoint=viewer.salespoint_id, manager=0),
    }  # fmt: skip
    if value in plain:
        return plain[value]
    point, kind, person = coded(value)
    if kind == "b":
        return None
    found = Q(salespoint=point) if point else Q()
    if kind == "f":
        return found & Q(manager=0)
    return found & Q(manager=person) if person else found


def total(found: QuerySet) -> int:
    """How many cards stand in these cells."""
    return found.aggregate(n=Sum("clients"))["n"] or 0
