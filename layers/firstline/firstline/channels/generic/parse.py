"""What a generic source says: one event, or several in ``events``. docs/schemas/generic-event.schema.json describes it.

The shape is ours, so it is strict: what is no such event is quarantined. Text is plain text; markup in it is shown as it
stands. Everything optional that is missing is unknown, and what nobody knows of (further members) is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...model.events import Deleted, Edited, Event, Ignored, OwnWords, Posted
from ...model.post import Author, Contact, Media, Place, Post
from .. import reading
from ..reading import Json
from .names import CHANNEL, ours, source_of

KINDS = ("post", "comment", "review", "mention", "message", "email", "call")
PRIVATE_KINDS = frozenset({"message", "email", "call"})
LONGEST_TEXT, LONGEST_NAME, LONGEST_URL = 50_000, 200, 2_000
MOST_MEDIA = 20
_URL = re.compile(r"https?://\S+", re.IGNORECASE)


def parse(body: bytes, accounts: Mapping[str, str]) -> list[Event]:
    """Every event of the delivery; see `contract.Adapter.parse`."""
    source = source_of(accounts)
    try:
        envelope = reading.load(body)
    except reading.STRANGE:
        text = body.decode("utf-8", "replace").replace("\0", "\ufffd")
        return [reading.unreadable(CHANNEL, "no_json", text, source)]
    if not isinstance(envelope, dict) or not ("type" in envelope or isinstance(envelope.get("events"), list)):
        return [reading.unreadable(CHANNEL, "unknown_shape", envelope, source)]
    told = [envelope] if "type" in envelope else envelope["events"]
    events = [event for one in told for event in reading.each(CHANNEL, one, source, _bound(one, source))]
    return reading.once(events) or [Ignored(key=f"{CHANNEL}~{reading.digest(source, envelope)}", reason="empty")]


def _bound(value: Any, source: str) -> Callable[[], Iterator[Event]]:
    return lambda: _event(value, source)


def _event(value: Any, source: str) -> Iterator[Event]:
    kind, data = reading.words(reading.obj(value).get("type")), reading.obj(reading.obj(value).get("data"))
    if kind == "ping":
        yield Ignored(key=f"{CHANNEL}~{reading.digest(source, value)}", reason="ping")
        return
    if kind not in _READERS:
        raise ValueError("unknown_type")
    post_id = _required(ours(source, data.get("id")), "post_id")
    yield from _READERS[kind](value, data, source, post_id)


def _created(value: Json, data: Json, source: str, post_id: str) -> Iterator[Event]:
    kind = data.get("kind", "post")
    if kind not in KINDS:
        raise ValueError("unknown_kind")
    visibility = data.get("visibility", "private" if kind in PRIVATE_KINDS else "public")
    if visibility not in ("public", "private"):
        raise ValueError("unknown_visibility")
    parent_id = ours(source, data.get("parent_id"))
    contacts = tuple(_contacts(reading.obj(data.get("author"))))
    author = _author(reading.obj(data.get("author")), contacts, source, post_id)
    thread_id = ours(source, data.get("thread_id")) or (author.id if visibility == "private" else parent_id or post_id)
    post = Post(
        channel=CHANNEL,
        account=source,
        post_id=post_id,
        author=author,
        text=_text(data.get("text"), LONGEST_TEXT) or "",
        at=reading.moment(data.get("at"), value.get("timestamp")),
        visibility=visibility,
        kind=kind,
        thread_id=thread_id,
        parent_id=parent_id,
        parent_text=_text(data.get("parent_text"), LONGEST_TEXT),
        quoted_id=ours(source, data.get("quoted_id")),
        quoted_text=_text(data.get("quoted_text"), LONGEST_TEXT),
        language=_text(data.get("language"), 35),
        media=tuple(_media(data.get("media"))),
        place=_place(reading.obj(data.get("place"))),
        addressed=data.get("addressed") is not False,
        top_level=parent_id is None,
        url=_url(data.get("url")),
        contacts=contacts,
    )
    if not post.text and not post.media:
        raise ValueError("no_text")
    yield Posted(key=post.key, post=post)


def _updated(value: Json, data: Json, source: str, post_id: str) -> Iterator[Event]:
    text, at = _text(data.get("text"), LONGEST_TEXT), reading.moment(data.get("at"), value.get("timestamp"))
    if text is None:
        raise ValueError("no_text")
    key = f"{CHANNEL}:{post_id}#edited:{reading.digest(at.isoformat(), text)}"
    yield Edited(key=key, channel=CHANNEL, post_id=post_id, text=text, at=at)


def _gone(how: Any) -> Callable[[Json, Json, str, str], Iterator[Event]]:
    def read(value: Json, data: Json, source: str, post_id: str) -> Iterator[Event]:
        at = reading.moment(data.get("at"), value.get("timestamp"))
        key = f"{CHANNEL}:{post_id}#{how}" + ("" if how == "deleted" else f":{int(at.timestamp())}")
        yield Deleted(key=key, channel=CHANNEL, post_id=post_id, at=at, how=how)

    return read


def _own(value: Json, data: Json, source: str, post_id: str) -> Iterator[Event]:
    """Somebody of the brand wrote there, or our reply comes back (``reply_id``)."""
    text = _text(data.get("text"), LONGEST_TEXT)
    if text is None:
        raise ValueError("no_text")
    tag = data.get("reply_id")
    yield OwnWords(
        key=f"{CHANNEL}:{post_id}#own",
        channel=CHANNEL,
        account=source,
        post_id=post_id,
        text=text,
        at=reading.moment(data.get("at"), value.get("timestamp")),
        parent_id=ours(source, data.get("parent_id")),
        author_id=ours(source, data.get("recipient_id")),
        # A source may only speak of replies to its own posts.
        tag=tag if isinstance(tag, str) and tag.startswith(f"ack-{CHANNEL}:{source}/") else None,
    )


_READERS: dict[str, Callable[[Json, Json, str, str], Iterator[Event]]] = {
    "post.created": _created,
    "post.updated": _updated,
    "post.deleted": _gone("deleted"),
    "post.hidden": _gone("hidden"),
    "post.restored": _gone("restored"),
    "own.posted": _own,
}


def _required(found: str | None, what: str) -> str:
    if found is None:
        raise ValueError(f"no_{what}")
    return found


def _text(value: Any, most: int) -> str | None:
    """Text of bearable length; None where there is none."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("no_text")
    if len(value) > most:
        raise ValueError("too_long")
    return value


