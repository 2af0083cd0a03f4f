"""How it is said, apart from what is said (R24).

Why: agents should know what they are walking into, and a calm question deserves other words than a cry of anger; but
the tone never decides whether somebody is answered.

Examples: "How do I descale it?" -> calm; "THIRD time it broke!!!" -> upset; with an insult -> abusive.
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
    loud = "!!" in reading.text or _shouts(reading.text)
    bitter = bool(reading.praise and reading.sarcasm)
    if reading.safety or len(reading.negative) > 1 or bitter or (loud and (reading.negative or reading.point)):
        return "upset"
    return "calm"


def _shouts(text: str) -> bool:
    """Whether most of a text of some length is in capitals."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 12 and sum(c.isupper() for c in letters) > 0.6 * len(letters)
