"""Deadlines of tickets (rule C3, acceptance tests 9 and 10): calendars, pauses, zones, clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tickets.deadlines import Calendar, DeadlineError, SlaState, due_at, elapsed, sla_state

from .strategies import many

HOUR, MINUTE, ZERO = timedelta(hours=1), timedelta(minutes=1), timedelta()
KALININGRAD, BERLIN, NEW_YORK = (ZoneInfo(name) for name in ("Europe/Kaliningrad", "Europe/Berlin", "America/New_York"))
ZONES = [
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Asia/Vladivostok",
    "Asia/Kamchatka",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
]
DAY = [(time(9), time(13)), (time(14), time(18))]
WEEK = dict.fromkeys(range(5), DAY)
FEBRUARY = Calendar(
    "Europe/Kaliningrad",
    WEEK,
    {date(2021, 2, 20): [(time(9), time(13)), (time(14), time(17))], date(2021, 2, 22): [], date(2021, 2, 23): []},
)
ROUND_THE_CLOCK = {day: [(time(0), time(0))] for day in range(7)}


def naive(text: str) -> datetime:
    """A moment that has lost its zone."""
    return datetime.fromisoformat(text)


def at(text: str, zone: ZoneInfo = KALININGRAD) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.rows("R5.14")
def test_the_default_is_a_day_and_a_night():
    assert due_at(at("2026-11-20T18:00"), timedelta(hours=24)) == at("2026-11-21T18:00")


@pytest.mark.rows("R5.13")
@pytest.mark.parametrize(
    ("term", "due"),
    [
        (ZERO, "2021-02-19T17:00"),
        (HOUR, "2021-02-19T18:00"),
        (HOUR + MINUTE, "2021-02-20T09:01"),
        (5 * HOUR, "2021-02-20T13:00"),
        (8 * HOUR, "2021-02-20T17:00"),
        (8 * HOUR + MINUTE, "2021-02-24T09:01"),
    ],
)
def test_friday_before_a_short_working_saturday(term, due):
    assert due_at(at("2021-02-19T17:00"), term, FEBRUARY) == at(due)
    assert elapsed(at("2021-02-19T17:00"), at(due), FEBRUARY) == term


def test_outside_working_time_the_clock_waits():
    sunday = at("2021-02-14T15:00")
    assert due_at(sunday, HOUR, FEBRUARY) == at("2021-02-15T10:00")
    assert elapsed(sunday, at("2021-02-15T09:00"), FEBRUARY) == ZERO
    assert due_at(at("2021-02-15T13:30"), MINUTE, FEBRUARY) == at("2021-02-15T14:01")


def test_a_manager_in_another_zone_sees_the_same_moment():
    start = at("2021-02-19T22:00", ZoneInfo("Asia/Vladivostok"))  # 14:00 in Kaliningrad
    due = due_at(start, HOUR, FEBRUARY)
    assert due == at("2021-02-19T15:00")
    assert due.tzinfo is start.tzinfo


def test_pauses_do_not_count():
    start = at("2026-11-20T18:00")
    pauses = [(at("2026-11-20T20:00"), at("2026-11-20T22:00")), (at("2026-11-20T21:00"), at("2026-11-20T23:00"))]
    assert due_at(start, timedelta(hours=24), pauses=pauses) == at("2026-11-21T21:00")
    assert due_at(start, timedelta(hours=24), pauses=reversed(pauses)) == at("2026-11-21T21:00")
    assert elapsed(start, at("2026-11-20T22:30"), pauses=pauses) == 2 * HOUR
    assert elapsed(start, at("2026-11-21T21:00"), pauses=pauses) == timedelta(hours=24)


@pytest.mark.parametrize(
    ("begin", "end", "due"),
    [
        ("2026-11-19T10:00", "2026-11-20T18:00", "2026-11-21T18:00"),  # over before the start
        ("2026-11-19T10:00", "2026-11-20T19:00", "2026-11-21T19:00"),  # began before it
        ("2026-11-21T18:00", "2026-11-22T18:00", "2026-11-21T18:00"),  # begins at the deadline
        ("2026-11-21T17:00", "2026-11-21T19:00", "2026-11-21T20:00"),  # over the deadline
        ("2026-11-20T20:00", "2026-11-20T20:00", "2026-11-21T18:00"),  # empty
    ],
)
def test_pauses_at_the_edges(begin, end, due):
    assert due_at(at("2026-11-20T18:00"), timedelta(hours=24), pauses=[(at(begin), at(end))]) == at(due)


def test_a_pause_in_working_time_is_measured_in_working_time():
    friday, pause = at("2021-02-12T17:00"), (at("2021-02-12T17:30"), at("2021-02-15T09:30"))
    assert due_at(friday, HOUR, FEBRUARY, [pause]) == at("2021-02-15T10:00")
    assert elapsed(friday, at("2021-02-15T10:00"), FEBRUARY, [pause]) == HOUR


def test_a_pause_over_a_weekend_costs_nothing():
    friday, pause = at("2021-02-12T17:00"), (at("2021-02-12T18:00"), at("2021-02-15T09:00"))
    assert due_at(friday, 2 * HOUR, FEBRUARY, [pause]) == due_at(friday, 2 * HOUR, FEBRUARY)


def test_a_night_with_a_clock_change_has_23_or_25_hours():
    spring, autumn = at("2026-03-28T12:00", BERLIN), at("2026-10-24T12:00", BERLIN)
    assert due_at(spring, timedelta(hours=24)) == at("2026-03-29T13:00", BERLIN)
    assert due_at(autumn, timedelta(hours=24)) == at("2026-10-25T11:00", BERLIN)
    always = Calendar("Europe/Berlin", ROUND_THE_CLOCK)
    assert elapsed(at("2026-03-29T00:00", BERLIN), at("2026-03-30T00:00", BERLIN), always) == 23 * HOUR
    assert elapsed(at("2026-10-25T00:00", BERLIN), at("2026-10-26T00:00", BERLIN), always) == 25 * HOUR
    night = Calendar("Europe/Berlin", {6: [(time(2), time(3))]})
    assert elapsed(at("2026-03-29T00:00", BERLIN), at("2026-03-30T00:00", BERLIN), night) == ZERO


def test_intervals_in_an_hour_that_spring_leaves_out_do_not_overlap():
    nightly = Calendar(
        "Europe/Berlin", {6: [(time(1), time(2, 15)), (time(2, 20), time(2, 40)), (time(2, 45), time(3, 30))]}
    )
    sunday = at("2026-03-29T00:00", BERLIN)
    assert list(nightly.spans(sunday.astimezone(UTC), 1)) == [
        (at("2026-03-29T00:00", UTC), at("2026-03-29T01:00", UTC)),
        (at("2026-03-29T01:00", UTC), at("2026-03-29T01:30", UTC)),
    ]
    assert due_at(sunday, 75 * MINUTE, nightly) == at("2026-03-29T03:15", BERLIN)


def test_midnight_ends_a_day():
    late = Calendar("Europe/Kaliningrad", {0: [(time(22), time(0))], 1: [(time(0), time(2))]})
    assert due_at(at("2026-11-23T20:00"), 3 * HOUR, late) == at("2026-11-24T01:00")
    assert due_at(at("2026-11-23T20:00"), 2 * HOUR, late) == at("2026-11-24T00:00")


def test_a_calendar_without_working_time_has_no_deadline():
    for empty in (
        Calendar("Europe/Moscow", {}),
        Calendar("Europe/Moscow", {0: []}),
        Calendar("Europe/Moscow", {}, {date(2020, 1, 1): DAY}),
    ):
        with pytest.raises(DeadlineError):
            due_at(at("2026-11-20T18:00"), MINUTE, empty)
        assert due_at(at("2026-11-20T18:00"), ZERO, empty) == at("2026-11-20T18:00")
        assert elapsed(at("2026-11-20T18:00"), at("2027-11-20T18:00"), empty) == ZERO
        assert empty.working_time(at("2026-11-20T18:00")) == ZERO


def test_the_search_has_an_end():
    rare = Calendar("Europe/Moscow", {0: [(time(9), time(9, 1))]})
    assert rare.working_time(at("2026-11-20T18:00")) == 52 * MINUTE
    with pytest.raises(DeadlineError):
        due_at(at("2026-11-20T18:00"), 200 * MINUTE, rare)
    with pytest.raises(DeadlineError):
        due_at(at("2026-11-20T18:00"), timedelta.max)
    with pytest.raises(DeadlineError):
        due_at(at("9999-12-31T18:00"), timedelta(days=1), Calendar("Europe/Moscow", WEEK))


@pytest.mark.parametrize(
    "wrong",
    [
        {"registered_at": naive("2026-11-20T18:00")},
        {"term": -MINUTE},
        {"pauses": [(at("2026-11-20T19:00"), at("2026-11-20T18:00"))]},
        {"pauses": [(naive("2026-11-20T00:00"), naive("2026-11-21T00:00"))]},
    ],
)
def test_wrong_moments(wrong):
    with pytest.raises(ValueError):
        due_at(**{"registered_at": at("2026-11-20T18:00"), "term": HOUR, **wrong})


def test_time_does_not_run_backwards():
    assert elapsed(at("2026-11-20T18:00"), at("2026-11-20T17:00")) == ZERO
    assert elapsed(at("2026-11-20T18:00"), at("2026-11-20T18:00")) == ZERO
    with pytest.raises(ValueError):
        elapsed(at("2026-11-20T18:00"), naive("2026-11-20T19:00"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Europe/Nowhere"},
        {"zone": "../etc"},
        {"zone": ""},
        {"week": {7: DAY}},
        {"week": {"0": DAY}},
        {"week": {0: [(time(18), time(9))]}},
        {"week": {0: [(time(9), time(9))]}},
        {"exceptions": {date(2026, 1, 1): [(time(18), time(9))]}},
    ],
)
def test_wrong_calendars(wrong):
    with pytest.raises(ValueError):
        Calendar(**{"zone": "Europe/Moscow", "week": WEEK, **wrong})


def test_intervals_are_sorted_and_joined():
    messy = Calendar(
        "Europe/Moscow", {0: [(time(14), time(18)), (time(9), time(12)), (time(11), time(13)), (time(13), time(14))]}
    )
    assert messy.week[0] == ((time(9), time(18)),)
    assert Calendar(ZoneInfo("Europe/Moscow"), {0: [(time(9), time(0)), (time(10), time(11))]}).week[0] == (
        (time(9), time(0)),
    )


def test_a_calendar_of_stored_texts():
    stored = Calendar.from_texts(
        "Europe/Kaliningrad", {"0": [["09:00", "18:00"]], "5": []}, {date(2026, 11, 23): [["09:00", "24:00"]]}
    )
    assert stored == Calendar(
        "Europe/Kaliningrad", {0: [(time(9), time(18))], 5: []}, {date(2026, 11, 23): [(time(9), time(0))]}
    )


def test_states_of_a_term():
    start = at("2026-11-20T18:00")
    moments = [
        ("2026-11-20T18:00", "on_time"),
        ("2026-11-21T11:59", "on_time"),
        ("2026-11-21T12:00", "soon"),
        ("2026-11-21T18:00", "soon"),
        ("2026-11-21T18:01", "overdue"),
    ]
    for moment, state in moments:
        assert sla_state(start, timedelta(hours=24), at=at(moment)) == SlaState(state)


times = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def intervals(draw):
    marks = sorted(draw(st.lists(times, max_size=6, unique=True)))
    return list(zip(marks[::2], marks[1::2], strict=False))


@st.composite
def calendars(draw):
    week = {day: draw(intervals()) for day in range(7)}
    first = draw(st.sampled_from([date(2026, 3, 20), date(2026, 10, 20), date(2026, 7, 1)]))
    exceptions = {
        first + timedelta(days=number): draw(intervals()) for number in draw(st.lists(st.integers(0, 14), max_size=4))
    }
    return Calendar(draw(st.sampled_from(ZONES)), week, exceptions)


starts = st.builds(
    lambda day, minute, zone: (datetime.combine(day, time(0), UTC) + timedelta(minutes=minute)).astimezone(
        ZoneInfo(zone)
    ),
    st.sampled_from([date(2026, 3, 25), date(2026, 10, 22), date(2026, 7, 3), date(2026, 10, 2)]),
    st.integers(0, 7 * 24 * 60),
    st.sampled_from(ZONES),
)
terms = st.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def pauses(draw, start):
    found = []
    for begin, length in draw(st.lists(st.tuples(st.integers(-500, 6000), st.integers(0, 3000)), max_size=4)):
        found.append(
            (
                start + timedelta(minutes=begin),
                (start + timedelta(minutes=begin)).astimezone(UTC) + timedelta(minutes=length),
            )
        )
    return [(begin, max(begin.astimezone(UTC), end)) for begin, end in found]


@many(150)
@given(st.data(), st.one_of(st.none(), calendars()), starts, terms)
def test_what_elapses_until_the_deadline_is_the_term(data, calendar, start, term):
    breaks = data.draw(pauses(start))
    assume(calendar is None or any(calendar.week.values()))
    try:
        due = due_at(start, term, calendar, breaks)
    except DeadlineError:  # a quarter of an hour a week is too little for some terms
        assume(False)
    assert elapsed(start, due, calendar, breaks) == term
    assert term == ZERO or elapsed(start, due - timedelta(seconds=1), calendar, breaks) < term


@many(150)
@given(st.data(), st.one_of(st.none(), calendars()), starts, terms, terms)
def test_terms_add_up(data, calendar, start, first, second):
    breaks = data.draw(pauses(start))
    try:
        whole = due_at(start, first + second, calendar, breaks)
        steps = due_at(due_at(start, first, calendar, breaks), second, calendar, breaks)
    except DeadlineError:
        assume(False)
    assert whole == steps


@many(25)
@given(st.data(), st.one_of(st.none(), calendars()), starts, st.integers(0, 3 * 24 * 60))
def test_a_slow_clock_agrees(data, calendar, start, minutes):
    """Every minute asked by itself: is it working time, is it a pause?"""
    breaks = data.draw(pauses(start))
    moment = start.astimezone(UTC)
    counted = 0
    for _ in range(minutes):
        local = moment.astimezone(calendar.zone) if calendar else moment
        works = calendar is None or any(
            begin <= local.time() and (end == time(0) or local.time() < end)
            for begin, end in calendar.intervals(local.date())
        )
        counted += works and not any(begin <= moment < end for begin, end in breaks)
        moment += MINUTE
    assume(calendar is None or not _goes_back(calendar.zone, start, moment))
    assert elapsed(start, moment, calendar, breaks) == counted * MINUTE


def _goes_back(zone: ZoneInfo, start: datetime, end: datetime) -> bool:
    """In the repeated hour of autumn an interval is taken once, which the slow clock cannot know."""
    return start.astimezone(zone).utcoffset() > end.astimezone(zone).utcoffset()
