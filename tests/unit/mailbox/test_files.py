"""What hangs on a mail is what its bytes say, under a name that does no harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstline.outward.mailbox import media_type, read_mail
from firstline.outward.mailbox.files import LONGEST_NAME, clean_name
from tests.unit.mailbox.builders import OURS, the_mail


def test_a_mails_files_are_named_and_known_by_their_bytes() -> None:
    parts = read_mail(the_mail("hostile_attachments"), OURS).parts
    assert [(part.name, media_type(part.data or b"")) for part in parts] == [
        ("photo of door.html.png", "image/png"),
        ("page.png", None),
        ("Rechnung für_fdp.exe.pdf", "application/pdf"),
        ("run.exe", None),
        ("message.rfc822", None),
    ]
    assert parts[-1].data is None and parts[-1].size > 0


def test_outlooks_own_container_is_not_opened() -> None:
    (part,) = read_mail(the_mail("winmail"), OURS).parts
    assert (part.name, part.claimed, media_type(part.data or b"")) == ("winmail.dat", "application/ms-tnef", None)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypisom", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_pictures_and_pdf_are_kept_and_nothing_else(data: bytes, kind: str | None) -> None:
    assert media_type(data) == kind


@given(st.text(), st.sampled_from([None, "image/jpeg", "application/pdf", "image/heic"]))
def test_any_name_becomes_a_harmless_one(name: str, kind: str | None) -> None:
    cleaned = clean_name(name, kind)
    assert 0 < len(cleaned) <= LONGEST_NAME
    assert not set(cleaned) & set('/\\"<>:|?*;\r\n\0\u202e') and not cleaned.startswith(".")
