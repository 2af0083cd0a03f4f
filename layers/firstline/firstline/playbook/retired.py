"""Keys that playbooks had once and that nothing reads any more.

Whoever takes a key out of the playbook's model names it here. A playbook that still has it works as before, and
`firstline playbook check` says that the line can go.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import getitem
from typing import Any

Path = tuple[Any, ...]

RETIRED = (
    "case.walk_away_days",
    "objectives",
    "retention_days.bodies",
    "rules.priority.per_customer_value",
)
"""Dotted paths; ``*`` stands for any name or any place in a list ("branches.*.fax")."""
RETIRED_VALUES = (("targets.*.kind", "resolve"),)
"""Values that are still taken and mean nothing any more."""


def take_retired(document: Any) -> list[Path]:
    """Take the retired keys out of a document (names, values and lists). Returns where they stood."""
    found = [path for pattern in RETIRED for path in _places(document, tuple(pattern.split(".")))]
    for *above, key in found:
        del reduce(getitem, above, document)[key]
    return found


def without_meaning(document: Any) -> list[Path]:
    """Where retired values stand; they stay."""
    found = [
        (path, value) for pattern, value in RETIRED_VALUES for path in _places(document, tuple(pattern.split(".")))
    ]
    return [path for path, value in found if reduce(getitem, path, document) == value]


def _places(document: Any, pattern: Path, above: Path = ()) -> Iterator[Path]:
    if not pattern:
        yield above
        return
    first, rest = pattern[0], pattern[1:]
    if isinstance(document, dict):
        for name in list(document) if first == "*" else [first] if first in document else []:
            yield from _places(document[name], rest, (*above, name))
    elif isinstance(document, list) and first == "*":
        for place, value in enumerate(document):
            yield from _places(value, rest, (*above, place))
