"""Standard Webhooks: how both sides sign. Standard library only, since the door needs it.

Source: standard-webhooks/standard-webhooks, spec/standard-webhooks.md and its Python library (August 2026).
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from ..answer import live

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
TOLERANCE = 300
"""Seconds that a timestamp may be away from now, both ways."""
REPLY = "reply.created"
"""The type of what goes to a callback."""
_CALLBACK = re.compile(rb'msg_[0-9a-f]{32}\.[0-9]+\.\{"type":"reply\.created"')


def keys(part: Mapping[str, Any]) -> list[bytes]:
    """The live keys of ``signing``, the current one first: base64 after ``whsec_``, padding may be missing. What is no
    base64 or empty does not count (an empty key fits everybody)."""
    return [key for secret in live(part, "signing") if (key := _key(secret.decode()))]


def _key(secret: str) -> bytes:
    text = secret.removeprefix(PREFIX)
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def signature(key: bytes, webhook_id: str, timestamp: str, body: bytes) -> bytes:
    """The base64 of an entry ``v1,…``: over ``id.timestamp.body``, the body as its bytes are."""
    return b64encode(hmac.new(key, _message(webhook_id, timestamp, body), hashlib.sha256).digest())


def is_callback(webhook_id: str, timestamp: str, body: bytes) -> bool:
    """Whether it is what we sign for a source's callback: it must never come in as a delivery, even where somebody gave
    one secret to both. Judged by the whole message, because an id may hold full stops."""
    return _CALLBACK.match(_message(webhook_id, timestamp, body)) is not None


def _message(webhook_id: str, timestamp: str, body: bytes) -> bytes:
    return b".".join((webhook_id.encode("utf-8", "replace"), timestamp.encode("utf-8", "replace"), body))


def headers(part: Mapping[str, Any], webhook_id: str, now: float, body: bytes) -> dict[str, str]:
    """The three headers of an attempt at ``now`` (epoch seconds), with an entry for each live key."""
    timestamp = str(int(now))
    entries = (f"v1,{signature(key, webhook_id, timestamp, body).decode()}" for key in keys(part))
    return {ID: webhook_id, TIMESTAMP: timestamp, SIGNATURE: " ".join(entries)}
