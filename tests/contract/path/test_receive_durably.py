"""What receive accepts is kept before the platform hears 200, whatever is out of reach; and a fresh secret counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from firstline.model.errors import Retry
from firstline.outward.messages import MOST_BYTES
from infra.local.simulators.wire import sign
from tests.contract.path.test_handshake import a_forgery
from tests.world import World, a_world

BODY = a_forgery("my oven is broken @AcmeCare")


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(in_memory=True, shards=1) as world:
        yield world


def delivered(world: World, body: bytes = BODY, secret: str = "x-signing") -> int:
    return world.knock("x", body, sign("x", secret, body))


def out_of_reach(world: World) -> Any:
    return patch.object(world.door.queues, "send", side_effect=Retry("queue_down"))


def test_while_the_queue_is_out_of_reach_a_delivery_is_parked_and_worked_off_later(world: World) -> None:
    with out_of_reach(world):
        assert delivered(world) == 200
    world.pass_time(300)
    assert [case.posts for case in world.cases()] == [1]


def test_a_delivery_that_is_too_large_for_a_message_is_worked_off_whole(world: World) -> None:
    content = json.loads(BODY)
    content["users"] = {"501": {"description": "x" * MOST_BYTES}}
    assert delivered(world, json.dumps(content).encode()) == 200
    world.pass_time(300)
    assert [case.posts for case in world.cases()] == [1]


def test_when_nothing_takes_a_delivery_the_platform_is_asked_to_deliver_again(world: World) -> None:
    class Nowhere:
        def put(self, *_: Any) -> None:
            raise Retry("bucket_down")

    whole = world.door
    world.door = replace(whole, bodies=Nowhere)
    with out_of_reach(world):
        assert delivered(world) == 503
    world.door = whole
    assert delivered(world) == 200
    world.pass_time(300)
    assert [case.posts for case in world.cases()] == [1]


def test_a_secret_that_was_exchanged_a_moment_ago_is_known_at_the_next_delivery(world: World) -> None:
    assert delivered(world) == 200
    value = world.secret()
    value["x"]["signing"] = ["exchanged"]
    world.secretsmanager.put_secret_value(SecretId=world.settings.channel_secrets_arn, SecretString=json.dumps(value))
    world.now += timedelta(seconds=15)
    later = a_forgery("and my dryer, too @AcmeCare")
    assert delivered(world, later, "exchanged") == 200
    assert delivered(world, later) == 401
