"""Whom a mail is believed to be from: SES's verdicts on the domain in From, and nothing that the mail says of itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firstline.outward.mailbox import doubt, read_head, read_receipt
from firstline.outward.mailbox.head import canonical, one_address
from tests.unit.mailbox.builders import a_mail, a_notification, a_receipt

BRANCH = {"leeds@acme.example", "region@acme.example"}
SIGNED = "v=1; a=rsa-sha256; d={}; s=x; h=from:to; bh=aaaa; b=bbbb"


def doubted(raw: bytes = b"", **told: Any) -> str | None:
    return doubt(a_receipt(**told), read_head(raw or a_mail()), BRANCH)


def signed(*domains: str, **more: str) -> bytes:
    head = "".join(f"DKIM-Signature: {SIGNED.format(domain)}\r\n" for domain in domains).encode()
    return head + a_mail(**more)


def test_dmarc_suffices() -> None:
    assert doubted(spf="FAIL", dkim="FAIL") is None


def test_spf_counts_for_the_domain_in_from_only() -> None:
    assert doubted(dmarc="GRAY", dkim="FAIL", source="bounce@acme.example") is None
    for source in ("leeds@acme.example.evil.example", "x@evil.example", "x@mail.acme.example", "", "leeds"):
        assert doubted(dmarc="GRAY", dkim="FAIL", source=source) == "not_authenticated"


def test_dkim_counts_when_every_signature_is_by_the_domain_in_from() -> None:
    only_dkim = {"dmarc": "GRAY", "spf": "FAIL"}
    assert doubted(signed("acme.example"), **only_dkim) is None
    assert doubted(signed("Acme.Example", "acme.example"), **only_dkim) is None
    assert doubted(signed("acme.example", "evil.example"), **only_dkim) == "not_authenticated"
    assert doubted(signed("evil.example"), **only_dkim) == "not_authenticated"
    assert doubted(a_mail(), **only_dkim) == "not_authenticated"


def test_a_signature_that_only_ses_saw_counts_against_the_mail() -> None:
    hidden = [{"name": "DKIM-Signature", "value": SIGNED.format("evil.example")}]
    assert doubted(signed("acme.example"), dmarc="GRAY", spf="FAIL", headers=hidden) == "not_authenticated"


@pytest.mark.parametrize("signature", ["d=acme.example; l=10", "d=acme.example; d=evil.example", "d=", "", "d"])
def test_a_signature_over_half_a_mail_or_of_two_domains_proves_nothing(signature: str) -> None:
    raw = f"DKIM-Signature: v=1; {signature}\r\n".encode() + a_mail()
    assert doubted(raw, dmarc="GRAY", spf="FAIL") == "not_authenticated"


@pytest.mark.parametrize("status", ["FAIL", "GRAY", "PROCESSING_FAILED", "", "pass"])
def test_no_verdict_is_no_proof(status: str) -> None:
    assert doubted(signed("acme.example"), spf=status, dkim=status, dmarc=status) == "not_authenticated"


def test_a_dmarc_failure_is_final() -> None:
    assert doubted(signed("acme.example"), dmarc="FAIL") == "not_authenticated"


def test_verdicts_in_the_mail_are_nothing() -> None:
    raw = a_mail(Authentication_Results="amazonses.com; dmarc=pass; spf=pass; dkim=pass", X_SES_Spam_Verdict="PASS")
    assert doubted(raw, spf="FAIL", dkim="FAIL", dmarc="GRAY") == "not_authenticated"


def test_viruses_and_spam_are_refused_whoever_sends_them() -> None:
    assert doubted(virus="FAIL") == "virus"
    assert doubted(spam="FAIL") == "spam"


def test_only_the_handoffs_addresses_are_the_branch() -> None:
    assert doubted(a_mail(sender='"Region, North" <Region@ACME.example>')) is None
    assert doubted(a_mail(sender="somebody@acme.example")) == "not_the_branchs_address"


@pytest.mark.parametrize(
    "sender",
    [
        "leeds@acme.example <leeds@acme.example>",
        '"Leeds@Acme.example" <leeds@acme.example>',
        "Acme Leeds (shop) <leeds@acme.example>",
        "Acme: Leeds <leeds@acme.example>",
        "=?utf-8?q?Acme_Leeds_=28shop=29?= <leeds@acme.example>",
        "<leeds@acme.example>",
    ],
)
def test_a_name_may_hold_every_sign_that_names_hold(sender: str) -> None:
    assert doubted(a_mail(sender=sender)) is None


@pytest.mark.parametrize(
    "sender",
    [
        '"evil@evil.example" <leeds@acme.example>',
        "=?utf-8?q?evil=40evil.example?= <leeds@acme.example>",
        "evil @evil.example <leeds@acme.example>",
        "leeds@acme.example leeds@acme.example.evil.example <leeds@acme.example>",
        "Tom, Leeds <leeds@acme.example>",
        "leeds@acme.example, evil@evil.example",
        "leeds@acme.example <evil@evil.example>",
        "evil@evil.example <leeds@acme.example>",
        "<leeds@acme.example> <evil@evil.example>",
        "group: leeds@acme.example;",
        "leeds@acme.example (evil@evil.example)",
        "leeds@acme.example\r\nFrom: evil@evil.example",
        "",
        "Tom",
        "leeds@@acme.example",
    ],
)
def test_a_from_that_can_be_read_in_two_ways_is_nobodys(sender: str) -> None:
    assert doubted(a_mail(sender=sender)) == "from_not_one_address"


def test_a_from_that_ses_read_otherwise_is_nobodys() -> None:
    two = [{"name": "From", "value": "leeds@acme.example"}, {"name": "from", "value": "evil@evil.example"}]
    assert doubted(headers=two) == "from_not_one_address"
    assert doubted(headers=two[1:]) == "from_not_one_address"
    assert doubted(headers=[{"name": "From", "value": "Tom <Leeds@acme.example>"}]) is None


@pytest.mark.parametrize(
    "told",
    [
        "xleeds@acme.example",
        "Leeds <leeds@acme.example.evil.example>",
        "leeds@acme.example <x@evil.example>",
        "a, leeds@acme.example",
    ],
)
def test_a_from_in_which_the_branchs_address_only_occurs_is_nobodys(told: str) -> None:
    assert doubted(headers=[{"name": "From", "value": told}]) == "from_not_one_address"


@pytest.mark.parametrize("told", ["Müller, Leeds <leeds@acme.example>", '"Müller, Leeds" <LEEDS@Acme.Example>'])
def test_a_name_that_ses_has_decoded_is_no_doubt(told: str) -> None:
    assert doubted(headers=[{"name": "From", "value": told}]) is None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("kiel@acme.example", "\u212aiel@acme.example"),  # a Kelvin sign, which is k in lower case
        ("leeds@acme.example", "leeds@\u0430cme.example"),  # a Cyrillic a
        ("info@strasse.example", "info@stra\u00dfe.example"),  # another domain, which folds to the first
    ],
)
def test_what_only_looks_or_folds_alike_is_another_address(ours: str, theirs: str) -> None:
    head = read_head(a_mail(sender="leeds@acme.example")).model_copy(update={"sender": one_address(theirs)})
    assert doubt(a_receipt(), head, {ours}) in ("not_the_branchs_address", "from_not_one_address")


def test_a_domain_is_the_same_in_letters_and_in_the_form_of_the_dns() -> None:
    assert canonical("Leeds@M\u00fcnchen.example.") == canonical("leeds@xn--mnchen-3ya.EXAMPLE")
    assert canonical("leeds") == canonical("LEEDS") != canonical("leeds@acme.example")


def test_a_receipt_is_read_from_the_notification_alone_or_as_sqs_carries_it() -> None:
    bare = a_notification(source="<>")
    receipt = read_receipt(bare)
    assert receipt is not None and receipt.sender == "" and receipt.key == f"mail/{receipt.mail_id}"
    assert read_receipt(json.dumps({"Type": "Notification", "Message": bare})) == receipt


@pytest.mark.parametrize(
    "message", ["", "null", "[]", "{}", "[" * 100_000, '{"notificationType": "Received"}', "\ud800"]
)
def test_what_is_no_receipt_is_none(message: str) -> None:
    assert read_receipt(message) is None


def test_a_receipt_of_another_action_or_with_a_strange_id_is_none() -> None:
    other = json.loads(a_notification())
    other["receipt"]["action"]["type"] = "SNS"
    assert read_receipt(json.dumps(other)) is None
    assert read_receipt(a_notification(mail_id="x\ud800")) is None
    assert read_receipt(a_notification(key="mail/../../" + "x" * 1000)) is None
