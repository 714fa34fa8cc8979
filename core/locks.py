"""Advisory locks of PostgreSQL, held to the end of the transaction. No Redis locks, no session locks (decision 30)."""

from __future__ import annotations

from hashlib import blake2b

from django.db import connection, transaction


def lock_key(kind: str, key: object) -> int:
    """The signed 64-bit number that stands for (kind, key)."""
    return int.from_bytes(blake2b(f"{kind}:{key}".encode(), digest_size=8).digest(), "big", signed=True)


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An advisory lock outside a transaction protects nothing.")


def advisory_xact_lock(kind: str, *keys: object) -> None:
    """Wait for the locks of all keys of one kind, in one fixed order, so that two callers never deadlock.

    `lock_timeout` bounds the wait: OperationalError 55P03, `core.db.refusal` has the sentence for it.
    """
    _require_transaction()
    numbers = sorted({lock_key(kind, key) for key in keys})
    if not numbers:
        return
    with connection.cursor() as cursor:
        # One statement per key: PostgreSQL promises no order of evaluation inside a single one.
        for number in numbers:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def try_advisory_xact_lock(kind: str, key: object) -> bool:
    """Take the lock if it is free; False means that somebody else is at it."""
    _require_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_key(kind, key)])
        return cursor.fetchone()[0]
