"""How many pieces are bought, used and free: Σ allocated ≤ bought on every day (decision 5, R2.91)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Use:
    """`quantity` pieces held from `starts_on` through `ends_on`, both included."""

    quantity: int
    starts_on: date
    ends_on: date


def most_used(uses: Iterable[Use], starts_on: date, ends_on: date) -> int:
    """The greatest number of pieces in use on one day of the period, both ends included; 0 for an empty period."""
    changes: dict[date, int] = defaultdict(int)
    for use in uses:
        first, last = max(use.starts_on, starts_on), min(use.ends_on, ends_on)
        if first <= last:
            changes[first] += use.quantity
            if last < date.max:
                changes[last + timedelta(days=1)] -= use.quantity
    top = held = 0
    for day in sorted(changes):
        held += changes[day]
        top = max(top, held)
    return top


def free_quantity(bought: int, uses: Iterable[Use], starts_on: date, ends_on: date) -> int:
    """Pieces that can still be given to somebody for the whole period; never negative."""
    return max(bought - most_used(uses, starts_on, ends_on), 0)


def check_quantity(quantity: int, *, minimum: int = 1, maximum: int | None = None, step: int = 1) -> None:
    """Refuse a quantity that the item does not sell: below the minimum, above the maximum, between the steps."""
    if quantity < minimum:
        raise DomainError(f"Укажите количество не меньше {minimum}.", field="quantity")
    if maximum is not None and quantity > maximum:
        raise DomainError(f"Укажите количество не больше {maximum}.", field="quantity")
    if (quantity - minimum) % step:
        raise DomainError(f"Укажите количество от {minimum} с шагом {step}.", field="quantity")
