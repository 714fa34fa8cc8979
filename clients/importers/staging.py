"""A parsed file waits here for its merge: a temporary table of the import's own connection, filled by COPY.

Temporary, because a killed import must leave nothing behind, and two imports must not meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from .lines import KEY_COLUMNS, MSP_COLUMNS, REGISTER_COLUMNS, Lines
from .parallel import Workers
from .reader import RegistryFile
from .records import RegistryFileError

TABLE = "registry_staging"
COLUMNS = (*KEY_COLUMNS, *REGISTER_COLUMNS, *MSP_COLUMNS)

# The table numbers its rows itself: lines are made by several processes, none of which knows how many stand before.
_CREATE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS {} (seq integer GENERATED ALWAYS AS IDENTITY, {}, branches jsonb)".format(
        TABLE, ", ".join(f"{c[0]} {c[1]}" for c in COLUMNS)
    )
)
_COPY = "COPY {} ({}, branches) FROM STDIN".format(TABLE, ", ".join(c[0] for c in COLUMNS))
COPY_SIZE = 4 << 20


@dataclass(slots=True)
class Staged:
    """What a file put into the staging table."""

    total: int = 0
    rejected: int = 0
    branches: int = 0
    source: str = ""
    format_version: str = ""


def stage(file: RegistryFile, *, workers: Workers | None = None, advance: Callable[[], None] = lambda: None) -> Staged:
    """Parse a whole file into the staging table; raises RegistryFileError, and then nothing of it counts.

    `advance` is called after every COPY, some megabytes each: it may use the connection, and what it raises stops the
    work. The table lives as long as the connection and is emptied first.
    """
    staged = Staged()
    lines = file.lines(workers)
    with connection.cursor() as cursor:
        cursor.execute(f"{_CREATE}; DROP INDEX IF EXISTS {TABLE}_seq; TRUNCATE {TABLE} RESTART IDENTITY")
        error, more = None, True
        while more and error is None:
            with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
                try:
                    more = _copy(lines, copy, staged)
                except RegistryFileError as failure:
                    error = failure  # COPY ends in peace: a failed one would cost the caller's transaction
            advance()
        if error is not None:
            clear()
            raise error
        cursor.execute(f"CREATE INDEX {TABLE}_seq ON {TABLE} (seq); ANALYZE {TABLE} (seq, ogrn, inn, kind)")
    staged.source, staged.format_version = file.source, file.format_version
    return staged


def _copy(lines: Iterator[Lines], copy: Any, staged: Staged) -> bool:
    """Send some megabytes while parsing goes on; False when the file has ended."""
    sent = 0
    for part in lines:
        copy.write(part.data)
        staged.total += part.total
        staged.rejected += part.rejected
        staged.branches += part.branches
        sent += len(part.data)
        if sent > COPY_SIZE:
            return True
    return False


def clear() -> None:
    """Give the space of the last file back."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
