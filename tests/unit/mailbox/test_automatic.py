"""What machines write is known by its headers; absences by their words, until a day that is clear."""

from __future__ import annotations

from datetime import date

import pytest

from firstline.outward.mailbox import automatic, away_until, means_away, own_subject, read_head
from tests.unit.mailbox.builders import a_mail, the_mail

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("delivery_report", "delivery_report"),
        ("mailing_list", "mailing_list"),
        ("out_of_office_exchange_de", "automatic_reply"),
        ("out_of_office_gmail_en", "automatic_reply"),
        ("ticket_received", "automatic_reply"),
        ("gmail_en", None),
        ("outlook_de_html_only", None),
        ("apple_fr_photo", None),
    ],
)
def test_machines_are_told_from_people(name: str, kind: str | None) -> None:
    assert automatic(read_head(the_mail(name)), "leeds@acme.example") == kind


def test_the_null_sender_is_a_machine() -> None:
    assert automatic(read_head(a_mail()), "") == "automatic_reply"


def test_a_person_may_answer_below_any_subject() -> None:
    assert automatic(read_head(a_mail(subject="Out of office: see you Monday")), "leeds@acme.example") is None
    assert automatic(read_head(a_mail(Auto_Submitted="no")), "leeds@acme.example") is None
    assert automatic(read_head(a_mail(X_Auto_Response_Suppress="All")), "leeds@acme.example") is None


OURS = "Bea Absent: the engineer in Leeds was absent again, back 3 December (FL-7K3M-9QX2)"


@pytest.mark.parametrize(
    ("subject", "customer", "own"),
    [
        (f"Re: {OURS}", "Bea Absent", "Re: "),
        (f"AW: Erinnerung: {OURS}", "Bea Absent", "AW: Erinnerung: "),
        (OURS, "Bea Absent", ""),
        (f"Automatic reply: {OURS}", "Bea Absent", "Automatic reply: "),
        (f"Abwesenheitsnotiz Re: {OURS}", None, "Abwesenheitsnotiz Re"),
        (f"Re: {OURS}", None, "Re"),
        ("Re: Bea Absent: the engineer in Leeds was absen", "Bea Absent", "Re: "),
        ("Out of office: see you Monday", "Bea Absent", "Out of office: see you Monday"),
    ],
)
def test_our_own_subject_says_nothing_of_the_branch(subject: str, customer: str | None, own: str) -> None:
    assert own_subject(subject, "FL-7K3M-9QX2", customer) == own
    head = read_head(a_mail(subject=subject, X_Auto_Response_Suppress="All"))
    machine = automatic(head, "leeds@acme.example", own)
    assert machine == ("automatic_reply" if means_away(own) else None)


@pytest.mark.parametrize(
    ("kind", "type"),
    [
        ("read_receipt", "multipart/report; report-type=disposition-notification; boundary=x"),
        ("complaint", "Multipart/Report; report-type=feedback-report"),
        ("report", "multipart/report"),
        ("calendar_reply", "text/calendar; method=REPLY"),
    ],
)
def test_reports_are_known_by_their_type(kind: str, type: str) -> None:
    assert automatic(read_head(a_mail(Content_Type=type)), "leeds@acme.example") == kind


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office", "Abwesenheitsnotiz", "Ich bin nicht im Büro", "Réponse automatique", "Je suis absente",
        "Respuesta automática", "Estoy fuera de la oficina", "Sono fuori ufficio", "Risposta automatica",
    ],
)  # fmt: skip
def test_absence_is_understood_in_five_languages(text: str) -> None:
    assert means_away(text)


def test_a_receipt_of_a_ticket_system_is_no_absence() -> None:
    assert not means_away("We have received your request #4711")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("until 2026-12-03", date(2026, 12, 3)),
        ("bis zum 3. Dezember 2026", date(2026, 12, 3)),
        ("bis 03.12.2026 abwesend", date(2026, 12, 3)),
        ("bis 3.12. abwesend", date(2026, 12, 3)),
        ("until December 3rd", date(2026, 12, 3)),
        ("from 1 Dec to 3 Dec", date(2026, 12, 3)),
        ("jusqu'au 3 décembre", date(2026, 12, 3)),
        ("hasta el 3 de diciembre de 2026", date(2026, 12, 3)),
        ("fino al 3 dicembre", date(2026, 12, 3)),
        ("back on 7 January", date(2027, 1, 7)),
        ("until 3/12", None),
        ("since 3 October 2026", None),
        ("until 31 February", None),
        ("until 2031-01-01", None),
        ("back soon", None),
    ],
)
def test_the_day_of_return_is_read_where_it_is_clear(text: str, day: date | None) -> None:
    assert away_until(text, TODAY) == day
