"""What a read found, where some of it may be of a form that this release cannot read: one row costs one row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..model.errors import UnknownForm
from .items import Item, Record, from_item
from .keys import Key

Report = Callable[[UnknownForm], None]
"""Hears of a row that could not be read: its kind, and what is wrong with it."""


class Found(dict[Key, Record]):
    """Records by key. Absent is not what a record is that cannot be read: who asks for it by its key gets `UnknownForm`,
    since a decision may rest on it. Whoever lists what there is takes `readable`."""

    def __init__(self) -> None:
        super().__init__()
        self.unknown: dict[Key, UnknownForm] = {}

    def add(self, item: Item, report: Report) -> None:
        """Take an item in."""
        key = Key(item["pk"]["S"], item["sk"]["S"])
        try:
            self[key] = from_item(item)
        except UnknownForm as error:
            self.unknown[key] = error
            report(error)

    def get(self, key: Key, default: Any = None) -> Any:
        if key in self.unknown:
            raise self.unknown[key]
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self.unknown

    @property
    def readable(self) -> dict[Key, Record]:
        """Those that could be read."""
        return dict(self)


class Rows(list[Record]):
    """The records of a partition that could be read, in the order of keys; ``unknown`` counts the others."""

    unknown: int = 0

    @classmethod
    def of(cls, items: Iterable[Item], report: Report) -> Rows:
        """Read the items."""
        rows = cls()
        for item in items:
            try:
                rows.append(from_item(item))
            except UnknownForm as error:
                rows.unknown += 1
                report(error)
        return rows
