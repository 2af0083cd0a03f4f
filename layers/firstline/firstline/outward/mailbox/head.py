"""The head of a mail: the few headers that are looked at before anything else of it is read."""

from __future__ import annotations

import re
import string
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser

import idna

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
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
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
    return canonical(found[1] or found[2]) if found else None


def canonical(address: str) -> str:
    """An address as it is compared: ASCII letters in lower case, the domain as the DNS has it.

    Nothing else is made alike. A letter that only looks or folds like another (a Kelvin sign, a Cyrillic a) makes
    another address.
    """
    local, _, domain = address.strip().rpartition("@")
    return f"{local.translate(_LOWER)}@{canonical_domain(domain)}"


def canonical_domain(domain: str) -> str:
    """A domain in the form of the DNS (IDNA 2008, which makes no two letters one); as it is where it has none."""
    domain = domain.strip().translate(_LOWER).removesuffix(".")
    try:
        return domain if domain.isascii() else idna.encode(domain).decode("ascii")
    except idna.IDNAError:
        return domain


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
