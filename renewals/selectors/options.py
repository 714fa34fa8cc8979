"""The dictionary of outcomes as pages read it: kept in the process until the operator changes it (R3.34)."""

from __future__ import annotations

from core import reference
from renewals.choices import Effect
from renewals.models import OutcomeOption
from renewals.outcome_rules import is_for_renewal

NO_OUTCOME = "none"
POSITIVE = frozenset({Effect.INVOICED, Effect.POSITIVE})


def options() -> dict[str, OutcomeOption]:
    """{code: line} in the operator's order. Never change one in place."""
    return reference.kept("renewals.options", lambda: {option.code: option for option in OutcomeOption.objects.all()})


def renewal_options(*, offered: bool = False) -> list[OutcomeOption]:
    """Lines of renewals; `offered`: only those that may be chosen now."""
    return [o for o in options().values() if is_for_renewal(o.meaning()) and (o.is_active or not offered)]


def outcome_choices() -> list[tuple[str, str]]:
    """For filters: also what is no longer offered, as long as rows may have it."""
    return [(NO_OUTCOME, "Без итога"), *((option.code, option.title) for option in renewal_options())]


def refusal_choices() -> list[tuple[str, str]]:
    """«Без итога» and every refusal: what there is to win back."""
    return [
        (NO_OUTCOME, "Без итога"),
        *((option.code, option.title) for option in renewal_options() if option.effect == Effect.NEGATIVE),
    ]


def title_of(code: str, none: str = "Без итога") -> str:
    """The name of today; `none` without an outcome."""
    return (options()[code].title if code in options() else code) if code else none


def tone(code: str) -> str:
    """Classes of the badge of an outcome, or of none."""
    effect = options()[code].effect if code in options() else None
    return "bdg bdg-bad" if effect == Effect.NEGATIVE else "bdg bdg-ok" if effect in POSITIVE else "bdg"
