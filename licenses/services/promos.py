"""Promotions: discounts by code (billing 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from core import journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from core.text import clean
from licenses.models import Promo
from partners.models import Employee
from partners.rights import Right


@in_transaction
def promo_save(
    *, code: str, title: str, valid_from: date, valid_to: date, by: Employee, percent: Decimal | None = None, amount: Decimal | None = None,
    items: Sequence[int] = (), regions: Sequence[str] = (), new_clients_only: bool = False, max_uses: int | None = None, promo_id: int | None = None,
) -> Promo:  # fmt: skip
    """Make or change a promotion: per cent or roubles, on some items or all, in some regions or all."""
    require(by, Right.PRICE_CHANGE)
    promo = Promo.objects.select_for_update().get(pk=promo_id) if promo_id else Promo()
    code = clean(code).upper()
    if not code or Promo.objects.filter(code__iexact=code).exclude(pk=promo.pk).exists():
        raise DomainError("Укажите код, которого еще нет у других акций.", field="code")
    if (percent is None) == (amount is None):
        raise DomainError("Укажите скидку в процентах или в рублях, одно из двух.", field="percent")
    if max_uses is not None and max_uses < promo.used:
        raise DomainError(f"Акция уже применена {promo.used} раз: укажите не меньше.", field="max_uses")
    values = {
        "code": code, "title": clean(title)[:120], "valid_from": valid_from, "valid_to": valid_to, "percent": percent, "amount": amount,
        "new_clients_only": new_clients_only, "max_uses": max_uses,
    }  # fmt: skip
    is_new = promo.pk is None
    changed = journal.changes(promo, values)
    if is_new:
        promo.save(force_insert=True)
    elif changed:
        promo.save(update_fields=list(changed))
    promo.items.set(items)
    promo.regions.set(regions)
    journal.record(promo, "promo.created" if is_new else "promo.changed", by=by, data={"code": code, **changed})
    return promo
