"""The handshake proves to a platform that we know the secret, and signs nothing that anybody else could use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from firstline.outward.secrets import REREAD
from infra.local.simulators.wire import crc_token
from tests.builders import CARE
from tests.world import World, a_world

SIGNATURE = "x-twitter-webhooks-signature"


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


def a_forgery(text: str = "my oven is on fire @AcmeCare") -> bytes:
    """A delivery that X never sent."""
    tweet = {
        "id_str": "1990000000000000666",
        "text": text,
        "user": {"id_str": "7000000000000666", "screen_name": "mallory"},
        "created_at": "Mon Nov 23 10:10:00 +0000 2026",
    }
    return json.dumps({"for_user_id": CARE, "tweet_create_events": [tweet]}).encode()


def asked(world: World, query: str) -> tuple[int, str]:
    return world.answered("x", b"", {}, "GET", query)


def lines(world: World, message: str) -> list[dict[str, object]]:
    return [line for line in world.log if line["message"] == message]


def test_a_delivery_signed_by_way_of_the_handshake_makes_no_case(world: World) -> None:
    body = a_forgery()
    status, text = asked(world, urlencode({"crc_token": body}))
    signature = json.loads(text)["response_token"] if status == 200 else "sha256="
    assert world.knock("x", body, {SIGNATURE: signature}) == 401
    world.pass_time(600)
    assert world.cases() == [] and status == 400


def test_a_signed_challenge_is_no_delivery_either(world: World) -> None:
    token = crc_token()
    status, text = asked(world, urlencode({"crc_token": token, "nonce": "MTc2OTUxODI5MjkxNA"}))
    assert status == 200
    assert world.knock("x", token.encode(), {SIGNATURE: json.loads(text)["response_token"]}) == 401


@pytest.mark.parametrize(
    "query", ["crc_token=a&crc_token=b", "crc_token=b&crc_token=%7B%7D", "crc_token=%7B%7D&crc_token=b"]
)
def test_which_of_two_tokens_counts_is_not_guessed(world: World, query: str) -> None:
    assert asked(world, query) == (400, "no handshake of this platform")


@pytest.mark.parametrize("spelled", ["a%0A", "a%20", "a+b", "%EF%BD%81", "%ff", "a%00", "%C2%B2", "", "%E2%80%8B"])
def test_what_is_no_token_once_it_is_decoded_is_not_signed(world: World, spelled: str) -> None:
    assert asked(world, f"crc_token={spelled}") == (400, "no handshake of this platform")


def test_refused_and_answered_handshakes_are_told_apart_in_log_and_metric(world: World) -> None:
    asked(world, urlencode({"crc_token": a_forgery()}))
    (refused,) = lines(world, "refused")
    assert (refused["channel"], refused["reason"], refused["HandshakeRefused"]) == ("x", "handshake", 1)
    assert refused["query_length"] == len(urlencode({"crc_token": a_forgery()}))
    world.pass_time(REREAD)
    asked(world, "crc_token=abc")
    (shaken,) = lines(world, "handshake")
    assert (shaken["status"], shaken["query_length"]) == (200, len("crc_token=abc"))
    assert "mallory" not in json.dumps(world.log) and "abc" not in json.dumps(world.log)
