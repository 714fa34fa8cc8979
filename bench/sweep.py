"""The nightly sweep of «Требуют продления» over every account, as its job runs it: zone by zone, range by range."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta

from django.db import connection

# What every sweep has to look at, read once and written nowhere: the floor.
PASS = """
SELECT count(*), sum(l.list_amount), max(o.kind) FROM licenses_license l
JOIN licenses_term t ON t.id = l.term_id JOIN accounts_account a ON a.id = t.account_id
LEFT JOIN renewals_renewalrow r ON r.term_id = t.id LEFT JOIN renewals_outcome o ON o.term_id = t.id
"""


def sweep(on: date, tell: Callable[[str], None]) -> dict:
    """Three nights: the day before (every row is made), the day itself (what changes), the same day again (nothing)."""
    from renewals.models import RenewalRow

    found: dict = {}
    if not RenewalRow.objects.exists():
        found["first night"] = night(on - timedelta(days=1))
        tell(f"sweep, first night: {found['first night']}")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) renewals_renewalrow")
    found["next night"] = night(on)
    tell(f"sweep, next night: {found['next night']}")
    found["same night again"] = night(on)
    tell(f"sweep, same night again: {found['same night again']}")
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(PASS)
    found["one read-only pass"] = {"seconds": round(time.perf_counter() - began, 2)}
    return found


def night(on: date) -> dict:
    """Seconds, the longest transaction, rows written."""
    from renewals.services import ranges, renewals_sweep
    from renewals.tasks import zones

    began, longest, written, chunks = time.perf_counter(), 0.0, 0, 0
    for zone in zones():
        for span in ranges(zone):
            chunk = time.perf_counter()
            swept = renewals_sweep(span, on=on, zone=zone)
            longest = max(longest, time.perf_counter() - chunk)
            written += swept.made + swept.changed + swept.gone
            chunks += 1
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "longest_chunk_seconds": round(longest, 2),
        "chunks": chunks,
        "written": written,
    }
