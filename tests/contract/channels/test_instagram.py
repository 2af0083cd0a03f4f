"""What is peculiar to Instagram: where words go, how mentions are read, who may write late."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from firstline.channels import adapter
from firstline.model.errors import AccountDown, Permanent, Unclear, Wait
from firstline.model.events import NeedsLookup
from firstline.model.post import Post

from .platforms import FACEBOOK_LOGIN, GRAM, INSTAGRAM, INSTAGRAM_LOGIN, MESSAGE_ID, PERSON, Stub, graph_error

REPLIES, MENTIONS, PRIVATE, MESSAGES = (one.outgoing for one in INSTAGRAM)
INSTA = adapter("instagram")


def noticed(field: str, **value: Any) -> NeedsLookup:
    """What a notice with ids only is taken for."""
    body = f'{{"object":"instagram","entry":[{{"id":"{GRAM}","time":1795428900,"field":"{field}","value":%s}}]}}'
    told = ",".join(f'"{name}":"{one}"' for name, one in value.items())
    (event,) = INSTA.parse((body % f"{{{told}}}").encode(), {GRAM: "lumora"})
    assert isinstance(event, NeedsLookup)
    return event


def read(stub: Stub, lookup: NeedsLookup, credentials: Any = INSTAGRAM_LOGIN) -> Post:
    return INSTA.read(stub.http(), credentials, lookup)


def asked(stub: Stub) -> tuple[str, str]:
    """Path and fields of the last call."""
    address = urlsplit(stub.asked[-1].url or "")
    return f"{address.netloc}{address.path}", str(parse_qs(address.query)["fields"][0])


def test_an_answer_to_a_reply_goes_under_the_top_comment_and_is_looked_for_there() -> None:
    below = replace(REPLIES, in_reply_to="1802", parent_id="1801", thread_id="1800")
    stub = Stub().plan(200, {"id": "1803"}).plan(200, {"data": []})
    INSTA.send(stub.http(), INSTAGRAM_LOGIN, below)
    assert INSTA.find_sent(stub.http(), INSTAGRAM_LOGIN, below) is None
    assert [urlsplit(call.url or "").path for call in stub.asked] == ["/v25.0/1801/replies"] * 2


def test_an_answer_to_a_top_comment_goes_under_it_and_not_on_the_media() -> None:
    stub = Stub().plan(200, {"id": "1803"})
    INSTA.send(stub.http(), INSTAGRAM_LOGIN, replace(REPLIES, parent_id="1800", thread_id="1800"))
    assert (stub.asked[0].url or "").endswith("/1801/replies")


@pytest.mark.parametrize(
    ("thread", "expected"), [("1800", {"media_id": ["1800"], "comment_id": ["1801"]}), ("1801", {"media_id": ["1801"]})]
)
def test_a_mention_is_answered_where_it_was_made(thread: str, expected: dict[str, list[str]]) -> None:
    stub = Stub().plan(200, {"id": "1803"})
    INSTA.send(stub.http(), INSTAGRAM_LOGIN, replace(MENTIONS, thread_id=thread))
    said = parse_qs(stub.said())
    assert {name: said[name] for name in said if name != "message"} == expected


def test_a_private_reply_names_the_comment_and_tells_whose_conversation_it_opened() -> None:
    stub = Stub().plan(200, {"recipient_id": PERSON, "message_id": MESSAGE_ID})
    sent = INSTA.send(stub.http(), INSTAGRAM_LOGIN, PRIVATE)
    assert stub.said()["recipient"] == {"comment_id": "1801"}
    assert (sent.recipient_id, sent.channel) == (PERSON, None)


def test_after_the_window_people_write_as_people_and_robots_do_not() -> None:
    stub = Stub().plan(*graph_error(10, 2534022)).plan(200, {"message_id": MESSAGE_ID})
    INSTA.send(stub.http(), FACEBOOK_LOGIN, replace(MESSAGES, human=True))
    assert [stub.said(number).get("tag") for number in (0, 1)] == [None, "HUMAN_AGENT"]
    stub = Stub().plan(*graph_error(10, 2534022))
    with pytest.raises(Permanent):
        INSTA.send(stub.http(), FACEBOOK_LOGIN, MESSAGES)
    assert len(stub.asked) == 1


@pytest.mark.parametrize(("credentials", "host"), [(INSTAGRAM_LOGIN, "instagram"), (FACEBOOK_LOGIN, "graph")])
def test_a_mention_in_a_comment_is_read_by_its_id(credentials: Any, host: str) -> None:
    found = {
        "id": "1801",
        "text": "@lumora it leaks",
        "username": "Anna.Weber",
        "timestamp": "2026-11-23T10:14:00+0000",
    }
    stub = Stub().plan(200, {"username": "lumora", "mentioned_comment": found, "id": GRAM})
    post = read(stub, noticed("mentions", comment_id="1801", media_id="1800"), credentials)
    where, fields = asked(stub)
    assert where == f"{host}.example/v25.0/{GRAM}" and "mentioned_comment.comment_id(1801){" in fields
    assert (post.text, post.author.id, post.author.handle) == ("@lumora it leaks", "username:anna.weber", "Anna.Weber")
    assert (post.thread_id, post.at.minute, post.incomplete) == ("1800", 14, None)


def test_a_mention_in_a_caption_is_read_with_its_address() -> None:
    found = {"id": "1800", "caption": "my lumora", "username": "anna", "permalink": "https://www.instagram.com/p/1/"}
    stub = Stub().plan(200, {"username": "lumora", "mentioned_media": found})
    post = read(stub, noticed("mentions", media_id="1800"))
    assert "mentioned_media.media_id(1800){" in asked(stub)[1]
    assert (post.text, post.url, post.parent_id) == ("my lumora", "https://www.instagram.com/p/1/", None)


def test_a_comment_without_author_is_read_by_its_id() -> None:
    found = {"from": {"id": PERSON, "username": "anna"}, "text": "hello", "media": {"id": "1800"}, "parent_id": "1700"}
    stub = Stub().plan(200, found)
    post = read(stub, noticed("comments", id="1801", text="hello"))
    assert asked(stub)[0] == "instagram.example/v25.0/1801"
    assert (post.author.id, post.thread_id, post.parent_id, post.top_level) == (PERSON, "1800", "1700", False)


@pytest.mark.parametrize("own", [{"user": {"id": "1"}}, {"username": "Lumora"}])
def test_a_mention_that_the_account_wrote_itself_is_its_own(own: dict[str, Any]) -> None:
    stub = Stub().plan(200, {"username": "lumora", "mentioned_comment": {"text": "hi", **own}})
    assert read(stub, noticed("mentions", comment_id="1801", media_id="1800")).author.id == GRAM


def test_what_the_platform_leaves_out_leaves_a_stranger() -> None:
    post = read(Stub().plan(200, {"id": GRAM}), noticed("mentions", comment_id="1801", media_id="1800"))
    assert post.author.id == "unknown:1801" and post.incomplete is not None


@pytest.mark.parametrize(
    ("refused", "outcome"),
    [
        ((10, None), Permanent),
        ((100, 33), Permanent),
        ((190, 460), AccountDown),
        ((4, None), Wait),
        ((2, None), Unclear),
    ],
)
def test_a_refused_read_says_nothing_against_the_account(refused: Any, outcome: type[Exception]) -> None:
    with pytest.raises(outcome):
        read(Stub().plan(*graph_error(*refused)), noticed("mentions", comment_id="1801", media_id="1800"))


def test_an_id_that_would_be_more_than_an_id_is_not_asked_for() -> None:
    stub = Stub()
    with pytest.raises(Permanent):
        read(stub, noticed("mentions", comment_id="1){id},accounts{access_token}", media_id="1800"))
    assert stub.asked == []
