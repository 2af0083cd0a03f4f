"""How long a text is on X: weighted characters, of which a post may have 280.

Source: twitter-text config/v3.json; X counting-characters. Weight 1 for code points 0-4351, 8192-8205, 8208-8223 and
8242-8247, 2 for all others; an emoji sequence counts 2 as a whole, a link 23. Measured on the composed form (NFC).
"""

from __future__ import annotations

import re
import unicodedata

MAX_POST = 280
MAX_MESSAGE = 10_000  # unconfirmed
LINK = 23

_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_PICTURE = "[\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_ONE = f"(?:{_PICTURE}|[\u00a9\u00ae]\ufe0f)\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
_WEIGHED = re.compile(
    rf"""
    (?P<link>https?://\S+)
    | (?P<bare>(?<![@\w.])(?:[a-z0-9-]+\.)+[a-z]{{2,}}(?:/\S*)?)
    | (?P<emoji>[\U0001f1e6-\U0001f1ff]{{2}} | [0-9\#*]\ufe0f?\u20e3 | {_ONE}(?:\u200d{_ONE})*)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def weighted_length(text: str) -> int:
    """The length as X counts it. Never too small: what only looks like a bare link counts as the longer of both."""
    text = unicodedata.normalize("NFC", text)
    total, end = 0, 0
    for found in _WEIGHED.finditer(text):
        total += _plain(text[end : found.start()]) + _special(found)
        end = found.end()
    return total + _plain(text[end:])


def _special(found: re.Match[str]) -> int:
    if found["emoji"]:
        return 2
    return LINK if found["link"] else max(LINK, _plain(found.group()))


def _plain(text: str) -> int:
    return sum(1 if any(first <= ord(one) <= last for first, last in _LIGHT) else 2 for one in text)
