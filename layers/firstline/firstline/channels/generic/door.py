"""A generic source at the door: Standard Webhooks. There is no handshake, and never a 410 (a sender stops for good).

``webhook-id`` is the same in every retry and the body too, so a delivery is known by its bytes; what is a duplicate is
told by the events' own ids, which the sender chooses.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...model.errors import Forged
from ..answer import Answer, among
from .standard import ID, SIGNATURE, TIMESTAMP, TOLERANCE, is_callback, keys, signature

MOST_ENTRIES = 10
"""Signatures of a delivery that are tried; a rotation needs two."""
LONGEST_ID = 256


def handshake(query: Mapping[str, str], secrets: Mapping[str, Any]) -> Answer | None:
    """Standard Webhooks has none."""
    return None


def verify(headers: Mapping[str, str], body: bytes, secrets: Mapping[str, Any], now: datetime) -> None:
    """Raises Forged unless one ``v1`` entry fits a live secret and the attempt is at most five minutes away from now.

    Entries of other versions are skipped. Header names come in lower case.
    """
    webhook_id, timestamp, given = headers.get(ID), headers.get(TIMESTAMP), headers.get(SIGNATURE)
    if not webhook_id or len(webhook_id) > LONGEST_ID or not timestamp or not given:
        raise Forged("signature missing")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Forged("timestamp malformed")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
        raise Forged("timestamp too far from now")
    if is_callback(webhook_id, timestamp, body):
        raise Forged("our own callback")
    allowed = [signature(key, webhook_id, timestamp, body) for key in keys(secrets)]
    entries = [entry.partition(",") for entry in given.split(" ")[:MOST_ENTRIES]]
    hits = [among(value, allowed) for version, _, value in entries if version == "v1"]
    if not any(hits):
        raise Forged("signature wrong")
