"""One event of private messages: ``entry[].messaging[]``, or ``standby[]`` while another app holds the conversation.

Messenger and Instagram write them alike. Source: Meta, webhook events reference of both; recorded bodies of restfb,
nyaruka/courier and chatwoot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...model.events import Deleted, Edited, Event, NeedsLookup, OwnWords, Posted
from ...model.post import UNREAD, Author, Media, Place, Post, unknown_author
from .. import reading
from ..reading import Json, told
from .entry import Entry

STANDBY = "another app holds this conversation: answer it there, or take it over first"
LONGEST_REFERRAL = 300
LONGEST_SHARED = 1_000
UNSUPPORTED = "a message of a kind that the platform does not hand over"
UNKNOWN_KIND = "a message of a kind that nobody here can read: see the app"
BY_ID_ONLY = "the platform told of this message by its id alone"
PATIENCE = 30
"""Seconds for a message to come by itself, of which a notice told the id alone."""
MENTIONED = "the brand was mentioned in a story; its link expires"

_IGNORED = (
    *("delivery", "read", "reaction", "referral", "optin", "account_linking", "app_roles", "typing", "typing_on"),
    *("pass_thread_control", "take_thread_control", "request_thread_control", "game_play", "checkout_update"),
    *("pre_checkout", "payment", "message_read", "message_reaction", "message_context", "messaging_feedback", "order"),
    *("message_delivery", "typing_off", "response_feedback", "mark_seen"),
)
# The thumb that sends itself when the text is empty, in its three sizes (nyaruka/courier, thumbs_up).
_THUMBS = frozenset({"369239263222822", "369239343222814", "369239383222810"})


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where messages come in: on which channel, to whose account, and whether another app holds the conversation."""

    channel: str
    entry: Entry
    standby: bool = False


def messaging_events(value: Any, inbox: Inbox) -> Iterator[Event]:
    """The event of one item. Raises ValueError for what is not understood."""
    item, entry, channel = reading.obj(value), inbox.entry, inbox.channel
    at = reading.moment(item.get("timestamp"), entry.time)
    if isinstance(item.get("message"), dict):
        yield _message(item, item["message"], inbox, at)
    elif isinstance(item.get("message_edit"), dict):
        yield _edited(item["message_edit"], item, inbox, at)
    elif isinstance(item.get("postback"), dict):
        sender = reading.identifier(reading.obj(item.get("sender")).get("id"))
        own = item.get("is_self") or entry.owns(sender)
        yield entry.ignored(channel, "to_itself", value) if own else _postback(item, item["postback"], inbox, at)
    elif policy := reading.obj(item.get("policy-enforcement") or item.get("policy_enforcement")):
        action = reading.words(policy.get("action"))
        yield entry.notice(channel, f"policy_{action if action in ('block', 'unblock') else 'enforcement'}", value)
    elif isinstance(item.get("optin"), dict):
        yield entry.ignored(channel, _opted(item["optin"]), value)
    elif reason := next((name for name in _IGNORED if name in item), None):
        yield entry.ignored(channel, reason, value)
    else:
        raise ValueError("unknown_event")


def _message(item: Json, message: Json, inbox: Inbox, at: datetime) -> Event:
    entry, channel = inbox.entry, inbox.channel
    post_id = reading.required(message.get("mid"), "post_id")
    sender = reading.required(reading.obj(item.get("sender")).get("id"), "author")
    if message.get("is_deleted"):
        return Deleted(key=f"{channel}:{post_id}#deleted", channel=channel, post_id=post_id, at=at)
    if message.get("is_self"):
        # Instagram: the account wrote to itself.
        return entry.ignored(channel, "to_itself", item)
    if message.get("is_echo") or entry.owns(sender):
        return _own(post_id, sender, item, message, inbox, at)
    media, place, sign = _attached(message)
    kinds = {one.kind for one in media}
    story = reading.obj(reading.obj(message.get("reply_to")).get("story"))
    if story:
        media = (*media, Media(kind="story", url=reading.words(story.get("url")) or None))
    mentioned = MENTIONED if "story_mention" in kinds else None
    text = reading.words(message.get("text")) or sign
    note = UNSUPPORTED if message.get("is_unsupported") or "unsupported_type" in kinds else mentioned
    unread = not (text or media or place or note)
    post = _post(
        post_id,
        sender,
        item,
        inbox,
        at,
        text=text or (told(message, _FRAME) if unread else ""),
        kind=UNREAD if unread else "story_mention" if mentioned else "story_reply" if story else "message",
        media=media,
        place=place,
        parent_id=reading.identifier(reading.obj(message.get("reply_to")).get("mid")),
        quoted_text=_shared(message),
        note=UNKNOWN_KIND if unread else note,
        came_from=_came_from(message.get("referral")),
    )
    return Posted(key=post.key, post=post)


