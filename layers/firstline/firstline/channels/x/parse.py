"""What a delivery of X says. Three envelopes share one webhook, and only their keys tell them apart:

- Account Activity API (AAA): ``for_user_id`` and one or more lists; classic post objects.
- X Activity API (XAA): one event in ``data`` with ``event_type``; current post objects.
- Filtered stream: a current post in ``data``, ``matching_rules`` beside it.

Source: X account-activity/introduction, activity/event-payloads, webhooks/stream/quickstart (August 2026).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...model.events import AccountNotice, Deleted, Event, Ignored
from .. import reading
from ..reading import Json
from . import classic, current, talks
from .drafts import CHANNEL, Brand, events_of, moment_of_id

Reader = Callable[[Any], Iterable[Event]]

_BESIDES = frozenset({"for_user_id", "user_has_blocked", "users", "apps"})
_AAA_IGNORED = {
    "favorite_events": "like",
    "follow_events": "follow",
    "block_events": "block",
    "mute_events": "mute",
    "direct_message_indicate_typing_events": "typing",
    "direct_message_mark_read_events": "read",
}
# Event types without dots and case: they were PascalCase before March 2026 (X changelog).
_XAA_POSTS = frozenset({"postcreate", "postmentioncreate", "postreplycreate", "postquotecreate"})
_XAA_SUMMONS = frozenset({"postmentioncreate", "postquotecreate"})
_XAA_IGNORED = {
    "postrepost": "repost",
    "dmread": "read",
    "dmindicatetyping": "typing",
    "chatread": "read",
    "chatindicatetyping": "typing",
    "like": "like",
    "follow": "follow",
    "unfollow": "unfollow",
    "mute": "mute",
    "unmute": "unmute",
    "block": "block",
    "unblock": "unblock",
    "profile": "profile",
    "spaces": "spaces",
    "news": "news",
}


def parse(body: bytes, accounts: Mapping[str, str]) -> list[Event]:
    """Every event of the delivery; see `contract.Adapter.parse`."""
    try:
        envelope = reading.load(body)
    except reading.STRANGE:
        return [reading.unreadable(CHANNEL, "no_json", body.decode("utf-8", "replace").replace("\0", "\ufffd"))]
    if not isinstance(envelope, dict):
        return [reading.unreadable(CHANNEL, "unknown_shape", envelope)]
    if isinstance(envelope.get("data"), dict):
        read = _xaa if "event_type" in envelope["data"] else _stream
        return reading.once(reading.each(CHANNEL, envelope, None, lambda: read(envelope, Brand(accounts))))
    return reading.once(_aaa(envelope, Brand(accounts, reading.identifier(envelope.get("for_user_id")))))


def _aaa(envelope: Json, brand: Brand) -> list[Event]:
    users, apps = reading.obj(envelope.get("users")), reading.obj(envelope.get("apps"))
    readers: dict[str, Reader] = {
        "tweet_create_events": lambda tweet: events_of(replace(classic.draft_of(tweet), directed=True), brand),
        "tweet_delete_events": _deleted,
        "direct_message_events": lambda message: talks.message_events(message, users, apps, brand),
    }
    events: list[Event] = []
    understood = False
    for name, value in envelope.items():
        if name in readers and isinstance(value, list):
            for one in value:
                events += reading.each(CHANNEL, one, name, _bound(readers[name], one))
        elif name in _AAA_IGNORED and isinstance(value, list):
            events += [_ignored(_ignored_as(name, one), one, name, brand.subscribed) for one in value]
        elif name in ("user_event", "replay_job_status"):
            events += reading.each(CHANNEL, value, name, _bound(_NOTICES[name], value))
        elif name in readers or name in _AAA_IGNORED or (isinstance(value, dict | list) and name not in _BESIDES):
            events.append(reading.unreadable(CHANNEL, "unknown_member", {name: value}, brand.subscribed))
        else:
            continue
        understood = True
    if not understood:
        return [reading.unreadable(CHANNEL, "unknown_shape", envelope)]
    return events or [_ignored("empty", envelope)]


def _bound(read: Reader, value: Any) -> Callable[[], Iterable[Event]]:
    return lambda: read(value)


def _ignored_as(name: str, one: Any) -> str:
    kind = reading.words(reading.obj(one).get("type"))
    return kind if kind in ("unfollow", "unblock", "unmute") else _AAA_IGNORED[name]


def _ignored(reason: str, *content: Any) -> Ignored:
    return Ignored(key=f"{CHANNEL}~{reading.digest(reason, *content)}", reason=reason)


def _deleted(notice: Any) -> Iterator[Event]:
    status = reading.obj(reading.obj(notice).get("status"))
    post_id = reading.required(status.get("id") or status.get("id_str"), "post_id")
    yield _gone(post_id, reading.obj(notice).get("timestamp_ms"))


def _gone(post_id: str, when: Any = None) -> Deleted:
    """A deletion; the X Activity API names no time, so it is the earliest that it can have been."""
    at = reading.moment(when)
    return Deleted(
        key=f"{CHANNEL}:{post_id}#deleted",
        channel=CHANNEL,
        post_id=post_id,
        at=moment_of_id(post_id) if at == reading.EPOCH else at,
    )


def _revoked(value: Any) -> Iterator[Event]:
    revoke = reading.obj(reading.obj(value).get("revoke"))
    if not revoke:
        raise ValueError("unknown_user_event")
    yield _notice("revoked", reading.identifier(reading.obj(revoke.get("source")).get("user_id")), value)


def _notice(reason: str, account: str | None, content: Any) -> AccountNotice:
    key = f"{CHANNEL}~{reading.digest(reason, content)}"
    return AccountNotice(key=key, channel=CHANNEL, account=account, reason=reason)


def _replayed(value: Any) -> Iterator[Event]:
    state = reading.words(reading.obj(value).get("job_state"))
    if state.casefold() == "complete":
        yield _ignored("replay_complete", value)
    else:
        # Deliveries of the replayed time are missing: somebody has to ask for them again.
        yield _notice("replay_incomplete", None, value)


_NOTICES: dict[str, Reader] = {"user_event": _revoked, "replay_job_status": _replayed}


def _xaa(envelope: Json, accounts: Brand) -> Iterable[Event]:
    data = envelope["data"]
    brand = replace(accounts, subscribed=reading.identifier(reading.obj(data.get("filter")).get("user_id")))
    payload = reading.obj(data.get("payload"))
    includes = data.get("includes") or envelope.get("includes")
    kind = re.sub(r"[^a-z]", "", reading.words(data.get("event_type")).casefold())
    if kind in _XAA_POSTS:
        summoned, directed = kind in _XAA_SUMMONS, kind != "postcreate"
        return events_of(current.draft_of(payload, includes, summoned, directed), brand)
    if kind == "postdelete":
        return [_gone(reading.required(payload.get("id"), "post_id"), payload.get("timestamp_ms"))]
    if kind in ("dmreceived", "dmsent"):
        return _messages(payload, brand, sent=kind == "dmsent")
    if kind in ("chatreceived", "chatsent"):
        return talks.encrypted_events(payload, brand, sent=kind == "chatsent")
    if kind == "oauthrevoke":
        return [_notice("revoked", reading.identifier(payload.get("user_id")), data)]
    for beginning, reason in _XAA_IGNORED.items():
        if kind.startswith(beginning):
            return [_ignored(reason, reading.words(data.get("event_uuid")), data)]
    raise ValueError("unknown_event_type")


def _messages(payload: Json, brand: Brand, sent: bool) -> list[Event]:
    users, apps = reading.obj(payload.get("users")), reading.obj(payload.get("apps"))
    found = reading.items(payload.get("direct_message_events"))
    if not found:
        raise ValueError("no_message")
    events: list[Event] = []
    for one in found:
        events += reading.each(
            CHANNEL, one, None, _bound(lambda message: talks.message_events(message, users, apps, brand, sent), one)
        )
    return events


def _stream(envelope: Json, brand: Brand) -> Iterable[Event]:
    return events_of(current.draft_of(envelope["data"], envelope.get("includes")), brand)
