"""One message to a number of the brand (``messages[]``), or of the brand from the WhatsApp Business app
(``message_echoes[]``).

Source: Meta, whatsapp/cloud-api/webhooks messages object; david-lev/pywa, restfb, nyaruka/courier.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ...model.events import Deleted, Edited, Event, OwnWords, Posted
from ...model.post import Post
from .. import reading
from ..meta.entry import Entry
from ..reading import Json
from .content import Content, content
from .law import GROUP
from .people import Contacts, author, ids

CHANNEL = "whatsapp"
FORWARDED = "forwarded: these may be somebody else's words"


def message(value: Any, contacts: Contacts, account: str | None, entry: Entry) -> Iterator[Event]:
    """The event of one message to the brand. Raises ValueError for what is not understood."""
    told = reading.obj(value)
    at = reading.moment(told.get("timestamp"), entry.time)
    match reading.words(told.get("type")):
        case "reaction" | "system" | "request_welcome" as kind:
            # The last one: somebody opened the chat for the first time, and has not written.
            yield entry.ignored(CHANNEL, kind, value)
        case "edit" | "revoke":
            yield _change(told, at)
        case _:
            yield _posted(told, contacts, reading.required(account, "account"), at)


def echo(value: Any, contacts: Contacts, account: str | None, entry: Entry) -> Iterator[Event]:
    """The event of one message that a person of the brand wrote in the app: a native answer, or a change of one.

    What is written in a group answers nobody in particular: it stops no robot's word in anybody's own chat.
    """
    told = reading.obj(value)
    at = reading.moment(told.get("timestamp"), entry.time)
    match reading.words(told.get("type")):
        case "reaction" | "system" as kind:
            yield entry.ignored(CHANNEL, f"own_{kind}", value)
        case "edit" | "revoke":
            yield _change(told, at)
        case _:
            post_id = reading.required(told.get("id"), "post_id")
            grouped = told.get("group_id") is not None
            person = ids(told.get("to"), told.get("to_user_id"), contacts)
            yield OwnWords(
                key=f"{CHANNEL}:{post_id}#own",
                channel=CHANNEL,
                account=reading.required(account, "account"),
                post_id=post_id,
                text=content(told).text,
                at=at,
                author_id=None if grouped else person.id,
                author_also=None if grouped else next(iter(person.all[1:]), None),
                by_app=False,
                clocked=reading.timed(told.get("timestamp")),
            )


def _change(told: Json, at: datetime) -> Edited | Deleted:
    """An edit has an id of its own and names the message that it changes, as a revocation does."""
    kind = reading.words(told.get("type"))
    changed = reading.obj(told.get(kind))
    post_id = reading.required(changed.get("original_message_id"), "original_id")
    if kind == "revoke":
        return Deleted(key=f"{CHANNEL}:{post_id}#deleted", channel=CHANNEL, post_id=post_id, at=at)
    text = content(reading.obj(changed.get("message"))).text
    version = reading.identifier(told.get("id")) or reading.digest(told.get("timestamp"), text)
    return Edited(key=f"{CHANNEL}:{post_id}#edited:{version}", channel=CHANNEL, post_id=post_id, text=text, at=at)


def _posted(told: Json, contacts: Contacts, account: str, at: datetime) -> Posted:
    person, said = author(told, contacts), content(told)
    context, group = reading.obj(told.get("context")), told.get("group_id")
    forwarded = context.get("forwarded") is True or context.get("frequently_forwarded") is True
    quoted_id, quoted_text = _advertised(
        reading.obj(told.get("referral")), reading.obj(context.get("referred_product"))
    )
    post = Post(
        channel=CHANNEL,
        account=account,
        post_id=reading.required(told.get("id"), "post_id"),
        author=person,
        text=said.text,
        at=at,
        visibility="private",
        kind=said.kind if group is None else GROUP,
        thread_id=person.id if group is None else reading.required(group, "group_id"),
        parent_id=reading.identifier(context.get("id")),
        quoted_id=quoted_id,
        quoted_text=quoted_text,
        media=said.media,
        place=said.place,
        incomplete=_notes(said, forwarded, group is not None),
    )
    return Posted(key=post.key, post=post)


def _notes(said: Content, forwarded: bool, grouped: bool) -> str | None:
    notes = (
        said.note,
        FORWARDED if forwarded else None,
        "written in a group: answer it in the app" if grouped else None,
    )
    return "; ".join(note for note in notes if note) or None


def _advertised(referral: Json, product: Json) -> tuple[str | None, str | None]:
    """The ad that the talk began with, or the product that is asked about: its id and its words."""
    if referral:
        words = [reading.words(referral.get(name)) for name in ("headline", "body")]
        return reading.identifier(referral.get("source_id")), "\n".join(filter(None, words)) or None
    known = reading.identifier(product.get("product_retailer_id"))
    return known, f"product {known}" if known else None
