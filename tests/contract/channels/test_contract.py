"""The contract, held by every channel alike (channels/contract.py)."""

from __future__ import annotations

import pytest
import requests

from firstline.channels import CHANNELS, adapter, door
from firstline.channels.contract import Usage
from firstline.model.errors import AccountDown, Forged, NotSent, Outcome, Permanent, Reword, Unclear, Wait
from firstline.model.events import Deleted, Edited, OwnWords, Posted, Unreadable

from .platforms import AFTER, BEFORE, NOW, PERSON, PLATFORMS, SECRETS, SINCE, TEXT, Platform, Stub

ACCOUNTS = {
    "1450000000000000001": "LumoraHome",
    "200000000000001": "Lumora",
    "300000000000001": "Lumora",
    "17841400000000001": "lumora",
}


def named(platform: Platform) -> str:
    return f"{platform.channel}-{platform.outgoing.endpoint}"


each_endpoint = pytest.mark.parametrize("platform", PLATFORMS, ids=named)
each_channel = pytest.mark.parametrize("platform", {one.channel: one for one in PLATFORMS}.values(), ids=named)


def signed(platform: Platform, body: bytes, secret: str = "current-secret") -> dict[str, str]:
    return {**platform.beside, platform.header: platform.signature(secret, body), "content-type": "application/json"}


def known(platform: Platform, theirs: str) -> str:
    """A platform's id as the channel knows it: those of a source bear the source's name."""
    return f"generic/{theirs}" if platform.channel == "generic" else theirs


def test_the_suite_covers_every_channel() -> None:
    assert {platform.channel for platform in PLATFORMS} == set(CHANNELS)


# -- the door ----------------------------------------------------------------------------------------------------


@each_channel
def test_a_handshake_is_answered_exactly(platform: Platform) -> None:
    assert door(platform.channel).handshake(platform.handshake, platform.secrets) == platform.handshake_answer


@each_channel
def test_any_other_get_is_no_handshake(platform: Platform) -> None:
    assert door(platform.channel).handshake({}, SECRETS) is None
    assert door(platform.channel).handshake({"page": "1"}, SECRETS) is None


@each_channel
@pytest.mark.parametrize("secret", SECRETS["signing"])
def test_a_delivery_signed_with_either_live_secret_comes_in(platform: Platform, secret: str) -> None:
    body = platform.body("1")
    door(platform.channel).verify(signed(platform, body, secret), body, platform.secrets, SINCE)


@each_channel
def test_a_delivery_signed_with_another_secret_is_forged(platform: Platform) -> None:
    body = platform.body("1")
    with pytest.raises(Forged):
        door(platform.channel).verify(signed(platform, body, "stolen"), body, platform.secrets, SINCE)


@each_channel
def test_the_bytes_are_what_is_signed(platform: Platform) -> None:
    body = platform.body("1")
    with pytest.raises(Forged):
        door(platform.channel).verify(signed(platform, body), body + b" ", platform.secrets, SINCE)


@each_channel
@pytest.mark.parametrize(
    "malformed", ["", "sha256=", "sha256", "sha1=abc", "\u00e4\ud800", "sha256=" + "0" * 64, "x" * 9999]
)
def test_a_missing_or_malformed_signature_is_forged_and_nothing_else(platform: Platform, malformed: str) -> None:
    body = platform.body("1")
    for headers in ({}, {platform.header: malformed}, {platform.header: signed(platform, body)[platform.header] + ","}):
        with pytest.raises(Forged):
            door(platform.channel).verify(headers, body, platform.secrets, SINCE)


@each_channel
@pytest.mark.parametrize("secrets", [{}, {"signing": []}, {"signing": [""]}, {"signing": None}])
def test_without_a_secret_nothing_comes_in(platform: Platform, secrets: dict[str, list[str]]) -> None:
    body = platform.body("1")
    with pytest.raises(Forged):
        door(platform.channel).verify(signed(platform, body, ""), body, secrets, SINCE)


# -- what a delivery says ------------------------------------------------------------------------------------------


@each_channel
def test_a_batch_becomes_its_posts_in_order(platform: Platform) -> None:
    events = adapter(platform.channel).parse(platform.body("11", "12", "13"), ACCOUNTS)
    assert [event.key for event in events] == [f"{platform.channel}:{known(platform, i)}" for i in ("11", "12", "13")]
    assert all(isinstance(event, Posted) and event.post.author.id == known(platform, PERSON) for event in events)


