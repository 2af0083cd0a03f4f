"""A playbook from YAML as people write it, with the line and column of every mistake (R60)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from .checks import problems
from .model import SITUATIONS, Playbook
from .retired import take_retired, without_meaning

Path = tuple[Any, ...]

_BY_PATTERN = {  # what a value looks like, by a piece of the pattern that it has to match
    "[a-z]{2,3}": "a language code in lower case, such as en",
    "24:00": 'hours in quotes, such as "08:00-18:00"',
    "[0-5]\\d$": 'a time of day in quotes, such as "08:00"',
    "[A-Za-z0-9]": "letters and digits, then also - and _",
}
_BY_TYPE = {
    "extra_forbidden": "nothing here, or its right name",
    "string_type": 'a text; numbers and dates in quotes: "123"',
    "int_parsing": "a whole number, such as 60",
    "int_type": "a whole number, such as 60",
    "int_from_float": "a whole number, such as 60",
    "float_parsing": "a number, such as 0.9",
    "float_type": "a number, such as 0.9",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "tuple_type": "a list, such as [one, two]",
    "dict_type": "names with values beneath it, indented",
    "model_type": "names with values beneath it, indented",
    "date_type": "a date, such as 2026-12-25",
    "date_parsing": "a date, such as 2026-12-25",
    "date_from_datetime_parsing": "a date, such as 2026-12-25",
    "too_short": "at least one",
}


@dataclass(frozen=True)
class PlaybookError:
    """One mistake: where (1-based), what, and what to write instead."""

    line: int
    column: int
    path: str
    message: str
    instead: str = ""

    def __str__(self) -> str:
        more = f" (write {self.instead})" if self.instead else ""
        return f"line {self.line}, column {self.column}: {self.path or 'document'}: {self.message}{more}"


class PlaybookErrors(Exception):
    """Every mistake in a playbook, in the order of lines."""

    def __init__(self, errors: Iterable[PlaybookError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.line, error.column)))
        super().__init__("\n".join(map(str, self.errors)))


def load_yaml(text: str, *, whole: bool = True) -> Playbook:
    """The playbook in a YAML document. Raises `PlaybookErrors`.

    ``whole=False`` takes its parts as they are, whatever they have in common: its branches may be still to come.
    """
    document = _parsed(text)
    plain = _plain(document)
    take_retired(plain)
    try:
        playbook = Playbook.model_validate(plain)
    except ValidationError as errors:
        # a list whose only item is wrong is "too short", too: that says nothing more
        told = [each for each in errors.errors() if not (each["type"] == "too_short" and each["input"])]
        raise PlaybookErrors(_explained(each, document) for each in told) from None
    if whole and (found := problems(playbook)):
        raise PlaybookErrors(_error(document, path, message, instead) for path, message, instead in found)
    return playbook


def no_longer_used(text: str) -> list[PlaybookError]:
    """The keys and values of a YAML document that nothing reads any more: they are ignored, and can go. Raises `PlaybookErrors`
    for what is no YAML."""
    document = _parsed(text)
    plain = _plain(document)
    gone = [(path, True) for path in take_retired(plain)] + [(path, False) for path in without_meaning(plain)]
    return [_error(document, path, "no longer used", "nothing here", at_key=key) for path, key in gone]


def never_said(text: str) -> list[PlaybookError]:
    """The words of a YAML document that no robot says, since their language lacks others: answers are given in the
    languages of `first`. Raises `PlaybookErrors` for what is no YAML."""
    document = _parsed(text)
    wordings = {situation: {*map(str, texts)} for situation, texts in document.get("wordings", {}).items()}
    answered = wordings.get("first", set())
    found: list[tuple[Path, str]] = [
        (("wordings", situation, each), each) for situation, texts in wordings.items() for each in sorted(texts)
    ]
    found += [((part, str(each)), str(each)) for part in ("asks", "times") for each in document.get(part, {})]
    errors = []
    for path, language in found:
        if language not in answered:
            missing = ", ".join(each for each in SITUATIONS if language not in wordings.get(each, ()))
            why, instead = f"never said, since {language} has no wordings for {missing}", f"those in {language}, too"
            errors.append(_error(document, path, why, instead, at_key=True))
    return errors


def compiled(playbook: Playbook) -> str:
    """The playbook as functions read it: JSON, the same for the same playbook."""
    return playbook.model_dump_json()


def _parsed(text: str) -> Any:
    from ruamel.yaml import YAML  # here, since functions read compiled playbooks and have no YAML
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    def broken(message: str, instead: str, line: int = 1, column: int = 1) -> PlaybookErrors:
        return PlaybookErrors([PlaybookError(line, column, "", message, instead)])

    try:
        document = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if isinstance(error, DuplicateKeyError):
            what = (error.problem or "").partition(" with value")[0] or "found a duplicate key"
            raise broken(what, "every name once", line, column) from None
        what = error.problem or "this is no YAML"
        raise broken(what, "name: value, indented with spaces; texts with : or # in quotes", line, column) from None
    except YAMLError as error:  # characters that YAML doesn't allow, which have a position but no mark
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise broken("a character that YAML does not allow", "plain text in UTF-8", line) from None
    if not isinstance(document, dict):
        raise broken("a playbook is names with values", "version: and brand: first")
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def explained(error: Any) -> tuple[str, str]:
    """What pydantic says of a value: what is wrong, and what to write instead."""
    kind, context = error["type"], error.get("ctx", {})
    message, instead = error["msg"], _BY_TYPE.get(kind, "")
    match kind:
        case "missing":
            name = error["loc"][-1]
            return f"{name} is missing", f"{name}: with its value"
        case "literal_error":
            instead = f"one of {context['expected']}"
        case "string_pattern_mismatch":
            instead = next((example for piece, example in _BY_PATTERN.items() if piece in context["pattern"]), "")
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            instead = message.replace("Input should be", "a number")
        case "value_error":  # our own validators: "what is wrong: write what"
            message, _, instead = message.removeprefix("Value error, ").partition(": write ")
    return message, instead


def _explained(error: Any, document: Any) -> PlaybookError:
    """What pydantic says, where the YAML says it."""
    at_key = error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",)
    path = tuple(step for step in error["loc"] if step != "[key]")
    return _error(document, path, *explained(error), at_key=at_key)


def _error(document: Any, path: Path, message: str, instead: str, *, at_key: bool = False) -> PlaybookError:
    line, column = _place(document, path, at_key=at_key)
    return PlaybookError(line, column, ".".join(map(str, path)), message, instead)


def _place(document: Any, path: Path, *, at_key: bool) -> tuple[int, int]:
    """Line and column (1-based) of what stands at a path, or of the nearest thing above it that is there.

    A single value has its own place; what spans lines has that of its name, where people look for it.
    """
    place = (1, 1)
    here: Any = document
    for depth, step in enumerate(path, 1):
        marks: Any = here  # ruamel's mappings and lists know where they stand
        if isinstance(here, dict):
            key = next((key for key in here if str(key) == str(step)), None)
            if key is None:
                break
            single = not isinstance(here[key], dict | list) and not (at_key and depth == len(path))
            mark = marks.lc.value(key) if single else marks.lc.key(key)
            here = here[key]
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            mark = marks.lc.item(step)
            here = here[step]
        else:
            break
        place = (mark[0] + 1, mark[1] + 1)
    return place
