"""The words that a person wrote in a reply, without the mail that they answered and without the signature.

Where it is not clear what is quoted, more is kept rather than less: a branch's words must not be lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from mailparser_reply import EmailMessage

MOST_CHARACTERS = 10_000
"""Kept of a text, as of an agent's note."""
MOST_LINES = 1_000
LOOKED_AT, LINES_LOOKED_AT = 160, 400
"""Characters of a line, and lines, that are compared with the library's patterns: what introduces a quotation is no
longer, and their cost on hostile text grows with the square of it (a second at these bounds)."""
LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "da", "sv", "cs"]

_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200c\u2060\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_FORWARDED = re.compile(r"\s*(fwd?|wg|tr|rv|i|rif|doorst|enc)\s*:", re.IGNORECASE)
_INTRODUCED = EmailMessage(text="", languages=LANGUAGES).HEADER_REGEX
_HEADER = re.compile(r"\W*[^\W\d_]{1,12}(?: [^\W\d_]{1,12})?\*?\s?:")
_RULE = re.compile(r"\s*[-_*]{3,}[^-_*]{0,60}[-_*]{0,80}\s*$")
_DEVICE = re.compile(
    r"\W*(sent from my|get outlook for|gesendet von mein|von meinem \w+ gesendet|envoyé de(puis)? mon|enviado desde mi"
    r"|inviato da(l mio)? \w+$|verzonden vanaf mijn|sent with |outlook für (ios|android))",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """The text on ordinary lines: no control, direction or zero-width characters, no hard spaces."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _INVISIBLE.sub("", text.replace("\u00a0", " ").replace("\u202f", " "))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


def own_words(text: str, subject: str, ours: Iterable[str], *, whole: bool = True) -> str:
    """What the sender wrote themselves, at most 10,000 characters. Where that is nothing, all of the text; with
    ``whole`` false, nothing: then what our own mail said is never taken for the sender's.

    ``ours`` are the addresses that our mails come from and are answered to: a line that introduces a quotation names
    one of them in whatever language. A forwarded mail stays whole: what it forwards is what the sender has to say.
    """
    lines = plain(text).split("\n")[:MOST_LINES]
    everything = "\n".join(lines)
    if _FORWARDED.match(subject):
        return shortened(everything)
    top, bottom = _around_quotation(lines, [address.lower() for address in ours])
    words = "\n".join((*_unsigned(top), *_unsigned(bottom))).strip()
    return shortened(words or (everything if whole else ""))


def shortened(text: str) -> str:
    """The text, cut with a mark where it is too long."""
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def _around_quotation(lines: list[str], ours: list[str]) -> tuple[list[str], list[str]]:
    """The lines above the quotation, and those below it when it is marked line by line."""
    looked_at = [line[:LOOKED_AT].strip() for line in lines[:LINES_LOOKED_AT]]
    starts = [_names_us(looked_at, ours), _introduced(looked_at), _marked(looked_at)]
    start = min((each for each in starts if each is not None), default=None)
    if start is None:
        return lines, []
    below = start
    while below < len(lines) and below <= start + 3 and not lines[below].startswith(">"):
        below += 1
    marked = below
    while below < len(lines) and (lines[below].startswith(">") or _blank_within(lines, below)):
        below += 1
    while start > 0 and (not lines[start - 1].strip() or _RULE.match(lines[start - 1])):
        start -= 1
    return lines[:start], lines[below:] if below > marked else []


def _blank_within(lines: list[str], number: int) -> bool:
    """A blank line within a block of ``>`` lines."""
    return not lines[number].strip() and number + 1 < len(lines) and lines[number + 1].startswith(">")


def _introduced(lines: list[str]) -> int | None:
    """The line with which clients introduce what is quoted: "On 23 Nov 2026 … wrote:", or a block of headers.

    Left alone is what only looks like it: "On Monday the customer wrote:" has no date, and "Date: … To: …" is a list
    of the branch's own while it does not go on like a mail's head.
    """
    for found in _INTRODUCED.finditer("\n".join(lines)):
        number = found.string.count("\n", 0, found.start() + len(found[0]) - len(found[0].lstrip()))
        if _HEADER.match(lines[number]):
            if sum(1 for line in lines[number : number + 6] if _HEADER.match(line)) >= 3:
                return number
        elif any(character.isdigit() for character in found[0]) or _RULE.match(lines[number]):
            return number
    return None


def _names_us(lines: list[str], ours: list[str]) -> int | None:
    """The line that introduces our own mail in whatever language: it names our address, broken over two lines or not."""
    for number, line in enumerate(lines):
        if not any(address in line.lower() for address in ours):
            continue
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if _HEADER.match(line):
            return number
        if line.endswith((":", "：")) or following.endswith((":", "：")):
            broken = line.startswith(("<", "(")) or not re.search(r"[<(]", line)
            return number - 1 if broken and number > 0 and lines[number - 1] else number
    return None


def _marked(lines: list[str]) -> int | None:
    """The first of at least three lines in a row that are marked as quoted; fewer stand between answers to them."""
    for number, line in enumerate(lines[:-2]):
        if line.startswith(">") and lines[number + 1].startswith(">") and lines[number + 2].startswith(">"):
            return number
    return None


def _unsigned(lines: list[str]) -> list[str]:
    """Without what follows "-- " (RFC 3676 4.3), and without the lines by which telephones name themselves."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        if number > 0 and line.rstrip() == "--":
            break
        if len(line) > LOOKED_AT or not _DEVICE.match(line):
            kept.append(line)
    return kept
