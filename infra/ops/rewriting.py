"""Changing the branches in a playbook's YAML as a careful person would: nothing else is touched, comments stay."""

from __future__ import annotations

import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from firstline.playbook import Branch, PlaybookErrors, load_yaml

KEY = re.compile(r"branches\s*:")
_INDENTED = re.compile(r"[ \t-]|\s*$|#")


class Unwritable(Exception):
    """The file's way of writing cannot be kept; the message says what to change."""


def with_branches(text: str, wanted: tuple[Branch, ...]) -> str:
    """The playbook's text with these branches. Raises `Unwritable`.

    Only the section `branches:` is read and written again, and within it only what differs.
    """
    before = {branch.id: _content(branch) for branch in load_yaml(text, whole=False).branches}
    lines = text.splitlines(keepends=True)
    first, last = _section(lines)
    new = "".join(
        [*lines[:first], _rewritten("".join(lines[first:last]) or "branches: []\n", before, wanted), *lines[last:]]
    )
    try:
        same = load_yaml(new).branches == wanted
    except PlaybookErrors:
        same = False
    if not same:
        raise Unwritable(
            "its branches cannot be changed by command: write `branches:` at the start of a line, a branch an item"
        )
    return new


def _content(branch: Branch) -> dict[str, Any]:
    return branch.model_dump(mode="json", exclude_defaults=True)


def _section(lines: list[str]) -> tuple[int, int]:
    """The lines of the branches, without the comments and empty lines before the next section."""
    first = next((n for n, line in enumerate(lines) if KEY.match(line)), len(lines))
    last = first + 1
    for number in range(first + 1, len(lines)):
        if not _INDENTED.match(lines[number]):
            break
        if lines[number].strip() and not lines[number].startswith("#"):
            last = number + 1
    return first, last


def _rewritten(section: str, before: dict[str, Any], wanted: tuple[Branch, ...]) -> str:
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # no line is broken that was not
    dash = re.search(r"^( *)- ", section, re.MULTILINE)
    yaml.indent(mapping=2, sequence=len(dash[1]) + 2 if dash else 4, offset=len(dash[1]) if dash else 2)
    try:
        document = yaml.load(section)
    except YAMLError:
        raise Unwritable("its branches use *names of other parts: write them out, they are read alone") from None
    there = {str(item["id"]): item for item in document["branches"] or ()}
    items = document["branches"] if there else CommentedSeq()
    document["branches"] = items
    keep = {branch.id for branch in wanted}
    for place in reversed([n for n, item in enumerate(items) if str(item["id"]) not in keep]):
        del items[place]
    for branch in wanted:
        content = _content(branch)
        if branch.id in there:
            _update(there[branch.id], before[branch.id], content)
        else:
            items.append(CommentedMap({name: _flow(value) for name, value in content.items()}))
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _update(there: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if name not in after:
            del there[name]
        elif isinstance(new, dict) and isinstance(there.get(name), dict):
            _update(there[name], old or {}, new)
        else:
            there[name] = _flow(new)


def _flow(value: Any) -> Any:
    """Lists and hours on one line."""
    if isinstance(value, dict):
        value = CommentedMap({name: _flow(each) for name, each in value.items()})
    elif isinstance(value, list | tuple):
        value = CommentedSeq([_flow(each) for each in value])
    else:
        return value
    value.fa.set_flow_style()
    return value
