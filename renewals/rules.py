"""Where a term stands in its renewal: facts and a date, no database, no clock (billing 3.9, decisions 12, 20; ch. 3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from core.dates import plain_date

from .choices import Category, Effect

__all__ = [
    "CALL_FROM_DAYS", "CALL_TO_DAYS", "LATE_DAYS", "MIN_COMMENT", "WINDOW_DAYS", "CallFlag", "Category", "call_flag", "call_window",
    "category", "is_comment_enough", "urgency", "window_start", "worst",
]  # fmt: skip

WINDOW_DAYS = 60  # «продление в ближайшие 60 дней»
CALL_FROM_DAYS, CALL_TO_DAYS = 60, 40  # the call is due 60…40 days before the end (R3.3)
LATE_DAYS = 90  # a later renewal is a client won back: «более квартала»
MIN_COMMENT = 10  # non-space characters of a negative outcome's comment (R3.36)


class CallFlag(StrEnum):
    """«Пора звонить» inside the window, «просрочен контакт» after it; nothing when the contact is logged."""

    CALL_NOW = "call_now"
    LATE_CALL = "late_call"


# What the account's single row shows when its directions differ: work that waits first, the healthy last.
_URGENCY = {
    kind: place
    for place, kind in enumerate(
        (
            Category.NOT_RENEWED,
            Category.REQUIRES,
            Category.TERMINATED,
            Category.REDUCED,
            Category.TRANSFERRED,
            Category.SETTLED,
            Category.NOT_DUE,
            Category.RENEWED_LATE,
            Category.WON_BACK,
            Category.RENEWED,
        )
    )
}


def category(ends_on: date, *, on: date, effect: str | None = None, renewal_shipped_on: date | None = None) -> Category:
    """The one category of a term that ends on `ends_on` (included), as of `on`. The first match counts:

    moved → transferred · reduced → reduced · renewal shipped by `on`: after a negative outcome → won_back, shipped to
    the end → renewed, within 90 days after → renewed_late, later → won_back · negative → terminated · positive →
    settled · past the end → not_renewed · more than 60 days left → not_due · else requires. An invoice changes nothing:
    the row stays until shipment (R3.39). A shipment after `on` is not known yet.
    `effect`: what the open outcome does, a value of `Effect`; "" or None without one; anything else is a ValueError.
    """
    plain_date(ends_on, "ends_on")
    plain_date(on, "on")
    if effect and effect not in Effect.values:
        raise ValueError(f"{effect} is no effect of an outcome.")
    if effect == Effect.MOVED:
        return Category.TRANSFERRED
    if effect == Effect.REDUCED:
        return Category.REDUCED
    negative = effect == Effect.NEGATIVE
    if renewal_shipped_on is not None and plain_date(renewal_shipped_on, "renewal_shipped_on") <= on:
        late = (renewal_shipped_on - ends_on).days
        if negative or late > LATE_DAYS:
            return Category.WON_BACK
        return Category.RENEWED if late <= 0 else Category.RENEWED_LATE
    if negative:
        return Category.TERMINATED
    if effect == Effect.POSITIVE:
        return Category.SETTLED
    left = (ends_on - on).days
    if left < 0:
        return Category.NOT_RENEWED
    return Category.NOT_DUE if left > WINDOW_DAYS else Category.REQUIRES


def window_start(ends_on: date) -> date:
    """The first day in «Требуют продления»: 31.12.2025 → 01.11.2025."""
    return ends_on - timedelta(days=WINDOW_DAYS)


def call_window(ends_on: date, *, first: int = CALL_FROM_DAYS, last: int = CALL_TO_DAYS) -> tuple[date, date]:
    """First and last day to call, both included: 31.12.2025 → 01.11.2025, 21.11.2025. Days are settings of a direction."""
    return ends_on - timedelta(days=first), ends_on - timedelta(days=last)


def call_flag(
    ends_on: date, *, on: date, contacted_on: date | None = None, first: int = CALL_FROM_DAYS, last: int = CALL_TO_DAYS
) -> CallFlag | None:
    """The mark of a row of the category `requires` (R3.3). A contact counts from the first day of the window to `on`."""
    opens, closes = call_window(ends_on, first=first, last=last)
    if not opens <= on <= ends_on or (contacted_on is not None and opens <= contacted_on <= on):
        return None
    return CallFlag.CALL_NOW if on <= closes else CallFlag.LATE_CALL


def urgency(kind: str) -> int:
    """Place of a category in the order of `worst`, 0 the most urgent. `ValueError` for no category."""
    return _URGENCY[Category(kind)]


def worst(terms: Iterable[tuple[str, date]]) -> tuple[Category, date] | None:
    """Of an account's `(category, ends_on)` the one its row shows: the most urgent, then the earliest end; None for none."""
    best = min(((urgency(kind), ends_on, Category(kind)) for kind, ends_on in terms), default=None)
    return (best[2], best[1]) if best else None


def is_comment_enough(comment: str | None) -> bool:
    """Whether a negative outcome's comment has 10 characters that are no spaces; the schema says the same."""
    return len("".join((comment or "").split())) >= MIN_COMMENT