def _own(post_id: str, sender: str, item: Json, message: Json, inbox: Inbox, at: datetime) -> OwnWords:
    """An echo. ``metadata`` is our reply id where we wrote it; without an ``app_id`` a person did, in the inbox."""
    entry, channel = inbox.entry, inbox.channel
    recipient = reading.identifier(reading.obj(item.get("recipient")).get("id"))
    # An echo's sender may be an id of the account that we do not know (scoped to the app): whoever it is, the other is
    # the customer.
    other = recipient if recipient is not None and not entry.owns(recipient) else sender
    return OwnWords(
        key=f"{channel}:{post_id}#own",
        channel=channel,
        account=sender if entry.owns(sender) else entry.account,
        post_id=post_id,
        text=reading.words(message.get("text")),
        at=at,
        author_id=None if entry.owns(other) else other,
        parent_id=reading.identifier(reading.obj(message.get("reply_to")).get("mid")),
        tag=reading.words(message.get("metadata")) or None,
        by_app=None if reading.identifier(message.get("app_id")) else False,
        clocked=reading.timed(item.get("timestamp")),
    )


def _opted(optin: Json) -> str:
    """What a person chose about marketing messages, of which Firstline sends none (law.py: messenger_stop)."""
    status = reading.words(optin.get("notification_messages_status")).casefold()
    return next((f"optin_{word}" for word in ("stop", "resume") if status.startswith(word)), "optin")


def _came_from(*referrals: Any) -> str | None:
    """The ad or link by which the person came: source, the ad's id and title, the link's own word."""
    for referral in map(reading.obj, referrals):
        ad = reading.obj(referral.get("ads_context_data"))
        told = [referral.get("source"), referral.get("ad_id"), ad.get("ad_title"), referral.get("ref")]
        parts = [part for part in (reading.identifier(one) or reading.words(one) for one in told) if part]
        if parts:
            return " · ".join(parts)[:LONGEST_REFERRAL]
    return None


def _edited(edit: Json, item: Json, inbox: Inbox, at: datetime) -> Event:
    """A new version of a message; version 0 is the message itself, often without words and sender.

    What has no words is asked for at the platform, since they are nowhere else.
    """
    post_id = reading.required(edit.get("mid"), "post_id")
    text = reading.words(edit.get("text"))
    number = reading.whole(edit.get("num_edit"))
    sender = reading.identifier(reading.obj(item.get("sender")).get("id"))
    author = sender if sender is not None and not inbox.entry.owns(sender) else unknown_author(post_id).id
    known = _post(post_id, author, item, inbox, at, text=text, note=None if text else BY_ID_ONLY)
    if number == 0 and not (text.strip() and sender == author):
        return _to_be_read(known, known.key, PATIENCE)
    if number == 0:
        return Posted(key=known.key, post=known)
    version = reading.digest(item.get("timestamp"), text) if number is None else str(number)
    key = f"{inbox.channel}:{post_id}#edited:{version}"
    unread = None if text.strip() else _to_be_read(known, key)
    return Edited(key=key, channel=inbox.channel, post_id=post_id, text=text, at=at, unread=unread)


