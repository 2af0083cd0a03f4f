"""The wish not to be written to by a robot again (R25a).

Why: X's developer guidelines (fetched 2026-08) want an opt-out honoured at once. It must be the whole message: "stop"
within a sentence ("make it stop leaking") is none.

Examples: "STOP" -> opts out; "@brand stop!" -> opts out; "It won't stop beeping" -> none.
"""

from __future__ import annotations

import re

from firstline.playbook import Playbook

from .words import folded

_AROUND = re.compile(r"@\w{1,50}|[^\w\s]")


def asked_for(text: str, playbook: Playbook) -> bool:
    """Whether the message says nothing but that robots shall be silent; in any language, since it is so short."""
    said = " ".join(_AROUND.sub(" ", folded(text)).split())
    wishes = playbook.rules.opt_out.values()
    return bool(said) and any(
        said == " ".join(_AROUND.sub(" ", folded(wish)).split()) for words in wishes for wish in words
    )
