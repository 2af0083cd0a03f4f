"""Mails that no person wrote: recognised by their headers, so that nobody is called for them. None is ever answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from babel.dates import get_month_names

from .head import Head

LANGUAGES = ("en", "de", "fr", "es", "it")
FARTHEST = timedelta(days=120)
MOST_TEXT = 5_000

_AWAY = re.compile(
    r"out of (the )?office|automatic reply|auto[- ]?reply|on (annual )?leave|on (vacation|holiday)|away (from|until)"
    r"|abwesen|automatische antwort|im urlaub|nicht im b(ü|ue)ro|au(ß|ss)er haus"
    r"|absence|absent|r(é|e)ponse automatique|en cong(é|e)|hors du bureau"
    r"|fuera de la oficina|respuesta autom(á|a)tica|ausen(te|cia)|de vacaciones"
    r"|fuori (sede|ufficio)|risposta automatica|assen(te|za)|in ferie",
    re.IGNORECASE,
)
_REPORTS = {
    "delivery-status": "delivery_report",
    "disposition-notification": "read_receipt",
    "feedback-report": "complaint",
}


def automatic(head: Head, envelope_sender: str, subject: str | None = None) -> str | None:
    """What kind of machine wrote this, as a short word; None for a person's mail. ``subject``: what of the subject is
    the sender's own (`own_subject`); all of it where that is not said.

    RFC 3834 (Auto-Submitted, the null sender), RFC 3462 and 5965 (reports), RFC 2919 (List-Id), and what Exchange,
    Gmail and the common responders set beside them. A subject alone proves nothing: people answer below any subject.
    """
    fields = head.fields
    if head.type.startswith("multipart/report"):
        return next((kind for word, kind in _REPORTS.items() if word in head.type), "report")
    if head.type.startswith("text/calendar") or "calendarmessage" in fields.get("content-class", ""):
        return "calendar_reply"
    if "list-id" in fields:
        return "mailing_list"
    submitted = re.split(r"[;\s(]", fields.get("auto-submitted", "no"), maxsplit=1)[0]
    answering = fields.keys() & {"x-autoreply", "x-autorespond", "x-autoresponder", "x-ms-exchange-inbox-rules-loop"}
    precedence = fields.get("precedence") in {"auto_reply", "bulk", "junk", "list"}
    suppressing = "x-auto-response-suppress" in fields and means_away(head.subject if subject is None else subject)
    if submitted not in ("no", "") or answering or precedence or suppressing or envelope_sender in ("", "<>"):
        return "automatic_reply"
    return None


def own_subject(subject: str, reference: str, customer: str | None) -> str:
    """What the sender put before our subject ("Automatic reply: "), which goes on with the customer's name and words and
    ends with the case reference: those say nothing about the sender. All of a subject that is not ours."""
    named = subject.find(f"{customer}:") if customer else -1
    if named >= 0:
        return subject[:named]
    return subject.partition(":")[0] if reference in subject else subject


def means_away(text: str) -> bool:
    """Whether an automatic reply's subject or text says that nobody is there, in five languages."""
    return _AWAY.search(text[:MOST_TEXT]) is not None


def away_until(text: str, today: date) -> date | None:
    """The last day that an absence note names within the next four months; None if it names none that is clear.

    Read are ``2026-12-03``, ``3.12.2026``, ``3.12.``, ``3 December 2026``, ``3 de diciembre``, ``December 3rd, 2026``.
    Not ``3/12``, which is March in one country and December in the next.
    """
    named = [day for day in _dates(text[:MOST_TEXT].lower(), today) if today < day <= today + FARTHEST]
    return max(named, default=None)


@cache
def _months() -> dict[str, int]:
    names = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            months = get_month_names(width, locale=language)
            names |= {name.lower().rstrip("."): number for number, name in months.items()}
    return names


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    month = "|".join(sorted((re.escape(name) for name in _months()), key=len, reverse=True))
    year = r"(?:[\s,.]{1,3}(?:de[l]? )?(?P<year>20\d\d))?"
    return (
        re.compile(r"\b(?P<year>20\d\d)-(?P<number>\d\d)-(?P<day>\d\d)\b"),
        re.compile(r"\b(?P<day>\d{1,2})\. ?(?P<number>\d{1,2})\.(?: ?(?P<year>20\d\d))?"),
        re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|°|\.)? (?:de |of )?(?P<month>{month})\b{year}"),
        re.compile(rf"\b(?P<month>{month})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b{year}"),
    )


def _dates(text: str, today: date) -> Iterator[date]:
    for pattern in _patterns():
        for found in pattern.finditer(text):
            parts = found.groupdict()
            month = int(parts["number"]) if parts.get("number") else _months()[parts["month"]]
            years = [int(parts["year"])] if parts.get("year") else [today.year, today.year + 1]
            for year in years:
                try:
                    yield date(year, month, int(parts["day"]))
                except ValueError:  # the 31st of February
                    continue
