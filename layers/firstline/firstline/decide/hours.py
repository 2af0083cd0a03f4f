"""Opening-hours arithmetic: what "within 60 minutes" means to people who go home at six.

Why here and not in a library: it is three short functions over `zoneinfo`, and the changes of the clock must come out
right (an opening span is counted in real minutes, between its two local times).

Examples: Friday 17:30 plus 60 minutes, open 8 to 18 on weekdays -> Monday 8:30.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from firstline.playbook import Hours

LONGEST_SEARCH = timedelta(days=400)
"""Beyond it the calendar is wrong, and plain time is counted."""


def _spans(hours: Hours, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Opening spans as UTC moments that end after ``start``, in order."""
    zone = ZoneInfo(hours.time_zone)
    day = start.astimezone(zone).date()
    last = day + LONGEST_SEARCH
    while day <= last:
        for opens, closes in hours.spans(day):
            span = _at(day, opens, zone), _at(day, closes, zone)
            if span[1] > max(start, span[0]):
                yield span
        day += timedelta(days=1)


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    whole_days, rest = divmod(minutes, 1440)
    local = datetime(day.year, day.month, day.day, rest // 60, rest % 60, tzinfo=zone) + timedelta(days=whole_days)
    return local.astimezone(UTC)


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether people are at work at a moment."""
    opens, _ = next(_spans(hours, at), (None, None))
    return opens is not None and opens <= at


def next_opening(hours: Hours, at: datetime) -> datetime:
    """The moment when people are back: ``at`` itself while it is open."""
    opens, _ = next(_spans(hours, at), (at, at))
    return max(opens, at)


def plus_open_minutes(hours: Hours, start: datetime, minutes: int) -> datetime:
    """The moment when so many opening minutes have passed since ``start`` (UTC)."""
    left = timedelta(minutes=minutes)
    for opens, closes in _spans(hours, start):
        begin = max(opens, start)
        if left <= closes - begin:
            return begin + left
        left -= closes - begin
    return start.astimezone(UTC) + timedelta(minutes=minutes)
