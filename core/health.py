"""Can this installation serve? Asked by `./run`, by a load balancer, by an alarm (decision 35, reliability.md C15).

PostgreSQL away or behind the code: not ready. Redis away: degraded, but ready. Redis there and no sign of a worker
for three minutes: not ready, because what people queue would wait without anybody knowing.
"""

from __future__ import annotations

import functools
import time
from dataclasses import asdict, dataclass

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from . import clock

WORKER_LATE_SECONDS = 180
_WORKER_SEEN = "health:worker-seen"
_started = time.monotonic()


@dataclass(frozen=True)
class Health:
    """Each part as a word; `is_ready` is what decides between 200 and 503."""

    database: str  # ok, down, behind
    redis: str  # ok, down
    worker: str  # ok, starting, late, unknown

    @property
    def is_ready(self) -> bool:
        return self.database == "ok" and self.worker != "late"

    def as_dict(self) -> dict[str, str]:
        status = "down" if not self.is_ready else "ready" if self.redis == "ok" else "degraded"
        return {"status": status, **asdict(self)}


def check() -> Health:
    database = _database()
    try:
        seen = _redis().get(_WORKER_SEEN)
    except redis.RedisError:
        return Health(database, "down", "unknown")
    return Health(
        database, "ok", worker_state(seen, now=clock.system_now().timestamp(), up=time.monotonic() - _started)
    )


def worker_state(seen: bytes | str | None, *, now: float, up: float) -> str:
    """`seen`, `now`: seconds of the epoch; `up`: seconds since this process started, which a new worker may need too."""
    if seen is not None and now - float(seen) <= WORKER_LATE_SECONDS:
        return "ok"
    return "starting" if up <= WORKER_LATE_SECONDS else "late"


def worker_seen() -> None:
    """Called by the worker's task of every minute; without Redis there is nobody to tell."""
    try:
        _redis().set(_WORKER_SEEN, clock.system_now().timestamp())
    except redis.RedisError:
        return


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        return "ok" if _is_migrated() else "behind"
    except DatabaseError:
        return "down"


_seen_migrated = False


def _is_migrated() -> bool:
    """Asked until it is so: a process never outlives the code it runs."""
    global _seen_migrated
    if not _seen_migrated:
        executor = MigrationExecutor(connection)
        _seen_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _seen_migrated


@functools.cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
