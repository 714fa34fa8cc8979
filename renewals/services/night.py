"""The night: accounts that a date, a fact or a price changed; once a week everything is compared (docs/adr/0007).

Transactions are short by measure: a chunk that held its locks for long makes the next one smaller.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice

from django.db import connection, transaction

from accounts.models import Account
from core import locks
from partners.models import SalesPoint
from partners.selectors import business_zones
from renewals import stale_sql
from renewals.models import SweepMark

from .sweep import RANGE, Swept, accounts_compare, accounts_tell, ranges, span_tell

log = logging.getLogger(__name__)

COMPARE_EVERY = timedelta(days=7)
LONG, SHORT = 0.15, 0.05
"""Seconds of a transaction: over LONG the next one takes half as many accounts, under SHORT twice as many.

Far below the half second that nobody may wait longer than: a machine under load takes four times as long from one chunk to the next.
"""
FIRST, FEWEST, MOST = 100, 20, 4_000
NOTES = 100_000


def renewals_night(*, on: date, zone: str) -> Iterator[Swept]:
    """What changed since the last night of a zone, chunk by chunk; a second run on the same day finds nothing.

    A crash leaves the rest to the next run: an account is found until it is told, prices are remembered at the end.
    """
    points = _points(zone)
    mark = SweepMark.objects.filter(pk=zone).first()
    seen, prices = mark.prices if mark else {}, prices_of(on)
    due = _ids(stale_sql.DUE_BY_DATE, on=on, points=points)
    if repriced := [key for key in {*prices, *seen} if prices.get(key) != seen.get(key)]:
        due |= _ids(stale_sql.REPRICED, keys=repriced, points=points)
    for changes in _changes(points):
        yield from _tell(sorted(due | changes.keys()), on=on, zone=zone, changes=changes)
        due = set()
    if repriced or mark is None:
        prices_remember(prices, zones=[zone])


def renewals_night_all(*, on: date) -> Swept:
    """The night of every zone at once."""
    return sum((swept for zone in business_zones() for swept in renewals_night(on=on, zone=zone)), Swept())


def renewals_sweep_all(*, on: date) -> Swept:
    """Every account of every zone as of `on`, whatever a night would find: new data, a clock moved back."""
    swept = sum((span_tell(span, on=on) for span in ranges()), Swept())
    prices_remember(prices_of(on), zones=business_zones())
    return swept


def prices_of(on: date) -> dict[str, str]:
    """{item:months:scope:place: the prices that stand on a day}."""
    return dict(_rows(stale_sql.PRICES, on=on))


def prices_remember(prices: dict[str, str], *, zones: Iterable[str]) -> None:
    """These prices stand in the rows of these zones."""
    for zone in zones:
        SweepMark.objects.update_or_create(zone=zone, defaults={"prices": prices})


def compare_is_due(*, on: date, zone: str) -> bool:
    mark = SweepMark.objects.filter(pk=zone).first()
    return mark is None or mark.compared_on is None or on - mark.compared_on >= COMPARE_EVERY


def renewals_compare(*, on: date, zone: str) -> Iterator[Swept]:
    """Every row of a zone against facts and date, in reads; what differs is written in short transactions.

    The nights were to leave nothing: what differs is a defect to look for, and stands in the log. Not the first time,
    when there was nothing to compare with.
    """
    is_first = not SweepMark.objects.filter(pk=zone, compared_on__isnull=False).exists()
    drifted: dict[int, int] = {}
    ids = list(Account.objects.filter(salespoint__in=_points(zone)).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), RANGE):
        found = accounts_compare(ids[start : start + RANGE], on=on)
        drifted |= found
        yield sum(_tell(sorted(found), on=on, zone=zone, changes={}), Swept())
    if drifted and not is_first:
        examples = list(islice(drifted, 10))
        log.error("renewals_drift", extra={"zone": zone, "rows": sum(drifted.values()), "accounts": len(drifted), "examples": examples})  # fmt: skip
    SweepMark.objects.filter(pk=zone).update(compared_on=on)


def _tell(ids: list[int], *, on: date, zone: str, changes: dict[int, list[int]]) -> Iterator[Swept]:
    """Tell accounts in short transactions. An account that somebody is working on is left for the end."""
    size, busy = FIRST, []
    while ids:
        chunk, ids = ids[:size], ids[size:]
        began = time.monotonic()
        swept, left = _tell_chunk(chunk, on=on, zone=zone, changes=changes)
        busy += left
        took = time.monotonic() - began
        if took > LONG:
            size = max(size // 2, FEWEST)
        elif took < SHORT:
            size = min(size * 2, MOST)
        yield swept
    for pk in busy:
        yield _tell_chunk([pk], on=on, zone=zone, changes=changes, wait=True)[0]


@transaction.atomic
def _tell_chunk(
    ids: list[int], *, on: date, zone: str, changes: dict[int, list[int]], wait: bool = False
) -> tuple[Swept, list[int]]:
    """(what was written, accounts that were locked by others). An account is locked before its facts are read: what a
    person changes meanwhile waits, or is seen. Many are never waited for at once, so that no deadlock is possible."""
    locks.advisory_xact_lock("renewals.sweep", zone)
    held = Account.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True, skip_locked=not wait)
    free = list(held.values_list("pk", flat=True))
    if not free:
        return Swept(), ids
    swept = accounts_tell(free, on=on)
    if done := [change for pk in free for change in changes.get(pk, ())]:
        with connection.cursor() as cursor:
            cursor.execute(stale_sql.TOLD, {"changes": done, "on": on})
    return swept, sorted(set(ids) - set(free))


def _points(zone: str) -> list[int]:
    return list(SalesPoint.objects.filter(zone=zone).values_list("pk", flat=True))


def _changes(points: Iterable[int]) -> Iterator[dict[int, list[int]]]:
    """{account: the notes of its changes}, at least one, some NOTES at a time: after an import there are millions."""
    after, found = 0, None
    while found is None or len(found) == NOTES:
        found = _rows(stale_sql.CHANGES, points=points, after=after, notes=NOTES)
        changes: dict[int, list[int]] = defaultdict(list)
        for pk, account in found:
            changes[account].append(pk)
            after = pk
        yield changes


def _ids(sql: str, **params) -> set[int]:
    return {row[0] for row in _rows(sql, **params)}


def _rows(sql: str, **params) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
