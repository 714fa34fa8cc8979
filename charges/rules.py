"""Thirty days to pay, refusals, and the blocks that follow (billing 3.10, 3.11, decision 11; R4.28, R4.48–R4.49).

A block is derived from charges and a date, nothing else: nobody has to remember to take it away.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from core.dates import plain_date

from .choices import BlockScope, ChargeKind

GOOD_DAYS = timedelta(days=30)
REMINDER_DAYS = (0, 14, 25, 30)
_WIDE = {ChargeKind.REPORTS: BlockScope.ACCOUNT, ChargeKind.DOCUMENTS: BlockScope.SENDING}


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """kind: reports, documents, other · formed_on: the day that starts the 30 · settled_on: of the shipment, which alone settles."""

    id: Hashable
    product: Hashable
    kind: str
    formed_on: date
    refused_on: date | None = None
    settled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """scope: product, account (all services) or sending (from all organisations); product None for the wide ones."""

    scope: str
    product: Hashable | None
    charge_id: Hashable


def last_good_day(formed_on: date) -> date:
    """Until the end of this day the charge can be settled: 01.03.2025 → 31.03.2025."""
    return formed_on + GOOD_DAYS


def overdue_from(formed_on: date) -> date:
    """The first day of the block: formed + 31."""
    return last_good_day(formed_on) + timedelta(days=1)


def is_overdue(formed_on: date, *, on: date) -> bool:
    """Whether the 30 days have passed without counting the day of forming (ст. 191 ГК)."""
    return (on - formed_on).days > GOOD_DAYS.days


def reminder_days(formed_on: date) -> list[date]:
    """When the client is reminded: at once, after 14 and 25 days, on the last good day."""
    return [formed_on + timedelta(days=days) for days in REMINDER_DAYS]


def blocks(charges: Iterable[ChargeFacts], *, on: date) -> frozenset[Block]:
    """What is blocked on this date, each block with the charge that causes it.

    Of charges formed and not settled by `on`: overdue (on > formed_on + 30) or refused (refused_on ≤ on) → their
    product; both → additionally the account for «по отчетам», sending for «по документам». `ValueError`: unknown kind.
    """
    plain_date(on, "on")
    found: set[Block] = set()
    for charge in charges:
        kind = ChargeKind(charge.kind)
        if charge.formed_on > on or (charge.settled_on is not None and charge.settled_on <= on):
            continue
        overdue = is_overdue(charge.formed_on, on=on)
        refused = charge.refused_on is not None and charge.refused_on <= on
        if overdue or refused:
            found.add(Block(BlockScope.PRODUCT.value, charge.product, charge.id))
        if overdue and refused and kind in _WIDE:
            found.add(Block(_WIDE[kind].value, None, charge.id))
    return frozenset(found)


def coming_blocks(charges: Iterable[ChargeFacts], *, on: date) -> list[tuple[date, frozenset[Block]]]:
    """The preview «on 1 April reports will stop because of charge № 17»: days after `on` that bring blocks, with the new ones."""
    facts = list(charges)
    known = blocks(facts, on=on)
    coming = []
    for day in sorted({overdue_from(charge.formed_on) for charge in facts}):
        if day > on and (new := blocks(facts, on=day) - known):
            coming.append((day, new))
            known |= new
    return coming
