"""What every user of the database needs: retries after a deadlock, timeouts, refusals instead of driver errors."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from .errors import Conflict, DomainError

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 3
SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"
LOCK_NOT_AVAILABLE, QUERY_CANCELED = "55P03", "57014"

# (statement_timeout, lock_timeout) in milliseconds, decision 30.
TIMEOUTS = {"list": (2_000, 3_000), "page": (15_000, 3_000), "job": (0, 3_000), "migration": (0, 2_000)}


def sqlstate(error: BaseException) -> str:
    """The five characters of PostgreSQL, "" when the error is not its."""
    return getattr(error.__cause__, "sqlstate", None) or getattr(error, "sqlstate", None) or ""


def retried(function: Callable[P, R]) -> Callable[P, R]:
    """Repeat a whole transaction that PostgreSQL gave up (40001, 40P01): at most 3 times, with jitter.

    Only the outermost caller can repeat: inside a transaction the error passes through. The function
    must own its transaction and have no effects besides it.
    """

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                again = sqlstate(error) in (SERIALIZATION_FAILURE, DEADLOCK) and not connection.in_atomic_block
                if not again or attempt == ATTEMPTS:
                    raise
                time.sleep(random.uniform(0.01, 0.05) * attempt)
        raise AssertionError("unreachable")

    return wrapper


@contextmanager
def timeouts(kind: str):
    """Bound statements and lock waits inside by kind: "list", "page", "job" or "migration"; what held before comes back."""
    new = dict(zip(("statement_timeout", "lock_timeout"), map(str, TIMEOUTS[kind]), strict=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        old = dict(zip(new, cursor.fetchone(), strict=True))
        _set(cursor, new)
    try:
        yield
    finally:
        # A broken transaction refuses SET, and its rollback restores the old values by itself.
        if connection.connection is not None and not connection.connection.closed and not _broken():
            with connection.cursor() as cursor:
                _set(cursor, old)


ONE_TIMEOUT = "SELECT set_config('statement_timeout', %s, false)"


@contextmanager
def limited(milliseconds: int):
    """Statements of a list request inside may take so long, and afterwards as long as a list's (`TIMEOUTS`)."""
    raw = connection.connection
    _allow(raw, milliseconds)
    try:
        yield
    finally:
        if not raw.closed and not _broken():
            _allow(raw, TIMEOUTS["list"][0])


def _allow(raw, milliseconds: int) -> None:
    """The cancel of a statement that ended in the same moment strikes the next one: then this is asked again."""
    try:
        raw.execute(ONE_TIMEOUT, [str(milliseconds)])
    except QueryCanceled:
        if _broken():
            raise
        raw.execute(ONE_TIMEOUT, [str(milliseconds)])


def _set(cursor, values: dict[str, str]) -> None:
    cursor.execute(
        "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)",
        list(values.values()),
    )


def _broken() -> bool:
    return connection.connection.info.transaction_status == 3  # psycopg.pq.TransactionStatus.INERROR


def refusal(error: DatabaseError) -> DomainError | None:
    """The sentence for a database error that is nobody's defect; None for the others (they stay errors)."""
    state = sqlstate(error)
    if state == LOCK_NOT_AVAILABLE:
        return Conflict("Эти данные сейчас меняет другой сотрудник. Повторите через несколько секунд.", code="locked")
    if state in (SERIALIZATION_FAILURE, DEADLOCK):
        return Conflict("Одновременно шло другое изменение. Повторите действие.", code="deadlock")
    if state == QUERY_CANCELED:
        return DomainError("Отбор слишком широкий: база не успела ответить. Уточните фильтр.", code="timeout")
    if state.startswith("23"):
        from .constraint_messages import translate_integrity_error

        return translate_integrity_error(error)
    return None


def in_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """`retried` round one `transaction.atomic`: the usual wrapper of a service that is called from outside."""
    return retried(transaction.atomic(function))
