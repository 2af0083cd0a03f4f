"""Text as X measures and rewrites it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from .store import Person

MAX_WEIGHT = 280
URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
MENTION = re.compile(r"(?<![\w@])@(\w{1,15})\b", re.ASCII)
# One emoji, however many code points it is made of, weighs 2 [twitter/twitter-text config/v3.json].
_BASE = "[\u2190-\u21ff\u2300-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_PART = _BASE + "[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
EMOJI = re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_PART}(?:\u200d{_PART})*")
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def weight(text: str) -> int:
    """The weighted length: NFC, a link 23, an emoji 2, most scripts 1, others 2 per code point."""
    text = unicodedata.normalize("NFC", text)
    links = len(URL.findall(text))
    text = URL.sub("", text)
    emoji = len(EMOJI.findall(text))
    rest = EMOJI.sub("", text)
    light = sum(any(low <= ord(letter) <= high for low, high in LIGHT) for letter in rest)
    return 23 * links + 2 * emoji + light + 2 * (len(rest) - light)


def shortened(text: str) -> tuple[str, list[dict[str, str]]]:
    """The text with its links as t.co ones, and what they stand for (``url``, ``expanded_url``)."""
    links: list[dict[str, str]] = []

    def replace(found: re.Match[str]) -> str:
        short = "https://t.co/" + hashlib.sha256(found[0].encode()).hexdigest()[:10]
        links.append({"url": short, "expanded_url": found[0], "display_url": found[0].split("//", 1)[1][:30]})
        return short

    return URL.sub(replace, text), links


def mentions(text: str, people: Iterable[Person]) -> list[tuple[int, int, Person]]:
    """Who of the people is named with an ``@`` in the text, and where (start, end)."""
    by_handle = {each.handle.casefold(): each for each in people if each.handle}
    found = [(match.start(), match.end(), by_handle.get(match[1].casefold())) for match in MENTION.finditer(text)]
    return [(start, end, each) for start, end, each in found if each]
