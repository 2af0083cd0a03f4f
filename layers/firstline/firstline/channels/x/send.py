"""Replies on X: sending them, and finding out whether they went out.

Source: X posts/manage-tweets, direct-messages/manage, openapi.json (August 2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...model.errors import POST_GONE, Outcome, Permanent, Unclear
from ...model.events import NeedsLookup
from ...model.post import Post
from .. import reading
from ..contract import Credentials, Limit, Outgoing, Sent
from ..words import same_words
from .classic import history_of
from .client import call as _call
from .refusals import refusal, usage_of

if TYPE_CHECKING:
    from ...outward.http import Http, Response

limits = {"posts": Limit(100, 15 * 60, day=10_000), "dms": Limit(15, 15 * 60, day=1_440)}
"""Per account; the day's 10,000 posts are the app's (X: fundamentals/rate-limits, August 2026). Headers rule."""

_PAGES = 5
# Clocks differ: what looks slightly older than the first attempt may still be it.
_SLACK = timedelta(seconds=60)


def send(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent:
    """See `contract.Adapter.send`.

    An edited post has a new id, and whether its first version may still be answered is not documented: if that is
    refused as gone, the newest version is answered instead. A post that X then does not know at all is ``post_gone``.
    """
    content: dict[str, Any] = {"text": outgoing.text}
    if outgoing.endpoint == "dms":
        return _sent(http, _call(http, credentials, "POST", f"{_talk(outgoing)}/messages", json=content), "dm_event_id")
    parent = outgoing.in_reply_to
    if not parent:
        return _sent(http, _call(http, credentials, "POST", "/2/tweets", json=content), "id")
    try:
        return _reply(http, credentials, content, parent)
    except Permanent as refused:
        versions = _versions(http, credentials, parent) if refused.reason == "parent_gone" else (parent,)
        if not versions:
            gone = Permanent(POST_GONE)
            gone.usage = refused.usage
            raise gone from None
        if versions[-1] == parent:
            raise
    return _reply(http, credentials, content, versions[-1])


def _reply(http: Http, credentials: Credentials, content: dict[str, Any], parent: str) -> Sent:
    reply = {**content, "reply": {"in_reply_to_tweet_id": parent}}
    return _sent(http, _call(http, credentials, "POST", "/2/tweets", json=reply), "id")


def _sent(http: Http, response: Response, name: str) -> Sent:
    data = reading.obj(reading.obj(response.data).get("data"))
    platform_id = reading.identifier(data.get(name))
    if not 200 <= response.status < 300 or platform_id is None:
        raise refusal(response, http.now())
    return Sent(platform_id, usage=usage_of(response))


def _talk(outgoing: Outgoing) -> str:
    if not outgoing.recipient:
        raise Permanent("no_recipient")
    return f"/2/dm_conversations/with/{quote(outgoing.recipient, safe='')}"


def _versions(http: Http, credentials: Credentials, post_id: str) -> tuple[str, ...]:
    """The ids of all versions of a post, oldest first; only the id itself where X does not tell; none when X says that
    there is no such post (a deletion is told in no other way)."""
    path = f"/2/tweets/{quote(post_id, safe='')}"
    try:
        response = _call(http, credentials, "GET", path, params={"tweet.fields": "edit_history_tweet_ids"})
    except Outcome:
        return (post_id,)
    problems = map(reading.obj, reading.items(reading.obj(response.data).get("errors")))
    if response.status == 404 or any(str(one.get("type", "")).endswith("/resource-not-found") for one in problems):
        return ()
    post = reading.obj(reading.obj(response.data).get("data"))
    return history_of(post, post_id) or (post_id,)


def find_sent(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent | None:
    """Own posts with that parent, or own messages to that person, with the same words, since the first attempt."""
    since = outgoing.since.astimezone(UTC) - _SLACK
    private = outgoing.endpoint == "dms"
    read_own = _own_messages if private else _own_posts
    alike: list[tuple[str, set[str | None]]] = []
    for one in read_own(http, credentials, outgoing, since):
        platform_id = reading.identifier(one.get("id"))
        words = reading.words(reading.obj(one.get("note_tweet")).get("text")) or reading.words(one.get("text"))
        if not platform_id or reading.moment(one.get("created_at")) < since or not same_words(words, outgoing.text):
            continue
        parents = _parents(one)
        if private or outgoing.in_reply_to is None or outgoing.in_reply_to in parents:
            return Sent(platform_id)
        alike.append((platform_id, parents))
    if alike and outgoing.in_reply_to:
        versions = _versions(http, credentials, outgoing.in_reply_to)
        return next((Sent(platform_id) for platform_id, parents in alike if not parents.isdisjoint(versions)), None)
    return None


def _parents(post: reading.Json) -> set[str | None]:
    related = map(reading.obj, reading.items(post.get("referenced_tweets")))
    return {reading.identifier(one.get("id")) for one in related if one.get("type") == "replied_to"}


def read(http: Http, credentials: Credentials, lookup: NeedsLookup) -> Post:
    """X's notices are never by id alone."""
    raise Permanent("nothing_to_read")


def _own_posts(http: Http, credentials: Credentials, outgoing: Outgoing, since: datetime) -> Iterator[reading.Json]:
    params = {
        "max_results": "100",
        "start_time": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tweet.fields": "created_at,referenced_tweets,note_tweet",
    }
    return _pages(http, credentials, f"/2/users/{quote(outgoing.account, safe='')}/tweets", params)


def _own_messages(http: Http, credentials: Credentials, outgoing: Outgoing, since: datetime) -> Iterator[reading.Json]:
    params = {"max_results": "100", "event_types": "MessageCreate", "dm_event.fields": "id,text,sender_id,created_at"}
    for message in _pages(http, credentials, f"{_talk(outgoing)}/dm_events", params, pages=1):
        if reading.identifier(message.get("sender_id")) == outgoing.account:
            yield message


def _pages(
    http: Http, credentials: Credentials, path: str, params: dict[str, str], pages: int = _PAGES
) -> Iterator[reading.Json]:
    """Newest first. Direct messages are read one page deep: their limit is 15 calls per 15 minutes."""
    for number in range(pages):
        response = _call(http, credentials, "GET", path, params=params)
        data = reading.obj(response.data)
        if response.status != 200 or not ("data" in data or "meta" in data):
            raise refusal(response, http.now())
        yield from map(reading.obj, reading.items(data.get("data")))
        token = reading.words(reading.obj(data.get("meta")).get("next_token"))
        if not token:
            return
        params = {**params, "pagination_token": token}
        if number == _PAGES - 1:
            raise Unclear("too_much_to_look_through")
