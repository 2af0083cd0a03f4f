"""Times as the branch reads its own clock."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name


def locale_of(language: str, time_zone: str) -> Locale:
    """The language as it is written where the branch is: "en" is en-GB in London and en-US in New York."""
    territory = get_global("zone_territories").get(time_zone)
    try:
        return Locale(language, territory)
    except UnknownLocaleError:
        return Locale(language)


def day_and_time(moment: datetime, time_zone: str, locale: Locale, pattern: str) -> tuple[str, str, str]:
    """Day ("Tuesday 24 November"), time ("14:30") and zone ("GMT") of a moment on the clock of ``time_zone``.

    ``pattern`` joins ``{weekday}`` and ``{day}`` as the language does.
    """
    zone = ZoneInfo(time_zone)
    there = moment.astimezone(zone)
    day = pattern.format(
        weekday=format_date(there, "EEEE", locale=locale),
        day=format_skeleton("MMMMd", there, tzinfo=zone, locale=locale),
    )
    name = get_timezone_name(there, width="short", locale=locale)
    if re.fullmatch(r"[+-]\d{4}", name):  # the language has no short name for it
        offset = f"{name[0]}{int(name[1:3])}:{name[3:]}".removesuffix(":00")
        name = "UTC" + offset.removesuffix("+0")
    return day, format_time(there, "short", tzinfo=zone, locale=locale), name
