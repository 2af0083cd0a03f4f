"""A table and queues in memory, with the same conditions: for thousands of records, where a server's doubles take minutes.

Records go through the table's own items and back, so that indexes, orders and versions are those of DynamoDB. What
DynamoDB itself does with them is shown by tests/contract/table.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from firstline.model.base import stamp
from firstline.model.errors import LostRace
from firstline.outward.queues import Message
from firstline.table import DueRow, Record, Table, keys
from firstline.table.found import Found, Rows
from firstline.table.items import Item, from_item, key_of, to_item
from firstline.table.keys import Key


class MemoryTable(Table):
    """The part of the table that handing over and the diary use."""

    def __init__(self, shards: int = 1) -> None:
        super().__init__(None, "cases", shards)
        self._items: dict[Key, Item] = {}
        self._orders: dict[str, list[tuple[str, Key]]] = defaultdict(list)
        self._free_at: dict[str, datetime] = {}

    def get(self, key: Key) -> Record | None:
        item = self._items.get(key)
        return from_item(item) if item else None

    def read(self, wanted: Iterable[Key]) -> Found:
        found = Found()
        for key in wanted:
            if key in self._items:
                found.add(self._items[key], self._unknown)
        return found

    def of_case(self, case_id: str, prefix: str = "") -> Rows:
        pk = keys.case(case_id).pk
        rows = sorted(key for key in self._items if key.pk == pk and key.sk.startswith(prefix))
        return Rows.of((self._items[key] for key in rows), self._unknown)

    def commit(self, records: Sequence[Record], now: datetime) -> None:
        for record in records:
            before = self._items.get(key_of(record))
            if record.version != (int(before["version"]["N"]) if before else 0):
                raise LostRace(str(key_of(record)))
        for record in records:
            key, item = key_of(record), to_item(record, now, self.shards)
            self._order(key, self._items.get(key), item)
            self._items[key] = item

    def _order(self, key: Key, before: Item | None, after: Item) -> None:
        for index in ("due", "order"):
            if before and f"{index}_pk" in before:
                self._orders[before[f"{index}_pk"]["S"]].remove((before[f"{index}_sk"]["S"], key))
            if f"{index}_pk" in after:
                insort(self._orders[after[f"{index}_pk"]["S"]], (after[f"{index}_sk"]["S"], key))

    def take_turn(self, name: str, per_second: int, now: datetime) -> datetime:
        turn = max(self._free_at.get(name, now), now)
        self._free_at[name] = turn + timedelta(milliseconds=-(-1000 // per_second))
        return turn

    def first_mail(self) -> Key | None:
        heads = (self._orders[keys.mail_partition(shard)][:1] for shard in keys.all_shards(self.shards))
        return min((head for found in heads for head in found), default=(None, None))[1]

    def due(self, shard: str, until: datetime, most: int | None = None) -> Iterator[DueRow]:
        rows = self._orders[keys.due_partition(shard)]
        found = rows[: bisect_right(rows, (stamp(until) + "#~", Key("~", "~")))]
        return (DueRow(self._items[key]["entity"]["S"], key, due) for due, key in found[:most])

    def oldest_due_in_lane(self, lane: str) -> datetime | None:
        return None


class MemoryQueues:
    """Queues that hide what is delayed; a message is taken once."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._waiting: list[tuple[datetime, int, Message]] = []
        self._count = 0

    def send(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._count += 1
            insort(self._waiting, (self._clock() + timedelta(seconds=message.delay), self._count, message))

    def take(self) -> list[Message]:
        """What is visible now."""
        place = bisect_right(self._waiting, (self._clock(), self._count + 1))
        taken, self._waiting = self._waiting[:place], self._waiting[place:]
        return [message for _, _, message in taken]

    def lose_all(self) -> None:
        """Every message vanishes."""
        self._waiting.clear()
