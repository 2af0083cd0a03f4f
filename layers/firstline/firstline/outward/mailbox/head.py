"""The head of a mail: the few headers that are looked at before anything else of it is read."""

from __future__ import annotations

import re
import string
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser

import idna

from firstline.model.base import Value

from .charsets import text_of

MOST_BYTES = 256 * 1024
"""What is looked at of a head; SES's own limit on headers is far lower."""
LONGEST_SUBJECT = 500
_ADDRESS = r"[^<>@\s\"(),;:]+@[^<>@\s\"(),;:]+"
# What may stand before the address: nothing, or a name, quoted or not. A comma or semicolon separates mailboxes
# unless it is quoted; parentheses and a colon are in many names.
_ONE_ADDRESS = re.compile(
    rf"""\s*(?:((?:"(?:[^"\\]|\\.)*"|[^"<>,;])*)<\s*({_ADDRESS})\s*>|({_ADDRESS}))\s*""", re.DOTALL
)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_LIKE_AN_ADDRESS = re.compile(r"[^\s<>@\"'(),;:]+@[^\s<>@\"'(),;:]+")
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
    """The address in a From header, in lower case. None unless there is exactly one, in angle brackets or alone, and
    the name before it names no other: readers differ on what ``a@b <c@d>`` or a group means, and the verdicts are
    about what SES read."""
    found = _ONE_ADDRESS.fullmatch(value[:1000])
    if found is None:
        return None
    address = canonical(found[2] or found[3])
    name = decoded(found[1] or "").replace("\\", "")
    others = {canonical(other.strip(".")) for other in _LIKE_AN_ADDRESS.findall(name)} - {address}
    return None if others or name.count("@") > len(_LIKE_AN_ADDRESS.findall(name)) else address


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
    written = next((value for name, value in message.raw_items() if name.lower() == "subject"), "")
    return decoded(str(written))[:LONGEST_SUBJECT]


def decoded(raw: str) -> str:
    """A header's text with its encoded words (RFC 2047) read, on one line; as it is where they cannot be. Bytes that
    stand in it as they are (RFC 6532, or against all rules) are text, too."""
    raw = raw[: 4 * LONGEST_SUBJECT]
    if not raw.isascii():
        raw = text_of(raw.encode("utf-8", "surrogateescape"), "")
    try:
        text = "".join(_piece(*each) for each in decode_header(raw))
    except (MessageError, ValueError, LookupError, TypeError, AssertionError):  # broken encodings
        text = raw
    return " ".join(text.split())


def _piece(written: str | bytes, charset: str | None) -> str:
    if isinstance(written, str):
        return written
    if charset is None:
        return written.decode("raw-unicode-escape")  # as decode_header encoded what stands between encoded words
    return text_of(written, charset.partition("*")[0])  # RFC 2231 5: a language may follow
