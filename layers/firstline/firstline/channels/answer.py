"""What every door is made of. Standard library only: this is imported before the first byte is answered."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..model.errors import Forged

LONGEST_CHALLENGE = 256
"""Characters. X's ``crc_token`` has 48 (base64url of a UUID), Meta's ``hub.challenge`` about ten digits."""
_LETTERS = re.compile(rb"[A-Za-z0-9+/=_-]+")


def only_letters(message: bytes) -> bool:
    """Whether a message consists of base64's letters only, those of base64url included, whatever its length.

    Challenges are such messages and deliveries never are (a JSON object has braces), so that one key may sign both.
    """
    return _LETTERS.fullmatch(message) is not None


def is_challenge(text: str) -> bool:
    """Whether a platform's challenge may be answered: it could not be taken for anything else that a secret signs."""
    return len(text) <= LONGEST_CHALLENGE and only_letters(text.encode("utf-8", "replace"))


def must_be_no_challenge(body: bytes) -> None:
    """Raises Forged for a delivery that could be a challenge: a signature over it may be our own."""
    if only_letters(body):
        raise Forged("body is no delivery")


class Answer(NamedTuple):
    """The answer to a platform's handshake, to be sent exactly as it is."""

    status: int
    content_type: str
    body: str


def live(secrets: Mapping[str, Any], name: str) -> list[bytes]:
    """The live secrets of that name, the current one first; empty ones do not count (an empty key fits everybody)."""
    values = secrets.get(name) or ()
    if isinstance(values, str):
        values = (values,)
    return [value.encode() for value in values if isinstance(value, str) and value]


def same(given: str, expected: bytes) -> bool:
    """Compare in constant time whatever characters a stranger has put into ``given``."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected)


def among(given: str, expected: list[bytes]) -> bool:
    """Whether it is one of the expected; all are compared, so that a hit takes as long as a miss."""
    hits = [same(given, one) for one in expected]
    return any(hits)


def macs(secrets: Mapping[str, Any], message: bytes) -> Iterator[bytes]:
    """HMAC-SHA256 of the message under each live signing secret, the current one first."""
    for secret in live(secrets, "signing"):
        yield hmac.new(secret, message, hashlib.sha256).digest()


def must_match(given: str | None, allowed: list[bytes]) -> None:
    """Raises Forged unless the signature is one of the allowed."""
    if given is None:
        raise Forged("signature missing")
    if not among(given, allowed):
        raise Forged("signature wrong")
