"""The stored category of every term, brought to a date (billing 3.9). What counts is facts and the date, not yesterday's row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import Account
from renewals.category_sql import DIFFERENT, SWEEP

from .prompts import prompts_follow

RANGE = 5_000
"""Accounts per statement where nobody waits for its locks."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows a sweep wrote."""

    made: int = 0
    changed: int = 0
    gone: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(self.made + other.made, self.changed + other.changed, self.gone + other.gone)

    @property
    def written(self) -> int:
        return self.made + self.changed + self.gone


def renewals_refresh(account_ids: Iterable[int], *, on: date) -> Swept:
    """Rows of some accounts as of `on`, in the caller's transaction: after an outcome, a shipment, its cancel."""
    ids = sorted(set(account_ids))
    if not ids:
        return Swept()
    swept = accounts_tell(ids, on=on)
    prompts_follow(ids)
    return swept


def ranges() -> list[tuple[int, int]]:
    """Ranges of account ids, both ends included, that hold all accounts."""
    ids = Account.objects.order_by("pk").values_list("pk", flat=True)
    found, after = [], 0
    while (last := ids.filter(pk__gt=after)[:RANGE].aggregate(last=Max("pk"))["last"]) is not None:
        found.append((after + 1, last))
        after = last
    return found


def accounts_tell(ids: list[int], *, on: date) -> Swept:
    """Write the rows of these accounts that differ; part of the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(SWEEP.replace("{accounts}", "a.id = ANY(%(ids)s)"), {"on": on, "ids": ids})
        return Swept(*cursor.fetchone())


@transaction.atomic
def span_tell(span: tuple[int, int], *, on: date) -> Swept:
    """The same for a range of ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            SWEEP.replace("{accounts}", "a.id BETWEEN %(first)s AND %(last)s"),
            {"on": on, "first": span[0], "last": span[1]},
        )
        return Swept(*cursor.fetchone())


def accounts_compare(ids: list[int], *, on: date) -> dict[int, int]:
    """{account: rows that differ}; reads only, so nobody waits."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENT.replace("{accounts}", "a.id = ANY(%(ids)s)"), {"on": on, "ids": ids})
        return dict(cursor.fetchall())
