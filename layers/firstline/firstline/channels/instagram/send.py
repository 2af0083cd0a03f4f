"""Replies, mentions and messages of an Instagram account, under either of Meta's two logins.

With ``page_id`` in its credentials an account is reached by Facebook Login: at the Graph API, its messages under the
Page that it is linked to. Without, by Instagram Login: at the Instagram API, everything under its own id.
Source: Meta, ig-comment/replies, ig-user/mentions, mentioned_comment, mentioned_media, instagram-platform/private-replies
and messaging-api, Conversations API (August 2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from ...model.errors import AccountDown, Permanent, Unclear
from ...model.events import NeedsLookup
from ...model.post import Author, Post
from .. import reading
from ..contract import Credentials, Limit, Outgoing, Sent
from ..meta import messages
from ..meta.graph import call, created, segment
from ..words import same_words
from .comments import UNKNOWN_AUTHOR, author_of, named_only, same_name

if TYPE_CHECKING:
    from ...outward.http import Http

limits = {
    "replies": Limit(4800, 24 * 3600),
    "mentions": Limit(4800, 24 * 3600),
    "private_replies": Limit(750, 3600),
    "messages": Limit(300, 1),
}
"""4,800 a day times impressions, of which there is at least one; the rest per account (Meta: messenger rate-limiting)."""

_PAGES = 5
_SLACK = timedelta(seconds=60)


def send(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent:
    """See `contract.Adapter.send`. Public words go under the top comment: there is nothing below a reply."""
    if outgoing.endpoint == "messages":
        return messages.send(http, credentials, outgoing, _mailbox(http, credentials, outgoing.account))
    if not outgoing.in_reply_to:
        raise Permanent("no_parent")
    if outgoing.endpoint == "private_replies":
        mailbox = _mailbox(http, credentials, outgoing.account)
        recipient = {"comment_id": outgoing.in_reply_to}
        return messages.send_private_reply(http, credentials, outgoing, mailbox, recipient)
    form = {"message": outgoing.text}
    path = f"{segment(_top(outgoing))}/replies"
    if outgoing.endpoint == "mentions":
        path = f"{segment(outgoing.account)}/mentions"
        form["media_id"] = outgoing.thread_id or outgoing.in_reply_to
        if form["media_id"] != outgoing.in_reply_to:
            form["comment_id"] = outgoing.in_reply_to
    response = call(http, credentials, "POST", path, base_url=_host(http, credentials), data=form)
    return created(http, response, "id")


def _host(http: Http, credentials: Credentials) -> str:
    return http.graph_base_url if credentials.get("page_id") else http.instagram_base_url


def _mailbox(http: Http, credentials: Credentials, account: str) -> messages.Mailbox:
    return messages.Mailbox(_host(http, credentials), credentials.get("page_id") or account, "instagram")


def _top(outgoing: Outgoing) -> str:
    """The top comment of the one that is answered: its parent, unless that is the media itself."""
    parent = outgoing.parent_id
    return parent if parent and parent != outgoing.thread_id else outgoing.in_reply_to or ""


def find_sent(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent | None:
    """The account's own words below the top comment or in the conversation, the same, since the first attempt.

    A private reply can't be asked for (nobody has told the conversation), nor a comment on other people's media: an echo
    is the proof, or a person looks.
    """
    if outgoing.endpoint == "messages":
        return messages.find_sent(http, credentials, outgoing, _mailbox(http, credentials, outgoing.account))
    if outgoing.endpoint != "replies" or not outgoing.in_reply_to:
        raise Unclear("cannot_be_asked")
    since = outgoing.since - _SLACK
    for reply in _replies(http, credentials, outgoing):
        platform_id = reading.identifier(reply.get("id"))
        author = author_of(reply)
        # ``user`` is told of the account's own comments only.
        ours = bool(reading.obj(reply.get("user"))) or (author is not None and author.id == outgoing.account)
        recent = reading.moment(reply.get("timestamp")) >= since
        if platform_id and ours and recent and same_words(reading.words(reply.get("text")), outgoing.text):
            return Sent(platform_id)
    return None


def _replies(http: Http, credentials: Credentials, outgoing: Outgoing) -> Iterator[reading.Json]:
    """What stands below the top comment. Pages by cursor and never by the URL that the answer names: the
    token goes where we say.
    """
    params = {"fields": "id,from,user,text,timestamp", "limit": "50"}
    path, host = f"{segment(_top(outgoing))}/replies", _host(http, credentials)
    for _ in range(_PAGES):
        data = reading.obj(call(http, credentials, "GET", path, base_url=host, params=params).data)
        yield from map(reading.obj, reading.items(data.get("data")))
        paging = reading.obj(data.get("paging"))
        after = reading.words(reading.obj(paging.get("cursors")).get("after"))
        if not after or not paging.get("next"):
            return
        params = {**params, "after": after}
    raise Unclear("too_much_to_look_through")


_COMMENT = "id,text,user,username,timestamp,media{id}"
_ASKED = {
    "mentioned_comment": f"username,mentioned_comment.comment_id(%s){{{_COMMENT}}}",
    "mentioned_media": "username,mentioned_media.media_id(%s){id,caption,username,timestamp,permalink}",
}


def read(http: Http, credentials: Credentials, lookup: NeedsLookup) -> Post:
    """Author and words of a mention or comment of which a notice told the id alone.

    A refusal of this object says nothing against the account's other calls, so it is Permanent here.
    """
    if lookup.ask == "message":
        return messages.read(http, credentials, lookup, _host(http, credentials))
    if not lookup.object_id.isalnum():
        raise Permanent("no_such_id")  # it would become part of an expression
    whole = lookup.ask in _ASKED
    path = segment(lookup.account if whole else lookup.object_id)
    fields = _ASKED[lookup.ask] % lookup.object_id if whole else f"from,{_COMMENT},parent_id"
    try:
        answer = call(http, credentials, "GET", path, base_url=_host(http, credentials), params={"fields": fields})
    except AccountDown as refused:
        if not refused.reason.startswith("permission"):
            raise
        outcome = Permanent(f"read_refused:{refused.reason}")
        outcome.usage = refused.usage
        raise outcome from None
    told = reading.obj(answer.data)
    found = reading.obj(told.get(lookup.ask)) if whole else told
    return _completed(lookup.partial, found, reading.words(told.get("username")) if whole else "")


def _completed(known: Post, found: reading.Json, own_name: str) -> Post:
    """The post as far as it is known now. A mention names its author by username alone, which stands for the id."""
    username = reading.words(found.get("username"))
    author = author_of(found)
    if reading.obj(found.get("user")) or same_name(username, own_name):
        author = Author(id=known.account, handle=username or None)
    elif author is None:
        author = named_only(username)
    media_id = reading.identifier(reading.obj(found.get("media")).get("id"))
    above = reading.identifier(found.get("parent_id"))
    thread_id = media_id or known.thread_id
    return known.model_copy(
        update={
            "author": author or known.author,
            "text": reading.words(found.get("text")) or reading.words(found.get("caption")) or known.text,
            "at": reading.moment(found.get("timestamp"), known.at.isoformat()),
            "url": reading.words(found.get("permalink")) or known.url,
            "thread_id": thread_id,
            "parent_id": above or known.parent_id or (media_id if media_id != known.post_id else None),
            "top_level": known.top_level and above is None,
            "incomplete": UNKNOWN_AUTHOR if (author or known.author).unknown else None,
        }
    )
