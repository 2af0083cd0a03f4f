"""A Page's messages. Source: Meta, Send API and Conversations API (August 2026)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...model.errors import Permanent, Unclear
from ...model.events import NeedsLookup
from ...model.post import Post
from .. import reading
from ..contract import Credentials, Limit, Outgoing, Sent
from ..meta.graph import call, segment, usage_of
from ..words import same_words

if TYPE_CHECKING:
    from ...outward.http import Http, Response

limits = {"messages": Limit(300, 1)}
"""Text messages per account (Meta: messenger rate-limiting)."""

_SLACK = timedelta(seconds=60)


def send(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent:
    """See `contract.Adapter.send`. ``metadata`` comes back in the echo.

    An agent's words that the closed window refuses go once more as an agent's (``HUMAN_AGENT``); a robot's never do.
    """
    if not outgoing.recipient:
        raise Permanent("no_recipient")
    try:
        response = _post(http, credentials, outgoing, {"messaging_type": "RESPONSE"})
    except Permanent as refused:
        if not (outgoing.human and refused.reason.startswith("window_closed")):
            raise
        response = _post(http, credentials, outgoing, {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"})
    data, usage = reading.obj(response.data), usage_of(response, http.now())
    platform_id = reading.identifier(data.get("message_id"))
    if platform_id is None:
        unclear = Unclear("answer_without_id")
        unclear.usage = usage
        raise unclear
    return Sent(platform_id, reading.identifier(data.get("recipient_id")), usage)


def _post(http: Http, credentials: Credentials, outgoing: Outgoing, kind: dict[str, str]) -> Response:
    message = {"text": outgoing.text, "metadata": outgoing.reply_id}
    content: dict[str, Any] = {"recipient": {"id": outgoing.recipient}, **kind, "message": message}
    return call(http, credentials, "POST", f"{segment(outgoing.account)}/messages", json=content)


def find_sent(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent | None:
    """The page's own message in the conversation with that person, with the same words, since the first attempt."""
    if not outgoing.recipient:
        raise Permanent("no_recipient")
    params = {
        "platform": "messenger",
        "user_id": outgoing.recipient,
        "fields": "messages.limit(50){id,from,message,created_time}",
    }
    since = outgoing.since - _SLACK
    answer = call(http, credentials, "GET", f"{segment(outgoing.account)}/conversations", params=params)
    for talk in map(reading.obj, reading.items(reading.obj(answer.data).get("data"))):
        for message in map(reading.obj, reading.items(reading.obj(talk.get("messages")).get("data"))):
            platform_id = reading.identifier(message.get("id"))
            author = reading.identifier(reading.obj(message.get("from")).get("id"))
            words = reading.words(message.get("message"))
            recent = reading.moment(message.get("created_time")) >= since
            if platform_id and author == outgoing.account and recent and same_words(words, outgoing.text):
                return Sent(platform_id)
    return None


def read(http: Http, credentials: Credentials, lookup: NeedsLookup) -> Post:
    """Messages are never by id alone."""
    raise Permanent("nothing_to_read")
