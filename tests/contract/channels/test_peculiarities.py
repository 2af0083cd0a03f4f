"""What only one platform does."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from requests import ReadTimeout

from firstline.channels import adapter, door
from firstline.model.errors import AccountDown, Forged, Permanent, Unclear
from firstline.model.events import Deleted, Edited, NeedsLookup, OwnWords, Posted

from .platforms import (
    AFTER,
    CRC_TOKEN,
    FACEBOOK_COMMENTS,
    FACEBOOK_PRIVATE,
    MESSAGE_ID,
    MESSENGER,
    NOW,
    PAGE,
    PERSON,
    POST_ID,
    SECRETS,
    SINCE,
    TEXT,
    X_MESSAGES,
    X_POSTS,
    Stub,
    facebook_body,
    graph_error,
    meta_signature,
    x_signature,
)

# -- handshakes ----------------------------------------------------------------------------------------------------


def test_the_crc_is_answered_as_openssl_computes_it() -> None:
    """``printf TOKEN | openssl dgst -sha256 -hmac apiSecret -binary | base64``; the nonce is not signed."""
    answer = door("x").handshake({"crc_token": CRC_TOKEN, "nonce": "MTc2"}, {"signing": ["apiSecret", "older"]})
    assert answer is not None
    assert json.loads(answer.body) == {"response_token": "sha256=zZd3qlMocdeAX7jd9I+k2UlwulkEY4AXDL3LoHpMQbY="}


def test_the_crc_without_a_secret_is_a_passing_refusal() -> None:
    assert door("x").handshake({"crc_token": "t"}, {}) == (403, "text/plain", "")


@pytest.mark.parametrize("token", ["a", "Zz09", "+/=_-", "true", "123", "A" * 256])
def test_a_crc_token_of_the_letters_of_base64_is_answered(token: str) -> None:
    assert door("x").handshake({"crc_token": token}, SECRETS) == (
        200,
        "application/json",
        json.dumps({"response_token": x_signature("current-secret", token.encode())}, separators=(",", ":")),
    )


NO_CHALLENGES = (
    *("", " ", "a b", "a" * 257, "a\n", "\na", "a\0", "a,b", "a.b", "a:b", "%7B", "~"),
    *("{}", "[]", '"a"', '{"for_user_id":"1"}', '\ufeff{"for_user_id":"1"}', "signed_request=a.b", "-1.5"),
    # letters and digits of other alphabets, look-alikes, and what stands for bytes that are no text
    *("\u00e4", "\uff41\uff42", "\u0661", "\u00b2", "\u0430bc", "\u212a", "a\u200b", "a\u2028", "\ufffd", "\ud800"),
)


@pytest.mark.parametrize("token", NO_CHALLENGES)
def test_nothing_else_is_signed_for_whoever_asks(token: str) -> None:
    assert door("x").handshake({"crc_token": token}, SECRETS) == (400, "text/plain", "")


@pytest.mark.parametrize("challenge", NO_CHALLENGES)
def test_a_challenge_unlike_metas_is_not_given_back(challenge: str) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "token-1", "hub.challenge": challenge}
    assert door("facebook").handshake(query, SECRETS) == (400, "text/plain", "")


@pytest.mark.parametrize("body", [b"a", b"123", b"true", b"null", CRC_TOKEN.encode(), b"A" * 256, b"A" * 5000])
def test_a_body_that_could_be_a_challenge_is_no_delivery(body: bytes) -> None:
    for name, headers in (
        ("x", {"x-twitter-webhooks-signature": x_signature("current-secret", body)}),
        ("facebook", {"x-hub-signature-256": meta_signature("current-secret", body)}),
    ):
        with pytest.raises(Forged):
            door(name).verify(headers, body, SECRETS, SINCE)


@pytest.mark.parametrize("channel", ["facebook", "messenger"])
@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.verify_token": "token-1,token-2"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": ""},
    ],
)
def test_a_wrong_verify_token_gets_403_and_no_echo(channel: str, change: dict[str, str]) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "token-1", "hub.challenge": "<script>", **change}
    assert door(channel).handshake(query, SECRETS) == (403, "text/plain", "")


@pytest.mark.parametrize("secrets", [{}, {"verify_token": []}, {"verify_token": [""]}])
def test_an_empty_verify_token_opens_nothing(secrets: dict[str, list[str]]) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    assert door("facebook").handshake(query, secrets) == (403, "text/plain", "")


# -- X -------------------------------------------------------------------------------------------------------------


def test_a_reply_on_x_names_its_parent() -> None:
    stub = Stub().plan(201, X_POSTS.success)
    adapter("x").send(stub.http(), X_POSTS.credentials, X_POSTS.outgoing)
    assert stub.said() == {"text": TEXT, "reply": {"in_reply_to_tweet_id": X_POSTS.outgoing.in_reply_to}}
    authorization = stub.asked[0].headers["authorization"]
    assert 'oauth_token="t"' in (authorization.decode() if isinstance(authorization, bytes) else authorization)


def test_a_direct_message_goes_to_the_person() -> None:
    stub = Stub().plan(201, X_MESSAGES.success)
    adapter("x").send(stub.http(), X_MESSAGES.credentials, X_MESSAGES.outgoing)
    assert stub.said() == {"text": TEXT}


def test_a_direct_message_to_nobody_is_not_sent() -> None:
    stub = Stub()
    with pytest.raises(Permanent):
        adapter("x").send(stub.http(), X_MESSAGES.credentials, replace(X_MESSAGES.outgoing, recipient=None))
    assert stub.asked == []


def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    stub = Stub().plan(201, X_MESSAGES.success)
    adapter("x").send(stub.http(), X_MESSAGES.credentials, replace(X_MESSAGES.outgoing, recipient="../../tweets?x="))
    assert urlsplit(stub.asked[0].url or "").path == "/2/dm_conversations/with/..%2F..%2Ftweets%3Fx%3D/messages"


def test_own_posts_are_looked_through_page_by_page_from_the_first_attempt_on() -> None:
    stub = Stub().plan(200, {"data": [{"id": "1"}], "meta": {"next_token": "n"}})
    stub.plan(200, X_POSTS.own(TEXT, AFTER, X_POSTS.outgoing.in_reply_to or "") if X_POSTS.own else {})
    sent = adapter("x").find_sent(stub.http(), X_POSTS.credentials, X_POSTS.outgoing)
    assert sent is not None
    assert sent.platform_id == POST_ID
    first, second = (parse_qs(urlsplit(call.url or "").query) for call in stub.asked)
    assert first["start_time"] == ["2026-11-23T10:14:00Z"]
    assert second["pagination_token"] == ["n"]


def test_too_many_own_posts_leave_the_outcome_unclear() -> None:
    stub = Stub()
    for _ in range(5):
        stub.plan(200, {"data": [], "meta": {"next_token": "n"}})
    with pytest.raises(Unclear):
        adapter("x").find_sent(stub.http(), X_POSTS.credentials, X_POSTS.outgoing)


def test_of_window_and_day_the_one_that_is_used_up_counts() -> None:
    stub = Stub().plan(429, {"title": "Too Many Requests"}, **X_POSTS.headers, **{
        "x-user-limit-24hour-limit": "10000",
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": str(int(NOW) + 7200),
    })  # fmt: skip
    with pytest.raises(Exception, match="rate_limited") as raised:
        adapter("x").send(stub.http(), X_POSTS.credentials, X_POSTS.outgoing)
    assert raised.value.after == 7200  # type: ignore[attr-defined]


def versions(*ids: str) -> tuple[int, dict[str, object]]:
    return 200, {"data": {"id": ids[0], "text": "old", "edit_history_tweet_ids": list(ids)}}


FIRST, NEWEST = X_POSTS.outgoing.in_reply_to or "", "1990000000000000003"


def test_when_the_first_version_of_an_edited_post_is_gone_the_newest_is_answered() -> None:
    stub = Stub().plan(*X_POSTS.refusals["gone"]).plan(*versions(FIRST, NEWEST)).plan(201, X_POSTS.success)
    assert adapter("x").send(stub.http(), X_POSTS.credentials, X_POSTS.outgoing).platform_id == POST_ID
    assert stub.said()["reply"] == {"in_reply_to_tweet_id": NEWEST}


def test_a_question_for_versions_that_fails_leaves_the_refusal_as_it_was() -> None:
    stub = Stub().plan(*X_POSTS.refusals["gone"]).fail(ReadTimeout())
    with pytest.raises(Permanent, match="parent_gone"):
        adapter("x").send(stub.http(), X_POSTS.credentials, X_POSTS.outgoing)


def test_a_post_that_x_does_not_know_any_more_is_told_from_one_that_may_not_be_answered() -> None:
    unknown = {"errors": [{"title": "Not Found Error", "type": "https://api.x.com/2/problems/resource-not-found"}]}
    for status, content in ((404, {"title": "Not Found Error"}), (200, unknown)):
        stub = Stub().plan(*X_POSTS.refusals["gone"]).plan(status, content)
        with pytest.raises(Permanent, match="post_gone"):
            adapter("x").send(stub.http(), X_POSTS.credentials, X_POSTS.outgoing)


def test_a_reply_below_a_newer_version_is_found() -> None:
    assert X_POSTS.own is not None
    stub = Stub().plan(200, X_POSTS.own(TEXT, AFTER, NEWEST)).plan(*versions(FIRST, NEWEST))
    assert adapter("x").find_sent(stub.http(), X_POSTS.credentials, X_POSTS.outgoing) is not None


# -- Facebook ------------------------------------------------------------------------------------------------------


def test_a_comment_says_its_message() -> None:
    stub = Stub().plan(200, FACEBOOK_COMMENTS.success)
    adapter("facebook").send(stub.http(), FACEBOOK_COMMENTS.credentials, FACEBOOK_COMMENTS.outgoing)
    assert parse_qs(stub.said()) == {"message": [TEXT]}


@pytest.mark.parametrize(("parent", "name"), [("9001_5001", "comment_id"), (f"{PAGE}_9001", "post_id")])
def test_a_private_reply_names_comment_or_post_and_tells_the_person(parent: str, name: str) -> None:
    stub = Stub().plan(200, FACEBOOK_PRIVATE.success)
    outgoing = replace(FACEBOOK_PRIVATE.outgoing, in_reply_to=parent)
    sent = adapter("facebook").send(stub.http(), FACEBOOK_PRIVATE.credentials, outgoing)
    assert stub.said() == {"recipient": {name: parent}, "message": {"text": TEXT, "metadata": "reply-7"}}
    assert (sent.platform_id, sent.recipient_id) == (MESSAGE_ID, PERSON)


def test_the_next_page_is_asked_by_cursor_and_never_by_the_url_that_came() -> None:
    paging = {"cursors": {"after": "c"}, "next": "https://elsewhere.example/?access_token=x"}
    stub = Stub().plan(200, {"data": [], "paging": paging}).plan(200, {"data": []})
    assert adapter("facebook").find_sent(stub.http(), FACEBOOK_COMMENTS.credentials, FACEBOOK_COMMENTS.outgoing) is None
    assert {urlsplit(call.url or "").netloc for call in stub.asked} == {"graph.example"}
    assert parse_qs(urlsplit(stub.asked[1].url or "").query)["after"] == ["c"]


def a_lookup() -> NeedsLookup:
    value = {"item": "comment", "verb": "add", "comment_id": "8001_7001", "post_id": "3_8001", "created_time": 5}
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "changes": [{"field": "mention", "value": value}]}]})
    (event,) = adapter("facebook").parse(body.encode(), {})
    assert isinstance(event, NeedsLookup)
    return event


def test_a_notice_of_ids_is_completed_by_a_read() -> None:
    found = {"id": "8001_7001", "from": {"id": PERSON, "name": "Anna"}, "message": "ask Lumora", "created_time": AFTER,
             "permalink_url": "https://www.facebook.com/p"}  # fmt: skip
    stub = Stub().plan(200, found)
    post = adapter("facebook").read(stub.http(), FACEBOOK_COMMENTS.credentials, a_lookup())
    assert (post.author.id, post.author.name, post.text, post.incomplete) == (PERSON, "Anna", "ask Lumora", None)
    assert (post.url, post.post_id, post.kind) == ("https://www.facebook.com/p", "8001_7001", "mention")
    assert post.at == datetime(2026, 11, 23, 10, 15, 3, tzinfo=UTC)


def test_a_read_that_tells_no_author_leaves_the_post_incomplete() -> None:
    post = adapter("facebook").read(Stub().plan(200, {"message": "x"}).http(), {"token": "t"}, a_lookup())
    assert post.incomplete
    assert post.author.id == "unknown:8001_7001"


@pytest.mark.parametrize("code", [10, 200, 100])
def test_a_refused_read_is_permanent_and_parks_no_account(code: int) -> None:
    with pytest.raises(Permanent):
        adapter("facebook").read(Stub().plan(*graph_error(code)).http(), {"token": "t"}, a_lookup())


def test_a_read_with_a_dead_token_parks_the_account() -> None:
    with pytest.raises(AccountDown):
        adapter("facebook").read(Stub().plan(*graph_error(190)).http(), {"token": "t"}, a_lookup())


@pytest.mark.parametrize("channel", ["x", "whatsapp"])
def test_elsewhere_there_is_nothing_to_read(channel: str) -> None:
    with pytest.raises(Permanent):
        adapter(channel).read(Stub().http(), {"token": "t"}, a_lookup())


def test_a_comment_that_is_hidden_shown_and_hidden_again_is_three_changes() -> None:
    bodies = []
    for time, verb in enumerate(("hide", "unhide", "hide"), start=1795428900):
        body = json.loads(facebook_body("9_1"))
        body["entry"][0]["time"] = time
        body["entry"][0]["changes"][0]["value"]["verb"] = verb
        bodies.append(json.dumps(body).encode())
    events = [event for body in bodies for event in adapter("facebook").parse(body, {})]
    assert [event.how for event in events if isinstance(event, Deleted)] == ["hidden", "restored", "hidden"]
    assert len({event.key for event in events}) == 3


def test_words_that_are_edited_back_are_two_changes() -> None:
    keys = set()
    for time in (1, 2):
        body = json.loads(facebook_body("9_1", edited=True))
        body["entry"][0]["time"] = time
        keys |= {event.key for event in adapter("facebook").parse(json.dumps(body).encode(), {})}
    assert len(keys) == 2


def test_the_page_itself_is_own_words_also_when_another_of_the_brands_pages_is_told() -> None:
    body = json.loads(facebook_body("9_1"))
    body["entry"][0]["changes"][0]["value"]["from"]["id"] = "300"
    (event,) = adapter("facebook").parse(json.dumps(body).encode(), {"300": "Lumora DE"})
    assert isinstance(event, OwnWords)
    assert event.account == "300"


# -- Messenger -----------------------------------------------------------------------------------------------------


def test_a_robots_message_is_a_response_and_carries_its_reply_id() -> None:
    stub = Stub().plan(200, MESSENGER.success)
    adapter("messenger").send(stub.http(), MESSENGER.credentials, MESSENGER.outgoing)
    assert stub.said() == {
        "recipient": {"id": PERSON},
        "messaging_type": "RESPONSE",
        "message": {"text": TEXT, "metadata": "reply-7"},
    }


def test_a_robot_never_uses_the_human_agent_tag() -> None:
    stub = Stub().plan(*graph_error(10, 2018278))
    with pytest.raises(Permanent, match="window_closed:2018278"):
        adapter("messenger").send(stub.http(), MESSENGER.credentials, MESSENGER.outgoing)
    assert len(stub.asked) == 1


def test_an_agents_words_pass_the_closed_window_under_the_tag() -> None:
    stub = Stub().plan(*graph_error(10, 2018278)).plan(200, MESSENGER.success)
    adapter("messenger").send(stub.http(), MESSENGER.credentials, replace(MESSENGER.outgoing, human=True))
    assert (stub.said()["messaging_type"], stub.said()["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")


def test_no_other_refusal_makes_an_agents_words_go_twice() -> None:
    stub = Stub().plan(*graph_error(551))
    with pytest.raises(Permanent):
        adapter("messenger").send(stub.http(), MESSENGER.credentials, replace(MESSENGER.outgoing, human=True))
    assert len(stub.asked) == 1


# -- one webhook for both ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["facebook", "messenger"])
def test_comments_and_messages_are_told_apart_whichever_door_they_came_to(channel: str) -> None:
    body = json.loads(facebook_body("9_1"))
    body["entry"][0]["messaging"] = json.loads(MESSENGER.body("m_1"))["entry"][0]["messaging"]
    events = adapter(channel).parse(json.dumps(body).encode(), {})
    assert [event.key for event in events] == ["facebook:9_1", "messenger:m_1"]


# -- X edits -------------------------------------------------------------------------------------------------------


def test_an_edit_that_names_the_brand_only_now_is_a_post_too() -> None:
    posted, edited = adapter("x").parse(X_POSTS.body("11", edited=True), {})
    assert isinstance(posted, Posted)
    assert isinstance(edited, Edited)
    assert (posted.post.post_id, edited.post_id, posted.post.text) == ("11", "11", edited.text)
