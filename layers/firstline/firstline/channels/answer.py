"""What every door is made of. Standard library only: this is imported before the first byte is answered."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..model.errors import Forged


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
