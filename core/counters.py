"""Numbers without gaps: 1…k in a series, however many transactions roll back (billing 3.4, invariant 10)."""

from __future__ import annotations

from django.db import connection, transaction


def next_number(series: str) -> int:
    """The next number of the series, taken in the caller's transaction: a rollback gives it back.

    The series stays locked to the end of that transaction, so this is the last lock a service takes (decision 30).
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A number taken outside a transaction leaves a gap.")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_counter (series, value) VALUES (%s, 1)"
            " ON CONFLICT (series) DO UPDATE SET value = core_counter.value + 1 RETURNING value",
            [series],
        )
        return cursor.fetchone()[0]
