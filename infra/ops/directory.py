"""The directory of branches as a table that people keep in a spreadsheet (R50a): CSV to branches and back.

One line is one branch; docs/branches.md describes the columns. A column that a file does not have leaves that value of
the branches as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from firstline.outward import safe
from firstline.playbook import Branch, Playbook
from firstline.playbook.checks import problems
from firstline.playbook.loading import explained
from firstline.playbook.parts import WEEKDAYS

BETWEEN = "|"
"""Stands between the items of a list within a cell."""
TEXTS = ("id", "name", "region", "language", "email", "escalation_email")
LISTS = ("places", "store_ids", "postal_codes", "nearby", "products", "languages")
NUMBERS = ("latitude", "longitude")
HOURS_TEXTS = ("time_zone", "country", "subdivision")
HOURS_LISTS = {"closed_on": "holidays", "open_on": "open_on"}
COLUMNS = (
    *("id", "name", "region", "places", "store_ids", "postal_codes", "products", "languages", "language"),
    *(*HOURS_TEXTS, *WEEKDAYS, *HOURS_LISTS),
    *("email", "escalation_email", *NUMBERS, "nearby"),
)


@dataclass(frozen=True)
class Mistake:
    """One mistake in a table: its line (1-based; 0 for what is nowhere in it), its column's name, what to write."""

    line: int
    column: str
    message: str
    instead: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}" if self.line else self.column
        return f"{where}: {self.message}" + (f" (write {self.instead})" if self.instead else "")


class Mistakes(Exception):
    """Every mistake in a table, in the order of lines."""

    def __init__(self, found: Iterable[Mistake]) -> None:
        self.found = tuple(sorted(found, key=lambda each: (not each.line, each.line)))
        super().__init__("\n".join(map(str, self.found)))


def written(branches: Iterable[Branch], *, spreadsheet: bool = False) -> str:
    """The branches as CSV; ``spreadsheet``: with `;` and a byte order mark, as Excel opens it by a double click."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, delimiter=";" if spreadsheet else ",", lineterminator="\n")
    table.writeheader()
    table.writerows(cells(branch) for branch in branches)
    return ("\ufeff" if spreadsheet else "") + out.getvalue()


def cells(branch: Branch) -> dict[str, str]:
    """A branch's line: text by column."""
    content = branch.model_dump(mode="json")
    hours = content["hours"]
    values = {
        **content,
        **{column: hours[column] for column in HOURS_TEXTS},
        **{column: hours[name] for column, name in HOURS_LISTS.items()},
        **{day: hours["open"].get(day, ()) for day in WEEKDAYS},
    }
    return {column: safe.cell(_cell(values[column])) for column in COLUMNS}


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return BETWEEN.join(value)
    return "" if value is None else str(value)


def read(body: bytes, playbook: Playbook) -> Playbook:
    """The playbook with the branches of a table instead of its own. Raises `Mistakes`.

    Branches that were there keep their place, new ones come after them.
    """
    known = {branch.id: branch for branch in playbook.branches}
    found: dict[str, tuple[int, Branch]] = {}
    mistakes: list[Mistake] = []
    for line, row in _rows(body):
        id = row.get("id", "")
        if not id:
            mistakes.append(Mistake(line, "id", "is empty", "a name of its own, such as leeds"))
        elif id in found:
            mistakes.append(Mistake(line, "id", f"{id!r} is in line {found[id][0]} already", "a name of its own"))
        else:
            try:
                found[id] = line, Branch.model_validate(_content(row, known.get(id)))
            except ValidationError as errors:
                mistakes += [_mistake(line, each) for each in errors.errors() if not _says_nothing(each)]
    if mistakes:
        raise Mistakes(mistakes)
    order = [*(id for id in known if id in found), *(id for id in found if id not in known)]
    new = playbook.model_copy(update={"branches": tuple(found[id][1] for id in order)})
    lines = [found[id][0] for id in order]
    if crossed := [_crossed(path, what, instead, lines) for path, what, instead in problems(new)]:
        raise Mistakes(crossed)
    return new


