"""The head of a mail: the few headers that are looked at before anything else of it is read."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser

from firstline.model.base import Value

MOST_BYTES = 256 * 1024
"""What is looked at of a head; SES's own limit on headers is far lower."""
LONGEST_SUBJECT = 500
# What may stand before the address: nothing, a quoted name, or words without any sign that makes addresses.
_ONE_ADDRESS = re.compile(
    r"""\s*(?:(?:"(?:[^"\\]|\\.)*"|[^"<>@,;:()]*)\s*<\s*([^<>@\s"(),;:]+@[^<>@\s"(),;:]+)\s*>"""
    r"""|([^<>@\s"(),;:]+@[^<>@\s"(),;:]+))\s*""",
    re.DOTALL,
)
_LOOKED_AT = (
    "auto-submitted",
    "content-class",
    "list-id",
    "precedence",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-ms-exchange-inbox-rules-loop",
)


class Head(Value):
    """``sender``: the one address in the one From header, in lower case; None when there is not exactly one.

    ``signatures``: the DKIM-Signature headers. ``type``: content type with its parameters. ``fields``: the headers by
    which machines give themselves away, names and values in lower case.
    """

    sender: str | None
    signatures: tuple[str, ...] = ()
    subject: str = ""
    type: str = "text/plain"
    fields: dict[str, str] = {}

    @property
    def domain(self) -> str:
        """The From address's domain; "" if there is none."""
        return (self.sender or "").rpartition("@")[2]


def read_head(raw: bytes) -> Head:
    """The head of a raw mail, however broken. Never raises."""
    message = BytesHeaderParser().parsebytes(raw[:MOST_BYTES])
    froms = [str(value) for value in message.get_all("from", [])]
    fields = {name: str(message[name]).strip().lower() for name in _LOOKED_AT if message[name] is not None}
    return Head(
        sender=one_address(froms[0]) if len(froms) == 1 else None,
        signatures=tuple(str(value) for value in message.get_all("dkim-signature", [])),
        subject=subject_of(message),
        type=" ".join(str(message.get("content-type", "text/plain")).lower().split())[:1000],
        fields=fields,
    )


def one_address(value: str) -> str | None:
    """The address in a From header, in lower case. None unless it has one of the plain forms: readers differ on what
    ``a@b <c@d>`` or a group means, and the verdicts are about what SES read."""
    found = _ONE_ADDRESS.fullmatch(value[:1000])
    return (found[1] or found[2]).lower() if found else None


def subject_of(message: Message) -> str:
    """The subject as people read it, on one line."""
    return decoded(str(message.get("subject", "")))[:LONGEST_SUBJECT]


def decoded(raw: str) -> str:
    """A header's text with its encoded words (RFC 2047) read, on one line; as it is where they cannot be."""
    raw = raw[: 4 * LONGEST_SUBJECT]
    try:
        text = str(make_header(decode_header(raw)))
    except (MessageError, ValueError, LookupError, TypeError, AssertionError):  # broken or unknown encodings
        text = raw
    return " ".join(text.split())
