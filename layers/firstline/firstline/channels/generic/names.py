"""How a source's own ids become ids of the channel, so that two sources never mean the same post or person.

``reviews`` calls a post ``r-17``; the channel knows it as ``reviews/r-17``. A source's name holds no slash, so the first
one ends it, whatever its ids look like; and a source can name nothing of another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import reading

CHANNEL = "generic"


def source_of(accounts: Mapping[str, str]) -> str:
    """The source that a delivery came from: the one account that it may be about, else the default source."""
    return next(iter(accounts)) if len(accounts) == 1 else CHANNEL


def ours(source: str, value: Any) -> str | None:
    """A source's id as the channel's; None for what cannot be one."""
    found = reading.identifier(value)
    return reading.identifier(f"{source}/{found}") if found is not None else None


def theirs(value: str | None) -> str | None:
    """The channel's id as the source knows it."""
    return value.partition("/")[2] if value is not None else None
