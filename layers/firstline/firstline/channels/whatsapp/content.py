"""What a message holds, by its type: words, files, a place, and what could not be handed over.

Files are known by ids, not by links; what an id stands for is in WhatsApp's own app, and nothing is fetched.
Source: Meta, whatsapp/cloud-api/webhooks messages object; david-lev/pywa, restfb, nyaruka/courier.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ...model.post import Media, Place
from .. import reading
from ..reading import Json

UNSUPPORTED = "a message of a kind that the platform does not hand over"
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
    """What the message holds. Raises ValueError for a type that is not known and that the platform hands over."""
    kind = reading.words(message.get("type"))
    part = reading.obj(message.get(kind))
    text = reading.words(reading.obj(message.get("text")).get("body"))
    if message.get("errors") or kind in ("unsupported", "unknown"):
        return Content(text=text, note=_unsupported(message))
    if kind in _FILES:
        return Content(text=reading.words(part.get("caption")), media=(_file(kind, part),))
    match kind:
        case "text":
            return Content(text=text)
        case "location":
            return Content(text=_lines(part.get("name"), part.get("address")), place=_place(part))
        case "contacts":
            cards = reading.items(message.get("contacts"))[:MOST_LINES]
            return Content(text=_lines(*map(_card, cards)), media=tuple(Media(kind="contact") for _ in cards))
        case "button":
            words = reading.words(part.get("text"))
            return Content(text=words, kind="postback", note=None if words else "a button without words was pressed")
        case "interactive":
            return Content(text=_pressed(part), kind="postback")
        case "order":
            things = map(_ordered, reading.items(part.get("product_items"))[:MOST_LINES])
            return Content(text=_lines(part.get("text"), *things), kind="order")
        case _:
            raise ValueError("unknown_type")


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
    """A shared contact in a line: its name, and the numbers by which it may be called."""
    card = reading.obj(value)
    name = reading.words(reading.obj(card.get("name")).get("formatted_name"))
    numbers = [reading.words(reading.obj(one).get("phone")) for one in reading.items(card.get("phones"))]
    return ", ".join(part for part in (name, *numbers) if part)


def _pressed(part: Json) -> str:
    """The button or list entry that was chosen, or a form's answers."""
    for name in ("button_reply", "list_reply"):
        chosen = reading.obj(part.get(name))
        if chosen:
            return _lines(chosen.get("title"), chosen.get("description"))
    form = reading.obj(part.get("nfm_reply"))
    if not form:
        raise ValueError("unknown_interactive")
    return _lines(form.get("body"), *_answers(form.get("response_json")))


def _answers(written: Any) -> list[str]:
    """A form's answers, each in a line; its token is no answer."""
    try:
        given = json.loads(written) if isinstance(written, str) else written
    except reading.STRANGE:
        return []
    answers = [(str(name), value) for name, value in reading.obj(given).items() if name != "flow_token"][:MOST_LINES]
    return [f"{name}: {value}" for name, value in answers if isinstance(value, str | int | float)]


def _ordered(value: Any) -> str:
    item = reading.obj(value)
    thing, number = reading.identifier(item.get("product_retailer_id")), reading.whole(item.get("quantity"))
    return f"{number if number is not None else '?'} × {thing}" if thing else ""


def _lines(*parts: Any) -> str:
    return "\n".join(words for words in map(reading.words, parts) if words)
