"""Private messages of a Page or an Instagram account: sent, and found again.

Source: Meta, Send API and Conversations API (August 2026).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from ...model.errors import AccountDown, Permanent
from ...model.events import NeedsLookup
from ...model.post import Author, Post
from .. import reading
from ..contract import Credentials, Outgoing, Sent
from ..words import same_words
from .graph import call, created, segment

if TYPE_CHECKING:
    from ...outward.http import Http, Response

_SLACK = timedelta(seconds=60)


class Mailbox(NamedTuple):
    """Whose ``messages`` and ``conversations`` are called, at which host; ``platform`` as Meta names it there."""

    base_url: str
    owner: str
    platform: str


def send(http: Http, credentials: Credentials, outgoing: Outgoing, mailbox: Mailbox) -> Sent:
    """See `contract.Adapter.send`. ``metadata`` comes back in the echo.

    An agent's words that the closed window refuses go once more as an agent's (``HUMAN_AGENT``); a robot's never do.
    """
    if not outgoing.recipient:
        raise Permanent("no_recipient")
    recipient = {"id": outgoing.recipient}
    try:
        response = _post(http, credentials, outgoing, mailbox, recipient, {"messaging_type": "RESPONSE"})
    except Permanent as refused:
        if not (outgoing.human and refused.reason.startswith("window_closed")):
            raise
        tagged = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        response = _post(http, credentials, outgoing, mailbox, recipient, tagged)
    return created(http, response, "message_id")


def send_private_reply(
    http: Http, credentials: Credentials, outgoing: Outgoing, mailbox: Mailbox, recipient: dict[str, str]
) -> Sent:
    """The one private message to whoever wrote the post or comment that ``recipient`` names; it tells their id."""
    return created(http, _post(http, credentials, outgoing, mailbox, recipient, {}), "message_id")


def _post(
    http: Http,
    credentials: Credentials,
    outgoing: Outgoing,
    mailbox: Mailbox,
    recipient: dict[str, str],
    kind: dict[str, str],
) -> Response:
    message = {"text": outgoing.text, "metadata": outgoing.reply_id}
    content: dict[str, Any] = {"recipient": recipient, **kind, "message": message}
    path = f"{segment(mailbox.owner)}/messages"
    return call(http, credentials, "POST", path, base_url=mailbox.base_url, json=content)


def find_sent(http: Http, credentials: Credentials, outgoing: Outgoing, mailbox: Mailbox) -> Sent | None:
    """The brand's own message in the conversation with that person, with the same words, since the first attempt."""
    if not outgoing.recipient:
        raise Permanent("no_recipient")
    params = {
        "platform": mailbox.platform,
        "user_id": outgoing.recipient,
        "fields": "messages.limit(50){id,from,message,created_time}",
    }
    since = outgoing.since - _SLACK
    path = f"{segment(mailbox.owner)}/conversations"
    answer = call(http, credentials, "GET", path, base_url=mailbox.base_url, params=params)
    for talk in map(reading.obj, reading.items(reading.obj(answer.data).get("data"))):
        for message in map(reading.obj, reading.items(reading.obj(talk.get("messages")).get("data"))):
            platform_id = reading.identifier(message.get("id"))
            author = reading.identifier(reading.obj(message.get("from")).get("id"))
            words = reading.words(message.get("message"))
            recent = reading.moment(message.get("created_time")) >= since
            ours = author in (outgoing.account, mailbox.owner)
            if platform_id and ours and recent and same_words(words, outgoing.text):
                return Sent(platform_id)
    return None


def read(http: Http, credentials: Credentials, lookup: NeedsLookup, base_url: str) -> Post:
    """Author and words of a message of which a notice told the id alone (Conversations API, a message's own node).

    A refusal of this object says nothing against the account's other calls, so it is Permanent here.
    """
    params = {"fields": "id,created_time,from,to,message"}
    try:
        answer = call(http, credentials, "GET", segment(lookup.object_id), base_url=base_url, params=params)
    except AccountDown as refused:
        if not refused.reason.startswith("permission"):
            raise
        outcome = Permanent(f"read_refused:{refused.reason}")
        outcome.usage = refused.usage
        raise outcome from None
    known, found = lookup.partial, reading.obj(answer.data)
    sender, receiver = _person(found.get("from")), next(map(_person, _receivers(found)), None)
    author = sender or known.author
    # Of the brand's own words the thread is whom they are directed to.
    other = receiver if receiver is not None and author.id == known.account else author
    return known.model_copy(
        update={
            "author": author,
            "text": reading.words(found.get("message")) or known.text,
            "at": reading.moment(found.get("created_time"), known.at.isoformat()),
            "thread_id": other.id,
            "incomplete": known.incomplete if author.unknown else None,
        }
    )


def _person(value: Any) -> Author | None:
    told = reading.obj(value)
    found = reading.identifier(told.get("id"))
    if found is None:
        return None
    return Author(
        id=found, handle=reading.words(told.get("username")) or None, name=reading.words(told.get("name")) or None
    )


def _receivers(message: reading.Json) -> list[Any]:
    return reading.items(reading.obj(message.get("to")).get("data"))
