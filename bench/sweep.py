"""The nightly sweep of «Требуют продления» over every account, as its job runs it: zone by zone, range by range."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from django.db import connection

# What every sweep has to look at, read once and written nowhere: the floor.
PASS = """
SELECT count(*), sum(l.list_amount), max(o.kind) FROM licenses_license l
JOIN licenses_term t ON t.id = l.term_id JOIN accounts_account a ON a.id = t.account_id
LEFT JOIN renewals_renewalrow r ON r.term_id = t.id LEFT JOIN renewals_outcome o ON o.term_id = t.id
"""


def first_night(on: date, *, workers: int, tell: Callable[[str], None]) -> dict:
    """Make every row, zones beside each other; {} where an earlier run left them."""
    from renewals.models import RenewalRow

    if RenewalRow.objects.exists():
        return {}
    found = night(on, workers=workers)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) renewals_renewalrow")
    tell(f"sweep, first night: {found}")
    return {"first night": found}


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


def night(on: date, *, workers: int = 1, seconds: float = 0) -> dict:
    """Seconds, the longest transaction, rows written. Broken off after `seconds`, it tells the `share` it has done."""
    from renewals.services import ranges
    from renewals.tasks import zones

    began = time.perf_counter()
    spans = {zone: ranges(zone) for zone in zones()}
    finding = time.perf_counter() - began
    ends = began + seconds if seconds else None
    with ThreadPoolExecutor(workers) as pool:
        done = [one for part in pool.map(lambda zone: _zone(zone, spans[zone], on, ends), spans) for one in part]
    total = sum(map(len, spans.values()))
    found = {
        "seconds": round(time.perf_counter() - began, 2),
        "finding_ranges_seconds": round(finding, 2),
        "longest_chunk_seconds": round(max((taken for taken, _rows in done), default=0), 2),
        "chunks": len(done),
        "written": sum(rows for _taken, rows in done),
    }
    if len(done) < total:
        share = len(done) / total
        found |= {"share": round(share, 3), "seconds_of_all": round(finding + (found["seconds"] - finding) / share, 1)}
    return found


def _zone(zone: str, spans: list[tuple[int, int]], on: date, ends: float | None) -> list[tuple[float, int]]:
    from renewals.services import renewals_sweep

    done = []
    try:
        for span in spans:
            if ends and time.perf_counter() > ends:
                break
            began = time.perf_counter()
            swept = renewals_sweep(span, on=on, zone=zone)
            done.append((time.perf_counter() - began, swept.made + swept.changed + swept.gone))
    finally:
        connection.close()  # of this thread
    return done
