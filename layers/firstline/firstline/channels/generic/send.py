"""Answers to a generic source: a signed POST to the callback that the team configured, never to what an event names.

The receiver dedupes by ``webhook-id``, which follows from our reply: so an unclear outcome is settled by sending the same
once more. Source: standard-webhooks spec, "Webhook delivery" (retries on anything but 2xx, ``retry-after``, 410 stops for
good). Our receivers may say more in a refusal's ``error``; docs/channels.md lists the words.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ...model.base import stamp
from ...model.errors import POST_GONE, AccountDown, Outcome, Permanent, Reword, Unclear, Wait
from ...model.events import NeedsLookup
from ...model.post import Post
from .. import reading
from ..contract import Credentials, Limit, Outgoing, Sent, Usage
from . import standard
from .names import ours, theirs

if TYPE_CHECKING:
    from ...outward.http import Http, Response

limits = {"callbacks": Limit(300, 60)}
"""Ours, so that no storm of answers drowns a small receiver; its ``retry-after`` counts beside it."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
ERRORS: dict[str, tuple[type[Outcome], str]] = {
    "duplicate_text": (Reword, "duplicate_text"),
    "gone": (Permanent, POST_GONE),
    "window_closed": (Permanent, "window_closed"),
    "blocked": (Permanent, "person_not_available"),
    "too_long": (Permanent, "text_too_long"),
    "account": (AccountDown, "account_refused"),
}
"""What a receiver may say of the platform behind it, in ``{"error": ...}`` beside a status of 4xx. That a post is gone
counts only when it is said so: its text goes here, too, and a bare 404 may be a callback that moved."""
STATUSES: dict[int, tuple[type[Outcome], str]] = {
    401: (AccountDown, "signature_refused"),
    403: (AccountDown, "signature_refused"),
    408: (Unclear, "timeout"),
    410: (AccountDown, "callback_gone"),
    425: (Wait, "too_early"),
    429: (Wait, "rate_limited"),
}
_LONGEST_WAIT = 24 * 3600


def send(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent:
    """See `contract.Adapter.send`. A success needs no id; the id that the receiver gives is the post's there."""
    url = _callback(credentials)
    body = _body(outgoing)
    webhook_id = webhook_id_of(outgoing.reply_id)
    headers = standard.headers(credentials, webhook_id, http.now(), body)
    response = http.request("POST", url, data=body, headers={"content-type": "application/json", **headers})
    usage = _usage(response, http.now())
    if not 200 <= response.status < 300:
        outcome = _refusal(response)
        outcome.usage = usage
        if usage is not None and usage.resets_at is not None and isinstance(outcome, Wait | Unclear):
            outcome.after = max(1.0, usage.resets_at - http.now())
        raise outcome
    given = ours(outgoing.account, reading.obj(response.data).get("id"))
    return Sent(given or f"{outgoing.account}/{webhook_id}", usage=usage)


def find_sent(http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent | None:
    """Send it again under the same id: whoever has it knows it by that, whoever has not takes it now."""
    return send(http, credentials, outgoing)


def read(http: Http, credentials: Credentials, lookup: NeedsLookup) -> Post:
    """Events are whole."""
    raise Permanent("nothing_to_read")


def webhook_id_of(reply_id: str) -> str:
    """The delivery's id: the same for every attempt; safe in a header, and tells nothing of a person."""
    return f"msg_{hashlib.sha256(reply_id.encode()).hexdigest()[:32]}"


def _callback(credentials: Credentials) -> str:
    """The address, if it is one to which answers may go: https, or plain on this very machine."""
    url = credentials.get("url")
    if not isinstance(url, str) or not url or not standard.keys(credentials):
        raise AccountDown("no_credentials")
    try:
        address = urlsplit(url)
        host, _ = address.hostname, address.port
    except ValueError:
        raise AccountDown("callback_malformed") from None
    if address.scheme == "https" and host:
        return url
    if address.scheme == "http" and host in LOOPBACK:
        return url
    raise AccountDown("callback_not_https")


def _body(outgoing: Outgoing) -> bytes:
    """The same bytes in every attempt with the same words: its time is that of the first one."""
    data: dict[str, Any] = {
        "reply_id": outgoing.reply_id,
        "source": outgoing.account,
        "in_reply_to": theirs(outgoing.in_reply_to),
        "recipient_id": theirs(outgoing.recipient),
        "visibility": "private" if outgoing.recipient else "public",
        "by": "person" if outgoing.human else "robot",
        "text": outgoing.text,
    }
    event = {"type": standard.REPLY, "timestamp": stamp(outgoing.since), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _refusal(response: Response) -> Outcome:
    status = response.status
    said = reading.words(reading.obj(response.data).get("error"))
    if 400 <= status < 500 and status != 410 and said in ERRORS:
        kind, reason = ERRORS[said]
        return kind(reason)
    if status in STATUSES:
        kind, reason = STATUSES[status]
        return kind(reason)
    if 400 <= status < 500:
        return Permanent(f"refused:{status}")
    return Unclear(f"unclear:{status}")


def _usage(response: Response, now: float) -> Usage | None:
    """``retry-after`` in seconds; the form with a date is not used by Standard Webhooks."""
    seconds = reading.whole(response.headers.get("retry-after"))
    if seconds is None or seconds <= 0:
        return None
    return Usage(remaining=0, resets_at=int(now) + min(seconds, _LONGEST_WAIT))
