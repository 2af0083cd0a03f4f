"""The work item: what an agent lane carries. Its JSON Schema is docs/schemas/work-item.schema.json."""

from __future__ import annotations

from typing import Literal

from .base import Instant, Value


class WorkAuthor(Value):
    """Who wrote, as shown in a queue."""

    id: str
    handle: str | None = None
    name: str | None = None


class WorkItem(Value):
    """A pointer to work: whoever takes it claims the case in the table first (``work_id`` must still be live).

    ``priority`` runs from 0 to 100, ``due_at`` is the time by which a person should have answered (UTC).
    """

    version: Literal[1] = 1
    work_id: str
    case_id: str
    case_ref: str
    channel: str
    author: WorkAuthor
    language: str
    priority: int
    priority_reasons: tuple[str, ...]
    skills: tuple[str, ...]
    due_at: Instant
    reason: str
    kept_for: str | None = None
    """Who asked the customer and has the answer first; nobody else can claim it before ``kept_for_until``."""
    kept_for_until: Instant | None = None
