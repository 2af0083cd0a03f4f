"""A handoff's view becomes a mail: one set of cleaned facts, shown by two templates, HTML and text."""

from __future__ import annotations

import re
from email.message import EmailMessage
from functools import cache
from typing import Any

from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from . import plain
from .headers import addressed
from .sentences import OTHERWISE, Sentences, languages, sentences
from .times import day_and_time, locale_of
from .view import HandoffMail, Words

MOST_POSTS = 5
LONGEST_NAME, LONGEST_POST, LONGEST_NOTE = 60, 1500, 2000
"""Characters; what is longer ends with an ellipsis."""
_SUBJECT_WORDS = 60


def handoff_mail(view: HandoffMail) -> EmailMessage:
    """The mail to the branch, in its language (English if there are no sentences in it) and on its clock. Pure.

    Raises ValueError where a mail address or the thread root is none: both come from the playbook and are checked
    there.
    """
    language = view.language if view.language in languages() else OTHERWISE
    facts = _facts(view, sentences(language), locale_of(language, view.time_zone))
    topic = plain.first_words(view.posts[0].text, _SUBJECT_WORDS) if view.posts else facts["who"]
    place = plain.line(view.branch, LONGEST_NAME)
    message = addressed(view, f"{facts['ref']} {place}: {topic or facts['who']}")
    message.set_content(_template("handoff.txt.j2").render(facts))
    message.add_alternative(_template("handoff.html.j2").render(facts), subtype="html")
    message["Content-Language"] = language  # last: the library moves content headers to the first part
    return message


def _facts(view: HandoffMail, said: Sentences, locale: Locale) -> dict[str, Any]:
    """All that both templates show, cleaned and in the branch's words."""
    customer = view.customer
    name = plain.line(customer.name or "", LONGEST_NAME)
    handle = plain.line(customer.handle or "", LONGEST_NAME)
    day, time, zone = day_and_time(view.contact_by, view.time_zone, locale, said.day)
    phone, email = plain.line(customer.phone or "", 40), plain.line(customer.email or "", 120)
    return {
        "said": said,
        "language": locale.language,
        "direction": locale.text_direction,
        "brand": plain.line(view.brand, LONGEST_NAME),
        "branch": plain.line(view.branch, LONGEST_NAME),
        "ref": plain.line(view.case_ref, 20),
        "who": name or handle or said.somebody,
        "handle": handle if name else "",
        "channel": plain.line(customer.channel, 40),
        "by_day": day,
        "by_time": said.when.format(day="", time=time).strip(", "),
        "by_zone": zone,
        "by": f"{said.when.format(day=day, time=time)} {zone}",
        "phone": phone,
        "phone_link": plain.phone_link(phone),
        "email": email,
        "email_link": plain.mail_link(email),
        "post_url": plain.link(customer.post_url),
        "answers_reach_us": bool(view.reply_to),
        "public": view.visibility == "public",
        "posts": [_post(words, view.time_zone, said, locale) for words in view.posts[-MOST_POSTS:]],
        "older": view.older_posts + max(0, len(view.posts) - MOST_POSTS),
        "asked": plain.block(view.asked, LONGEST_NOTE),
        "note": plain.block(view.note or "", LONGEST_NOTE),
        "status_url": plain.link(view.status_url),
    }


def _post(words: Words, time_zone: str, said: Sentences, locale: Locale) -> dict[str, str]:
    day, time, _ = day_and_time(words.at, time_zone, locale, said.day)
    code = _code(words.language or "")
    return {
        "text": plain.block(words.text, LONGEST_POST),
        "direction": plain.direction(words.text),
        "language": code,
        "in_language": "" if code == locale.language else _language_name(code, locale),
        "when": said.when.format(day=day, time=time),
    }


def _code(language: str) -> str:
    """The ISO 639 code, "" for whatever else a platform says ("und" is none either)."""
    return language if re.fullmatch(r"[a-z]{2,3}", language) and language not in ("und", "zxx") else ""


def _language_name(language: str, locale: Locale) -> str:
    """The language's name in the mail's language, "" if it has none."""
    return str(locale.languages.get(language, ""))


@pass_eval_context
def _filled(context: EvalContext, sentence: str, **values: Any) -> str:
    """A sentence with its words filled in; in HTML each is escaped and kept from turning the rest around."""
    if not context.autoescape:
        return sentence.format(**values)
    isolated = {key: Markup("<bdi>{}</bdi>").format(value) for key, value in values.items()}
    return Markup(escape(sentence)).format(**isolated)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__ or __name__),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["filled"] = _filled
    return environment


def _template(name: str) -> Any:
    return _environment().get_template(name)
