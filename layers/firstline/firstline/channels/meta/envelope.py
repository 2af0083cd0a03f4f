"""The envelope that all of Meta's deliveries have: ``{"object", "entry": [...]}``.

An app may have one webhook for all of its products, so any object may come to any of their doors, also comments and
messages in one delivery: whichever channel's door it was, each event gets the channel that it belongs to.
Source: Meta, Webhooks, Getting Started; entry id "0" is the dashboard's test button (restfb, chatwoot).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from ...model.events import Event, Ignored
from .. import reading
from ..reading import Json
from .entry import Entry

OBJECTS = {
    "page": "firstline.channels.meta.page",
    "whatsapp_business_account": "firstline.channels.whatsapp.business",
    "instagram": "firstline.channels.instagram.entries",
}
"""What a delivery is about, and the module whose ``events(value, entry, channel)`` reads its entries."""
NESTED = {
    "whatsapp_business_account": "firstline.channels.whatsapp.flat",
}
"""What nests lists of events in its changes, and the module whose ``flattened(entry)`` makes each a change."""


def parse(body: bytes, accounts: Mapping[str, str], channel: str) -> list[Event]:
    """Every event of the delivery; ``channel`` is the one whose door it came to. See `contract.Adapter.parse`."""
    try:
        envelope = reading.load(body)
    except reading.STRANGE:
        return [reading.unreadable(channel, "no_json", body.decode("utf-8", "replace").replace("\0", "\ufffd"))]
    if not isinstance(envelope, dict) or not isinstance(envelope.get("entry"), list):
        return [reading.unreadable(channel, "unknown_shape", envelope)]
    # Bodies of Instagram were recorded that do not say what they are about.
    about = reading.words(envelope.get("object", "instagram" if channel == "instagram" else None))
    if about == "permissions":
        events = list(_permissions(envelope["entry"], accounts, channel))
    elif about in OBJECTS:
        events = [event for value in envelope["entry"] for event in _entry(value, accounts, channel, OBJECTS[about])]
    else:
        return [reading.unreadable(channel, "unknown_object", envelope)]
    return reading.once(events) or [Ignored(key=f"{channel}~{reading.digest(envelope)}", reason="empty")]


def _entry(value: Any, accounts: Mapping[str, str], channel: str, reader: str) -> Iterator[Event]:
    account = reading.identifier(reading.obj(value).get("id"))
    if account is None:
        yield reading.unreadable(channel, "entry_without_id", value)
        return
    entry = Entry(account, accounts, value.get("time"))
    if account == "0":
        yield entry.ignored(channel, "test_button", value)
        return
    found = False
    # Imported when it is needed: a delivery of one product loads no other.
    for event in import_module(reader).events(value, entry, channel):
        found = True
        yield event
    if not found:
        # "changed_fields" without values: the subscription has "include values" switched off, or nothing is in it.
        yield entry.ignored(channel, "no_events", value)


def _permissions(entries: list[Any], accounts: Mapping[str, str], channel: str) -> Iterator[Event]:
    """Somebody granted or withdrew a permission of the app: withdrawn ones are the team's business."""
    for value in entries:
        given = reading.obj(value)
        entry = Entry(reading.identifier(given.get("id")) or "0", accounts, given.get("time"))
        verbs = {reading.words(reading.obj(one).get("verb")) for one in reading.items(given.get("changes"))}
        if entry.account != "0" and "revoked" in verbs:
            yield entry.notice(channel, "permission_revoked", value)
        else:
            yield entry.ignored(channel, "permission", value)


def split(body: bytes, most: int) -> list[bytes]:
    """See `contract.Adapter.split`. Order is kept; an entry that is cut keeps its id and time in every part."""
    try:
        envelope = reading.load(body)
    except reading.STRANGE:
        return [body]
    entries = envelope.get("entry") if isinstance(envelope, dict) else None
    if not isinstance(entries, list):
        return [body]
    about = reading.words(envelope.get("object"))
    if about in NESTED:
        flat = import_module(NESTED[about])
        entries = [flat.flattened(entry) for entry in entries]
    units = [unit for entry in entries for unit in _units(entry)]
    if len(units) <= most:
        return [body]
    return [_part(envelope, units[start : start + most]) for start in range(0, len(units), most)]


def _units(entry: Any) -> list[tuple[Any, str, Any]]:
    """The entry's events as (entry, list's name, event); an entry without any is one by itself."""
    lists = [(name, things) for name, things in reading.obj(entry).items() if isinstance(things, list)]
    return [(entry, name, one) for name, things in lists for one in things] or [(entry, "", None)]


def _part(envelope: Json, units: list[tuple[Any, str, Any]]) -> bytes:
    entries: list[Any] = []
    latest: Any = None
    for entry, name, one in units:
        if not name:
            entries.append(entry)
        else:
            if entry is not latest:
                entries.append({key: value for key, value in entry.items() if not isinstance(value, list)})
            entries[-1].setdefault(name, []).append(one)
        latest = entry
    return json.dumps({**envelope, "entry": entries}, separators=(",", ":")).encode()
