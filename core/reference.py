"""Reference data kept in the process: sales points, regions, names of people. Read once, dropped when any of it changes.

Whoever changes such a table, a service, the admin or plain SQL, leaves a row in `core_referencechange` by a trigger
(`core.sql.watched`) and in the same transaction. The version, how many rows there are and which is the newest, comes
with the query that finds the session: so what was committed before a request began is seen by that request, in every
process, and asking costs no query. Outside a request nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection

T = TypeVar("T")

VERSION = (
    "(SELECT count(*) || coalesce((SELECT '-' || mark FROM core_referencechange ORDER BY id DESC LIMIT 1), '')"
    " FROM core_referencechange)"
)
"""For the SELECT list of another query. The newest row alone would miss a transaction that took its id early and ended late;
numbers alone would repeat in a database that was restored or made anew under a living process, so a row has a mark."""

ASK = f"SELECT {VERSION}"

_version: ContextVar[str | None] = ContextVar("reference_version", default=None)
_kept: dict[str, tuple[str, Any]] = {}


def see(version: str) -> None:
    """This request reads data of this version; called by what loads the session. Outside a request nothing is remembered."""
    if _version.get() is not None:
        _version.set(version)


@contextmanager
def within_request(version: str = "") -> Iterator[None]:
    """Until a version is seen, and after the request, everything is read from the database."""
    token = _version.set(version)
    try:
        yield
    finally:
        _version.reset(token)


@contextmanager
def held() -> Iterator[None]:
    """The same for a piece of work outside a request that reads names row by row: an Excel file."""
    if _version.get():
        yield
        return
    with within_request(_now()):
        yield


def _now() -> str:
    with connection.cursor() as cursor:
        cursor.execute(ASK)
        return cursor.fetchone()[0]


def kept(name: str, read: Callable[[], T]) -> T:
    """What `read` gave under the version that this request sees. Shared between requests: never change it in place."""
    version = _version.get()
    if not version:
        return read()
    known = _kept.get(name)
    if known is None or known[0] != version:
        # Read after the version was: the data is of that version or newer, and a newer one is read again.
        known = (version, read())
        if not connection.in_atomic_block or _now() == version:
            # What this very transaction has changed may yet be rolled back: it is nobody else's.
            _kept[name] = known
    return known[1]


def compact() -> int:
    """Nightly: one row instead of many. A new id, so that the version is one that nobody has seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH gone AS (DELETE FROM core_referencechange RETURNING 1), mark AS"
            " (INSERT INTO core_referencechange DEFAULT VALUES) SELECT count(*) FROM gone"
        )
        return cursor.fetchone()[0]
