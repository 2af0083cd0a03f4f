"""Times as the branch reads its own clock."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_interval, format_skeleton, format_time, format_timedelta, get_timezone_name


class Clock(NamedTuple):
    """A moment on a wall: weekday ("Tuesday"), day ("24 November"), time ("14:30"), and the zone ("GMT") or ""."""

    weekday: str
    day: str
    time: str
    zone: str


def locale_of(language: str, time_zone: str) -> Locale:
    """The language as it is written where the branch is: "en" is en-GB in London and en-US in New York."""
    territory = get_global("zone_territories").get(time_zone)
    try:
        return Locale(language, territory)
    except UnknownLocaleError:
        return Locale(language)


def on_the_wall(moment: datetime, time_zone: str, locale: Locale, team_zone: str | None = None) -> Clock:
    """A moment on the clock of ``time_zone``.

    The zone is named only where the reader needs it: the clock of ``team_zone`` shows another time, or this hour comes
    twice because summer ends.
    """
    zone = ZoneInfo(time_zone)
    there = moment.astimezone(zone)
    differs = team_zone is not None and there.utcoffset() != moment.astimezone(ZoneInfo(team_zone)).utcoffset()
    twice = there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()
    return Clock(
        weekday=format_date(there, "EEEE", locale=locale),
        day=format_skeleton("MMMMd", there, tzinfo=zone, locale=locale),
        time=format_time(there, "short", tzinfo=zone, locale=locale),
        zone=_zone(there, locale) if differs or twice else "",
    )


def days(since: datetime, until: datetime, time_zone: str, locale: Locale) -> str:
    """The days from ``since`` to the last one before ``until``: "16 – 22 Nov"."""
    zone = ZoneInfo(time_zone)
    last = (until - timedelta(seconds=1)).astimezone(zone)
    return str(format_interval(since.astimezone(zone), last, "MMMd", tzinfo=zone, locale=locale))


def lasting(span: timedelta, locale: Locale) -> str:
    """ "3 hours", "40 minutes": rounded as people say it."""
    return str(format_timedelta(max(span, timedelta(minutes=1)), granularity="minute", threshold=1.5, locale=locale))


def _variant(there: datetime) -> Literal["daylight", "standard"]:
    """Whether the clock is on summer time. Not `datetime.dst`: by the zone database Ireland's winter is the exception,
    and Babel then takes GMT for summer time."""
    offsets = [there.replace(month=month, day=1, fold=0).utcoffset() or timedelta() for month in (1, 7)]
    return "daylight" if min(offsets) < max(offsets) == there.utcoffset() else "standard"


def _zone(there: datetime, locale: Locale) -> str:
    name = get_timezone_name(there, width="short", locale=locale, zone_variant=_variant(there))
    if re.fullmatch(r"[+-]\d{4}", name):  # the language has no short name for it
        offset = f"{name[0]}{int(name[1:3])}:{name[3:]}".removesuffix(":00")
        name = "UTC" + offset.removesuffix("+0")
    return str(name)
