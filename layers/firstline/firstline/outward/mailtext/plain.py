"""What mails and pages make of strangers' text and addresses, beside what `outward/safe.py` keeps out.

Markup needs nothing here: the HTML template escapes whatever it shows.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

from ..safe import block, line

__all__ = ["block", "direction", "first_words", "line", "link", "mail_link", "phone_link"]

_PHONE = re.compile(r"\+?[\d\s()/.-]{5,40}")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+\.[\w-]+", re.ASCII)


def direction(text: str) -> str:
    """Either "rtl" or "ltr", by the first letter that has a direction."""
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL"))
    return "ltr" if next(strong, "L") == "L" else "rtl"


def first_words(text: str, longest: int) -> str:
    """The beginning of a post without the mentions in front, ended at a word where that is possible."""
    words = re.sub(r"^(?:[@#][\w.]+[,:]?\s+)+", "", line(text, 4 * longest + 200))
    if len(words) <= longest:
        return words
    cut = words[:longest]
    return (cut.rsplit(" ", 1)[0] if " " in cut[longest // 2 :] else cut).rstrip(" ,;:-") + "…"


def link(url: str | None) -> str:
    """The address if it is a plain web address, else "": never another scheme, never something to break out with."""
    if not url or len(url) > 2000 or not url.isascii() or re.search(r"[\s\x00-\x20\x7f\"'<>\\^`{|}]", url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""


def phone_link(phone: str) -> str:
    """``tel:`` with the digits, "" if this is no phone number."""
    return "tel:" + re.sub(r"[^\d+]", "", phone) if _PHONE.fullmatch(phone) else ""


def mail_link(address: str) -> str:
    """``mailto:``, "" if this is no mail address."""
    return "mailto:" + quote(address, safe="@") if _ADDRESS.fullmatch(address) else ""
