"""A view becomes a mail: one set of cleaned facts, shown by two templates, HTML and text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from functools import cache
from typing import Any, get_args

from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from . import plain
from .headers import about_a_handoff, of_a_week
from .sentences import OTHERWISE, Said, bare, in_markup, languages, sentences
from .times import days, lasting, locale_of, on_the_wall
from .view import Action, DigestMail, HandoffMail, OpenHandoff, Words

MOST_POSTS = 5
MOST_OPEN, MOST_SAID, MOST_BRANCHES = 8, 4, 40
LONGEST_NAME, LONGEST_POST, LONGEST_NOTE = 60, 1500, 2000
"""Characters; what is longer ends with an ellipsis."""
LONGEST_FIRST = 280
"""Of the post at the top, so that deadline and buttons stay on a phone's first screens."""
_SUBJECT_WORDS, LONGEST_SUBJECT = 60, 160


def language_of(language: str) -> str:
    """The language in which a branch's mail is written: its own, else English."""
    return language if language in languages() else OTHERWISE


def masks(language: str) -> Mapping[str, str]:
    """What stands for each kind of personal datum that is left out, in the mail's language."""
    texts = sentences(language_of(language), "handoff")
    return {name.removeprefix("masked_"): text for name, text in texts.items() if name.startswith("masked_")}


def handoff_mail(view: HandoffMail) -> EmailMessage:
    """The mail about a handoff, in the reader's language (English if there are no sentences in it) and on their clock.

    Pure. Raises ValueError where a mail address or the thread root is none: both come from the playbook and are
    checked there.
    """
    language = language_of(view.language)
    facts = handoff_facts(view, language)
    # Gmail threads by subject, too: what follows the first mail has its subject, after "Re:".
    follows = view.kind in ("update", "reminder", "links")
    first: Said = facts["say"] if not follows else _said(view, "handoff", language, facts["values"])
    subject = _subject(first("subject" if follows else facts["named"]["subject"]))
    message = about_a_handoff(view, f"Re: {subject}" if follows else subject)
    return _filled(message, "handoff", facts, language)


def digest_mail(view: DigestMail) -> EmailMessage:
    """The weekly mail to a branch or a region's desk. Pure; raises ValueError where a mail address is none."""
    language = language_of(view.language)
    facts = _digest(view, language)
    return _filled(of_a_week(view, _subject(facts["say"]("subject"))), "digest", facts, language)


def handoff_facts(view: HandoffMail, language: str) -> dict[str, Any]:
    """All that mails and pages show of a handoff, cleaned and in the reader's words."""
    locale = locale_of(language, view.time_zone)
    customer = view.customer
    plainly = Said(language, view.kind, view.texts, {})  # for the values themselves
    name, handle = (plain.line(text or "", LONGEST_NAME) for text in (customer.name, customer.handle))
    who = name or handle or bare(plainly("somebody"))
    branch = plain.line(view.branch, LONGEST_NAME)
    topic = plain.first_words(view.topic or view.posts[view.lead].text, _SUBJECT_WORDS) if view.posts else ""
    values = {
        "brand": plain.line(view.brand, LONGEST_NAME),
        "branch": branch,
        "recipient": plain.line(view.recipient or view.branch, LONGEST_NAME),
        "customer": who,
        "channel": plain.line(customer.channel, 40),
        "ref": plain.line(view.case_ref, 20),
        "topic": topic or plain.line(customer.channel, 40),
    }
    values["when"] = when_is(view.contact_by, view, plainly, locale, view.team_zone)
    say = _said(view, view.kind, language, values)
    to_region = view.kind in ("escalation", "fallback")
    told = [_post(words, view, plainly, locale) for words in view.posts]
    news = told[-view.new :] if view.kind == "update" and view.new else told
    first = view.lead if news is told else 0
    lead = {**news[first], "on_top": True} if news else None
    others = [*news[:first], *news[first + 1 :]]
    # What is whole at the top is not repeated below.
    rest = others if not lead or lead["whole"] else [*others[:first], lead, *others[first:]]
    shown = rest[-MOST_POSTS:]
    phone, email = plain.line(customer.phone or "", 40), plain.line(customer.email or "", 120)
    links = {action: plain.link(view.links.get(action)) for action in get_args(Action)}
    return {
        **_page(locale, values),
        "say": say,
        "named": _named(view, language),
        "values": values,
        "kind": view.kind,
        "ref": values["ref"],
        "handle": handle if name else "",
        "channel": values["channel"],
        "by": values["when"],
        "late": view.late,
        "accept_by": when_is(view.accept_by, view, plainly, locale, view.team_zone)
        if view.accept_by and not to_region
        else "",
        "missing": _missing(view),
        "phone": phone,
        "phone_link": plain.phone_link(phone),
        "email": email,
        "email_link": plain.mail_link(email),
        "post_url": plain.link(customer.post_url),
        "answers_reach_us": bool(view.reply_to),
        "public": view.visibility == "public",
        "lead": lead,
        "posts": shown,
        "older": view.older_posts + len(told) - len(shown) - bool(lead and lead not in shown),
        # The region is told of what concerns it: why it was that branch is the branch's.
        "reason": f"reason_{view.reason}" if not to_region or view.reason == "safety" else "",
        "before": plain.line(view.before, LONGEST_NAME),
        "note": plain.block(view.note or "", LONGEST_NOTE),
        "branch_note": plain.block(view.branch_note, LONGEST_NOTE),
        "links": {action: url for action, url in links.items() if url},
    }


