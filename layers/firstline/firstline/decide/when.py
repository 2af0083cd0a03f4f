"""What is said about the next update: a time that a person will keep (R19, R20).

Why coloured by opening hours: "by 14:30 today" at three in the morning would be a lie. While it is closed, the words
say when we are back. Times are rounded up to a quarter, as people say them, so the promise is never earlier than the
target; when the target has passed already (a storm), a new one starts now.

Examples: open, due 14:22 -> "by 14:30 today"; Saturday, closed until Monday -> "when we are back on Monday at 8:00".
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_skeleton, get_timezone

from firstline.model.post import Post
from firstline.playbook import Playbook

from .hours import is_open, next_opening, plus_open_minutes

_QUARTER = timedelta(minutes=15)
_WEEK = 6
"""Days for which the weekday alone is clear."""


class Promise(NamedTuple):
    """``phrase`` as it stands in the text; ``until``: when the update is due (UTC), after which it is missed."""

    phrase: str
    until: datetime


def promise(
    post: Post, human_due: datetime, priority: int, language: str, playbook: Playbook, now: datetime
) -> Promise:
    """What an answer that is given now says about when a person comes back; in the answer's language."""
    minutes = playbook.target("human", post.channel, post.visibility, priority, now, post.account)
    due = human_due if human_due > now + timedelta(minutes=1) else plus_open_minutes(playbook.hours, now, minutes)
    until = _rounded_up(due)
    times = playbook.times.get(language) or playbook.times[playbook.brand.language]
    opened = is_open(playbook.hours, now)
    named = until if opened else next_opening(playbook.hours, now)
    days = (named.astimezone(playbook.zone).date() - now.astimezone(playbook.zone).date()).days
    if opened:
        template = times.today if days == 0 else times.tomorrow if days == 1 else times.day
    else:
        template = times.closed_today if days == 0 else times.closed_tomorrow if days == 1 else times.closed_day
    return Promise(_filled(template, named, days, language, playbook), until)


def day_named(on: date, language: str, otherwise: str) -> str:
    """A day with its weekday: "Thursday 3 December"."""
    locale = _locale(language, otherwise)
    written = Locale("en", "GB") if locale.language == "en" else locale
    return str(format_skeleton("MMMMEEEEd", datetime(on.year, on.month, on.day), locale=written))


def _filled(template: str, named: datetime, days: int, language: str, playbook: Playbook) -> str:
    locale = _locale(language, playbook.brand.language)
    zone = get_timezone(playbook.hours.time_zone)

    def said(pattern: str) -> str:
        return format_datetime(named, pattern, tzinfo=zone, locale=locale)

    day = said("EEEE") if days <= _WEEK else said("EEEE d MMMM")
    return template.replace("{time}", said("H:mm")).replace("{day}", day)


def _locale(language: str, fallback: str) -> Locale:
    for code in (language, fallback):
        try:
            return Locale(code)
        except UnknownLocaleError:
            continue
    return Locale("en")


def _rounded_up(moment: datetime) -> datetime:
    over = (moment - datetime(1970, 1, 1, tzinfo=UTC)) % _QUARTER
    return moment if not over else moment + _QUARTER - over