def _rows(body: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """The line number and the cells of every line that has any."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Mistakes([Mistake(line, "?", "is not UTF-8", "the table again, saved as “CSV UTF-8”")]) from None
    first = text.partition("\n")[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    line = 1
    header: list[str] = []
    try:
        for row in table:
            values = [safe.from_cell(each.strip()) for each in row]
            if not header:
                header = _header(values)
            elif len(values) > len(header) and any(values[len(header) :]):
                extra = next(each for each in values[len(header) :] if each)
                raise Mistakes(
                    [Mistake(line, "?", f"{extra!r} is beyond the last column", "texts with , or ; in quotes")]
                )
            elif any(values):
                yield line, dict(zip(header, values, strict=False))
            line = table.line_num + 1
    except csv.Error as error:
        raise Mistakes([Mistake(line, "?", f"this is no CSV: {error}", "one branch on each line")]) from None
    if not header:
        raise Mistakes([Mistake(1, "id", "the table is empty", f"a first line with {', '.join(COLUMNS)}")])


def _header(names: list[str]) -> list[str]:
    mistakes = []
    for number, name in enumerate(names):
        if name not in COLUMNS:
            close = get_close_matches(name, COLUMNS, 1)
            mistakes.append(
                Mistake(1, name or f"number {number + 1}", "no such column", *(close or [", ".join(COLUMNS)]))
            )
        elif name in names[:number]:
            mistakes.append(Mistake(1, name, "is there twice", "every column once"))
    if "id" not in names:
        mistakes.append(Mistake(1, "id", "is missing", "a column id"))
    if mistakes:
        raise Mistakes(mistakes)
    return names


def _content(row: Mapping[str, str], known: Branch | None) -> dict[str, Any]:
    """A branch as the model takes it: what the row says over what is known."""
    content: dict[str, Any] = known.model_dump(mode="json") if known else {"hours": {}}
    hours = content["hours"]
    days: dict[str, Any] = hours.setdefault("open", {})
    for column, text in row.items():
        if column in WEEKDAYS:
            days.pop(column, None)
            if text:
                days[column] = _items(text)
        elif column in HOURS_LISTS:
            hours[HOURS_LISTS[column]] = _items(text)
        elif column in LISTS:
            content[column] = _items(text)
        else:
            there = hours if column in HOURS_TEXTS else content
            there.pop(column, None)
            if text:
                there[column] = text.replace(",", ".") if column in NUMBERS else text
    return content


def _items(cell: str) -> list[str]:
    return [item for each in cell.split(BETWEEN) if (item := each.strip())]


def _says_nothing(error: Any) -> bool:
    return bool(error["type"] == "too_short" and error["input"])


def _mistake(line: int, error: Any) -> Mistake:
    """What pydantic says of a branch, by the column that it is about."""
    message, instead = explained(error)
    path = [step for step in error["loc"] if isinstance(step, str) and step != "[key]"]
    if error["type"] == "missing":
        return Mistake(line, path[-1], "is empty", "its value")
    if path[:2] == ["hours", "open"]:
        # a day's own mistake has the day in its path; that of all days names the day first, or means the whole week
        column = path[2] if len(path) > 2 else message.split()[0]
        column = column if column in WEEKDAYS else WEEKDAYS[0]
        return Mistake(
            line, column, message, "09:00-18:00, or 09:00-12:00|13:00-18:00, in one column of a day at least"
        )
    back = {name: column for column, name in HOURS_LISTS.items()}
    return Mistake(line, back.get(path[-1], path[-1]), message, instead)


def _crossed(path: tuple[Any, ...], message: str, instead: str, lines: list[int]) -> Mistake:
    """What does not fit together, in the line of its branch; what is elsewhere in the playbook by its path."""
    if path[0] != "branches":
        return Mistake(0, ".".join(map(str, path)), message, instead)
    column = next((step for step in reversed(path) if isinstance(step, str) and step in COLUMNS), "id")
    return Mistake(lines[path[1]], column, message, instead)


def differences(before: Iterable[Branch], after: Iterable[Branch]) -> list[str]:
    """What is added (+), removed (-) and changed (~ with every column's old and new text), a line each."""
    old, new = ({branch.id: branch for branch in branches} for branches in (before, after))
    told = [f"+ {id}: {new[id].name}" for id in new if id not in old]
    told += [f"- {id}: {old[id].name}" for id in old if id not in new]
    for id in (id for id in new if id in old and old[id] != new[id]):
        was, now = cells(old[id]), cells(new[id])
        told.append(f"~ {id}")
        told += [
            f"    {column}: {was[column] or '(empty)'} -> {now[column] or '(empty)'}"
            for column in COLUMNS
            if was[column] != now[column]
        ]
    return told
