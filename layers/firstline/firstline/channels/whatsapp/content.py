"""What a message holds, by its type: words, files, a place, and what could not be handed over.

All that a person ticked, filled in or shared becomes words. A type that is not known is a post all the same, with all
that is in it: somebody wrote, and a person has to look.

Files are known by ids, not by links; what an id stands for is in WhatsApp's own app, and nothing is fetched.
Source: Meta, whatsapp/cloud-api/webhooks messages object; david-lev/pywa, restfb, nyaruka/courier.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...model.post import UNREAD, Media, Place
from .. import reading
from ..reading import Json

UNSUPPORTED = "a message of a kind that the platform does not hand over"
UNKNOWN_KIND = "a message of a kind that nobody here can read: see the app"
MOST_LINES = 50
_FILES = ("image", "video", "audio", "document", "sticker")


@dataclass(frozen=True)
class Content:
    """The words (captions, titles of pressed buttons and lists of what was ordered among them) and what is beside."""

    text: str = ""
    media: tuple[Media, ...] = ()
    place: Place | None = None
    kind: str = "message"
    note: str | None = None


def content(message: Json) -> Content:
    """What the message holds."""
    kind = reading.words(message.get("type"))
    part = reading.obj(message.get(kind))
    text = reading.words(reading.obj(message.get("text")).get("body"))
    if message.get("errors") or kind in ("unsupported", "unknown"):
        return Content(text=text, note=_unsupported(message))
    if kind in _FILES:
        caption = reading.words(part.get("caption")) or reading.words(part.get("filename"))
        return Content(text=caption, media=(_file(kind, part),))
    match kind:
        case "text":
            return Content(text=text)
        case "location":
            return Content(text=_lines(part.get("name"), part.get("address"), part.get("url")), place=_place(part))
        case "contacts":
            cards = reading.items(message.get("contacts"))[:MOST_LINES]
            return Content(text=_lines(*map(_card, cards)), media=tuple(Media(kind="contact") for _ in cards))
        case "button":
            words = reading.words(part.get("text"))
            return Content(text=words, kind="postback", note=None if words else "a button without words was pressed")
        case "interactive":
            return _interactive(part)
        case "order":
            things = map(_ordered, reading.items(part.get("product_items"))[:MOST_LINES])
            return Content(text=_lines(part.get("text"), *things), kind="order")
        case _:
            return Content(text=reading.told(message, _FRAME), kind=UNREAD, note=f"{UNKNOWN_KIND} ({kind[:40]})")


_FRAME = frozenset({"id", "from", "from_user_id", "timestamp", "type", "context", "to", "to_user_id", "group_id"})
"""Of a message, what is not its content."""


def _interactive(part: Json) -> Content:
    """What was pressed or chosen, a form's answers, or the answer to the brand's wish to ring."""
    if "call_permission_reply" in part:
        given = reading.obj(part["call_permission_reply"])
        return Content(
            text=f"call permission: {reading.told(given.get('response')) or '?'}", kind=UNREAD, note=_may_be_rung(given)
        )
    words = _pressed(part)
    if words is None:
        return Content(text=reading.told(part, {"type"}), kind=UNREAD, note=UNKNOWN_KIND)
    return Content(text=words, kind="postback")


def _may_be_rung(given: Json) -> str:
    """What the person allows, for the agents."""
    if reading.words(given.get("response")) != "accept":
        return "the person does not want to be rung"
    until: datetime = reading.moment(given.get("expiration_timestamp"))
    if given.get("is_permanent") is True or until == reading.EPOCH:
        return "the person may be rung"
    return f"the person may be rung until {until:%Y-%m-%d %H:%M} UTC"


def _unsupported(message: Json) -> str:
    named = reading.words(reading.obj(message.get("unsupported")).get("type"))
    errors = [reading.whole(reading.obj(one).get("code")) for one in reading.items(message.get("errors"))]
    told = [*([named[:40]] if named else []), *(f"error {code}" for code in errors if code is not None)]
    return f"{UNSUPPORTED} ({', '.join(told)})" if told else UNSUPPORTED


def _file(kind: str, part: Json) -> Media:
    kind = "voice" if kind == "audio" and part.get("voice") is True else kind
    return Media(kind=kind, url=reading.words(part.get("url")) or None, id=reading.identifier(part.get("id")))


def _place(part: Json) -> Place:
    name = reading.words(part.get("name")) or reading.words(part.get("address"))
    latitude, longitude = reading.decimal(part.get("latitude")), reading.decimal(part.get("longitude"))
    return Place(name=name or None, latitude=latitude, longitude=longitude)


def _card(value: Any) -> str:
    """A shared contact in a line: its name, company and birthday, and all by which it may be reached."""
    card = reading.obj(value)
    company = reading.obj(card.get("org"))
    parts = [
        reading.words(reading.obj(card.get("name")).get("formatted_name")),
        *(reading.words(company.get(name)) for name in ("company", "department", "title")),
        *(
            _listed(card.get(name), member)
            for name, member in (("phones", "phone"), ("emails", "email"), ("urls", "url"))
        ),
        *(
            ", ".join(filter(None, (reading.words(reading.obj(one).get(name)) for name in _ADDRESS)))
            for one in reading.items(card.get("addresses"))
        ),
        reading.words(card.get("birthday")),
    ]
    return ", ".join(filter(None, parts))


_ADDRESS = ("street", "zip", "city", "state", "country")


def _listed(value: Any, member: str) -> str:
    return ", ".join(filter(None, (reading.words(reading.obj(one).get(member)) for one in reading.items(value))))


def _pressed(part: Json) -> str | None:
    """The button or list entry that was chosen, or a form's answers; None for what is neither."""
    for name in ("button_reply", "list_reply"):
        chosen = reading.obj(part.get(name))
        if chosen:
            return _lines(chosen.get("title"), chosen.get("description"))
    form = reading.obj(part.get("nfm_reply"))
    if not form:
        return None
    return _lines(form.get("body"), _answers(form.get("response_json")))


def _answers(written: Any) -> str:
    """A form's answers, each in a line; its token is no answer. What is no JSON is shown as it came."""
    try:
        given = json.loads(written) if isinstance(written, str) else written
    except reading.STRANGE:
        return reading.words(written)
    return reading.told(given, {"flow_token"})


def _ordered(value: Any) -> str:
    item = reading.obj(value)
    thing, number = reading.identifier(item.get("product_retailer_id")), reading.whole(item.get("quantity"))
    return f"{number if number is not None else '?'} × {thing}" if thing else ""


def _lines(*parts: Any) -> str:
    return "\n".join(words for words in map(reading.words, parts) if words)
