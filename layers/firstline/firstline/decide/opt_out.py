"""The wish not to be written to by a robot again, and its end (R25a).

Why: X's developer guidelines (fetched 2026-08) want an opt-out honoured at once. It must be the whole message: "stop"
within a sentence ("make it stop leaking") is none. What is shipped counts beside the playbook's own words.

Examples: "STOP" -> opts out; "@brand stop!" -> opts out; "It won't stop beeping" -> none; "start" -> robots may
speak again, if the author asked for silence before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from firstline.playbook import Playbook, wishes

from .words import folded

_AROUND = re.compile(r"@\w{1,50}|[^\w\s]")


LONGEST_WISH = 8
"""Words."""


def asked_for(text: str, playbook: Playbook) -> bool:
    """Whether the message says nothing but that robots shall be silent; in any language, since it is so short."""
    return _is_one(text, playbook.rules.opt_out, _shipped("opt_out"))


def taken_back(text: str, playbook: Playbook) -> bool:
    """Whether the message says nothing but that robots may speak again."""
    return _is_one(text, playbook.rules.opt_in, _shipped("opt_in"))


def _is_one(text: str, own: Mapping[str, Iterable[str]], shipped: frozenset[str]) -> bool:
    said = bare(text) if len(text) < 200 else ""
    if not said or said.count(" ") >= LONGEST_WISH:
        return False
    return said in shipped or any(said == bare(wish) for words in own.values() for wish in words)


@lru_cache(maxsize=2)
def _shipped(which: str) -> frozenset[str]:
    lists = wishes.OPT_OUT if which == "opt_out" else wishes.OPT_IN
    return frozenset(bare(wish) for words in lists.values() for wish in words)


@lru_cache(maxsize=1024)
def bare(text: str) -> str:
    """A message as it is compared: folded, without mentions, signs and emoji."""
    return " ".join(_AROUND.sub(" ", folded(text)).split())
