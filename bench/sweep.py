"""The nightly sweep of «Требуют продления» over every account, as its job runs it: zone by zone, range by range."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from statistics import median

from django.db import connection, transaction

# What every sweep has to look at, read once and written nowhere: the floor.
PASS = """
SELECT count(*), sum(l.list_amount), max(o.kind) FROM licenses_license l
JOIN licenses_term t ON t.id = l.term_id JOIN accounts_account a ON a.id = t.account_id
LEFT JOIN renewals_renewalrow r ON r.term_id = t.id LEFT JOIN renewals_outcome o ON o.term_id = t.id
"""


def first_night(on: date, *, workers: int, tell: Callable[[str], None]) -> dict:
    """Make every row by the sweep's own statement, ranges beside each other; {} where an earlier run left them."""
    from renewals.models import RenewalRow
    from renewals.services import ranges

    if RenewalRow.objects.exists():
        return {}
    began = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        written = sum(pool.map(lambda span: _make(span, on), ranges()))
        list(pool.map(lambda _n: connection.close(), range(workers)))
    found = {"seconds": round(time.perf_counter() - began, 2), "written": written, "connections": workers}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) renewals_renewalrow")
    tell(f"sweep, first night: {found}")
    return {"first night, ranges beside each other": found}


def _make(span: tuple[int, int], on: date) -> int:
    """Without the job's lock: nobody else sweeps here, and ranges do not overlap."""
    from renewals.services.sweep import _sweep

    with transaction.atomic():
        return _sweep("a.id BETWEEN %(first)s AND %(last)s", on=on, first=span[0], last=span[1]).made


def nights(on: date, *, seconds: float, tell: Callable[[str], None]) -> dict:
    """The day after (what changes), the same day again (nothing), one read-only pass. Zones one after the other."""
    found: dict = {"next night": night(on + timedelta(days=1), seconds=seconds)}
    tell(f"sweep, next night: {found['next night']}")
    if not found["next night"].get("share"):
        found["same night again"] = night(on + timedelta(days=1), seconds=seconds)
        tell(f"sweep, same night again: {found['same night again']}")
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(PASS)
    found["one read-only pass"] = {"seconds": round(time.perf_counter() - began, 2)}
    tell(f"one read-only pass: {found['one read-only pass']}")
    return found


def night(on: date, *, seconds: float = 0) -> dict:
    """Seconds, the longest transaction, rows written. Broken off after `seconds`, it tells the `share` it has done."""
    from partners.selectors import business_zones
    from renewals.services import ranges, renewals_sweep

    began = time.perf_counter()
    spans = [(zone, span) for zone in business_zones() for span in ranges(zone)]
    finding = time.perf_counter() - began
    done: list[float] = []
    written = 0
    for zone, span in spans:
        if seconds and time.perf_counter() - began > seconds:
            break
        chunk = time.perf_counter()
        swept = renewals_sweep(span, on=on, zone=zone)
        done.append(time.perf_counter() - chunk)
        written += swept.made + swept.changed + swept.gone
    found = {
        "seconds": round(time.perf_counter() - began, 2),
        "finding_ranges_seconds": round(finding, 2),
        "longest_chunk_seconds": round(max(done, default=0), 2),
        "median_chunk_seconds": round(median(done), 2) if done else 0,
        "chunks": len(done),
        "written": written,
    }
    if len(done) < len(spans):
        share = len(done) / len(spans)
        found |= {"share": round(share, 3), "seconds_of_all": round(finding + (found["seconds"] - finding) / share, 1)}
    return found
