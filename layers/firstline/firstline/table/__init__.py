"""The case table: keys, items, queries, transactions. Knows DynamoDB; knows nothing of what is decided."""

from .items import RETENTION, Record, key_of, outbox_order, terms
from .store import DueRow, OutboxRow, Reserved, Table

__all__ = ["RETENTION", "DueRow", "OutboxRow", "Record", "Reserved", "Table", "key_of", "outbox_order", "terms"]
