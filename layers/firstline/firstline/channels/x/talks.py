"""Direct messages on X: the legacy events (the same in both APIs) and the encrypted ones, which nobody here can read."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from ...model.events import Event, OwnWords, Posted
from ...model.post import UNREAD, Author, Place, Post
from .. import reading
from ..reading import Json
from . import classic, current
from .drafts import CHANNEL, Brand, media_of, written_by_app

UNKNOWN_KIND = "a message of a kind that nobody here can read: see the app"
ENCRYPTED = "encrypted: the words can be read in the platform's own app only"


def message_events(message: Any, users: Json, apps: Json, brand: Brand, sent: bool = False) -> Iterator[Event]:
    """One entry of ``direct_message_events``; ``sent``: X says that the account wrote it, whatever its sender's id.
    Raises ValueError for what is no message."""
    message = reading.obj(message)
    if message.get("type") != "message_create":
        raise ValueError("unknown_message_type")
    said = reading.obj(message.get("message_create"))
    post_id = reading.required(message.get("id"), "post_id")
    sender = reading.required(said.get("sender_id"), "author")
    recipient = reading.identifier(reading.obj(said.get("target")).get("recipient_id"))
    content = reading.obj(said.get("message_data"))
    attachment = reading.obj(content.get("attachment"))
    attached = reading.obj(attachment.get("media"))
    place = _place(reading.obj(attachment.get("location")))
    at = reading.moment(message.get("created_timestamp"))
    text = _text(content, attached)
    if sent or brand.owns(sender):
        app = reading.obj(apps.get(reading.identifier(said.get("source_app_id")) or ""))
        account = sender if brand.owns(sender) else brand.subscribed or sender
        yield _own(post_id, account, recipient, text, at, written_by_app(reading.words(app.get("name")) or None))
        return
    unread = bool(attachment) and not attached and place is None
    unread = unread or not (text or attachment)
    post = Post(
        channel=CHANNEL,
        account=_account(recipient, brand),
        post_id=post_id,
        author=_author(sender, users.get(sender)),
        text=text or (reading.told(content, _FRAME) if unread else ""),
        at=at,
        visibility="private",
        kind=UNREAD if unread and not text else "message",
        thread_id=sender,
        media=media_of([attached] if attached else [], "media_url_https", "media_url"),
        place=place,
        incomplete=UNKNOWN_KIND if unread else None,
    )
    yield Posted(key=post.key, post=post)


def encrypted_events(payload: Json, brand: Brand, sent: bool = False) -> Iterator[Event]:
    """``chat.received`` and ``chat.sent``: who and when, but not what."""
    post_id = reading.required(payload.get("id"), "post_id")
    sender = reading.required(payload.get("sender_id"), "author")
    at = reading.moment(payload.get("created_at_msec"))
    if sent or brand.owns(sender):
        account = sender if brand.owns(sender) else brand.subscribed or sender
        parties = reading.words(payload.get("conversation_id")).split(":")
        others = (party for party in parties if party not in (sender, account) and reading.identifier(party))
        yield _own(post_id, account, next(others, None), "", at, False)
        return
    post = Post(
        channel=CHANNEL,
        account=_account(None, brand),
        post_id=post_id,
        author=Author(id=sender),
        text="",
        at=at,
        visibility="private",
        kind="encrypted",
        thread_id=sender,
        incomplete=ENCRYPTED,
    )
    yield Posted(key=post.key, post=post)


def _own(post_id: str, account: str, other: str | None, text: str, at: Any, by_app: bool | None) -> OwnWords:
    return OwnWords(
        key=f"{CHANNEL}:{post_id}#own",
        channel=CHANNEL,
        account=account,
        post_id=post_id,
        text=text,
        at=at,
        author_id=other,
        by_app=by_app,
    )


def _account(recipient: str | None, brand: Brand) -> str:
    if recipient and brand.owns(recipient):
        return recipient
    return brand.subscribed or recipient or next(iter(brand.accounts), "")


def _author(sender: str, user: Any) -> Author:
    # Users are plain in the Account Activity API and wrapped in `data`, with v2's field names, in the X Activity API.
    found = current.unwrapped(user)
    if "username" in found:
        return current.author_of(sender, found)
    return classic.author_of({**found, "id_str": sender})


_FRAME = frozenset({"text", "entities"})


def _place(location: Json) -> Place | None:
    """What was shared: a point (longitude first), or a place by its name."""
    named = reading.obj(reading.obj(location.get("shared_place")).get("place"))
    shared = reading.obj(location.get("shared_coordinate")) or named
    point = reading.items(reading.obj(shared.get("coordinates")).get("coordinates")) or reading.items(
        shared.get("centroid")
    )
    longitude, latitude = map(reading.decimal, point) if len(point) == 2 else (None, None)
    name = reading.words(named.get("full_name")) or reading.words(named.get("name")) or None
    return Place(name=name, latitude=latitude, longitude=longitude) if name or latitude else None


def _text(content: Json, attached: Json) -> str:
    raw = reading.words(content.get("text"))
    link = reading.words(attached.get("url"))
    return html.unescape(raw.replace(link, "") if link else raw).replace("\0", "\ufffd").strip()
