"""Answers on WhatsApp. Source: Meta, Cloud API messages reference; david-lev/pywa api.py (August 2026)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model.errors import AccountDown, Permanent, Unclear
from ...model.events import NeedsLookup
from ...model.post import Post
from .. import reading
from ..contract import Credentials, Limit, Outgoing, Sent
from ..meta.graph import VERSION, segment, usage_of
from .people import SCOPED
from .refusals import refusal

if TYPE_CHECKING:
    from ...outward.http import Http

limits = {"messages": Limit(40, 1), "groups": Limit(1, 1)}
"""A number takes 80 messages per second in and out together (20 while it is also used in the app): half of them are
ours. One person takes one message per 6 seconds, 45 on credit; a burst is answered once, and a refusal for it waits. Nothing is sent to groups."""


def send(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent:
    """See `contract.Adapter.send`. What is returned was accepted, not delivered: a status tells that later.

    Our reply id travels as ``biz_opaque_callback_data``, which the statuses give back. It goes to the phone number
    where one is known, else to the person's business-scoped id. The message that it answers is not quoted: a quote of
    a message that is gone is refused, and in a chat of two the order says enough.
    """
    if outgoing.endpoint != "messages":
        raise Permanent("answer_in_the_app")
    if not outgoing.recipient:
        raise Permanent("no_recipient")
    token = credentials.get("token")
    if not token:
        raise AccountDown("no_credentials")
    to = "recipient" if SCOPED.fullmatch(outgoing.recipient) else "to"
    content: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        to: outgoing.recipient,
        "type": "text",
        "text": {"body": outgoing.text},
        "biz_opaque_callback_data": outgoing.reply_id,
    }
    response = http.request(
        "POST",
        f"{http.graph_base_url}/{VERSION}/{segment(outgoing.account)}/messages",
        headers={"authorization": f"Bearer {token}"},
        json=content,
    )
    usage, data = usage_of(response, http.now()), reading.obj(response.data)
    if not 200 <= response.status < 300 or "error" in data:
        error = reading.obj(data.get("error"))
        code, subcode = reading.whole(error.get("code")), reading.whole(error.get("error_subcode"))
        raise refusal(response.status, code, subcode, usage, outgoing.attempt, http.now())
    first = next(iter(reading.items(data.get("messages"))), None)
    platform_id = reading.identifier(reading.obj(first).get("id"))
    if platform_id is None:
        unclear = Unclear("answer_without_id")
        unclear.usage = usage
        raise unclear
    return Sent(platform_id, usage=usage)


def find_sent(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent | None:
    """The Cloud API shows no messages: a status with our reply id settles it; without one an agent decides."""
    raise Unclear("cannot_be_asked")


def read(http: Http, credentials: Credentials, lookup: NeedsLookup) -> Post:
    """Messages are never by id alone."""
    raise Permanent("nothing_to_read")
