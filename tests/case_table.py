"""The case table as infra/storage.yaml defines it, made wherever a test wants it."""

from __future__ import annotations

from typing import Any

from .stack.templates import nested


def make_case_table(client: Any, name: str) -> None:
    """Create the table: its keys, its indexes and what they project, from the template."""
    table = nested("Storage")["Resources"]["CaseTable"]["Properties"]
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    client.create_table(TableName=name, **{part: table[part] for part in wanted})
