"""Strangers' text made safe for where it is shown: one function for each kind of place.

| place | function | what it keeps out |
|---|---|---|
| a line of a mail, a page, a mail header | `line` | control and format characters, line breaks, length |
| several lines of a mail or a page | `block` | the same, but for line breaks |
| HTML | `line` or `block`, then the template's own escaping | markup |
| a terminal | `terminal`, and `entry` for one entry of several lines | escape sequences, text that runs backwards, forged lines |
| a log line | `log_line` | line breaks and all the above: it is JSON in ASCII |
| JSON that is printed | `as_json` | the same, and its values stay exact |
| a cell of a CSV file | `cell`, read again by `from_cell` | formulas |
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import partial
from typing import Any

# Joiners make letters and emoji of several characters; all other format characters can only hide or reorder text.
_JOINERS = {"\u200c", "\u200d"}
_MARKS = {"\u200e", "\u200f", "\u061c"}
"""They set the direction of what is beside them, in Arabic and Hebrew, and override nothing."""
_DROPPED = {"Cc", "Cf", "Cs", "Co"}
_ENDS_OF_LINES = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
CONTINUED = "    | "
"""Begins each further line of an entry: no line of ours does."""
_FORMULA = re.compile("(^|[,;|\"\t\r\n])(\\s*)('*)(?=[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")
_ESCAPED = re.compile("(^|[,;|\"\t\r\n])(\\s*)'('*)(?=[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def block(text: str, longest: int) -> str:
    """Text of several lines, cut to ``longest`` characters (with an ellipsis), at most one empty line in a row."""
    lines = _ENDS_OF_LINES.sub("\n", text).replace("\t", " ")
    kept = "".join(c for c in lines if c == "\n" or c in _JOINERS or unicodedata.category(c) not in _DROPPED)
    tidy = re.sub(r"[^\S\n]+", " ", kept)
    return _cut(re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\n ?", "\n", tidy)).strip(), longest)


def line(text: str, longest: int) -> str:
    """The text as one line, cut to ``longest`` characters."""
    return _cut(" ".join(block(text, 4 * longest).split()), longest)


def terminal(text: str) -> str:
    """What a terminal would obey or reorder is shown as JSON writes it (``\\u001b``); all else stays as it is.

    JSON with strings of any kind stays the same JSON.
    """
    return "".join(each if _plain(each) else json.dumps(each)[1:-1] for each in text)


def entry(text: str) -> str:
    """One entry of a list on a terminal: its further lines are marked, so that none can pass for another entry."""
    return f"\n{CONTINUED}".join(terminal(each) for each in _ENDS_OF_LINES.sub("\n", text).split("\n"))


log_line = partial(json.dumps, default=str, separators=(",", ":"), ensure_ascii=True)


def as_json(value: Any) -> str:
    """Indented JSON for people and programs."""
    return terminal(json.dumps(value, ensure_ascii=False, indent=2))


def cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what begins like one, also behind a
    character at which another locale's spreadsheet would begin the next cell. Numbers stay numbers."""
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1\2'\3", text)


def from_cell(text: str) -> str:
    """What `cell` was given."""
    return _ESCAPED.sub(r"\1\2\3", text)


def _plain(one: str) -> bool:
    if one in "\n\t" or one in _JOINERS or one in _MARKS:
        return True
    return unicodedata.category(one) not in (*_DROPPED, "Zl", "Zp")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
