"""What an operation has read: strongly consistent, in as few rounds as possible, carried forward over commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from ..model.base import Value
from ..model.case import Case
from ..model.erased import cases_of_words, respected
from ..model.errors import UnknownForm
from ..table import Record, Table, key_of, keys
from ..table.keys import Key

V = TypeVar("V", bound=Value)


class Snapshot:
    """Records by key. What was looked for and is absent is known to be absent, until it is forgotten."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: dict[Key, Record | UnknownForm | None] = {}

    def fetch(self, wanted: Iterable[Key | None]) -> None:
        """Read those that are not known yet, in one round."""
        missing = [key for key in dict.fromkeys(wanted) if key is not None and key not in self._known]
        if missing:
            found = self._table.read(missing)
            self._known |= {key: found.readable.get(key) for key in missing} | found.unknown

    def get(self, model: type[V], key: Key | None) -> V | None:
        """The record under a key, if it is there (read now if it was not fetched). Raises `UnknownForm` when it cannot be
        read."""
        if key is None:
            return None
        self.fetch([key])
        record = self._known[key]
        if isinstance(record, UnknownForm):
            raise record
        return record if isinstance(record, model) else None

    def commit(self, records: Sequence[Record | None], now: datetime) -> None:
        """Commit, and carry forward what is stored. Words are written together with their case, as it was read: so on an
        erased case nothing is ever written that names or quotes anybody (`model/erased.py`)."""
        given = [record for record in records if record is not None]
        cases = [self.get(Case, keys.case(case_id)) for case_id in sorted(cases_of_words(given))]
        writes = respected([*given, *(case for case in cases if case is not None)], now)
        self._table.commit(writes, now)
        for record in writes:
            self._known[key_of(record)] = record.model_copy(update={"version": record.version + 1})

    def forget(self) -> None:
        """Somebody else was faster: read all again."""
        self._known.clear()
