"""Subject, threading and the headers by which machines know the mail."""

from __future__ import annotations

import pytest

from firstline.outward.mailtext import handoff_mail, handoff_of, handoff_tag, thread_root

from .builders import a_customer, a_digest, a_handoff, received, some_words, text_of


def test_the_subject_names_customer_issue_and_case():
    view = a_handoff(posts=(some_words("@acme @acmecare: my oven is broken"), some_words("hello??")))
    assert received(view)["Subject"] == "Maria Hughes: my oven is broken (FL-7K3M-9QX2)"


@pytest.mark.parametrize("kind", ["update", "reminder"])
def test_what_follows_has_the_subject_of_the_first_mail_so_that_it_threads(kind):
    posts = (some_words("@acme my oven is broken"), some_words("hello??"))
    first, later = a_handoff(posts=posts[:1]), a_handoff(posts=posts, kind=kind, new=1)
    assert received(later)["Subject"] == f"Re: {received(first)['Subject']}"


def test_a_digest_says_the_week_in_its_subject_and_has_a_way_out():
    mail = received(a_digest())
    assert mail["Subject"] == "Your week: 2 open, 1 late – Leeds Repairs"
    assert mail["List-Unsubscribe"] == "<https://care.example.com/branch/no-more-token>"
    assert (mail["References"], mail["In-Reply-To"]) == (None, None)
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("kind", ["handoff", "update", "reminder", "escalation", "fallback"])
def test_no_mail_that_asks_for_something_can_be_unsubscribed(kind):
    mail = received(a_handoff(kind=kind))
    assert mail["List-Unsubscribe"] is None
    assert "No more" not in text_of(mail)


def test_a_long_issue_ends_at_a_word_in_the_subject():
    subject = received(a_handoff(posts=(some_words("washing machine " * 40),)))["Subject"]
    assert subject.endswith(("washing… (FL-7K3M-9QX2)", "machine… (FL-7K3M-9QX2)"))
    assert len(subject) < 120


@pytest.mark.parametrize("posts", [(), (some_words(""),), (some_words("@acme "),)])
def test_without_words_the_subject_names_the_channel(posts):
    assert received(a_handoff(posts=posts))["Subject"] in (
        "Maria Hughes: Facebook (FL-7K3M-9QX2)",
        "Maria Hughes: @acme (FL-7K3M-9QX2)",
    )


def test_all_mails_of_a_handoff_thread_under_one_root():
    mail = received(a_handoff())
    root = "<handoff.7K3M9QX2.leeds@care.example.com>"
    assert (mail["References"], mail["In-Reply-To"]) == (root, root)


def test_a_root_longer_than_a_line_stays_an_id_that_clients_thread_by():
    root = thread_root("7K3M9QX2", "b" * 120, "care.example.com")
    raw = handoff_mail(a_handoff(thread_root=root)).as_bytes()
    assert f"References: {root}\r\n".encode() in raw
    assert f"In-Reply-To: {root}\r\n".encode() in raw


@pytest.mark.parametrize("root", ["", "no-brackets@example.com", "<a b@example.com>", "<a@example.com>\r\nBcc: <x@y>"])
def test_a_root_that_is_no_message_id_is_refused(root):
    with pytest.raises(ValueError, match="thread_root"):
        a_handoff(thread_root=root)


def test_machines_see_that_no_person_sent_it():
    mail = received(a_handoff())
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert mail["X-Firstline-Case"] == "FL-7K3M-9QX2"
    assert mail["X-Firstline-Handoff"] == "7K3M9QX2-leeds"
    assert mail["Message-ID"] is None


def test_a_reply_goes_to_the_token_address_if_there_is_one():
    mail = received(a_handoff(reply_to="case+token@care.example.com"))
    assert mail["Reply-To"].addresses[0].addr_spec == "case+token@care.example.com"
    assert received(a_handoff())["Reply-To"] is None


def test_the_brand_writes_to_the_branch():
    mail = received(a_handoff(customer=a_customer(name="Eve <eve@example.org>")))
    assert [(a.display_name, a.addr_spec) for a in mail["From"].addresses] == [("Acme", "handoff@care.example.com")]
    assert [(a.display_name, a.addr_spec) for a in mail["To"].addresses] == [("Leeds Repairs", "leeds@example.com")]


@pytest.mark.parametrize("address", ["nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"])
def test_what_is_no_single_address_is_refused(address):
    with pytest.raises(ValueError):
        handoff_mail(a_handoff(to=address))


def test_a_tag_leads_back_to_case_and_branch():
    assert handoff_of(handoff_tag("7K3M9QX2", "leeds-north_2")) == ("7K3M9QX2", "leeds-north_2")


@pytest.mark.parametrize("tag", ["", "-", "leeds", "-leeds", "7K3M9QX2-"])
def test_a_strange_tag_leads_nowhere(tag):
    assert handoff_of(tag) is None
