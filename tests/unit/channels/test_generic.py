"""Generic sources: the signature's own test vector, the schemas against the parser, and answers to the callback."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from firstline import channels
from firstline.channels import adapter, door
from firstline.channels.generic import standard
from firstline.model.errors import AccountDown, Forged, Outcome, Permanent, Reword, Unclear, Wait
from firstline.model.events import Unreadable
from firstline.model.post import Contact
from firstline.outward.secrets import ChannelSecrets
from firstline.playbook import checks
from infra.local.simulators.generic import signed
from tests.contract.channels.platforms import GENERIC, NOW, SINCE, TEXT, Stub, webhook_secret
from tests.unit.channels.test_hostile_input import JSON, places, put
from tests.unit.channels.test_payloads import PAYLOADS

ROOT = Path(__file__).parents[3]
EVENTS = Draft202012Validator(json.loads((ROOT / "docs/schemas/generic-event.schema.json").read_text()))
REPLIES = Draft202012Validator(json.loads((ROOT / "docs/schemas/generic-reply.schema.json").read_text()))
SHAPES = sorted(path for path in (PAYLOADS / "generic").glob("*.json") if not path.name.endswith(".events.json"))
LENIENT = {"numbers-as-ids.json", "no-time.json"}
"""Here the parser takes numbers for ids, where the schema asks for text."""
VECTOR = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
VECTOR_SECRET, VECTOR_BODY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
THEN = datetime.fromtimestamp(1614265330, UTC)


def parsed(content: Any) -> list[Any]:
    return adapter("generic").parse(json.dumps(content).encode(), {"reviews": ""})


# -- the signature -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [VECTOR_SECRET, VECTOR_SECRET.removeprefix("whsec_")])
def test_the_specifications_own_vector_comes_in(secret: str) -> None:
    door("generic").verify(VECTOR, VECTOR_BODY, {"signing": [secret]}, THEN)


@pytest.mark.parametrize(("seconds", "fits"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_time_is_believed_for_five_minutes_both_ways(seconds: int, fits: bool) -> None:
    now = THEN + timedelta(seconds=seconds)
    if fits:
        door("generic").verify(VECTOR, VECTOR_BODY, {"signing": VECTOR_SECRET}, now)
        return
    with pytest.raises(Forged):
        door("generic").verify(VECTOR, VECTOR_BODY, {"signing": VECTOR_SECRET}, now)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_another"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "1614265330.0"},
        {"webhook-timestamp": "-1614265330"},
        {"webhook-timestamp": "\u0661614265330"},
        {"webhook-timestamp": ""},
        {"webhook-signature": VECTOR["webhook-signature"].replace("v1,", "v1a,")},
        {"webhook-signature": VECTOR["webhook-signature"].replace("v1,", "v2,")},
        {"webhook-signature": VECTOR["webhook-signature"].removeprefix("v1,")},
        {"webhook-signature": "v1,"},
        {"webhook-signature": " ".join(["v1,AAAA"] * 50 + [VECTOR["webhook-signature"]])},
    ],
)
def test_each_signed_part_counts(changed: dict[str, str]) -> None:
    with pytest.raises(Forged):
        door("generic").verify({**VECTOR, **changed}, VECTOR_BODY, {"signing": [VECTOR_SECRET]}, THEN)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_====", "whsec_\u00e4", "whsec_a"])
def test_a_secret_that_is_none_lets_nobody_in(secret: str) -> None:
    assert standard.keys({"signing": [secret]}) == []


def test_what_we_sign_is_what_the_other_side_checks_with_each_live_secret() -> None:
    secrets = {"signing": [webhook_secret("new"), webhook_secret("old")]}
    given_headers = standard.headers(secrets, "msg_7", NOW, b"{}")
    for secret in secrets["signing"]:
        padded = secret + "=" * (-len(secret.removeprefix("whsec_")) % 4)
        assert signed(given_headers, b"{}", padded, SINCE)
    assert not signed(given_headers, b"{} ", webhook_secret("new"), SINCE)


# -- names -------------------------------------------------------------------------------------------------------


def test_a_webhooks_name_is_a_platform_or_a_source() -> None:
    assert channels.route("x") == ("x", None)
    assert channels.route("generic") == ("generic", "generic")
    assert channels.route("review-site_2") == ("generic", "review-site_2")
    for name in ("", "-a", "Reviews", "a/b", "a" * 41, "a#b", "..", "\u00e4"):
        with pytest.raises(KeyError):
            channels.route(name)


def test_the_playbook_knows_which_names_are_platforms() -> None:
    assert set(channels.CHANNELS) - {"generic"} <= checks.PLATFORMS


def test_a_sources_secrets_and_callback_are_its_own() -> None:
    value = {
        "generic": {"signing": ["a"], "callback": {"url": "u"}, "sources": {"reviews": {"signing": ["b"]}, "odd": 7}}
    }

    class Client:
        def get_secret_value(self, **_: str) -> dict[str, str]:
            return {"SecretString": json.dumps(value)}

    secrets = ChannelSecrets(Client, "arn", lambda: 0.0)
    assert secrets.source("generic", "generic")["signing"] == ["a"]
    assert secrets.source("generic", "reviews") == {"signing": ["b"]}
    assert secrets.source("generic", "odd") == secrets.source("generic", "nobody") == secrets.source("x", "1") == {}
    assert secrets.old_credentials("generic", "generic") == {"url": "u"}
    assert secrets.old_credentials("generic", "reviews") == secrets.old_credentials("x", "1") == {}


# -- schema and parser -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES, ids=lambda path: path.name)
def test_the_schema_accepts_what_the_parser_reads_and_refuses_what_it_quarantines(shape: Path) -> None:
    content = json.loads(shape.read_text())
    read = not any(isinstance(event, Unreadable) for event in parsed(content))
    assert EVENTS.is_valid(content) == (read and shape.name not in LENIENT)


@given(st.data())
def test_whatever_the_schema_accepts_is_read(data: st.DataObject) -> None:
    content = json.loads(data.draw(st.sampled_from(SHAPES)).read_text())
    content = put(content, data.draw(st.sampled_from(places(content))), data.draw(JSON))
    if EVENTS.is_valid(content):
        assert not any(isinstance(event, Unreadable) for event in parsed(content))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("email", " Anna.Ross@Example.ORG ", "anna.ross@example.org"),
        ("email", "anna", None),
        ("phone", "+44 (7700) 900-123", "+447700900123"),
        ("phone", "0044.7700.900123", "+447700900123"),
        ("phone", "07700 900123", None),
        ("phone", "+44", None),
        ("customer_number", "LU 100-234", "lu100-234"),
        ("customer_number", "  ", None),
    ],
)
def test_a_contact_has_one_notation(kind: Any, text: str, value: str | None) -> None:
    found = Contact.of(kind, text)
    assert (found.value if found else None) == value
    assert found is None or value not in found.key


# -- answers -----------------------------------------------------------------------------------------------------


def test_an_answer_says_whom_it_is_for_in_the_sources_own_ids() -> None:
    stub = Stub().plan(200).plan(200)
    adapter("generic").send(stub.http(), GENERIC.credentials, GENERIC.outgoing)
    private = replace(GENERIC.outgoing, recipient="generic/u-7", human=True)
    adapter("generic").send(stub.http(), GENERIC.credentials, private)
    public, privately = stub.said(0), stub.said(1)
    REPLIES.validate(public)
    REPLIES.validate(privately)
    assert public["data"] == {
        "reply_id": "reply-7",
        "source": "generic",
        "in_reply_to": "r-1",
        "recipient_id": None,
        "visibility": "public",
        "by": "robot",
        "text": TEXT,
    }
    expected = {"visibility": "private", "recipient_id": "u-7", "by": "person"}
    assert expected.items() <= privately["data"].items()


@pytest.mark.parametrize(
    ("status", "content", "outcome", "reason"),
    [
        (400, None, Permanent, "refused:400"),
        (401, None, AccountDown, "signature_refused"),
        (403, None, AccountDown, "signature_refused"),
        (403, {"error": "window_closed"}, Permanent, "window_closed"),
        (404, None, Permanent, "refused:404"),
        (408, None, Unclear, "timeout"),
        (409, {"error": "duplicate_text"}, Reword, "duplicate_text"),
        (409, None, Permanent, "refused:409"),
        (410, None, AccountDown, "callback_gone"),
        (410, {"error": "gone"}, AccountDown, "callback_gone"),
        (413, {"error": "too_long"}, Permanent, "text_too_long"),
        (422, {"error": "gone"}, Permanent, "post_gone"),
        (422, {"error": "blocked"}, Permanent, "person_not_available"),
        (422, {"error": "account"}, AccountDown, "account_refused"),
        (422, {"error": ["odd"]}, Permanent, "refused:422"),
        (425, None, Wait, "too_early"),
        (429, None, Wait, "rate_limited"),
        (301, None, Unclear, "unclear:301"),
        (500, None, Unclear, "unclear:500"),
        (502, {"error": "gone"}, Unclear, "unclear:502"),
        (504, None, Unclear, "unclear:504"),
    ],
)
def test_an_answer_of_the_callback_means(status: int, content: Any, outcome: type[Outcome], reason: str) -> None:
    with pytest.raises(outcome) as raised:
        adapter("generic").send(Stub().plan(status, content).http(), GENERIC.credentials, GENERIC.outgoing)
    assert (type(raised.value), raised.value.reason) == (outcome, reason)


@pytest.mark.parametrize(("said", "after"), [("120", 120), ("0", None), ("Fri, 31 Dec 1999", None), ("9" * 12, 86400)])
def test_retry_after_is_kept_to_as_far_as_it_makes_sense(said: str, after: float | None) -> None:
    for status in (429, 503):
        with pytest.raises(Outcome) as raised:
            adapter("generic").send(Stub().plan(status, retry_after=said).http(), GENERIC.credentials, GENERIC.outgoing)
        assert raised.value.after == after


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://reviews.example/callback", "callback_not_https"),
        ("ftp://reviews.example/", "callback_not_https"),
        ("https://", "callback_not_https"),
        ("https://[", "callback_malformed"),
        ("https://a:b/", "callback_malformed"),
        ("", "no_credentials"),
        (7, "no_credentials"),
    ],
)
def test_answers_go_over_https_only(url: Any, reason: str) -> None:
    stub = Stub()
    with pytest.raises(AccountDown) as raised:
        adapter("generic").send(stub.http(), {**GENERIC.credentials, "url": url}, GENERIC.outgoing)
    assert raised.value.reason == reason and stub.asked == []


def test_an_answer_without_a_secret_is_not_sent_unsigned() -> None:
    stub = Stub()
    with pytest.raises(AccountDown):
        adapter("generic").send(stub.http(), {"url": GENERIC.url}, GENERIC.outgoing)
    assert stub.asked == []
