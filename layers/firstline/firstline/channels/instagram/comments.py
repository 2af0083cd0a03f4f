"""One change of an Instagram account: a comment, a mention, a message in the clothes of a change, or nothing.

Comments carry no time, so that of the notice stands for it; neither their edits nor their deletions are told
(unconfirmed). Source: Meta, graph-api/webhooks/reference/instagram and instagram-platform/webhooks; bodies of restfb.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...model.events import Event, NeedsLookup, OwnWords, Posted
from ...model.post import Author, Post, unknown_author
from .. import reading
from ..meta.entry import Entry
from ..meta.talks import LONGEST_REFERRAL, Inbox, messaging_events
from ..reading import Json

CHANNEL = "instagram"
UNKNOWN_AUTHOR = "the platform does not say who wrote this"

_COMMENTS = {"comments": "comment", "live_comments": "live_comment"}
# fmt: off
_MESSAGES = frozenset((
    "messages", "message_echoes", "message_edit", "message_reactions", "messaging_handover", "messaging_optins",
    "messaging_postbacks", "messaging_referral", "messaging_seen", "messaging_policy_enforcement", "standby",
))
# fmt: on
_OTHER_FIELDS = frozenset({"story_insights", "business_login_deauthorize", "share_to_feed", "follow"})


def change_events(change: Any, entry: Entry) -> Iterator[Event]:
    """The events of one change. Raises ValueError for what is not understood."""
    change = reading.obj(change)
    field, value = reading.words(change.get("field")), change.get("value")
    if field in _OTHER_FIELDS:
        yield entry.ignored(CHANNEL, f"field_{field}", change)
    elif field in _COMMENTS or field == "mentions":
        if not isinstance(value, dict):
            # Without values (a switch of the subscription) every comment would be lost: it must be seen.
            raise ValueError("value_missing")
        yield _mention(value, entry) if field == "mentions" else _comment(value, entry, _COMMENTS[field])
    elif field in _MESSAGES:
        yield from messaging_events(value, Inbox(CHANNEL, entry, standby=field == "standby"))
    elif value is None:
        yield entry.ignored(CHANNEL, "value_missing", change)
    else:
        raise ValueError("unknown_field")


def _comment(value: Json, entry: Entry, kind: str) -> Event:
    post_id = reading.required(value.get("id") or value.get("comment_id"), "post_id")
    media = reading.obj(value.get("media"))
    media_id = reading.identifier(media.get("id"))
    above = reading.identifier(value.get("parent_id"))
    parent_id = above or media_id
    at = reading.moment(value.get("timestamp"), value.get("created_time"), entry.time)
    text = reading.words(value.get("text"))
    author = author_of(value) or named_only(_username(value))
    if is_own(value, author, entry):
        return OwnWords(
            key=f"{CHANNEL}:{post_id}#own",
            channel=CHANNEL,
            account=entry.account,
            post_id=post_id,
            text=text,
            at=at,
            parent_id=parent_id,
            clocked=reading.timed(value.get("timestamp"), value.get("created_time")),
        )
    post = Post(
        channel=CHANNEL,
        account=entry.account,
        post_id=post_id,
        author=author or unknown_author(post_id),
        text=text,
        at=at,
        kind=kind,
        thread_id=media_id or above or post_id,
        parent_id=parent_id,
        top_level=above is None,
        came_from=_advertisement(media),
        incomplete=None if author else UNKNOWN_AUTHOR,
    )
    named = author is not None and author_of(value) is not None
    return Posted(key=post.key, post=post) if named else _to_be_read(post, "comment")


def _mention(value: Json, entry: Entry) -> Event:
    """Ids only: who wrote what about the account, and where, is read afterwards (R8c)."""
    comment_id, media_id = (reading.identifier(value.get(name)) for name in ("comment_id", "media_id"))
    post_id = reading.required(comment_id or media_id, "post_id")
    thread_id = media_id or post_id
    post = Post(
        channel=CHANNEL,
        account=entry.account,
        post_id=post_id,
        author=unknown_author(post_id),
        text="",
        at=reading.moment(entry.time),
        kind="mention",
        thread_id=thread_id,
        parent_id=thread_id if thread_id != post_id else None,
        mentions=(entry.account,),
        incomplete=UNKNOWN_AUTHOR,
    )
    return _to_be_read(post, "mentioned_comment" if comment_id else "mentioned_media")


def _to_be_read(post: Post, ask: str) -> NeedsLookup:
    return NeedsLookup(
        key=post.key, channel=CHANNEL, account=post.account, ask=ask, object_id=post.post_id, partial=post
    )


def _advertisement(media: Json) -> str | None:
    """The ad that was commented on: its id and title."""
    told = (reading.identifier(media.get("ad_id")), reading.words(media.get("ad_title")))
    return " · ".join(part for part in told if part)[:LONGEST_REFERRAL] or None


def author_of(value: Json) -> Author | None:
    """Whoever wrote it by ``from``; older comments and those on live video name nobody."""
    author_id = reading.identifier(reading.obj(value.get("from")).get("id"))
    return Author(id=author_id, handle=_username(value) or None) if author_id else None


def named_only(username: str) -> Author | None:
    """Whoever is known by name alone: the name stands for the id, as in a mention that was read."""
    named = reading.identifier(username.casefold())
    return Author(id=f"username:{named}", handle=username) if named else None


def _username(value: Json) -> str:
    return reading.words(reading.obj(value.get("from")).get("username")) or reading.words(value.get("username"))


def is_own(value: Json, author: Author | None, entry: Entry) -> bool:
    """Whether one of the brand's accounts wrote it: by id, by username (an id may be scoped to the app, or missing), or
    by the mark that Meta puts on an account's own comments."""
    if author is not None and entry.owns(author.id):
        return True
    if reading.obj(value.get("from")).get("self_ig_scoped_id"):
        return True
    return same_name(_username(value), entry.accounts.get(entry.account))


def same_name(first: str | None, second: str | None) -> bool:
    """Usernames do not tell capitals apart, and may be written with ``@``."""
    names = [(name or "").lstrip("@").casefold() for name in (first, second)]
    return bool(names[0]) and names[0] == names[1]