def _author(given: Json, contacts: tuple[Contact, ...], source: str, post_id: str) -> Author:
    """Whoever wrote. Without an id the verified contact says who it is; without that, it is a stranger of this post."""
    author_id = ours(source, given.get("id"))
    if author_id is None and given.get("id") is not None:
        raise ValueError("no_author_id")
    if author_id is None and contacts:
        author_id = f"{source}/{contacts[0].key}"
    return Author(
        id=author_id or _required(reading.identifier(f"{source}/~{post_id}"), "post_id"),
        handle=_text(given.get("handle"), LONGEST_NAME),
        name=_text(given.get("name"), LONGEST_NAME),
        followers=reading.whole(given.get("followers")),
        verified=given.get("verified") if isinstance(given.get("verified"), bool) else None,
    )


def _contacts(given: Json) -> Iterator[Contact]:
    """What the sender has *verified* to be this person's, in one notation; the surest first."""
    told = reading.obj(given.get("verified_contact"))
    for kind in ("customer_number", "email", "phone"):
        value = _text(told.get(kind), LONGEST_NAME)
        if value is None:
            continue
        contact = Contact.of(kind, value)  # type: ignore[arg-type]
        if contact is None:
            raise ValueError(f"no_{kind}")
        yield contact


def _media(value: Any) -> Iterator[Media]:
    found = reading.items(value)
    if len(found) > MOST_MEDIA:
        raise ValueError("too_many_media")
    for one in map(reading.obj, found):
        yield Media(kind=_text(one.get("kind"), 40) or "attachment", url=_url(one.get("url")))


def _url(value: Any) -> str | None:
    """A web address; anything else is none, since people may open it."""
    found = reading.words(value)
    return found if len(found) <= LONGEST_URL and _URL.fullmatch(found) else None


def _place(given: Json) -> Place | None:
    place = Place(
        name=_text(given.get("name"), LONGEST_NAME),
        latitude=reading.decimal(given.get("latitude")),
        longitude=reading.decimal(given.get("longitude")),
    )
    return place if place != Place() else None