@each_channel
def test_the_brands_own_words_are_no_post(platform: Platform) -> None:
    (event,) = adapter(platform.channel).parse(platform.body("11", own=True), ACCOUNTS)
    assert isinstance(event, OwnWords)
    assert event.account in (*ACCOUNTS, platform.outgoing.account)


@each_channel
def test_an_edit_names_the_post_as_it_is_known(platform: Platform) -> None:
    event = adapter(platform.channel).parse(platform.body("11", edited=True), ACCOUNTS)[-1]
    assert isinstance(event, Edited)
    assert event.post_id == known(platform, "11")


@each_channel
def test_a_deletion_names_its_post(platform: Platform) -> None:
    (event,) = adapter(platform.channel).parse(platform.body("11", deleted=True), ACCOUNTS)
    assert isinstance(event, Deleted)
    post_id = known(platform, "11")
    assert (event.key, event.post_id, event.how) == (f"{platform.channel}:{post_id}#deleted", post_id, "deleted")


@each_channel
def test_an_unknown_shape_is_quarantined_whole(platform: Platform) -> None:
    (event,) = adapter(platform.channel).parse(b'{"news": ["from", "nowhere"]}', ACCOUNTS)
    assert isinstance(event, Unreadable)
    assert event.fragment == '{"news": ["from", "nowhere"]}'


@each_channel
def test_a_replay_gives_equal_events(platform: Platform) -> None:
    parse = adapter(platform.channel).parse
    for body in (platform.body("11", "12"), platform.body("11", own=True), b"{}"):
        assert parse(body, ACCOUNTS) == parse(body, ACCOUNTS)


# -- sending -------------------------------------------------------------------------------------------------------


@each_endpoint
def test_a_reply_is_sent_once_and_its_id_comes_back(platform: Platform) -> None:
    stub = Stub().plan(201, platform.success)
    sent = adapter(platform.channel).send(stub.http(), platform.credentials, platform.outgoing)
    assert sent.platform_id == platform.platform_id
    assert [(call.method, call.url) for call in stub.asked] == [("POST", platform.url)]


@each_endpoint
def test_the_token_is_in_the_header_and_not_in_the_url(platform: Platform) -> None:
    stub = Stub().plan(201, platform.success)
    adapter(platform.channel).send(stub.http(), platform.credentials, platform.outgoing)
    if platform.repeats:  # signs every call instead of showing a token
        assert stub.asked[0].headers["webhook-signature"].startswith("v1,")
        assert str(platform.credentials["signing"]) not in str((stub.asked[0].url, stub.asked[0].headers))
        return
    given = stub.asked[0].headers["authorization"]
    given = given.decode() if isinstance(given, bytes) else given
    assert given.startswith(("Bearer ", "OAuth "))
    assert "token=" not in (stub.asked[0].url or "")


@each_endpoint
@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [("gone", Permanent), ("duplicate", Reword), ("limit", Wait), ("token", AccountDown), ("unknown", Unclear)],
)
def test_a_refusal_says_what_to_do_and_nothing_of_what_was_written(
    platform: Platform, refusal: str, outcome: type[Outcome]
) -> None:
    # X is asked whether a parent that is gone was only edited.
    stub = Stub().plan(*platform.refusals[refusal]).plan(404)
    with pytest.raises(outcome) as raised:
        adapter(platform.channel).send(stub.http(), platform.credentials, platform.outgoing)
    assert type(raised.value) is outcome
    assert raised.value.reason.split(":")[0].replace("_", "").isalpha()
    assert "Anna" not in str(raised.value)
    assert [call.method for call in stub.asked].count("POST") == 1


@each_endpoint
def test_a_rate_limit_says_when_it_ends(platform: Platform) -> None:
    stub = Stub().plan(*platform.refusals["limit"], **platform.headers)
    with pytest.raises(Wait) as raised:
        adapter(platform.channel).send(stub.http(), platform.credentials, platform.outgoing)
    assert raised.value.after == 900
    usage = raised.value.usage
    assert isinstance(usage, Usage)
    assert usage.resets_at == int(NOW) + 900
    assert usage.remaining == 0 or usage.percent == 100


@each_endpoint
def test_what_the_headers_say_comes_back_with_a_success_too(platform: Platform) -> None:
    stub = Stub().plan(201, platform.success, **platform.headers)
    sent = adapter(platform.channel).send(stub.http(), platform.credentials, platform.outgoing)
    assert sent.usage is not None
    assert sent.usage.resets_at == int(NOW) + 900


