"""When the weekly digest comes: on the playbook's weekday and time, by the reader's own clock.

Example (Monday 8:00 in London): asked on Monday at 8:00 it is next Monday's, asked on Sunday tomorrow's. A time that the
clock leaves out is the moment at which it jumps.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from firstline.playbook.parts import WEEKDAYS, HandoffRules


def next_digest(rules: HandoffRules, time_zone: str, now: datetime) -> datetime:
    """The first moment (UTC) after ``now``."""
    zone = ZoneInfo(time_zone)
    day = now.astimezone(zone).date()
    hour, minute = (int(part) for part in rules.digest_time.split(":"))
    for ahead in range(9):
        date = day + timedelta(days=ahead)
        if WEEKDAYS[date.weekday()] != rules.digest_weekday:
            continue
        moment = datetime.combine(date, time(hour, minute), zone).astimezone(UTC)
        if moment > now:
            return moment
    raise AssertionError("a week has every weekday")
