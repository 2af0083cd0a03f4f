"""Strangers' text made harmless: no control characters, no bidi overrides, no line breaks where none belong, no end.

Markup needs nothing here: the HTML template escapes whatever it shows.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

# Joiners make letters and emoji of several characters; all other format characters can only hide or reorder text.
_JOINERS = {"\u200c", "\u200d"}
_DROPPED = {"Cc", "Cf", "Cs", "Co"}
_ENDS_OF_LINES = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_PHONE = re.compile(r"\+?[\d\s()/.-]{5,40}")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+\.[\w-]+", re.ASCII)


def block(text: str, longest: int) -> str:
    """Text of several lines, cut to ``longest`` characters (with an ellipsis), at most one empty line in a row."""
    lines = _ENDS_OF_LINES.sub("\n", text).replace("\t", " ")
    kept = "".join(c for c in lines if c == "\n" or c in _JOINERS or unicodedata.category(c) not in _DROPPED)
    tidy = re.sub(r"[^\S\n]+", " ", kept)
    return _cut(re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\n ?", "\n", tidy)).strip(), longest)


def direction(text: str) -> str:
    """Either "rtl" or "ltr", by the first letter that has a direction."""
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL"))
    return "ltr" if next(strong, "L") == "L" else "rtl"


def line(text: str, longest: int) -> str:
    """The text as one line, cut to ``longest`` characters."""
    return _cut(" ".join(block(text, 4 * longest).split()), longest)


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


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
