"""Deadlines of tickets: working calendars, pauses, zones (rule C3; R5.13–R5.15, decision 13). Pure.

Time is measured between moments in UTC; a calendar's intervals are wall-clock times of its zone, so that a night
with a clock change has 23 or 25 hours. Everything is computed from intervals, never second by second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

SEARCH_DAYS = 1100
WARN_PERCENT = 75
_ONE_DAY = timedelta(days=1)
_ZERO = timedelta(0)
_TICK = timedelta(milliseconds=1)

Intervals = Sequence[tuple[time, time]]
Span = tuple[datetime, datetime]


class DeadlineError(ValueError):
    """No deadline within 1 100 days: the calendar has no working time, or too little of it for the term."""


class SlaState(StrEnum):
    ON_TIME = "on_time"
    SOON = "soon"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Calendar:
    """Working time of a zone: `week` {0–6, Monday is 0: [(from, to)]}, `exceptions` {date: [(from, to)]} instead of the week.

    Several intervals a day; an empty exception is a holiday, a filled one a working Saturday or a short day; a `to`
    of 00:00 is midnight at the end of the day. `ValueError`: an unknown zone, a day outside 0–6, an interval that ends
    before it begins (a night shift is two intervals).
    """

    zone: str | ZoneInfo
    week: Mapping[int, Intervals]
    exceptions: Mapping[date, Intervals] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.zone, ZoneInfo):
            try:
                object.__setattr__(self, "zone", ZoneInfo(self.zone))
            except (OSError, ValueError, KeyError) as error:  # KeyError: ZoneInfoNotFoundError
                raise ValueError(f"Unknown time zone {self.zone!r}.") from error
        if not set(self.week) <= set(range(7)):
            raise ValueError("Days of the week are 0–6, Monday is 0.")
        object.__setattr__(self, "week", {day: _checked(self.week[day]) for day in self.week})
        object.__setattr__(self, "exceptions", {day: _checked(self.exceptions[day]) for day in self.exceptions})

    @classmethod
    def from_texts(
        cls, zone: str, week: Mapping[str, Sequence], exceptions: Mapping[date, Sequence] | None = None
    ) -> Calendar:
        """From stored texts: {"0": [["09:00", "18:00"]]}; "24:00" is midnight at the end of the day."""
        return cls(
            zone,
            {int(day): _parsed(intervals) for day, intervals in week.items()},
            {day: _parsed(intervals) for day, intervals in (exceptions or {}).items()},
        )

    def intervals(self, day: date) -> Intervals:
        """The working intervals of a day, in order."""
        return self.exceptions[day] if day in self.exceptions else self.week.get(day.weekday(), ())

    def spans(self, start: datetime, days: int) -> Iterator[Span]:
        """Working spans in UTC from the local day of `start` over `days` days, in order, cut at `start`."""
        day = start.astimezone(self.zone).date()
        for _ in range(days):
            for begins, ends in self.intervals(day):
                last = _next_day(day) if ends == time(0) else day
                if last is None:
                    return
                span = max(_utc(day, begins, self.zone), start), _utc(last, ends, self.zone)
                if span[0] < span[1]:
                    yield span
            if (following := _next_day(day)) is None:
                return
            day = following

    def working_time(self, since: datetime, days: int = 366) -> timedelta:
        """Working time of the next `days` days; a calendar with less than a minute a year must not be saved."""
        start = _aware(since)
        return sum((end - begin for begin, end in self.spans(start, days)), _ZERO)


def due_at(
    registered_at: datetime, term: timedelta, calendar: Calendar | None = None, pauses: Iterable[Span] = ()
) -> datetime:
    """The first moment at which `term` has elapsed since `registered_at`, in the zone of `registered_at`.

    Without a calendar the term is astronomical hours. Pauses (aware, may overlap, in any order) do not count, in the
    same clock. Working time that ends at 17:00 gives 17:00, not the next morning. `elapsed(s, due_at(s, n)) == n`.
    `ValueError`: naive moments, a negative term, a pause that ends before it starts; `DeadlineError`: none found.
    """
    start = _aware(registered_at)
    if term < _ZERO:
        raise ValueError("The term must not be negative.")
    left, moment = term, start
    try:
        if left:
            for begin, end in _counted(start, None, calendar, pauses):
                if end is None or end - begin >= left:
                    moment, left = begin + left, _ZERO
                    break
                left -= end - begin
        if left:
            raise DeadlineError(f"No deadline within {SEARCH_DAYS} days: check the working calendar.")
        return moment.astimezone(registered_at.tzinfo)
    except OverflowError as error:
        raise DeadlineError("The deadline lies beyond the calendar.") from error


def elapsed(start: datetime, end: datetime, calendar: Calendar | None = None, pauses: Iterable[Span] = ()) -> timedelta:
    """Counted time from `start` to `end`, less the pauses; zero when `end` is not after `start`. Errors as `due_at`."""
    first, last = _aware(start), _aware(end)
    if last <= first:
        return _ZERO
    return sum((till - since for since, till in _counted(first, last, calendar, pauses)), _ZERO)


def sla_state(
    registered_at: datetime,
    term: timedelta,
    *,
    at: datetime,
    calendar: Calendar | None = None,
    pauses: Iterable[Span] = (),
    warn_percent: int = WARN_PERCENT,
) -> SlaState:
    """В срок below 75 % of the term, скоро from there, просрочено after the deadline (the deadline itself is in time)."""
    pauses = list(pauses)
    if _aware(at) > due_at(registered_at, term, calendar, pauses):
        return SlaState.OVERDUE
    used = elapsed(registered_at, at, calendar, pauses)
    return SlaState.SOON if used * 100 >= term * warn_percent else SlaState.ON_TIME


def _counted(
    start: datetime, end: datetime | None, calendar: Calendar | None, pauses: Iterable[Span]
) -> Iterator[tuple[datetime, datetime | None]]:
    """Spans that count, in order, from `start` to `end` (None: as far as the search goes, the last one open)."""
    breaks = _merged(pauses)
    if calendar is None:
        spans: Iterator[tuple[datetime, datetime | None]] = iter([(start, end)])
    else:
        days = SEARCH_DAYS if end is None else (end - start).days + 3  # both ends may lie on other local days
        spans = calendar.spans(start, days)
    for begin, till in spans:
        if end is not None:
            if begin >= end:
                return
            till = min(till, end)
        for pause_begin, pause_end in breaks:
            if pause_end <= begin or (till is not None and pause_begin >= till):
                continue
            if pause_begin > begin:
                yield begin, pause_begin
            begin = max(begin, pause_end)
        if till is None or begin < till:
            yield begin, till


def _merged(pauses: Iterable[Span]) -> list[Span]:
    """Pauses in UTC, in order, overlapping ones joined, so that no minute is left out twice."""
    merged: list[Span] = []
    for begin, end in sorted((_aware(begin), _aware(end)) for begin, end in pauses):
        if end < begin:
            raise ValueError("A pause ends before it starts.")
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def _aware(moment: datetime) -> datetime:
    """In UTC: arithmetic on one zone's wall clock ignores its clock changes."""
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise ValueError("Moments must be datetimes with a time zone.")
    return moment.astimezone(UTC)


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A wall-clock time in UTC; the first of two in autumn, the moment of the change for one that spring leaves out."""
    wall = datetime.combine(day, at, zone)
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    # 02:15 of a night without 02:00–03:00 would come after 03:00: search for the change between its two readings.
    before, after = wall.replace(fold=1).astimezone(UTC), moment
    while after - before > _TICK:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset():
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def _next_day(day: date) -> date | None:
    return None if day == date.max else day + _ONE_DAY


def _checked(intervals: Intervals) -> tuple[tuple[time, time], ...]:
    """Sorted and joined where they touch or overlap."""
    joined: list[tuple[time, time]] = []
    for begin, end in sorted(intervals, key=lambda interval: (interval[0], _end_key(interval[1]))):
        if end != time(0) and end <= begin:
            raise ValueError("An interval of a calendar ends before it begins.")
        if joined and _end_key(joined[-1][1]) >= (False, begin):
            joined[-1] = (joined[-1][0], max(joined[-1][1], end, key=_end_key))
        else:
            joined.append((begin, end))
    return tuple(joined)


def _end_key(end: time) -> tuple[bool, time]:
    """Midnight as an end comes last."""
    return end == time(0), end


def _parsed(intervals: Sequence) -> list[tuple[time, time]]:
    return [
        tuple(time(0) if text == "24:00" else time.fromisoformat(text) for text in interval) for interval in intervals
    ]
