"""What a promo code takes off a licence."""

from __future__ import annotations

from decimal import Decimal

from core.money import ratio
from licenses.models import License, Promo

ZERO = Decimal("0.00")


def discount_of(promo: Promo, license: License) -> Decimal:
    """Roubles off, never above the amount; 0 for an item the promo does not name, and for a change of tariff."""
    if license.replaces_id or license.closes:
        return ZERO
    items = set(promo.items.values_list("pk", flat=True))
    if items and license.item_id not in items:
        return ZERO
    if promo.amount is not None:
        return min(promo.amount, license.amount)
    top, bottom = promo.percent.as_integer_ratio()
    return ratio(license.amount, top, 100 * bottom)
