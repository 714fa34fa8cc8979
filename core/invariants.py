"""Invariants: SQL queries that return a row only when something is broken (reliability 4.4).

Apps register theirs in `<app>/invariants.py`, found at start. They run after every race, kill and load test, by
`manage.py check_invariants`, and each night by the job `core.invariants`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from core import clock

SHOWN = 10


@dataclass(frozen=True)
class Invariant:
    """`code` is «app.what_is_wrong»; `title` says in Russian what the found rows are.

    `sql` reads only; `%(on)s` in it is the business date. What a nightly job mends is judged by the day before,
    so that the hours before the job are no alarm.
    """

    code: str
    title: str
    sql: str


@dataclass(frozen=True)
class Finding:
    """Rows that must not exist: the first ten and whether there are more."""

    invariant: Invariant
    columns: list[str]
    rows: list[tuple]
    more: bool


_registered: dict[str, Invariant] = {}


def register(*invariants: Invariant) -> None:
    """Add invariants; a code is registered once."""
    for invariant in invariants:
        if _registered.setdefault(invariant.code, invariant) != invariant:
            raise ValueError(f"Two invariants are called {invariant.code}.")


def every() -> list[Invariant]:
    """All of them by code."""
    return [_registered[code] for code in sorted(_registered)]


def check(codes: Iterable[str] | None = None) -> list[Finding]:
    """Run the queries (all, or those named) without locks in one read-only transaction; [] when all is well."""
    wanted = set(codes) if codes is not None else set(_registered)
    findings = []
    with transaction.atomic(), connection.cursor() as cursor:
        if len(connection.savepoint_ids) == 0:  # inside a test's transaction there is nothing to protect
            cursor.execute("SET TRANSACTION READ ONLY")
        for invariant in every():
            if invariant.code not in wanted:
                continue
            cursor.execute(invariant.sql, {"on": clock.today()})
            rows = cursor.fetchmany(SHOWN + 1)
            if rows:
                columns = [column.name for column in cursor.description]
                findings.append(Finding(invariant, columns, rows[:SHOWN], len(rows) > SHOWN))
    return findings


register(
    Invariant(
        "core.job_missing",
        "Пропущена дата ежедневной задачи",
        """
        SELECT job, scope, previous, business_date FROM (
            SELECT job, scope, business_date,
                   lag(business_date) OVER (PARTITION BY job, scope ORDER BY business_date) AS previous
            FROM core_jobrun
            WHERE business_date IS NOT NULL AND NOT params ?| ARRAY['by_hand', 'newest_only']
        ) runs
        WHERE business_date - previous > 1
        """,
    ),
    Invariant(
        "core.job_silent",
        "Задача выполняется больше 15 минут без признаков жизни",
        """
        SELECT id, job, started_at, heartbeat_at FROM core_jobrun
        WHERE state = 'running' AND heartbeat_at < clock_timestamp() - interval '15 minutes'
        """,
    ),
    Invariant(
        "core.job_waiting",
        "Задача ждет в очереди больше суток",
        """
        SELECT id, job, business_date, created_at FROM core_jobrun
        WHERE state = 'queued' AND created_at < clock_timestamp() - interval '1 day'
          AND coalesce(heartbeat_at, created_at) < clock_timestamp() - interval '1 day'
        """,
    ),
    Invariant(
        "core.job_parked",
        "Задача остановлена после трех попыток и ждет администратора",
        """
        SELECT id, job, business_date, message FROM core_jobrun WHERE state = 'parked' AND owner_id IS NULL
        """,
    ),
    Invariant(
        "core.journal_without_actor",
        "Запись журнала без автора",
        """
        SELECT id, code, at FROM core_journalentry WHERE by_id IS NULL AND source NOT IN ('import', 'job', 'api', 'system')
        """,
    ),
    Invariant(
        "core.constraint_not_valid",
        "Ограничение схемы не проверено",
        "SELECT conrelid::regclass::text AS relation, conname FROM pg_constraint WHERE NOT convalidated",
    ),
    Invariant(
        "core.index_not_valid",
        "Индекс поврежден или не достроен",
        "SELECT indexrelid::regclass::text AS index FROM pg_index WHERE NOT indisvalid",
    ),
)
