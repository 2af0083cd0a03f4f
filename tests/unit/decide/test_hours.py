"""Opening hours: an independent calculation looks at the clock on the wall every minute; the examples are told in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from firstline.decide.hours import LONGEST_SEARCH, is_open, next_opening, open_minutes_between, plus_open_minutes
from firstline.playbook import Hours
from firstline.playbook.parts import WEEKDAYS

MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",  # half an hour off
    "America/Havana",  # changes at midnight
    "Asia/Kolkata",
    "Asia/Kathmandu",  # 5:45
    "Australia/Lord_Howe",  # changes by half an hour
    "Pacific/Chatham",
    "Pacific/Apia",  # had no 30 December 2011
    "Africa/Casablanca",  # changes for Ramadan
    "America/Nuuk",
    "Pacific/Kiritimati",
    "UTC",
)
CHANGE_DAYS = (
    datetime(2026, 3, 28, tzinfo=UTC),
    datetime(2026, 10, 24, tzinfo=UTC),
    datetime(2026, 3, 7, tzinfo=UTC),
    datetime(2026, 10, 31, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
    datetime(2026, 10, 3, tzinfo=UTC),
    datetime(2026, 9, 26, tzinfo=UTC),
    datetime(2026, 2, 14, tzinfo=UTC),
    datetime(2011, 12, 29, tzinfo=UTC),
)


@st.composite
def calendars(draw: st.DrawFn) -> Hours:
    """Two spans at most on a day, often across the hours in which clocks change, up to midnight at both ends."""
    days: dict[str, list[str]] = {}
    for day in WEEKDAYS:
        edges = sorted(
            draw(
                st.lists(
                    st.sampled_from((0, 30, 60, 90, 120, 150, 180, 210, 240, 480, 1080, 1410, 1440)),
                    unique=True,
                    max_size=4,
                )
            )
        )
        pairs = [edges[n : n + 2] for n in range(0, len(edges) - 1, 2)]
        days[day] = [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in pairs]
    if not any(days.values()):
        days["sun"] = ["01:00-04:00"]
    closed = draw(
        st.lists(
            st.sampled_from([(day + timedelta(days=n)).date() for day in CHANGE_DAYS for n in range(4)]), max_size=3
        )
    )
    return Hours.model_validate({"time_zone": draw(st.sampled_from(ZONES)), "open": days, "holidays": closed})


moments = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from(CHANGE_DAYS)
    | st.datetimes(datetime(2012, 1, 1), datetime(2030, 1, 1)).map(
        lambda d: datetime(d.year, d.month, d.day, tzinfo=UTC)
    ),
    st.integers(0, 3 * 1440),
)


def wall_of(hours: Hours) -> Callable[[datetime], bool]:
    """The independent calculation: whether the clock on the wall reads a time at which it is open."""
    zone, closed = ZoneInfo(hours.time_zone), set(hours.holidays)
    spans = {
        WEEKDAYS.index(day): [(int(t[:2]) * 60 + int(t[3:5]), int(t[6:8]) * 60 + int(t[9:])) for t in texts]
        for day, texts in hours.open.items()
    }

    def reads_open(at: datetime) -> bool:
        wall = at.astimezone(zone)
        reads = wall.hour * 60 + wall.minute
        return any(a <= reads < b for a, b in spans.get(wall.weekday(), ())) and wall.date() not in closed

    return reads_open


bounded = settings(derandomize=True, max_examples=120, deadline=None, database=None)


@bounded
@given(calendars(), moments, st.integers(1, 600))
def test_a_target_is_where_the_clock_on_the_wall_puts_it(hours: Hours, start: datetime, minutes: int) -> None:
    wall, at, left = wall_of(hours), start, minutes
    for _ in range(4 * 1440):
        left -= wall(at)
        at += MINUTE
        if left == 0:
            assert plus_open_minutes(hours, start, minutes) == at
            return
    assert plus_open_minutes(hours, start, minutes) > at


@bounded
@given(calendars(), moments, st.integers(0, 2 * 1440))
def test_open_minutes_are_those_in_which_the_wall_says_open(hours: Hours, start: datetime, length: int) -> None:
    wall = wall_of(hours)
    walked = sum(wall(start + n * MINUTE) for n in range(length))
    assert open_minutes_between(hours, start, start + length * MINUTE) == walked


@bounded
@given(calendars(), moments)
def test_it_opens_next_at_the_first_minute_in_which_the_wall_says_open(hours: Hours, start: datetime) -> None:
    wall = wall_of(hours)
    assert is_open(hours, start) == wall(start)
    opens = next_opening(hours, start)
    assert wall(opens)
    minutes_before = min((opens - start) // MINUTE, 5 * 1440)
    assert not any(wall(start + n * MINUTE) for n in range(minutes_before))


@bounded
@given(calendars(), moments, st.integers(1, 500), st.integers(1, 500))
def test_counting_on_is_counting_at_once_and_counting_back_gives_the_same(
    hours: Hours, start: datetime, first: int, then: int
) -> None:
    target = plus_open_minutes(hours, start, first)
    assert open_minutes_between(hours, start, target) == first
    assert plus_open_minutes(hours, target, then) == plus_open_minutes(hours, start, first + then)


def hours_of(zone: str = "Europe/Berlin", **more: Any) -> Hours:
    week = {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return Hours.model_validate({"time_zone": zone, "open": week, **more})


def local(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type]


def test_friday_evening_continues_on_monday_morning() -> None:
    friday = local("Europe/Berlin", 2026, 11, 20, 17, 30)
    assert plus_open_minutes(hours_of(), friday, 60) == local("Europe/Berlin", 2026, 11, 23, 8, 30)


@pytest.mark.parametrize(("day", "real"), [((2026, 3, 29), 120), ((2026, 10, 25), 240), ((2026, 11, 1), 180)])
def test_a_night_shift_is_as_long_as_the_night_really_is(day: tuple[int, int, int], real: int) -> None:
    night = hours_of(open={"sun": ["01:00-04:00"]})
    midnight = local("Europe/Berlin", *day)
    assert open_minutes_between(night, midnight, midnight + timedelta(hours=30)) == real


def test_a_shift_that_starts_in_the_hour_that_is_left_out_starts_when_the_clock_jumps() -> None:
    early = hours_of(open={"sun": ["02:30-04:00"]})
    jump = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert next_opening(early, jump - timedelta(hours=3)) == jump
    assert plus_open_minutes(early, jump, 60) == jump + timedelta(hours=1)


def test_hours_to_midnight_and_from_midnight_are_one_stretch() -> None:
    late = hours_of(open={"sat": ["22:00-24:00"], "sun": ["00:00-02:00"]})
    assert plus_open_minutes(late, local("Europe/Berlin", 2026, 11, 21, 23, 30), 60) == local(
        "Europe/Berlin", 2026, 11, 22, 0, 30
    )
    assert is_open(late, local("Europe/Berlin", 2026, 11, 22, 0, 0))
    assert not is_open(late, local("Europe/Berlin", 2026, 11, 22, 2, 0))


def test_a_date_that_a_country_left_out_is_no_working_day() -> None:
    apia = hours_of("Pacific/Apia")  # Thursday 29 December 2011 was followed by Saturday the 31st
    thursday = local("Pacific/Apia", 2011, 12, 29, 17, 0)
    assert plus_open_minutes(apia, thursday, 120) == local("Pacific/Apia", 2012, 1, 2, 9, 0)


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "closed"),
    [
        ("DE", None, (2026, 12, 25), True),
        ("DE", None, (2027, 1, 6), False),
        ("DE", "BY", (2027, 1, 6), True),  # Epiphany
        ("GB", "SCT", (2026, 11, 30), True),  # Saint Andrew
        ("GB", "ENG", (2026, 11, 30), False),
        ("IN", None, (2027, 1, 26), True),
        (None, None, (2026, 12, 25), False),
    ],
)
def test_public_holidays_of_the_country_and_its_part_are_closed(
    country: str | None, subdivision: str | None, day: tuple[int, int, int], closed: bool
) -> None:
    hours = hours_of(country=country, subdivision=subdivision)
    assert is_open(hours, local("Europe/Berlin", *day, 12)) is not closed


def test_one_s_own_days_close_and_open() -> None:
    hours = hours_of(country="DE", holidays=[date(2026, 11, 24)], open_on=[date(2026, 12, 25)])
    assert not is_open(hours, local("Europe/Berlin", 2026, 11, 24, 12))
    assert is_open(hours, local("Europe/Berlin", 2026, 12, 25, 12))
    assert not is_open(hours, local("Europe/Berlin", 2026, 12, 25, 7))
    # Christmas Eve is a Thursday and no public holiday; the two days after it are closed, then comes a weekend
    assert next_opening(hours_of(country="DE"), local("Europe/Berlin", 2026, 12, 24, 18)) == local(
        "Europe/Berlin", 2026, 12, 28, 8
    )


def test_a_branch_that_is_closed_for_a_year_opens_after_it() -> None:
    start = date(2026, 11, 24)
    closed = hours_of(holidays=[start + timedelta(days=n) for n in range(365)])
    now = local("Europe/Berlin", 2026, 11, 24, 12)
    assert next_opening(closed, now) == local("Europe/Berlin", 2027, 11, 24, 8)
    assert plus_open_minutes(closed, now, 30) == local("Europe/Berlin", 2027, 11, 24, 8, 30)


def test_beyond_the_longest_search_time_is_counted_plainly_so_that_somebody_else_gets_it() -> None:
    now = local("Europe/Berlin", 2026, 11, 24, 12)
    shut = hours_of(holidays=[now.date() + timedelta(days=n) for n in range(LONGEST_SEARCH.days + 2)])
    assert plus_open_minutes(shut, now, 240) == now + timedelta(minutes=240)
    assert next_opening(shut, now) == now
    assert not is_open(shut, now)
    assert open_minutes_between(shut, now, now + LONGEST_SEARCH) == 0


def test_no_target_is_so_far_that_the_search_never_ends() -> None:
    now = datetime(2026, 11, 24, 11, tzinfo=UTC)
    rarely = hours_of(open={"mon": ["08:00-08:01"]})
    assert plus_open_minutes(rarely, now, 1_000_000) == now + timedelta(minutes=1_000_000)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"open": {"mon": ["18:00-08:00"]}}, "closes before it opens: write two spans that meet at midnight"),
        ({"open": {"mon": ["08:00-12:00", "11:00-15:00"]}}, "before the span ahead of it ends: write them as one"),
        ({"open": {"mon": []}}, "never open: write at least one day"),
        ({"subdivision": "BY"}, "of no country: write country:"),
        ({"holidays": ["2026-12-25"], "open_on": ["2026-12-25"]}, "2026-12-25 is in the closing days, too: write"),
        ({"time_zone": "Europe/Atlantis"}, "write one like Europe/Berlin"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused_with_what_to_write(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        hours_of(**changes)
