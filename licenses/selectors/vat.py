"""VAT of a line on a day: by the item, the regime of the legal entity and the dated table (decision 4, russia 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.errors import DomainError
from licenses.choices import VatKind
from licenses.models import VatRate
from partners.models import LegalEntity

USN_GROUND = "УСН, ст. 145 НК РФ"


@dataclass(frozen=True, slots=True)
class Vat:
    """`rate` in per cent; None is «без НДС» with its ground."""

    kind: str
    rate: Decimal | None
    ground: str


def vat_for(entity: LegalEntity, kind: str, ground: str, *, on: date) -> Vat:
    """Software of the register stays exempt in every regime; the rest follows the seller's one."""
    if kind != VatKind.EXEMPT:
        mode = entity.vat_mode
        if mode == LegalEntity.VatMode.USN_EXEMPT:
            return Vat(VatKind.EXEMPT, None, USN_GROUND)
        if mode == LegalEntity.VatMode.USN_5:
            kind = VatKind.USN_5
        elif mode == LegalEntity.VatMode.USN_7:
            kind = VatKind.USN_7
    rate = VatRate.objects.filter(kind=kind, valid_from__lte=on).order_by("-valid_from").first()
    if rate is None:
        raise DomainError(
            f"На {on:%d.%m.%Y} нет ставки НДС «{VatKind(kind).label}»: добавьте ее в справочник.", code="vat"
        )
    return Vat(kind, rate.rate, ground if rate.rate is None else "")
