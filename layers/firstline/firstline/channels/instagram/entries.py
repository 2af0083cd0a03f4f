"""An Instagram account's entries, in the three shapes in which Meta writes them.

``changes[]`` with field and value (comments, mentions; the dashboard's test of messages), ``messaging[]`` or
``standby[]``, and ``field`` with ``value`` in the entry itself (apps with Instagram Login).
Source: Meta, instagram-platform/webhooks and its examples; recorded bodies of restfb, nyaruka/courier and chatwoot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...model.events import Event
from .. import reading
from ..meta.entry import Entry
from ..meta.talks import Inbox, messaging_events
from .comments import CHANNEL, change_events


def events(value: Mapping[str, Any], entry: Entry, channel: str) -> Iterator[Event]:
    """The entry's events in order; none when it holds none. A strange item costs only itself."""
    if "field" in value:
        change = {name: value[name] for name in ("field", "value") if name in value}
        yield from _each("changes", change, entry, channel)
    for name, things in value.items():
        if isinstance(things, list) and name not in ("field", "value"):
            for one in things:
                yield from _each(name, one, entry, channel)


def _each(name: str, one: Any, entry: Entry, channel: str) -> list[Event]:
    return reading.each(channel, one, [entry.account, entry.time, name], lambda: _read(name, one, entry, channel))


def _read(name: str, one: Any, entry: Entry, channel: str) -> Iterator[Event]:
    if name == "changes":
        yield from change_events(one, entry)
    elif name in ("messaging", "standby"):
        yield from messaging_events(one, Inbox(CHANNEL, entry, standby=name == "standby"))
    elif name in ("changed_fields", "hop_context"):
        yield entry.ignored(CHANNEL, name, one)
    else:
        yield reading.unreadable(channel, "unknown_member", {name: one}, entry.account, entry.time)
