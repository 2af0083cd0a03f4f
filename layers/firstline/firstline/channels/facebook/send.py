"""Comments and private replies of a Page. Source: Meta pages-api/comments-mentions, private-replies (August 2026)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ...model.errors import AccountDown, Permanent, Unclear
from ...model.events import NeedsLookup
from ...model.post import Post
from .. import reading
from ..contract import Credentials, Limit, Outgoing, Sent
from ..meta.graph import call, created, segment
from ..meta.messages import Mailbox, send_private_reply
from ..words import same_words
from .feed import UNKNOWN_AUTHOR, author_of

if TYPE_CHECKING:
    from ...outward.http import Http

limits = {"comments": Limit(4800, 24 * 3600), "private_replies": Limit(750, 3600)}
"""4,800 a day times engaged people, of whom there is at least one. Private replies: stated for Instagram only."""

_PAGES = 5
_SLACK = timedelta(seconds=60)


def send(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent:
    """See `contract.Adapter.send`. A private reply tells the person's id in Messenger."""
    parent = outgoing.in_reply_to
    if not parent:
        raise Permanent("no_parent")
    if outgoing.endpoint == "private_replies":
        # A post's id begins with the page's, a comment's with the post's.
        name = "post_id" if parent.startswith(f"{outgoing.account}_") else "comment_id"
        page = Mailbox(http.graph_base_url, outgoing.account, "messenger")
        sent = send_private_reply(http, credentials, outgoing, page, {name: parent})
        return replace(sent, channel="messenger")
    response = call(http, credentials, "POST", f"{segment(parent)}/comments", data={"message": outgoing.text})
    return created(http, response, "id")


def find_sent(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent | None:
    """The page's own comment below what was answered, with the same words, since the first attempt.

    A private reply can't be asked for (nobody has told the person's id): its echo is the proof.
    """
    if outgoing.endpoint == "private_replies" or not outgoing.in_reply_to:
        raise Unclear("cannot_be_asked")
    since = outgoing.since - _SLACK
    for comment in _comments(http, credentials, outgoing.in_reply_to):
        platform_id = reading.identifier(comment.get("id"))
        author = author_of(comment)
        if not platform_id or author is None or author.id != outgoing.account:
            continue
        words = reading.words(comment.get("message"))
        if reading.moment(comment.get("created_time")) >= since and same_words(words, outgoing.text):
            return Sent(platform_id)
    return None


def _comments(http: Http, credentials: Credentials, parent: str) -> Iterator[reading.Json]:
    """Newest first. Pages by cursor and never by the URL that the answer names: the token goes where we say."""
    params = {"fields": "id,from,message,created_time", "order": "reverse_chronological", "limit": "100"}
    for _ in range(_PAGES):
        data = reading.obj(call(http, credentials, "GET", f"{segment(parent)}/comments", params=params).data)
        yield from map(reading.obj, reading.items(data.get("data")))
        paging = reading.obj(data.get("paging"))
        after = reading.words(reading.obj(paging.get("cursors")).get("after"))
        if not after or not paging.get("next"):
            return
        params = {**params, "after": after}
    raise Unclear("too_much_to_look_through")


def read(http: Http, credentials: Credentials, lookup: NeedsLookup) -> Post:
    """Author and text of a post or comment that a notice only named.

    May be refused without Page Public Content Access; that says nothing against the account's other calls, so it is
    Permanent here.
    """
    fields = {"fields": "from,message,permalink_url,created_time"}
    try:
        found = reading.obj(call(http, credentials, "GET", segment(lookup.object_id), params=fields).data)
    except AccountDown as refused:
        if not refused.reason.startswith("permission"):
            raise
        outcome = Permanent(f"read_refused:{refused.reason}")
        outcome.usage = refused.usage
        raise outcome from None
    known = lookup.partial
    author = author_of(found)
    return known.model_copy(
        update={
            "author": author or known.author,
            "text": reading.words(found.get("message")) or known.text,
            "at": reading.moment(found.get("created_time"), known.at.isoformat()),
            "url": reading.words(found.get("permalink_url")) or known.url,
            "incomplete": None if author else UNKNOWN_AUTHOR,
        }
    )
