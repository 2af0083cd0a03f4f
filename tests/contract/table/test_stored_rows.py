"""Every row that an earlier release wrote is read by this one, on every table, and loses nothing when it is written again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from firstline.table import Table, key_of
from firstline.table.items import KINDS, from_item, to_item
from firstline.table.keys import Key
from tests.stored import RELEASES, kind_of, rows

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RETIRED: dict[str, frozenset[str]] = {"case": frozenset({"resolve_due"}), "author": frozenset({"customer_value"})}
"""Fields that nothing reads any more, by kind: they may get lost."""
OF_THE_TABLE = frozenset({"version", "ttl", "due_pk", "due_sk", "order_pk", "order_sk", "list_pk", "list_sk"})
RECORDS = [(release, row) for release in RELEASES for row in rows(release) if "entity" in row]


@pytest.mark.parametrize("release", RELEASES)
def test_every_row_is_read_where_its_key_says(release: str, table: Table, dynamodb: Any) -> None:
    of_this = [row for name, row in RECORDS if name == release]
    for row in of_this:
        dynamodb.put_item(TableName=table.name, Item=row)
    wanted = [Key(row["pk"]["S"], row["sk"]["S"]) for row in of_this]
    found = table.read(wanted)
    assert [type(found[key]) for key in wanted] == [KINDS[kind_of(row)] for row in of_this]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_row_that_is_written_again_loses_nothing(kind: str) -> None:
    of_this = [row for _, row in RECORDS if kind_of(row) == kind]
    assert of_this
    for row in of_this:
        record = from_item(row)
        assert tuple(key_of(record)) == (row["pk"]["S"], row["sk"]["S"])
        again = to_item(record, NOW, 4)
        kept = {name: value for name, value in row.items() if name not in OF_THE_TABLE | RETIRED.get(kind, frozenset())}
        assert {name: again.get(name) for name in kept} == kept
        assert again["version"]["N"] == str(int(row["version"]["N"]) + 1)