def _to_be_read(known: Post, key: str, after: int = 0) -> NeedsLookup:
    return NeedsLookup(
        key=key,
        channel=known.channel,
        account=known.account,
        ask="message",
        object_id=known.post_id,
        partial=known,
        after=after,
    )


def _postback(item: Json, postback: Json, inbox: Inbox, at: datetime) -> Event:
    """A pressed button counts as a message: it opens the window. Older ones have no id; theirs follows from the press."""
    sender = reading.required(reading.obj(item.get("sender")).get("id"), "author")
    pressed = reading.digest(sender, item.get("timestamp"), postback.get("payload"))
    post_id = reading.identifier(postback.get("mid")) or f"postback.{pressed}"
    title = reading.words(postback.get("title"))
    note = None if title else "a button without a title was pressed"
    came_from = _came_from(postback.get("referral"), item.get("referral"))
    post = _post(post_id, sender, item, inbox, at, text=title, kind="postback", note=note, came_from=came_from)
    return Posted(key=post.key, post=post)


def _post(
    post_id: str,
    sender: str,
    item: Json,
    inbox: Inbox,
    at: datetime,
    *,
    text: str,
    kind: str = "message",
    media: tuple[Media, ...] = (),
    place: Place | None = None,
    parent_id: str | None = None,
    quoted_text: str | None = None,
    note: str | None = None,
    came_from: str | None = None,
) -> Post:
    entry, standby = inbox.entry, inbox.standby
    recipient = reading.identifier(reading.obj(item.get("recipient")).get("id"))
    return Post(
        channel=inbox.channel,
        account=recipient if recipient and entry.owns(recipient) else entry.account,
        post_id=post_id,
        author=Author(id=sender),
        text=text,
        at=at,
        visibility="private",
        kind="standby" if standby else kind,
        thread_id=sender,
        parent_id=parent_id,
        quoted_text=quoted_text,
        media=media,
        place=place,
        came_from=came_from,
        incomplete="; ".join(part for part in (STANDBY if standby else None, note) if part) or None,
    )


_FRAME = frozenset(
    {"mid", "text", "attachments", "seq", "app_id", "metadata", "nlp", "reply_to", "quick_reply", "tags"}
)
"""Of a message of an unknown kind, what is not its content."""


def _shared(message: Json) -> str | None:
    """The titles of what was shared (a link, a product, a post): somebody else's words, shown beside the person's."""
    titles: list[str] = []
    for one in map(reading.obj, reading.items(message.get("attachments"))):
        payload = reading.obj(one.get("payload"))
        if not reading.obj(payload.get("coordinates")):
            elements = [
                *reading.items(payload.get("elements")),
                *reading.items(reading.obj(payload.get("product")).get("elements")),
            ]
            for part in (one, payload, *map(reading.obj, elements)):
                titles += [reading.words(part.get(name)) for name in ("title", "subtitle", "description")]
    return "\n".join(dict.fromkeys(filter(None, titles)))[:LONGEST_SHARED] or None


def _attached(message: Json) -> tuple[tuple[Media, ...], Place | None, str]:
    """Media, the place that was shared, and a thumb or heart as the text that it stands for."""
    media: list[Media] = []
    place: Place | None = None
    sign = ""
    for one in map(reading.obj, reading.items(message.get("attachments"))):
        payload = reading.obj(one.get("payload"))
        point = reading.obj(payload.get("coordinates"))
        if point:
            latitude, longitude = reading.decimal(point.get("lat")), reading.decimal(point.get("long"))
            place = Place(name=reading.words(one.get("title")) or None, latitude=latitude, longitude=longitude)
            continue
        sticker = reading.identifier(payload.get("sticker_id"))
        sign = "\U0001f44d" if sticker in _THUMBS else sign
        if one.get("type") == "like_heart":
            sign = "\u2764\ufe0f"
            continue
        urls = (payload.get("url"), payload.get("story_media_url"), one.get("url"))
        url = next(filter(None, map(reading.words, urls)), "")
        kind = "sticker" if sticker else reading.words(one.get("type")) or "attachment"
        media.append(Media(kind=kind, url=url or None))
    return tuple(media), place, sign
