"""The case table: keys, items, queries, transactions. Knows DynamoDB; knows nothing of what is decided."""

from .items import Record, key_of
from .store import DueRow, Table

__all__ = ["DueRow", "Record", "Table", "key_of"]
