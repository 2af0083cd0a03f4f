"""Large deliveries of X in smaller bodies. Only the Account Activity API has lists that can grow."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .. import reading
from ..reading import Json

_BY_ID = ("users", "apps")


def split(body: bytes, most: int) -> list[bytes]:
    """See `contract.Adapter.split`. Each part carries only the users and apps that it speaks of."""
    try:
        envelope = reading.load(body)
    except reading.STRANGE:
        return [body]
    if not isinstance(envelope, dict) or isinstance(envelope.get("data"), dict):
        return [body]
    things = [(name, one) for name, value in envelope.items() if isinstance(value, list) for one in value]
    singles = {name: value for name, value in envelope.items() if not isinstance(value, list) and name not in _BY_ID}
    # A member that is an event by itself (revoked, replayed) is told once, in the first part.
    events = {name: value for name, value in singles.items() if isinstance(value, dict)}
    if len(things) + len(events) <= most:
        return [body]
    common = {name: value for name, value in singles.items() if name not in events}
    units = [
        *((name, value, False) for name, value in events.items()),
        *((name, value, True) for name, value in things),
    ]
    return [_part(common, envelope, units[start : start + most]) for start in range(0, len(units), most)]


def _part(common: Json, envelope: Json, units: Iterable[tuple[str, Any, bool]]) -> bytes:
    part: Json = dict(common)
    mentioned: set[str] = set()
    for name, value, in_list in units:
        if in_list:
            part.setdefault(name, []).append(value)
        else:
            part[name] = value
        mentioned |= _ids(value)
    for name in _BY_ID:
        known = envelope.get(name)
        if isinstance(known, dict):
            part[name] = {key: value for key, value in known.items() if key in mentioned}
    return json.dumps(part, separators=(",", ":")).encode()


def _ids(event: Any) -> set[str]:
    said = reading.obj(reading.obj(event).get("message_create")) or reading.obj(event)
    target = reading.obj(said.get("target"))
    found = (said.get("sender_id"), said.get("source_app_id"), target.get("recipient_id"))
    return {key for key in map(reading.identifier, found) if key}
