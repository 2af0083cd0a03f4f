"""What a branch's people wrote: their words, without ours and without their telephone's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstline.outward.mailbox.body import TooDeep, read_mail
from firstline.outward.mailbox.words import own_words
from tests.unit.mailbox.builders import OURS, a_mail, the_mail


def words(name: str) -> str:
    return read_mail(the_mail(name), OURS).words


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "gmail_en",
            "Rang Mrs Hughes, we come tomorrow at 10.\n\n- new hinge ordered\n- she keeps the door – fine\n\nTom",
        ),
        (
            "outlook_de_html_only",
            "Kundin erreicht, wir fahren am Mittwoch hin.\n\nDie Tür ist bestellt.\n\n"
            "Mit freundlichen Grüßen\nAnna Berger",
        ),
        ("apple_fr_photo", "Voici la photo de la porte.\n\nNous passons jeudi."),
        ("gmail_es_html_only", "Hemos llamado a la clienta.\nVamos el jueves."),
        ("italian_wrapped", "Cliente contattata, passiamo giovedì."),
        ("winmail", "Done – see attachment."),
        ("broken_charset", "Küche ist fertig"),
    ],
)
def test_a_reply_is_its_own_words(name: str, expected: str) -> None:
    assert words(name) == expected


def test_answers_between_quoted_questions_keep_the_questions() -> None:
    assert words("inline_answers").splitlines() == [
        "> Can you call her today?", "Yes, at four.", "> Is the part in stock?", "No, Thursday.",
    ]  # fmt: skip


def test_a_forwarded_mail_stays_whole() -> None:
    assert "See what she wrote" in words("forwarded") and "ring me after six" in words("forwarded")


@pytest.mark.parametrize(
    "introduction",
    [
        "On Mon, 23 Nov 2026 at 10:12, Acme <\ncare@acme.example> wrote:",
        "Am 23.11.2026 um 10:12 schrieb Acme:",
        "Le lun. 23 nov. 2026 à 10:12, Acme a écrit\u00a0:",
        "El lun, 23 nov 2026, Acme (<care@acme.example>) escribió:",
        "Il giorno 23 nov 2026 Acme ha scritto:",
        "Acme <care@acme.example> 于2026年11月23日写道：\n\nAcme <care@acme.example>:",
        "-----Ursprüngliche Nachricht-----\nVon: Acme\nGesendet: Montag\nAn: Leeds\nBetreff: FL",
        "________________________________\nDa: Acme\nInviato: lunedì\nA: Leeds\nOggetto: FL",
        "De : Acme\nEnvoyé : lundi\nÀ : Leeds\nObjet : FL",
    ],
)
def test_what_clients_quote_is_cut_in_many_languages(introduction: str) -> None:
    assert own_words(f"All done.\n\n{introduction}\n\nPlease contact Maria Hughes.", "Re: FL", OURS) == "All done."


@pytest.mark.parametrize(
    "text",
    [
        "On Monday the customer wrote:\nI want my money back",
        "Date: tomorrow at ten\nTo: Mrs Hughes",
        "I mailed care@acme.example yesterday.\nNo answer so far.",
        "Thanks,\nshe said, and closed the door.",
        "- hinge\n- screws",
        "-- \nTom",
    ],
)
def test_what_only_looks_like_a_quotation_or_a_signature_is_kept(text: str) -> None:
    assert own_words(text, "Re: FL", OURS).replace("-- ", "--") == text.replace("-- ", "--")


def test_words_below_a_marked_quotation_are_kept() -> None:
    text = "On 23 Nov 2026, Acme wrote:\n> Please contact\n>\n> Maria Hughes\n\nWe did."
    assert own_words(text, "Re: FL", OURS) == "We did."


def test_a_signature_after_its_mark_is_cut() -> None:
    assert own_words("Done.\n\n-- \nTom\n0113 000000", "Re: FL", OURS) == "Done."


def test_an_empty_reply_keeps_what_there_is() -> None:
    assert own_words("On 23 Nov 2026, Acme wrote:\n> Hello", "Re: FL", OURS) == "On 23 Nov 2026, Acme wrote:\n> Hello"


def test_text_that_hides_or_turns_is_shown_plainly() -> None:
    assert own_words("a\u202eb\u200bc\x00d\x1b[31m", "", OURS) == "abcd[31m"


def test_a_long_text_is_cut_with_a_mark() -> None:
    text = own_words("word " * 10_000, "", OURS)
    assert len(text) == 10_000 and text.endswith("…")


@pytest.mark.parametrize(
    "unit", ["On ", "Am schrieb ", "> ", "\n", "From:\n", "-- \n", "Le a écrit\n", "a:b\n", "*" * 9]
)
def test_hostile_text_comes_to_an_end(unit: str) -> None:
    assert len(own_words(unit * (100_000 // len(unit)), "", OURS)) <= 10_000


def test_parts_within_parts_end_somewhere() -> None:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
    with pytest.raises(TooDeep):
        read_mail(b"From: leeds@acme.example\r\n" + head + b"text", OURS)


@pytest.mark.parametrize("charset", ["idna", "zip", "undefined", "utf-7", "a\x00b", "'", "unicode_escape", "x" * 5000])
def test_any_charset_gives_some_text(charset: str) -> None:
    raw = a_mail("T\u00fcr", Content_Type=f'text/plain; charset="{charset}"')
    assert "T" in read_mail(raw, OURS).words


@pytest.mark.parametrize("encoding", ["\ud7ff", "x\u00e9", "=?", "utf-8\x00"])
def test_a_subject_in_no_encoding_is_shown_as_it_is(encoding: str) -> None:
    raw = a_mail(subject=f"=?{encoding}?q?door?=")
    assert "door" in read_mail(raw, OURS).subject


@given(st.text(max_size=300), st.text(max_size=30))
def test_any_text_is_read(text: str, subject: str) -> None:
    assert len(own_words(text, subject, OURS)) <= 10_000


@given(st.binary(max_size=400))
def test_any_bytes_are_read(raw: bytes) -> None:
    assert isinstance(read_mail(raw, OURS).words, str)
