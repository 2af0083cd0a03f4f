"""The base of all values, and time as Firstline writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer


class Value(BaseModel):
    """A frozen value: two with the same fields are equal; a change is a new value (``model_copy(update=...)``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs its zone")
    return value.astimezone(UTC)


def stamp(moment: datetime) -> str:
    """The moment as text that sorts as time does: ``2026-11-23T10:15:00.000Z`` (milliseconds, UTC)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[datetime, AfterValidator(_utc), PlainSerializer(stamp, when_used="json")]
"""A moment, always in UTC; converted at the edges only. In JSON it is written by `stamp`, so that texts sort as time."""


def moment(text: str) -> datetime:
    """The inverse of `stamp`."""
    return datetime.fromisoformat(text)
