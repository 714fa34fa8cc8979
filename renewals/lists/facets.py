"""Numbers beside the values of the filter: how many rows a value shows under the rest of the filter. One capped query."""

from __future__ import annotations

from django.db.models import Q

from core.lists.counts import count
from renewals.lists.filterset import NO_OUTCOME, STATES, RenewalFilter, by_direction, categories_of, slot
from renewals.selectors.options import outcome_choices

WORST_ONLY = {"requires", "not_renewed", "terminated"}


def facets(filterset: RenewalFilter) -> dict[str, int]:
    """{id of the place: number}; empty when there are more rows than are counted."""
    chosen = filterset.form.cleaned_data
    outcome = _outcomes(chosen.get("outcome") or [])
    rows = _states(chosen.get("state") or []) & (Q() if by_direction(chosen) else Q(is_worst=True))
    asked = {
        slot("state", state): _states([state]) & outcome & (Q() if chosen.get("topic") or state not in WORST_ONLY else Q(is_worst=True))
        for state in STATES
    }  # fmt: skip
    asked |= {slot("outcome", kind): rows & _outcomes([kind]) for kind, _title in outcome_choices()}
    names = {f"f{n}": key for n, key in enumerate(asked)}
    found = count(filterset.without("state", "outcome"), segments={name: asked[key] for name, key in names.items()})
    return {names[name]: number for name, number in found.segments.items() if number is not None}


def _states(states: list[str]) -> Q:
    return Q(category__in=categories_of(states))


def _outcomes(kinds: list[str]) -> Q:
    return Q(outcome__in=["" if kind == NO_OUTCOME else kind for kind in kinds]) if kinds else Q()
