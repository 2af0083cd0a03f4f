"""Everything said on the simulated platforms, in memory, and on disk when a restart should not lose it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from .settings import Channel
from .wire import milliseconds

SNOWFLAKE_EPOCH_MS = 1288834974657
Writer = Literal["customer", "app", "native"]


@dataclass(frozen=True)
class Person:
    """Whoever wrote something: a customer, or one of the brand's accounts. ``also``: the phone number beside a
    business-scoped id (WhatsApp)."""

    id: str
    name: str
    handle: str | None = None
    followers: int = 0
    verified: bool = False
    also: str | None = None


@dataclass(frozen=True)
class Entry:
    """One thing said.

    ``parent_id`` is what it answers, ``root_id`` the thread's first post, ``to`` the person on the other side of a
    private talk, ``subject_id`` the comment that a private reply answers. ``writer``: a customer, or the brand through
    the API (app) or in the platform's own app (native). ``seen_from`` is when reads begin to show it. ``versions``
    lists the ids of an edited X post, oldest first. ``status`` is how far a message on WhatsApp came; ``contact`` what a
    generic source verified of the author.
    """

    id: str
    channel: Channel
    kind: str
    account: str
    author: Person
    text: str
    at: datetime
    writer: Writer = "customer"
    parent_id: str | None = None
    root_id: str | None = None
    to: str | None = None
    quoted_id: str | None = None
    subject_id: str | None = None
    language: str | None = None
    metadata: str | None = None
    seen_from: datetime | None = None
    edited_at: datetime | None = None
    replaced_by: str | None = None
    versions: tuple[str, ...] = ()
    deleted: bool = False
    hidden: bool = False
    status: str | None = None
    contact: Mapping[str, str] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        return self.to is not None

    @property
    def by_brand(self) -> bool:
        return self.writer != "customer"

    def visible(self, now: datetime) -> bool:
        """Whether a read at ``now`` shows it."""
        return not self.deleted and self.replaced_by is None and (self.seen_from is None or self.seen_from <= now)


@dataclass
class Store:
    """Entries by id, oldest first. ``version`` grows with every change; pages ask whether it did."""

    state_dir: Path | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    version: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _last_number: int = 0

    def __post_init__(self) -> None:
        if self._file and self._file.exists():
            saved = json.loads(self._file.read_text())
            self.version, self._last_number = saved["version"], saved["last_number"]
            self.entries = {each["id"]: _revived(each) for each in saved["entries"]}

    @property
    def _file(self) -> Path | None:
        return self.state_dir / "posts.json" if self.state_dir else None

    def put(self, entry: Entry) -> Entry:
        """Adds an entry or replaces the one with the same id."""
        with self.lock:
            self.entries[entry.id] = entry
            self._changed()
        return entry

    def change(self, entry: Entry, **fields: Any) -> Entry:
        """The entry with other fields, kept in its place."""
        return self.put(replace(entry, **fields))

    def clear(self) -> None:
        """Forgets everything."""
        with self.lock:
            self.entries.clear()
            self._changed()

    def get(self, entry_id: str | None) -> Entry | None:
        return self.entries.get(entry_id) if entry_id else None

    def of(self, *channels: str) -> Iterator[Entry]:
        """Entries of the channels, oldest first."""
        with self.lock:
            return iter([entry for entry in self.entries.values() if entry.channel in channels])

    def number(self, now: datetime) -> int:
        """A number that grows with time and never repeats, built as X builds its ids (milliseconds, then a count)."""
        with self.lock:
            self._last_number = max((milliseconds(now) - SNOWFLAKE_EPOCH_MS) << 22, self._last_number + 1)
            return self._last_number

    def _changed(self) -> None:
        self.version += 1
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".new")
            saved = [_plain(entry) for entry in self.entries.values()]
            content = {"version": self.version, "last_number": self._last_number, "entries": saved}
            fresh.write_text(json.dumps(content, ensure_ascii=False))
            fresh.replace(self._file)


TIMES = ("at", "seen_from", "edited_at")


def _plain(entry: Entry) -> dict[str, Any]:
    fields = asdict(entry)
    return fields | {name: fields[name].isoformat() for name in TIMES if fields[name]}


def _revived(saved: dict[str, Any]) -> Entry:
    times = {name: datetime.fromisoformat(saved[name]) for name in TIMES if saved[name]}
    return Entry(**saved | times | {"author": Person(**saved["author"]), "versions": tuple(saved["versions"])})


def stable_id(channel: str, name: str, digits: int) -> str:
    """An id for a person who was given none: the same name is the same person."""
    figure = int.from_bytes(hashlib.sha256(f"{channel}:{name.casefold()}".encode()).digest()[:8])
    return str(10 ** (digits - 1) + figure % (9 * 10 ** (digits - 1)))
