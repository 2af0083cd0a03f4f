"""A Facebook Page's entries: lists ``changes[]``, ``messaging[]`` or ``standby[]``, each item an event of its own.

Source: Meta, Webhooks, Getting Started.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...model.events import Event
from .. import reading
from .entry import Entry


def events(value: Mapping[str, Any], entry: Entry, channel: str) -> Iterator[Event]:
    """The entry's events in order; none when it holds no list. A strange item costs only itself."""
    for name, things in value.items():
        if not isinstance(things, list):
            continue
        for one in things:
            yield from reading.each(channel, one, [entry.account, entry.time, name], _reader(name, one, entry, channel))


def _reader(name: str, one: Any, entry: Entry, channel: str) -> Any:
    # Imported here: a delivery of comments needs no messages, nor the other way round.
    from ..facebook import feed
    from . import talks

    if name == "changes":
        return lambda: feed.change_events(one, entry)
    if name in ("messaging", "standby"):
        return lambda: talks.messaging_events(one, talks.Inbox("messenger", entry, standby=name == "standby"))
    if name in ("changed_fields", "hop_context"):
        return lambda: [entry.ignored(channel, name, one)]
    return lambda: [reading.unreadable(channel, "unknown_member", {name: one}, entry.account, entry.time)]
