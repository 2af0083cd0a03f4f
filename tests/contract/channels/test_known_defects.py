"""Known defects of other receivers, by name (platforms.md, R8b): none of them is one of ours.

A channel takes part with its entry in `platforms.PLATFORMS` and its secrets in the world of the tests; what only its payloads can show is one row of `SEVERAL`,
`STANDBY`, `NATIVE` or `GROUPS` below.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from firstline.channels import CHANNELS, adapter, door
from firstline.model.errors import Forged
from firstline.model.events import Ignored, OwnWords, Posted
from infra.local.simulators.wire import sign
from tests.builders import CARE, GRAM, NUMBER, PAGE
from tests.world import World, a_world

from .platforms import PERSON, PLATFORMS, SINCE, Platform

ACCOUNTS = {CARE: "AcmeCare", PAGE: "Acme", GRAM: "acme.home"}
each_channel = pytest.mark.parametrize(
    "platform", {one.channel: one for one in PLATFORMS}.values(), ids=lambda one: one.channel
)


def page(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"object": "page", "entry": [{"id": PAGE, "time": 1795428900, **entry} for entry in entries]}


def comment(number: int, author: str = PERSON, **value: Any) -> dict[str, Any]:
    told = {"item": "comment", "verb": "add", "post_id": f"{PAGE}_1", "comment_id": f"1_{number}", "message": "hello"}
    return {"field": "feed", "value": {**told, "from": {"id": author, "name": "Ben"}, **value}}


def message(number: int, **what: Any) -> dict[str, Any]:
    item = {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": 1795428900000 + number}
    return {**item, **(what or {"message": {"mid": f"m_{number}", "text": "hello"}})}


def chat(number: int, author: str = PERSON, **more: Any) -> dict[str, Any]:
    told = {
        "from": author,
        "id": f"wamid.{number}",
        "timestamp": "1795428900",
        "type": "text",
        "text": {"body": "hello"},
    }
    return {**told, **more}


def business(*lists: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    meant = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}}
    changes = [{"field": field, "value": {**meant, **each}} for each in lists]
    return {"object": "whatsapp_business_account", "entry": [{"id": "400000000000001", "changes": changes}]}


def gram(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"object": "instagram", "entry": [{"id": GRAM, "time": 1795428900, **entry} for entry in entries]}


def gram_comment(number: int, author: str = PERSON, **value: Any) -> dict[str, Any]:
    told = {"id": f"18{number}", "text": "hello", "from": {"id": author, "username": "ben"}, "media": {"id": "1800"}}
    return {"field": "comments", "value": {**told, **value}}


def direct(number: int, **what: Any) -> dict[str, Any]:
    return {**message(number, **what), "recipient": {"id": GRAM}}


def tweet(number: int, author: str = PERSON, **more: Any) -> dict[str, Any]:
    user = {"id_str": author, "screen_name": "ben", "name": "Ben"}
    return {"id_str": f"19900000000000000{number:02d}", "text": "@AcmeCare hello", "user": user, "lang": "en", **more}


def parsed(channel: str, content: Any) -> list[Any]:
    return adapter(channel).parse(json.dumps(content).encode(), ACCOUNTS)


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


def knock(world: World, channel: str, content: Any) -> int:
    body = json.dumps(content).encode()
    return world.knock(channel, body, sign(channel, world.secrets_value[channel]["signing"][0], body, world.now))


def told(world: World) -> list[str]:
    return sorted(each.key for case in world.cases() for each in world.records(case.id, "post#"))


# -- at the door ---------------------------------------------------------------------------------------------------


@each_channel
def test_defect_a_signature_compared_after_parsing(platform: Platform) -> None:
    """A body that is no JSON is judged by its bytes; one that was parsed and written again is another body."""
    body = b'{"entry": [ ], "text":"caf\\u00e9 \\/"}'
    for raw in (body, b"no json at all \xff"):
        headers = {**platform.beside, platform.header: platform.signature("current-secret", raw)}
        door(platform.channel).verify(headers, raw, platform.secrets, SINCE)
    with pytest.raises(Forged):
        headers = {**platform.beside, platform.header: platform.signature("current-secret", body)}
        door(platform.channel).verify(headers, json.dumps(json.loads(body)).encode(), platform.secrets, SINCE)


@pytest.mark.parametrize("channel", CHANNELS)
def test_defect_200_to_an_unverified_delivery(world: World, channel: str) -> None:
    for headers in ({}, {"x-hub-signature-256": "sha256=" + "0" * 64}, {"x-twitter-webhooks-signature": "sha256=AA=="}):
        assert world.knock(channel, b"{}", headers) in (401, 403)
    world.settle()
    assert world.cases() == [] and world.work("intake") == 0


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("suffix", ["", "/", "//", "/.", "%2F"])
def test_defect_a_redirect_on_a_trailing_slash(world: World, channel: str, suffix: str) -> None:
    for method in ("GET", "POST", "HEAD"):
        assert not 300 <= world.knock(channel + suffix, b"{}", {}, method, "crc_token=1") < 400


# -- what a delivery says ------------------------------------------------------------------------------------------

SEVERAL = [
    ("x", {"for_user_id": CARE, "tweet_create_events": [tweet(1), tweet(2)], "favorite_events": [{"id": "1"}],
           "tweet_delete_events": [{"status": {"id": "1", "user_id": PERSON}}]}, 2),
    ("facebook", page({"changes": [comment(1), {"field": "new_field", "value": {}}, comment(2)]}, {"changes": [comment(3)]}), 3),
    ("messenger", page({"messaging": [message(1), message(2)]}, {"messaging": [message(3, reaction={}), message(4)]}), 3),
    ("whatsapp", business({"messages": [chat(1), chat(2, type="reaction"), chat(3)], "statuses": [{"id": "s", "status": "read"}]},
                          {"thoughts": [{}]}, {"messages": [chat(4)]}), 3),
    ("instagram", gram({"changes": [gram_comment(1), {"field": "new_field", "value": {}}, gram_comment(2)]},
                       {"messaging": [direct(3), direct(4, reaction={})]}, gram_comment(5)), 4),
    ("generic", {"events": [{"type": "post.created", "data": {"id": "1", "text": "a"}}, {"type": "new"}, {"type": "ping"},
                            {"type": "post.created", "data": {"id": "2", "text": "b"}}]}, 2),
]  # fmt: skip


@pytest.mark.parametrize(("channel", "content", "expected"), SEVERAL, ids=[row[0] for row in SEVERAL])
def test_defect_several_changes_in_one_entry_dropped(channel: str, content: Any, expected: int) -> None:
    assert len([event for event in parsed(channel, content) if isinstance(event, Posted)]) == expected


STANDBY = [
    ("messenger", page({"standby": [message(1)]}, {"messaging": [message(2)], "standby": [message(3)]})),
    ("instagram", gram({"standby": [direct(1)]}, {"messaging": [direct(2)], "standby": [direct(3)]})),
]  # fmt: skip


@pytest.mark.parametrize(("channel", "content"), STANDBY, ids=[row[0] for row in STANDBY])
def test_defect_standby_ignored(channel: str, content: Any) -> None:
    posts = [event.post for event in parsed(channel, content) if isinstance(event, Posted)]
    assert len(posts) == 3
    kinds = sorted(post.kind for post in posts)
    assert kinds == ["message", "standby", "standby"]
    assert not any(adapter(channel).law(post, "").automatic for post in posts if post.kind == "standby")


# -- who wrote it --------------------------------------------------------------------------------------------------

NATIVE = [
    ("x", {"for_user_id": CARE, "tweet_create_events": [tweet(1)]},
     {"for_user_id": CARE, "tweet_create_events": [tweet(2, CARE, in_reply_to_status_id_str="1990000000000000001")]}),
    ("facebook", page({"changes": [comment(1)]}), page({"changes": [comment(2, PAGE, parent_id="1_1", created_time=1795428920)]})),
    ("messenger", page({"messaging": [message(1)]}),
     page({"messaging": [{"sender": {"id": PAGE}, "recipient": {"id": PERSON}, "timestamp": 1795428901000,
                          "message": {"mid": "m_2", "text": "hello", "is_echo": True}}]})),
    ("whatsapp", business({"messages": [chat(1)]}),
     business({"message_echoes": [chat(2, NUMBER, to=PERSON, timestamp="1795428920")]}, field="smb_message_echoes")),
    ("instagram", gram({"changes": [gram_comment(1)]}), gram({"changes": [gram_comment(2, GRAM, parent_id="181")]})),
]  # fmt: skip


@pytest.mark.parametrize(("channel", "asked", "answered"), NATIVE, ids=[row[0] for row in NATIVE])
def test_defect_own_native_replies_turned_into_new_cases(world: World, channel: str, asked: Any, answered: Any) -> None:
    assert knock(world, channel, asked) == 200
    world.settle()
    assert knock(world, channel, answered) == 200
    world.settle()
    (case,) = world.cases()
    assert case.posts == 1 and case.first_human_at is not None and len(told(world)) == 1


@pytest.mark.parametrize(("channel", "asked", "answered"), NATIVE, ids=[row[0] for row in NATIVE])
def test_defect_echo_messages_answered(world: World, channel: str, asked: Any, answered: Any) -> None:
    """An echo whose question nobody here knows is nobody's post either."""
    assert all(isinstance(event, OwnWords | Ignored) for event in parsed(channel, answered))
    assert knock(world, channel, answered) == 200
    world.pass_time(600)
    assert world.cases() == [] and world.sent() == []


GROUPS: list[tuple[str, Any]] = [
    ("x", {"data": {"event_uuid": "1", "filter": {"user_id": CARE}, "event_type": "chat.received", "payload": {
        "id": "g-1", "sender_id": PERSON, "conversation_id": "g1990000000000000009", "created_at_msec": "1795428900250"}}}),
    ("whatsapp", business({"messages": [chat(1, group_id="120363@g.us")]})),
]  # fmt: skip
"""A message of a group talk. Facebook's pages and Messenger have none; WhatsApp names ``group_id``."""


@pytest.mark.parametrize(("channel", "content"), GROUPS, ids=[row[0] for row in GROUPS])
def test_defect_group_messages_answered(world: World, channel: str, content: Any) -> None:
    assert knock(world, channel, content) == 200
    world.pass_time(600)
    assert world.sent() == []
