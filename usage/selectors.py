"""What the products report of an account, ready to be shown (R2.139–R2.148)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.models import Account
from core.dates import add_months
from usage.models import AccountProduct

LONG_AGO = 3


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product: `when` is «31.03», with a year when it is not this one, or «> 3х мес»; counters of the last month of use."""

    title: str
    when: str
    is_silent: bool
    counters: tuple[int, ...]
    tooltip: str


def day_words(day: date, *, on: date) -> str:
    return f"{day:%d.%m}" if day.year == on.year else f"{day:%d.%m.%Y}"


def activity_of(account: Account, *, on: date) -> tuple[str, list[ProductRow]]:
    """(day of the last action, a row per product in the order of the dictionary). One query."""
    rows = AccountProduct.objects.filter(account=account, last_day__isnull=False).select_related("product")
    found = list(rows.order_by("product__order", "product__title"))
    last = max((row.last_day for row in found), default=None)
    return (day_words(last, on=on) if last else ""), [_row(row, on) for row in found]


def _row(row: AccountProduct, on: date) -> ProductRow:
    is_silent = add_months(row.last_day, LONG_AGO) < on
    if row.product.is_two_sided:
        counters = (0, 0) if is_silent else (row.sent_month, row.received_month)
        tooltip = f"Исходящих и входящих за {row.last_day:%m.%Y}"
    else:
        counters = (0,) if is_silent else (row.users_30,)
        tooltip = "Активных пользователей за 30 дней"
    when = f"> {LONG_AGO}х мес" if is_silent else day_words(row.last_day, on=on)
    return ProductRow(row.product.title, when, is_silent, counters, tooltip)
