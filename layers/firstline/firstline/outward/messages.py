"""The messages between the functions: built and read here and nowhere else (standard library only).

Every message says its version ``v``. An intake message carries a delivery (or a part of one); all others are pointers
to records in the table.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 1_000_000
"""An SQS message holds 1 MiB; what is longer lies in S3 and the message points to it."""


def delivery_id(door: str, body: bytes) -> str:
    """The delivery's id, which follows from its bytes and the door (channel or source) that it came to: the same
    delivery has the same id every time it comes."""
    return hashlib.sha256(door.encode() + b"\n" + body).hexdigest()[:32]


@dataclass(frozen=True)
class Intake:
    """A verified delivery on its way to intake. ``only`` limits it to the events with these keys (what goes back
    alone); ``body`` is None while it lies in S3 at ``body_key``."""

    channel: str
    delivery_id: str
    received_at: str
    body: bytes | None = None
    body_key: str | None = None
    only: tuple[str, ...] = ()
    completed: str | None = None
    """The JSON of a post that a look-up completed, for the event in ``only``."""
    replays: tuple[str, ...] = ()
    """Keys of what lies in quarantine and is tried again with this message."""
    source: str | None = None
    """The named source whose door it came to, on a channel that has such."""

    def text(self) -> str:
        """The message's text: ASCII JSON; a body that is no UTF-8 travels as base64."""
        message: dict[str, Any] = {
            "v": 1,
            "channel": self.channel,
            "delivery_id": self.delivery_id,
            "received_at": self.received_at,
        }
        if self.body is not None:
            try:
                message["body"] = self.body.decode("utf-8")
            except UnicodeDecodeError:
                message["body64"] = base64.b64encode(self.body).decode("ascii")
        if self.body_key is not None:
            message["body_key"] = self.body_key
        if self.only:
            message["only"] = list(self.only)
        if self.completed is not None:
            message["completed"] = self.completed
        if self.replays:
            message["replays"] = list(self.replays)
        if self.source is not None:
            message["source"] = self.source
        return json.dumps(message, separators=(",", ":"))


def read_intake(text: str) -> Intake:
    """The inverse of `Intake.text`. Raises ValueError for what is no intake message."""
    message = json.loads(text)
    if not isinstance(message, dict) or message.get("v") != 1:
        raise ValueError("not an intake message of version 1")
    try:
        body = message["body"].encode("utf-8") if "body" in message else None
        if "body64" in message:
            body = base64.b64decode(message["body64"])
        return Intake(
            channel=message["channel"],
            delivery_id=message["delivery_id"],
            received_at=message["received_at"],
            body=body,
            body_key=message.get("body_key"),
            only=tuple(message.get("only", ())),
            completed=message.get("completed"),
            replays=tuple(message.get("replays", ())),
            source=message.get("source"),
        )
    except (KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"an intake message without {error}") from error


def reply_nudge(case_id: str, reply_id: str) -> str:
    """Send this reply if it is time: the message on the replies queue."""
    return _pointer(case_id=case_id, reply_id=reply_id)


def handoff_nudge(case_id: str, handoff_id: str) -> str:
    """Mail this handoff: the message on the handoffs queue."""
    return _pointer(case_id=case_id, handoff_id=handoff_id)


def lookup_nudge(event_key: str) -> str:
    """Complete this notice: the message on the lookups queue."""
    return _pointer(event_key=event_key)


def quarantine_note(event_key: str, channel: str, reason: str, body_key: str) -> str:
    """Something lies in quarantine: the message on the quarantine queue."""
    return _pointer(event_key=event_key, channel=channel, reason=reason, body_key=body_key)


def read_pointer(text: str, *names: str) -> tuple[str, ...]:
    """The named fields of a pointer message. Raises ValueError when one is missing or is no text."""
    message = json.loads(text)
    if not isinstance(message, dict) or message.get("v") != 1:
        raise ValueError("not a message of version 1")
    values = tuple(message.get(name) for name in names)
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"a message without one of {names}")
    return values  # type: ignore[return-value]


def _pointer(**fields: str) -> str:
    return json.dumps({"v": 1, **fields}, separators=(",", ":"))
