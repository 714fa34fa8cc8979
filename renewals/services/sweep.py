"""The stored category of every term, brought to a date (billing 3.9). What counts is facts and the date, not yesterday's row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import Account
from core import locks
from renewals.category_sql import SWEEP

from .prompts import prompts_follow

RANGE = 5_000
"""Accounts per statement: its transaction holds the rows it writes for half a second at most."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows a sweep wrote."""

    made: int = 0
    changed: int = 0
    gone: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(self.made + other.made, self.changed + other.changed, self.gone + other.gone)


def renewals_refresh(account_ids: Iterable[int], *, on: date) -> Swept:
    """Rows of some accounts as of `on`, in the caller's transaction: after an outcome, a shipment, its cancel."""
    ids = sorted(set(account_ids))
    if not ids:
        return Swept()
    swept = _sweep("a.id = ANY(%(ids)s)", on=on, ids=ids)
    prompts_follow(ids)
    return swept


def ranges(zone: str | None = None) -> list[tuple[int, int]]:
    """Ranges of account ids, both ends included, that hold all accounts (of a zone)."""
    accounts = Account.objects.filter(salespoint__zone=zone) if zone else Account.objects.all()
    ids = accounts.order_by("pk").values_list("pk", flat=True)
    found, after = [], 0
    while (last := _last_of(ids.filter(pk__gt=after))) is not None:
        found.append((after + 1, last))
        after = last
    return found


def renewals_sweep(span: tuple[int, int], *, on: date, zone: str | None = None) -> Swept:
    """Rows of the accounts in a range of ids (of the sales points of a zone) as of `on`."""
    accounts = "a.id BETWEEN %(first)s AND %(last)s" + (" AND p.zone = %(zone)s" if zone else "")
    with transaction.atomic():
        # Two sweeps at once would insert the same rows.
        locks.advisory_xact_lock("renewals.sweep", zone or "")
        return _sweep(accounts, on=on, first=span[0], last=span[1], zone=zone)


def renewals_sweep_all(*, on: date) -> Swept:
    """Every account of every zone as of `on`: a demo, a moved clock."""
    return sum((renewals_sweep(span, on=on) for span in ranges()), Swept())


def _last_of(ids) -> int | None:
    """The last of the next RANGE ids; None when there are none."""
    return ids[:RANGE].aggregate(last=Max("pk"))["last"]


def _sweep(accounts: str, *, on: date, **params) -> Swept:
    with connection.cursor() as cursor:
        cursor.execute(SWEEP.replace("{accounts}", accounts), {"on": on, **params})
        return Swept(*cursor.fetchone())
