"""How it is said, apart from what is said (R24).

Why: agents should know what they are walking into, and a calm question deserves other words than a cry of anger; but
the tone never decides whether somebody is answered.

Examples: "How do I descale it?" -> calm; "It is leaking since Monday" -> calm; "THIRD time it broke!!!" -> upset; "I am
fed up" -> upset; with an insult -> abusive.
"""

from __future__ import annotations

from typing import Literal

from . import praise
from .reading import Reading

Tone = Literal["calm", "upset", "abusive", "happy"]


def of(reading: Reading) -> Tone:
    """The tone of a post."""
    if reading.abuse:
        return "abusive"
    if praise.undoubted(reading):
        return "happy"
    bitter = bool(reading.praise and reading.sarcasm)
    if reading.safety or reading.negative or bitter or reading.shouted or (reading.loud and reading.point):
        return "upset"
    return "calm"
