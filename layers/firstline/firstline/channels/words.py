"""Whether two texts are the same words, whatever a platform made of them on the way."""

from __future__ import annotations

import html
import re
import unicodedata

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_LEADING_MENTIONS = re.compile(r"^(?:\s*(?:@\w+|@\[[^\]]*\]))+")


def normal(text: str) -> str:
    """Entities resolved, composed (NFC), links and leading mentions removed, white space evened out."""
    plain = unicodedata.normalize("NFC", html.unescape(text))
    return " ".join(_LINK.sub(" ", _LEADING_MENTIONS.sub("", plain)).split())


def same_words(first: str, second: str) -> bool:
    """X escapes ``& < >``, shortens links and hides leading mentions; Meta composes and trims."""
    one, other = normal(first), normal(second)
    return one == other if one and other else first.strip() == second.strip() != ""
