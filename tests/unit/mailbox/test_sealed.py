"""Signed and encrypted mails: the words inside, or the fact that nobody can read them."""

from __future__ import annotations

from base64 import b64encode

import pytest

from firstline.outward.mailbox import Mail, read_mail
from tests.unit.mailbox.builders import OURS

INSIDE = b"Content-Type: text/plain; charset=utf-8\r\n\r\nWe rang her, visit on Tuesday.\r\n"
DATA, SIGNED, ENVELOPED = (bytes.fromhex(f"06092a864886f70d01070{number}") for number in (1, 2, 3))


def told(tag: int, content: bytes, streamed: bool = False) -> bytes:
    """A value of BER; ``streamed``: its length is not told but ended."""
    if streamed:
        return bytes([tag, 0x80]) + content + b"\0\0"
    length = len(content)
    return bytes([tag]) + (bytes([length]) if length < 128 else b"\x84" + length.to_bytes(4, "big")) + content


def cms(content: bytes | None, kind: bytes = SIGNED, streamed: bool = False) -> bytes:
    """Signed data of RFC 5652 around the content, without signers; ``streamed``: as programs write it that do not know
    its length beforehand."""
    inside = DATA
    if content is not None:
        pieces = b"".join(told(0x04, content[at : at + 10]) for at in range(0, len(content), 10))
        octets = told(0x24, pieces, True) if streamed else told(0x04, content)
        inside += told(0xA0, octets, streamed)
    signed = b"\x02\x01\x01" + told(0x31, b"") + told(0x30, inside, streamed) + told(0x31, b"")
    return told(0x30, kind + told(0xA0, told(0x30, signed, streamed), streamed), streamed)


def mail(body: bytes, type: str = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m") -> Mail:
    head = b"From: leeds@acme.example\r\nContent-Type: " + type.encode()
    encoded = b64encode(body)
    return read_mail(head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded + b"\r\n", OURS)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("type", ["application/pkcs7-mime", "application/x-pkcs7-mime; name=smime.p7m"])
def test_the_words_of_a_signed_mail_are_read(streamed: bool, type: str) -> None:
    found = mail(cms(INSIDE, streamed=streamed), type)
    assert (found.words, found.sealed, found.parts) == ("We rang her, visit on Tuesday.", False, ())


def test_what_hangs_on_the_signed_mail_hangs_on_the_mail() -> None:
    inside = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + INSIDE
    inside += b"--b\r\nContent-Type: image/png; name=door.png\r\n\r\n\x89PNG\r\n\x1a\n\r\n--b--\r\n"
    found = mail(cms(inside))
    assert found.words == "We rang her, visit on Tuesday." and [part.name for part in found.parts] == ["door.png"]


@pytest.mark.parametrize(
    "body",
    [
        cms(INSIDE, ENVELOPED),
        cms(None),
        b"",
        b"\x30\x80",
        b"\x30\x80" * 3000,
        INSIDE,
        cms(INSIDE)[:60],
        b"\x30\xff",
        b"\x04\x80\x00",
    ],
    ids=["encrypted", "detached", "nothing", "begun", "deep", "no cms", "cut", "long", "endless"],
)
def test_what_cannot_be_read_says_so(body: bytes) -> None:
    found = mail(body)
    assert (found.words, found.sealed) == ("", True)


def test_a_signature_in_a_signature_has_an_end() -> None:
    body = INSIDE
    for _ in range(12):
        body = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n" + cms(body)
    assert read_mail(b"From: leeds@acme.example\r\n" + body, OURS).sealed


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/encrypted; protocol=application/pgp-encrypted; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        b"--b\r\nContent-Type: application/octet-stream\r\n\r\nxxxx\r\n--b--\r\n",
        b"Content-Type: text/plain\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nxxxx\r\n-----END PGP MESSAGE-----\r\n",
        b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nxxxx\r\n",
    ],
    ids=["pgp/mime", "pgp", "winmail.dat"],
)
def test_other_sealed_mails_say_so_too(raw: bytes) -> None:
    found = read_mail(b"From: leeds@acme.example\r\n" + raw, OURS)
    assert (found.words, found.sealed) == ("", True)


def test_a_plain_mail_with_a_seal_beside_its_words_is_read() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + INSIDE
    raw += b"--b\r\nContent-Type: application/ms-tnef\r\n\r\nxxxx\r\n--b--\r\n"
    found = read_mail(b"From: leeds@acme.example\r\n" + raw, OURS)
    assert (found.words, found.sealed) == ("We rang her, visit on Tuesday.", False)
