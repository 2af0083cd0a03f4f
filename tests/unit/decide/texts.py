"""The corpus: texts as customers write them, each with what must be decided about it.

A group of a file has ``about``, ``expect`` (keys of `explain` with the values that hold for the whole group) and
``texts``: language -> texts. The language is expected, too; ``any`` stands for texts whose language does not matter. A text is a
string, or a mapping with ``text``, expectations of its own, and ``miss``: why it is known to be decided otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from firstline.playbook import Playbook
from infra.ops.playbook import explained

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


class Case(NamedTuple):
    """A text, what is expected of it, and why it is known to be missed (None if it is not)."""

    about: str
    text: str
    expect: dict[str, Any]
    miss: str | None


def cases(name: str) -> Iterator[Case]:
    """All cases of one of the files beside this one."""
    for group in YAML(typ="safe").load((Path(__file__).parent / f"{name}.yaml").read_text()):
        for language, texts in group["texts"].items():
            spoken = {} if language == "any" else {"language": language}
            for entry in texts:
                own = dict(entry) if isinstance(entry, dict) else {"text": entry}
                text, miss = own.pop("text"), own.pop("miss", None)
                yield Case(group["about"], text, {**spoken, **group["expect"], **own}, miss)


def differences(case: Case, playbook: Playbook) -> dict[str, tuple[Any, Any]]:
    """What is decided otherwise than expected: key -> (expected, decided)."""
    told = explained(case.text, playbook, "x", private=False, now=TUESDAY)
    decided = {name: list(told[name]) if isinstance(told[name], tuple) else told[name] for name in case.expect}
    return {name: (case.expect[name], decided[name]) for name in case.expect if case.expect[name] != decided[name]}
