"""Large deliveries of a source in smaller bodies."""

from __future__ import annotations

import json

from .. import reading


def split(body: bytes, most: int) -> list[bytes]:
    """See `contract.Adapter.split`."""
    try:
        envelope = reading.load(body)
    except reading.STRANGE:
        return [body]
    events = envelope.get("events") if isinstance(envelope, dict) and "type" not in envelope else None
    if not isinstance(events, list) or len(events) <= most:
        return [body]
    parts = (events[start : start + most] for start in range(0, len(events), most))
    return [json.dumps({**envelope, "events": part}, separators=(",", ":")).encode() for part in parts]
