"""What is removed goes by its key, readable or not; a record that was changed meanwhile is not replaced."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from firstline.model.errors import LostRace
from firstline.model.records import RemovedCase
from firstline.table import Table, keys

from .records import NOW, a_case, a_stored_post


def test_all_of_a_case_is_removed_by_key_however_much_it_is_and_whatever_it_holds(table: Table, dynamodb: Any) -> None:
    table.commit([a_case("case-1")], NOW)
    for start in range(0, 120, 60):
        table.commit([a_stored_post("case-1", str(n), "hello") for n in range(start, start + 60)], NOW)
    unreadable = {"pk": {"S": "case#case-1"}, "sk": {"S": "incident#1"}, "entity": {"S": "incident"}}
    dynamodb.put_item(TableName=table.name, Item=unreadable)
    rows = table.keys_of_case("case-1")
    assert len(rows) == 122
    table.remove(rows)
    table.remove(rows)  # it may be said again
    assert table.keys_of_case("case-1") == []


def test_a_record_is_replaced_as_it_was_read_or_not_at_all(table: Table) -> None:
    table.commit([a_case("case-1")], NOW)
    read = table.get(keys.case("case-1"))
    left = RemovedCase(case_id="case-1", ended_at=NOW, removed_at=NOW, due_at=NOW + timedelta(days=1))
    assert read is not None
    table.commit([read], NOW)
    with pytest.raises(LostRace):
        table.replace(read, left, NOW)
    assert table.get(keys.removed("case-1")) is None
    fresh = table.get(keys.case("case-1"))
    assert fresh is not None
    table.replace(fresh, left, NOW)
    assert table.get(keys.case("case-1")) is None and isinstance(table.get(keys.removed("case-1")), RemovedCase)
