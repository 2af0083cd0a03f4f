"""A view becomes a page, in the branch's language and on its clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from babel.dates import format_skeleton
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..mailtext import language_of, plain
from ..mailtext.render import LONGEST_NAME, handoff_facts, when_is
from ..mailtext.sentences import Said, filled, in_markup
from ..mailtext.times import locale_of
from .answer import style
from .sentences import sentences
from .view import ActionPage, Doing, Notice

LIST_ID = "branches"
LONGEST_WORDS = 4000
SHOWN_STEPS = 20
HOWS = ("phone", "mail", "message", "visit", "other")


def action_page(view: ActionPage) -> str:
    """The page about a handoff."""
    language = language_of(view.mail.language)
    facts = handoff_facts(view.mail, language)
    texts = sentences(language)
    said: Said = facts["say"]
    values = {**facts["values"], "other": plain.line(view.moved_to, LONGEST_NAME)}

    def say(name: str, **more: Any) -> Markup:
        """A sentence of the pages, or of the mail where the pages have none of that name."""
        return in_markup(filled(texts[name], {**values, **more}) if name in texts else said(name, **more))

    steps = [_step(each, view, said) for each in view.steps if f"step_{each.what}" in texts]
    return _template(
        "action.html.j2"
    ).render(
        {
            **facts,
            "say": say,
            "style": Markup(style()),  # ours, and quotes would not survive escaping in a style element
            "direction_of": plain.direction,
            "view": view,
            "typed": {name: plain.block(text, LONGEST_WORDS) for name, text in view.typed.items()},
            "agreed_for": format_skeleton(
                "MMMMEEEEd",
                datetime.combine(view.agreed_for, time()),
                locale=locale_of(language, view.mail.time_zone),
            )
            if view.agreed_for
            else "",
            "next_try": when_is(
                view.next_try, view.mail, said, locale_of(language, view.mail.time_zone), view.mail.team_zone
            )
            if view.next_try
            else "",
            "taken_by": plain.line(view.taken_by, LONGEST_NAME),
            "last_day": view.today + timedelta(days=90),
            "steps": steps[-SHOWN_STEPS:],
            "branches": [plain.line(each, LONGEST_NAME) for each in view.branches],
            "hows": HOWS,
            "list_id": LIST_ID,
            "longest": LONGEST_WORDS,
        }
    )


def notice_page(notice: Notice, language: str, brand: str, ref: str = "", form: str = "") -> str:
    """A page without a handoff: it says what to do and shows nothing of anybody. ``form``: the token that a button posts
    to."""
    written_in = language_of(language)
    texts = sentences(written_in)
    locale = locale_of(written_in, "")

    def say(name: str) -> Markup:
        return in_markup(filled(texts[name], {"ref": ref, "brand": plain.line(brand, LONGEST_NAME)}))

    return _template("notice.html.j2").render(
        language=written_in,
        direction=locale.text_direction,
        style=Markup(style()),
        brand=plain.line(brand, LONGEST_NAME),
        notice=notice,
        form=form,
        say=say,
    )


def _step(doing: Doing, view: ActionPage, said: Said) -> dict[str, Any]:
    locale = locale_of(language_of(view.mail.language), view.mail.time_zone)
    return {
        "what": f"step_{doing.what}",
        "when": when_is(doing.at, view.mail, said, locale, view.mail.team_zone),
        "who": plain.line(doing.who or "", LONGEST_NAME),
        "words": plain.block(doing.words, LONGEST_WORDS),
        "delivery": doing.delivery and f"delivery_{doing.delivery}",
    }


@cache
def _template(name: str) -> Any:
    return Environment(
        loader=PackageLoader(__package__ or __name__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template(name)
