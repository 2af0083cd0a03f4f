"""A mail's body: its words and what hangs on it. Read only once the sender is known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from . import charsets, signed
from .files import Part, clean_name, media_type
from .head import decoded, subject_of
from .words import own_words, plain

MOST_NESTED = 60
"""Parts that hold parts, and mails within mails. More is no mail of a person; the parser's cost grows with them."""
MOST_PARTS = 200
MOST_WRAPPED = 3
"""Signed parts that are opened; a signature within a signature is known of mailing lists."""
MOST_TEXT_BYTES = 1024 * 1024
_NESTING = re.compile(rb"boundary[*0-9]{0,4}\s{0,20}=|content-type\s{0,20}:\s{0,20}message/", re.IGNORECASE)
_CALENDAR_ANSWERS = {"reply", "counter", "declinecounter"}
_SEALED = signed.TYPES | {"application/pgp-encrypted", "application/ms-tnef"}
"""Parts in which words may be that nobody here can read: encrypted, or in a format of one maker."""
_ARMOURED = "-----BEGIN PGP MESSAGE-----"


class TooDeep(ValueError):
    """Parts within parts beyond reason."""


@dataclass(frozen=True)
class Mail:
    """``words``: what the sender wrote, without quotation and signature. ``parts``: what hangs on the mail.

    ``said``: the words without falling back on what is quoted: nothing where all is quotation. ``calendar``: it is a
    calendar's answer to an invitation. ``sealed``: there are no words, and a part in which there may be some.
    """

    subject: str
    words: str
    said: str
    parts: tuple[Part, ...]
    calendar: bool
    sealed: bool


def read_mail(raw: bytes, ours: Iterable[str]) -> Mail:
    """Read a raw mail. Raises `TooDeep`; whatever else is broken is read as far as it goes.

    ``ours``: the addresses of our own mails, by which quotations of them are known.
    """
    message = _parsed(raw)
    reading = _Reading()
    text = reading.text_of(message)
    subject, ours = subject_of(message), tuple(ours)
    words = own_words(text, subject, ours)
    sealed = reading.sealed and not words
    said = own_words(text, subject, ours, whole=False)
    return Mail(subject, words, said, tuple(reading.parts), reading.calendar, sealed)


def _parsed(raw: bytes) -> Message:
    if sum(1 for _ in _NESTING.finditer(raw)) > MOST_NESTED:
        raise TooDeep
    return message_from_bytes(raw)


class _Reading:
    """One pass over a mail's parts."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.calendar = False
        self.sealed = False
        self.seen = self.opened = 0

    def text_of(self, part: Message) -> str:
        """The text of a part and of those within it, in order; what is no text is collected on the way."""
        self.seen += 1
        if self.seen > MOST_PARTS:
            return ""
        kind = part.get_content_type()
        if part.get_content_maintype() == "message":
            self._collect(part, kind, None)
            return ""
        if part.is_multipart():
            texts = [(child.get_content_type(), self.text_of(child)) for child in part.get_payload()]
            return _best(texts) if kind == "multipart/alternative" else "\n\n".join(text for _, text in texts if text)
        if kind in _SEALED:
            return self._unsealed(part, kind)
        if kind == "text/calendar":
            self.calendar |= _parameter(part, "method") in _CALENDAR_ANSWERS
        if kind not in ("text/plain", "text/html") or _attached(part):
            self._collect(part, kind, _bytes(part))
            return ""
        text = charsets.text_of(_bytes(part)[:MOST_TEXT_BYTES], _parameter(part, "charset"))
        text = _from_html(text) if kind == "text/html" else plain(text)
        if text.startswith(_ARMOURED):
            self.sealed = True
            return ""
        return text

    def _unsealed(self, part: Message, kind: str) -> str:
        """The text of what is inside; where that cannot be had the part is named like an attachment."""
        data = _bytes(part)
        inside = signed.wrapped(part, data) if self.opened < MOST_WRAPPED else None
        if inside is not None:
            self.opened += 1
            return self.text_of(_parsed(inside))
        self.sealed = True
        self._collect(part, kind, data)
        return ""

    def _collect(self, part: Message, kind: str, data: bytes | None) -> None:
        found = media_type(data) if data is not None else None
        name = clean_name(_name(part) or kind.replace("/", "."), found)
        claimed = re.sub(r"[^a-z0-9.+/-]", "", kind)[:100]
        self.parts.append(Part(name, claimed, len(data) if data is not None else _length(part), data))


def _best(texts: list[tuple[str, str]]) -> str:
    """Of the alternatives the plain text, else whichever says something."""
    said = [(kind, text) for kind, text in texts if text]
    return next((text for kind, text in said if kind == "text/plain"), said[-1][1] if said else "")


def _from_html(text: str) -> str:
    from .html import text_of  # its parser is large, and most mails come with a plain text

    return plain(text_of(text)) or plain(text_of(text, quoted=True))


def _bytes(part: Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):  # encodings that are none
        data = None
    return data if isinstance(data, bytes) else b""


def _parameter(part: Message, name: str) -> str:
    """A parameter of the content type, in lower case; "" if there is none or it cannot be read."""
    try:
        value = part.get_param(name)
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    return (value[2] if isinstance(value, tuple) else str(value or "")).strip().strip("'\"").lower()


def _attached(part: Message) -> bool:
    return str(part.get("content-disposition", "")).strip().lower().startswith("attachment")


def _name(part: Message) -> str:
    try:
        return decoded(part.get_filename() or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _length(part: Message) -> int:
    """About how many bytes a mail within the mail has."""
    payloads = (each.get_payload() for each in part.walk() if not each.is_multipart())
    return sum(len(payload) for payload in payloads if isinstance(payload, str))
