"""The nightly sweep of «Требуют продления» over every account, as its job runs it: zone by zone, chunk by chunk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import chain
from statistics import median
from unittest import mock

from django.db import connection

# What every sweep of everything has to look at, read once and written nowhere: the floor.
PASS = """
SELECT count(*), sum(l.list_amount), max(o.kind) FROM licenses_license l
JOIN licenses_term t ON t.id = l.term_id JOIN accounts_account a ON a.id = t.account_id
LEFT JOIN renewals_renewalrow r ON r.term_id = t.id LEFT JOIN renewals_outcome o ON o.term_id = t.id
"""

# A day's sales, renewals, refusals and renamed clients: one account of so many is noted between two nights.
NOTED = 200


def first_night(on: date, *, workers: int, tell: Callable[[str], None]) -> dict:
    """Make every row by the sweep's own statement, ranges beside each other; {} where an earlier run left them."""
    from renewals.models import RenewalRow
    from renewals.services.sweep import ranges, span_tell

    if RenewalRow.objects.exists():
        return {}
    began = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        written = sum(pool.map(lambda span: span_tell(span, on=on).made, ranges()))
        list(pool.map(lambda _n: connection.close(), range(workers)))
    found = {"seconds": round(time.perf_counter() - began, 2), "written": written, "connections": workers}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) renewals_renewalrow")
    tell(f"sweep, first night: {found}")
    return {"first night, ranges beside each other": found}


def nights(on: date, *, seconds: float, tell: Callable[[str], None]) -> dict:
    """The day after (its date and a day's notes), the same day again (nothing), the weekly comparison, two read-only passes."""
    from partners.selectors import business_zones
    from renewals.models import SweepMark
    from renewals.services.night import prices_of, prices_remember

    on = _days_passed(on)
    if not SweepMark.objects.exists():  # the first night told the prices of its day
        prices_remember(prices_of(on), zones=business_zones())
    night(on)
    # The first one finds the data on pages that nobody has read yet; the goal is about a steady state.
    found = {}
    for day, name in enumerate(("first night", "next night"), 1):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO renewals_accountchange (account_id) SELECT id FROM accounts_account WHERE id %% %s = 0",
                [NOTED],
            )
        found[name] = night(on + timedelta(days=day))
    found["same night again"] = night(on + timedelta(days=2))
    found["weekly comparison"] = comparison(on + timedelta(days=2), seconds=seconds)
    found["one read-only pass"] = _read(PASS)
    found["read-only pass that tells every category"] = _read(_every_category(), on=on)
    for name, numbers in found.items():
        tell(f"sweep, {name}: {numbers}")
    return found


def night(on: date) -> dict:
    """Seconds, the longest transaction, accounts told and rows written by the nights of all zones."""
    from partners.selectors import business_zones
    from renewals.services import renewals_night

    began, written = time.perf_counter(), 0
    with _timed_chunks() as chunks:
        for zone in business_zones():
            written += sum(swept.written for swept in renewals_night(on=on, zone=zone))
    return _told(began, chunks) | {"written": written}


def comparison(on: date, *, seconds: float) -> dict:
    """Everything against facts and date. Broken off after `seconds`, it tells the `share` of accounts it has read."""
    from accounts.models import Account
    from partners.selectors import business_zones
    from renewals.services import renewals_compare
    from renewals.services.sweep import RANGE

    began, written, steps, is_whole = time.perf_counter(), 0, 0, True
    with _timed_chunks() as chunks:
        for swept in chain.from_iterable(renewals_compare(on=on, zone=zone) for zone in business_zones()):
            written, steps = written + swept.written, steps + 1
            if time.perf_counter() - began > seconds:
                is_whole = False
                break
    found = _told(began, chunks) | {"drift": written}
    if not is_whole:
        share = min(steps * RANGE / Account.objects.count(), 1)
        found |= {"share": round(share, 3), "seconds_of_all": round(found["seconds"] / share, 1)}
    return found


def _days_passed(on: date) -> date:
    """The newest night that an earlier run left in a kept database, at least `on`: nights do not go back."""
    from django.db.models import Max

    from renewals.models import RenewalRow

    return max(on, RenewalRow.objects.aggregate(last=Max("as_of"))["last"] or on)


def _told(began: float, chunks: list[tuple[int, float]]) -> dict:
    took = [seconds for _accounts, seconds in chunks]
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "finding_seconds": round(time.perf_counter() - began - sum(took), 2),
        "longest_chunk_seconds": round(max(took, default=0), 3),
        "median_chunk_seconds": round(median(took), 3) if took else 0,
        "chunks": len(took),
        "accounts": sum(accounts for accounts, _seconds in chunks),
    }


@contextmanager
def _timed_chunks() -> Iterator[list[tuple[int, float]]]:
    """(accounts, seconds) of each writing transaction, from before its first lock to behind its commit."""
    from renewals.services import night as module

    inner, found = module._tell_chunk, []

    def timed(ids, **named):
        began = time.perf_counter()
        answer = inner(ids, **named)
        found.append((len(ids), time.perf_counter() - began))
        return answer

    with mock.patch.object(module, "_tell_chunk", timed):
        yield found


def _every_category() -> str:
    from renewals.category_sql import TERMS

    return TERMS.replace("{accounts}", "true") + "SELECT category, count(*) FROM judged GROUP BY category"


def _read(sql: str, **params) -> dict:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    return {"seconds": round(time.perf_counter() - began, 2)}