def _digest(view: DigestMail, language: str) -> dict[str, Any]:
    locale = locale_of(language, view.time_zone)
    late = sum(each.late for each in view.open)
    values = {
        "brand": plain.line(view.brand, LONGEST_NAME),
        "branch": plain.line(view.branch, LONGEST_NAME),
        "week": days(view.since, view.until, view.time_zone, locale),
        "open": str(len(view.open)),
        "late": str(late),
    }
    plainly = Said(language, "digest", view.texts, {})
    say = Said(language, "digest", view.texts, values)
    spans = (("accepted_in", view.accepted_in), ("contacted_in", view.contacted_in))
    numbers = {
        "open": values["open"],
        "late": values["late"],
        "handed": str(view.handed),
        "done": str(view.done),
        **{name: lasting(span, locale) if span else bare(say("unknown")) for name, span in spans},
    }
    if view.helped or view.not_helped:
        numbers |= {"helped": str(view.helped), "not_helped": str(view.not_helped)}
    return {
        **_page(locale, values),
        "say": say,
        "ref": values["week"],
        "week": values["week"],
        "some_late": late > 0,
        "numbers": numbers,
        "open": [_open(each, view, plainly, locale) for each in view.open[:MOST_OPEN]],
        "more_open": len(view.open) - MOST_OPEN,
        "branches": [
            {
                "name": plain.line(each.name, LONGEST_NAME),
                "figures": (each.open, each.late, each.done),
                "contacted_in": lasting(each.contacted_in, locale) if each.contacted_in else "–",
            }
            for each in view.branches[:MOST_BRANCHES]
        ],
        "said": [_post(words, view, plainly, locale) for words in view.said[:MOST_SAID]],
        "page_url": plain.link(view.page_url),
        "unsubscribe_url": plain.link(view.unsubscribe_url),
    }


def _missing(view: HandoffMail) -> str:
    """The sentence about what has not happened, "" for the first mail and for news."""
    if view.kind == "fallback":
        return "still_not_reached"
    if view.away:
        return "still_away"
    if view.kind in ("reminder", "escalation") and view.tries and view.waits_for == "contact":
        return "still_no_answer"
    if view.kind in ("reminder", "escalation"):
        return {"accept": "still_not_accepted", "contact": "still_not_contacted", "done": "still_not_done"}[
            view.waits_for
        ]
    return ""


