"""The wish not to be written to by a robot again (R25a).

Why: X's developer guidelines (fetched 2026-08) want an opt-out honoured at once. It must be the whole message: "stop"
within a sentence ("make it stop leaking") is none.

Examples: "STOP" -> opts out; "@brand stop!" -> opts out; "It won't stop beeping" -> none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from firstline.playbook import Playbook

from .words import folded

_AROUND = re.compile(r"@\w{1,50}|[^\w\s]")


LONGEST_WISH = 8
"""Words."""


def asked_for(text: str, playbook: Playbook) -> bool:
    """Whether the message says nothing but that robots shall be silent; in any language, since it is so short."""
    said = _bare(text) if len(text) < 200 else ""
    if not said or said.count(" ") >= LONGEST_WISH:
        return False
    return any(said == _bare(wish) for wishes in playbook.rules.opt_out.values() for wish in wishes)


@lru_cache(maxsize=1024)
def _bare(text: str) -> str:
    return " ".join(_AROUND.sub(" ", folded(text)).split())
