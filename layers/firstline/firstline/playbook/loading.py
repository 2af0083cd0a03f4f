"""A playbook from YAML as people write it, with the line and column of every mistake (R60)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from .checks import problems
from .model import Playbook


@dataclass(frozen=True)
class PlaybookError:
    """One mistake: where (1-based), what, and what to write instead."""

    line: int
    column: int
    path: str
    message: str
    instead: str = ""

    def __str__(self) -> str:
        more = f" ({self.instead})" if self.instead else ""
        return f"line {self.line}, column {self.column}: {self.path or 'document'}: {self.message}{more}"


class PlaybookErrors(Exception):
    """Every mistake in a playbook, in the order of lines."""

    def __init__(self, errors: list[PlaybookError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = tuple(sorted(errors, key=lambda error: (error.line, error.column)))


def load_yaml(text: str) -> Playbook:
    """The playbook in a YAML document. Raises `PlaybookErrors`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        document = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise PlaybookErrors(
            [PlaybookError(line, column, "", error.problem or "no YAML", "indent with spaces")]
        ) from None
    if not isinstance(document, dict):
        raise PlaybookErrors([PlaybookError(1, 1, "", "a playbook is a mapping", "begin with version: and brand:")])
    try:
        playbook = Playbook.model_validate(_plain(document))
    except ValidationError as error:
        found = []
        for each in error.errors():
            path = tuple(step for step in each["loc"])
            line, column = _place(document, path)
            found.append(PlaybookError(line, column, ".".join(map(str, path)), each["msg"], _instead(each)))
        raise PlaybookErrors(found) from None
    crossed = [
        PlaybookError(*_place(document, path), ".".join(map(str, path)), message, instead)
        for path, message, instead in problems(playbook)
    ]
    if crossed:
        raise PlaybookErrors(crossed)
    return playbook


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def _place(document: Any, path: tuple[Any, ...]) -> tuple[int, int]:
    """Line and column (1-based) of the value at a path, or of the nearest thing above it that is there."""
    place = (1, 1)
    here: Any = document
    for step in path:
        try:
            marks = here.lc
            mark = marks.item(step) if isinstance(step, int) else marks.key(step)
            here = here[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
        place = (mark[0] + 1, mark[1] + 1)
    return place


def _instead(error: Any) -> str:
    match error["type"]:
        case "missing":
            return f"add {error['loc'][-1]}:"
        case "extra_forbidden":
            return "remove it, or correct its name"
        case "literal_error":
            return f"write one of {error['ctx']['expected']}"
        case _:
            return ""
