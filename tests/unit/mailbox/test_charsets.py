"""Charset labels mean what mail programs mean by them, in bodies and in headers."""

from __future__ import annotations

from base64 import b64encode

import pytest

from firstline.outward.mailbox import read_head, read_mail
from firstline.outward.mailbox.charsets import text_of
from tests.unit.mailbox.builders import OURS

WRITTEN = [
    ("iso-8859-1", "cp1252", "don\u2019t \u2013 \u20ac50\u2026"),
    ("ISO-8859-1", "cp1252", "caf\xe9 \u201cbon\u201d"),
    ("us-ascii", "cp1252", "don\u2019t"),
    ("us-ascii", "utf-8", "don\u2019t"),
    ("iso-8859-9", "cp1254", "\u015fimdi \u20ac50"),
    ("gb2312", "gb18030", "\u9555\u57fa \u4f60\u597d"),
    ("gbk", "gb18030", "\U00020000 \u4f60\u597d"),
    ("ks_c_5601-1987", "cp949", "\ubdc1 \uc548\ub155"),
    ("shift_jis", "cp932", "\u2460 \u682a\u5f0f\u4f1a\u793e"),
    ("tis-620", "cp874", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u2026"),
    ("windows-874", "cp874", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35"),
    ("iso-8859-8-i", "iso8859-8", "\u05d4\u05d8\u05db\u05e0\u05d0\u05d9"),
    ("iso-8859-6-e", "iso8859-6", "\u0645\u0631\u062d\u0628\u0627"),
    ("x-mac-cyrillic", "mac-cyrillic", "\u043f\u0440\u0438\u0432\u0435\u0442"),
    ("koi8-r", "koi8-r", "\u043f\u0440\u0438\u0432\u0435\u0442"),
    ("iso-2022-kr", "iso2022_kr", "\uc548\ub155"),
    ("cp850", "cp850", "d\xe9j\xe0"),
    ("utf-8", "utf-8", "\u4f60\u597d"),
    ("no-such-charset", "utf-8", "d\xe9j\xe0"),
    ("no-such-charset", "cp1252", "d\xe9j\xe0"),
    ("punycode", "utf-8", "d\xe9j\xe0"),
    ("", "utf-8", "d\xe9j\xe0"),
]


@pytest.mark.parametrize(("label", "codec", "words"), WRITTEN, ids=lambda value: ascii(value)[:24])
def test_a_body_is_read_as_its_program_wrote_it(label: str, codec: str, words: str) -> None:
    head = f'From: leeds@acme.example\r\nContent-Type: text/plain; charset="{label}"\r\n'
    body = b64encode(words.encode(codec)).decode()
    raw = f"{head}Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n".encode()
    assert read_mail(raw, OURS).words == words


@pytest.mark.parametrize(
    ("label", "codec", "words"), [each for each in WRITTEN if each[0]], ids=lambda value: ascii(value)[:24]
)
def test_a_subject_is_read_as_its_program_wrote_it(label: str, codec: str, words: str) -> None:
    word = f"=?{label}?b?{b64encode(words.encode(codec)).decode()}?="
    assert read_head(f"From: a@acme.example\r\nSubject: Re: {word}\r\n\r\n".encode()).subject == f"Re: {words}"


def test_a_subject_of_bare_bytes_and_one_with_a_language_are_read() -> None:
    assert read_head("Subject: d\xe9j\xe0\r\n\r\n".encode()).subject == "d\xe9j\xe0"
    assert read_head("Subject: d\xe9j\xe0\r\n\r\n".encode("cp1252")).subject == "d\xe9j\xe0"
    assert read_head(b"Subject: =?iso-8859-1*fr?q?d=E9j=E0?= vu\r\n\r\n").subject == "d\xe9j\xe0 vu"


@pytest.mark.parametrize("label", ["utf-16", "idna", "undefined", "\0", "x" * 5000, "replacement", "utf-7", "hex"])
def test_no_label_costs_an_exception(label: str) -> None:
    assert isinstance(text_of(bytes(range(256)), label), str)
