"""The base of all values, and time as Firstline writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, ValidationError

from .errors import UnknownForm


class Value(BaseModel):
    """A frozen value: two with the same fields are equal; a change is a new value (``model_copy(update=...)``).

    Code that builds one may name its fields only. What was stored or sent is read by `stored`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def stored(cls, content: Mapping[str, Any] | str | bytes) -> Self:
        """The value that some release wrote, as a mapping or as JSON. Keys that this release does not know are ignored,
        at every depth: an earlier release may have used them, or a later one. Raises `UnknownForm`, which says which
        field is wrong and nothing of what it holds."""
        try:
            if isinstance(content, str | bytes):
                return cls.model_validate_json(content, extra="ignore")
            return cls.model_validate(content, extra="ignore")
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            field = first["loc"][0] if first["loc"] else "content"
            raise UnknownForm(cls.__name__, f"{field}: {first['type']}") from None


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
