"""What a look at a deployment found, in plain words, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .output import say

State = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``says`` how it stands; ``do`` what helps, empty when nothing is needed."""

    check: str
    state: State
    says: str
    do: str = ""


def ok(check: str, says: str) -> Finding:
    return Finding(check, "ok", says)


def warn(check: str, says: str, do: str = "") -> Finding:
    return Finding(check, "warn", says, do)


def bad(check: str, says: str, do: str = "") -> Finding:
    return Finding(check, "bad", says, do)


MARKS = {"ok": "ok   ", "warn": "WARN ", "bad": "BAD  "}


def show(findings: Iterable[Finding]) -> bool:
    """Print each; whether none is bad."""
    fine = True
    for each in findings:
        fine = fine and each.state != "bad"
        say(f"{MARKS[each.state]} {each.check}: {each.says}")
        if each.do:
            say(f"      do: {each.do}")
    return fine
