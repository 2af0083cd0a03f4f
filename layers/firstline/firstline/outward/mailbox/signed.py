"""What an S/MIME mail wraps up: the part inside opaque signed data (RFC 8551 3.5.2), or nothing where it is encrypted.

The signature is not checked: who the sender is, SES's verdicts say (trust.py); this only finds the words. The few fields
on the way to them are read by hand: pyasn1 (0.6.5) refuses what OpenSSL and Outlook write while they stream, with
lengths that are told at the end, and the cryptography package reads no content and would be the layer's largest wheel.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from itertools import islice
from typing import NamedTuple

TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
MOST_NESTED = 20
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
_DATA = bytes.fromhex("2a864886f70d010701")  # 1.2.840.113549.1.7.1
_SEQUENCE, _OBJECT_ID, _OCTETS, _OCTETS_IN_PIECES, _TAGGED = 0x30, 0x06, 0x04, 0x24, 0xA0
_CONSTRUCTED, _END = 0x20, b"\0\0"


def wrapped(part: Message, data: bytes) -> bytes | None:
    """The bytes of the part inside; None if this is no such part, is encrypted, or cannot be read."""
    if part.get_content_type() not in TYPES:
        return None
    try:
        return _content(data)
    except (ValueError, IndexError, StopIteration):
        return None


def _content(data: bytes) -> bytes:
    """ContentInfo, SignedData, EncapsulatedContentInfo (RFC 5652 3 and 5.1). Raises for anything else."""
    signed = _typed(data, _element(data, 0), _SIGNED_DATA)
    inside = next(islice(_parts(data, signed), 2, None))  # behind the version and the algorithms
    octets = _typed(data, inside, _DATA)
    return b"".join(_octets(data, octets))


def _typed(data: bytes, info: _Element, wanted: bytes) -> _Element:
    """What a sequence of a type's name and a tagged value holds."""
    if info.tag != _SEQUENCE:
        raise ValueError("no_sequence")
    parts = _parts(data, info)
    named, tagged = next(parts), next(parts)
    if named.tag != _OBJECT_ID or data[named.start : named.end] != wanted or tagged.tag != _TAGGED:
        raise ValueError("another_type")
    return next(_parts(data, tagged))


def _octets(data: bytes, value: _Element) -> Iterator[bytes]:
    if value.tag == _OCTETS:
        yield data[value.start : value.end]
    elif value.tag == _OCTETS_IN_PIECES:
        for piece in _parts(data, value):
            yield from _octets(data, piece)
    else:
        raise ValueError("no_octets")


class _Element(NamedTuple):
    """A value in BER (X.690): its tag, where its contents begin and end, and where the next value begins."""

    tag: int
    start: int
    end: int
    after: int


def _parts(data: bytes, whole: _Element) -> Iterator[_Element]:
    at = whole.start
    while at < whole.end:
        part = _element(data, at)
        yield part
        at = part.after


def _element(data: bytes, at: int, depth: int = 0) -> _Element:
    """The value at a place. Raises ValueError or IndexError for what is none."""
    tag, told, start = data[at], data[at + 1], at + 2
    if depth > MOST_NESTED or tag & 0x1F == 0x1F:
        raise ValueError("beyond_reason")
    if told == 0x80:  # the length is not told: the contents end with two zeros
        if not tag & _CONSTRUCTED:
            raise ValueError("no_length")
        end = start
        while data[end : end + 2] != _END:
            end = _element(data, end, depth + 1).after
        return _Element(tag, start, end, end + 2)
    if told > 0x80:
        digits = told & 0x7F
        told = int.from_bytes(data[start : start + digits], "big") if digits <= 4 else len(data)
        start += digits
    end = start + told
    if end > len(data):
        raise ValueError("cut_off")
    return _Element(tag, start, end, end)