def _named(view: HandoffMail, language: str) -> dict[str, str]:
    """Which of the variants of a sentence is true of this mail: ``headline`` -> ``headline_done``."""
    ahead = ("_ahead",) if not view.late else ()
    variants = ("_done",) if view.waits_for == "done" else ("_away", *ahead) if view.away else ahead
    known = sentences(language, view.kind)
    names = ("subject", "preview", "headline", "by", "please")
    return {name: next((name + each for each in variants if name + each in known), name) for name in names}


def _page(locale: Locale, values: Mapping[str, str]) -> dict[str, Any]:
    return {"language": locale.language, "direction": locale.text_direction, "brand": values["brand"]}


def _said(view: HandoffMail, kind: Any, language: str, values: Mapping[str, str]) -> Said:
    return Said(language, kind, view.texts, values)


def _subject(text: str) -> str:
    return plain.line(bare(text), LONGEST_SUBJECT)


def when_is(moment: datetime, view: HandoffMail | DigestMail, plainly: Said, locale: Locale, team: str | None) -> str:
    """ "Tuesday 24 November, 14:30", with the zone where the clock of ``team`` shows another time."""
    clock = on_the_wall(moment, view.time_zone, locale, team)
    day = bare(plainly("day", weekday=clock.weekday, day=clock.day))
    when = bare(plainly("when", day=day, time=clock.time))
    return f"{when}\u00a0{clock.zone}" if clock.zone else when


def _open(each: OpenHandoff, view: DigestMail, plainly: Said, locale: Locale) -> dict[str, Any]:
    return {
        "ref": plain.line(each.case_ref, 20),
        "customer": plain.line(each.customer, LONGEST_NAME),
        "branch": plain.line(each.branch, LONGEST_NAME),
        "topic": plain.first_words(each.topic, _SUBJECT_WORDS),
        "when": when_is(each.contact_by, view, plainly, locale, view.team_zone),
        "late": each.late,
        "url": plain.link(each.url),
    }


def _post(words: Words, view: HandoffMail | DigestMail, plainly: Said, locale: Locale) -> dict[str, Any]:
    code = _code(words.language or "")
    text, translation = (plain.block(each or "", LONGEST_POST) for each in (words.text, words.translation))
    first = _beginning(translation or text)
    return {
        "text": text,
        "translation": translation,
        "first": first,
        "whole": not translation and first == text,
        "on_top": False,
        "language": code,
        # Even a language that Babel cannot name is named: by its code.
        "from_language": "" if code == locale.language else str(locale.languages.get(code, code)),
        "untranslated": words.untranslated and not translation,
        "attachments": words.attachments,
        "when": when_is(words.at, view, plainly, locale, None),
    }


def _beginning(text: str) -> str:
    """The text if it is short, else its beginning up to a word."""
    if len(text) <= LONGEST_FIRST:
        return text
    cut = text[: LONGEST_FIRST - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[LONGEST_FIRST // 2 :] else cut).rstrip(" \n.,;:-") + "…"


def _code(language: str) -> str:
    """The ISO 639 code, "" for whatever else a platform says ("und" is none either)."""
    return language if re.fullmatch(r"[a-z]{2,3}", language) and language not in ("und", "zxx") else ""


def _filled(message: EmailMessage, name: str, facts: Mapping[str, Any], language: str) -> EmailMessage:
    said: Said = facts["say"]

    def marked(sentence: str, **more: Any) -> Markup:
        return in_markup(said(sentence, **more))

    def in_text(sentence: str, **more: Any) -> str:
        filled = said(sentence, **more)
        return filled if facts["direction"] == "rtl" else bare(filled)

    environment = _environment()
    environment_facts = {**facts, "direction_of": plain.direction}
    message.set_content(environment.get_template(f"{name}.txt.j2").render(environment_facts, say=in_text))
    html = environment.get_template(f"{name}.html.j2").render(environment_facts, say=marked)
    message.add_alternative(html, subtype="html")
    message["Content-Language"] = language  # last: the library moves content headers to the first part
    return message


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(__package__ or __name__),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