@each_endpoint
def test_without_credentials_the_account_is_down_and_nothing_is_called(platform: Platform) -> None:
    stub = Stub()
    with pytest.raises(AccountDown):
        adapter(platform.channel).send(stub.http(), {}, platform.outgoing)
    assert stub.asked == []


@each_endpoint
@pytest.mark.parametrize("content", [None, {}, [], {"data": {}}, {"id": ""}, "ok"])
def test_a_success_without_an_id_is_unclear(platform: Platform, content: object) -> None:
    if platform.repeats:
        assert adapter(platform.channel).send(Stub().plan(200, content).http(), platform.credentials, platform.outgoing)
        return
    with pytest.raises(Unclear):
        adapter(platform.channel).send(Stub().plan(200, content).http(), platform.credentials, platform.outgoing)


@each_endpoint
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_is_not_followed(platform: Platform, status: int) -> None:
    stub = Stub().plan(status, None, location="https://elsewhere.example/")
    with pytest.raises(Unclear):
        adapter(platform.channel).send(stub.http(), platform.credentials, platform.outgoing)
    assert len(stub.asked) == 1


@each_endpoint
def test_what_never_left_is_told_from_what_may_have_arrived(platform: Platform) -> None:
    send = adapter(platform.channel).send
    with pytest.raises(NotSent):
        send(Stub().fail(requests.ConnectTimeout()).http(), platform.credentials, platform.outgoing)
    with pytest.raises(Unclear):
        send(Stub().fail(requests.ReadTimeout()).http(), platform.credentials, platform.outgoing)


# -- after an unclear outcome --------------------------------------------------------------------------------------


def target(platform: Platform) -> str:
    return platform.outgoing.recipient or platform.outgoing.in_reply_to or ""


@each_endpoint
def test_a_reply_that_went_out_is_found(platform: Platform) -> None:
    if platform.repeats:
        stub = Stub().plan(200, platform.success).plan(200, platform.success)
        for ask in (adapter(platform.channel).send, adapter(platform.channel).find_sent):
            sent = ask(stub.http(), platform.credentials, platform.outgoing)
            assert sent is not None and sent.platform_id == platform.platform_id
        first, second = stub.asked
        assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
        return
    if platform.own is None:
        with pytest.raises(Unclear):
            adapter(platform.channel).find_sent(Stub().http(), platform.credentials, platform.outgoing)
        return
    escaped = TEXT.replace("&", "&amp;")
    stub = Stub().plan(200, platform.own(escaped, AFTER, target(platform)))
    sent = adapter(platform.channel).find_sent(stub.http(), platform.credentials, platform.outgoing)
    assert sent is not None
    assert sent.platform_id == platform.platform_id
    assert [call.method for call in stub.asked] == ["GET"]


@each_endpoint
@pytest.mark.parametrize(
    ("text", "at", "to"),
    [("Other words", AFTER, None), (TEXT, BEFORE, None), (TEXT, AFTER, "somebody-else")],
    ids=["other words", "too old", "somewhere else"],
)
def test_other_words_of_the_brand_are_not_taken_for_the_reply(
    platform: Platform, text: str, at: str, to: str | None
) -> None:
    if platform.own is None:
        return
    stub = Stub().plan(200, platform.own(text, at, to or target(platform))).plan(404)
    assert adapter(platform.channel).find_sent(stub.http(), platform.credentials, platform.outgoing) is None


@each_endpoint
def test_nothing_yet_is_no_error(platform: Platform) -> None:
    if platform.own is None:
        return
    stub = Stub().plan(200, {"data": [], "meta": {"result_count": 0}})
    assert adapter(platform.channel).find_sent(stub.http(), platform.credentials, platform.outgoing) is None


@each_endpoint
@pytest.mark.parametrize(("refusal", "outcome"), [("limit", Wait), ("token", AccountDown), ("unknown", Unclear)])
def test_a_question_that_is_refused_is_no_answer(platform: Platform, refusal: str, outcome: type[Outcome]) -> None:
    if platform.own is None and not platform.repeats:
        return
    stub = Stub().plan(*platform.refusals[refusal])
    with pytest.raises(outcome):
        adapter(platform.channel).find_sent(stub.http(), platform.credentials, platform.outgoing)
