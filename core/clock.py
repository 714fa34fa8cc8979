"""The only source of now and today (decision 10). A linter forbids the others.

System time stamps moments. The business clock may be moved: a demo installation keeps an offset in
`core.ClockOffset`, `--on DATE` and tests use `override`. Both act on `today` and `now` alike.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

_override: ContextVar[datetime | None] = ContextVar("clock_override", default=None)
_offset: ContextVar[timedelta] = ContextVar("clock_offset", default=timedelta())


def system_now() -> datetime:
    """Real time, aware, UTC. For locks, heartbeats, sessions."""
    return datetime.now(UTC)


def now() -> datetime:
    """The business moment, aware, UTC."""
    return _override.get() or system_now() + _offset.get()


def today(zone: str | None = None) -> date:
    """The business date in an IANA zone (a sales point's, a viewer's; None: the installation's)."""
    return now().astimezone(ZoneInfo(zone or settings.TIME_ZONE)).date()


def set_offset(offset: timedelta) -> None:
    """Move the business clock of this request or process; `core.middleware` reads it from the database."""
    _offset.set(offset)


@contextmanager
def override(*, on: date | None = None, at: datetime | None = None, zone: str | None = None):
    """Freeze the business clock at a moment, or at noon of a date in `zone`."""
    if at is None:
        at = datetime.combine(on, time(12), ZoneInfo(zone or settings.TIME_ZONE)).astimezone(UTC)
    token = _override.set(at)
    try:
        yield at
    finally:
        _override.reset(token)
