"""Opening-hours arithmetic: what "within 60 minutes" means to people who go home at six.

It is open while the clock on the wall reads a time within the opening hours of that clock's date. Minutes are real
ones: where the clock jumps from 2:00 to 3:00, a span from 1:00 to 4:00 has 120 of them, and 240 where it goes back.
Time is walked through in stretches with one offset to UTC and one local date each, so a repeated hour, a skipped date
and offsets of half an hour need no rule of their own.

Why here and not in a library: it is a few short functions over `zoneinfo`; those on PyPI count whole days or wall clocks.

Examples: Friday 17:30 plus 60 minutes, open 8 to 18 on weekdays -> Monday 8:30.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from firstline.playbook import Hours

LONGEST_SEARCH = timedelta(days=400)
"""How far openings are looked for. Who is closed for longer has a wrong calendar, and plain time is counted, so that
what was promised comes due (and goes to somebody else) instead of never."""
_SECOND = timedelta(seconds=1)


def _spans(hours: Hours, start: datetime, end: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
    """The opening spans between two moments as UTC moments, in order; those that touch come one after the other."""
    zone = ZoneInfo(hours.time_zone)
    at = start.astimezone(UTC)
    end = end.astimezone(UTC) if end else at + LONGEST_SEARCH
    while at < end:
        offset = _offset(at, zone)
        local = at + offset
        midnight = datetime.combine(local.date(), time(), UTC) - offset
        until = min(_same_offset_until(at, midnight + timedelta(days=1), zone), end)
        for opens, closes in hours.spans(local.date()):
            first = max(midnight + timedelta(minutes=opens), at)
            last = min(midnight + timedelta(minutes=closes), until)
            if first < last:
                yield first, last
        at = until


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _same_offset_until(at: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """``end``, or the second before it at which the zone's clock is changed."""
    offset = _offset(at, zone)
    if _offset(end - _SECOND, zone) == offset:
        return end
    same, changed = at, end
    while changed - same > _SECOND:
        middle = same + (changed - same) / 2
        if _offset(middle, zone) == offset:
            same = middle
        else:
            changed = middle
    return changed.replace(microsecond=0)


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether people are at work at a moment."""
    return any(_spans(hours, at, at + timedelta(microseconds=1)))


def next_opening(hours: Hours, at: datetime) -> datetime:
    """The moment when people are back (UTC): ``at`` itself while it is open, or closed beyond `LONGEST_SEARCH`."""
    opens, _ = next(_spans(hours, at), (at.astimezone(UTC), at))
    return opens


def plus_open_minutes(hours: Hours, start: datetime, minutes: int) -> datetime:
    """The moment when so many opening minutes have passed since ``start`` (UTC); plain ones beyond `LONGEST_SEARCH`."""
    left = timedelta(minutes=minutes)
    for opens, closes in _spans(hours, start):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    return start.astimezone(UTC) + timedelta(minutes=minutes)


def open_minutes_between(hours: Hours, start: datetime, end: datetime) -> int:
    """Whole opening minutes between two moments; 0 if ``end`` is not after ``start``."""
    return sum((closes - opens for opens, closes in _spans(hours, start, end)), timedelta(0)) // timedelta(minutes=1)
