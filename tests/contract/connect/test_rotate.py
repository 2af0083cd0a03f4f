"""Exchanging a signing secret: at no step is a delivery refused that the platform signed with either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.ops import connect
from infra.ops.connect import connected, connection
from infra.ops.connect.setup import newest
from infra.ops.rotate import begun, finished
from tests.builders import CARE
from tests.world import SITE, World, a_world

from .setups import a_setup, a_web, nothing_connected, stored

each_channel = pytest.mark.parametrize("channel", connect.CONNECTIONS)


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1, in_memory=False) as world:  # every read of a secret is a call that can be looked at
        nothing_connected(world)
        yield world


def delivery_is_taken(world: World, channel: str, secret: str) -> bool:
    """A platform's delivery, signed with that secret, at a door that has just restarted or runs on."""
    style = connection(channel).STYLE
    return (
        world.answered(channel, style.hush, dict(style.sign(secret, style.hush, world.now.timestamp())), "POST", "")[0]
        == 200
    )


class Watching:
    """Deliveries under these secrets arrive before and after every call to Secrets Manager that a rotation makes."""

    def __init__(self, world: World, channel: str, *secrets: str) -> None:
        self.world, self.channel, self.secrets = world, channel, secrets
        self.looks = 0
        self.refused: list[str] = []
        self.busy = False
        for event in ("before-send", "needs-retry"):  # before and after each call
            world.secretsmanager.meta.events.register_first(f"{event}.secretsmanager", self._look)

    def _look(self, event_name: str, **_: Any) -> None:
        if self.busy:
            return
        self.busy = True
        self.looks += 1
        self.refused += [
            f"{each} at {event_name}" for each in self.secrets if not delivery_is_taken(self.world, self.channel, each)
        ]
        self.busy = False


@each_channel
def test_no_delivery_is_lost_while_a_secret_is_exchanged(world: World, channel: str) -> None:
    assert connected(a_setup(world, channel), test_post=False)
    old = newest(stored(world)[channel], "signing")
    world.pass_time(120)
    watching = Watching(world, channel, old)
    assert begun(a_setup(world, channel, {"new_secret": "the-new-one"})).state == "ok"
    assert watching.looks > 2 and watching.refused == []
    new, kept = stored(world)[channel]["signing"]
    assert kept == old and (new == "the-new-one" or channel == "generic")  # a source's is made here
    watching.secrets = (old, new)  # the platform goes over from one to the other
    assert all(delivery_is_taken(world, channel, each) for each in watching.secrets)
    world.pass_time(120)
    assert all(delivery_is_taken(world, channel, each) for each in watching.secrets)
    watching.secrets = (new,)
    assert finished(a_setup(world, channel, agrees=True)).state == "ok"
    assert watching.refused == []
    assert stored(world)[channel]["signing"] == [new]
    world.pass_time(120)
    assert not delivery_is_taken(world, channel, old)


def test_a_process_that_read_the_secret_a_moment_before_accepts_both_once_it_is_said_so(world: World) -> None:
    assert connected(a_setup(world, "x"), test_post=False)
    world.pass_time(120)
    assert not delivery_is_taken(world, "x", "a-stranger's")  # so it has read just now
    assert begun(a_setup(world, "x", {"new_secret": "two"})).state == "ok"
    assert delivery_is_taken(world, "x", "two") and delivery_is_taken(world, "x", "x-signing")


@each_channel
def test_a_second_rotation_waits_for_the_first_to_finish(world: World, channel: str) -> None:
    assert connected(a_setup(world, channel), test_post=False)
    assert begun(a_setup(world, channel, {"new_secret": "two"})).state == "ok"
    live = stored(world)[channel]["signing"]
    found = begun(a_setup(world, channel, {"new_secret": "three"}))
    assert found.state == "bad" and "--finish" in found.do
    assert stored(world)[channel]["signing"] == live


@each_channel
def test_the_old_secret_is_kept_until_somebody_says_so(world: World, channel: str) -> None:
    assert connected(a_setup(world, channel), test_post=False)
    assert begun(a_setup(world, channel, {"new_secret": "two"})).state == "ok"
    assert finished(a_setup(world, channel)).state == "bad"
    assert len(stored(world)[channel]["signing"]) == 2


@each_channel
def test_a_door_that_does_not_accept_both_is_told(world: World, channel: str) -> None:
    assert connected(a_setup(world, channel), test_post=False)
    setup = a_setup(world, channel, {"new_secret": "two"}, web=a_web(world, closed=True))
    assert begun(setup).state == "bad"


def test_facebook_and_messenger_of_one_app_change_together(world: World) -> None:
    for channel in ("facebook", "messenger"):
        assert connected(a_setup(world, channel), test_post=False)
    assert begun(a_setup(world, "messenger", {"new_secret": "two"})).state == "ok"
    assert finished(a_setup(world, "facebook", agrees=True)).state == "ok"
    assert {tuple(stored(world)[channel]["signing"]) for channel in ("facebook", "messenger")} == {("two",)}


def test_calls_to_x_are_signed_with_the_new_secret_too(world: World) -> None:
    assert connected(a_setup(world, "x"), test_post=False)
    assert begun(a_setup(world, "x", {"new_secret": "two"})).state == "ok"
    assert stored(world)["x"]["accounts"][CARE]["consumer_secret"] == "two"


def test_a_new_verify_token_is_made_here_and_the_old_one_holds_until_the_end(world: World) -> None:
    assert connected(a_setup(world, "facebook"), test_post=False)
    (old,) = stored(world)["facebook"]["verify_token"]
    assert begun(a_setup(world, "facebook"), "verify_token").state == "ok"
    new, kept = stored(world)["facebook"]["verify_token"]
    assert kept == old != new
    for token in (old, new):
        query = {"hub.mode": "subscribe", "hub.challenge": "7", "hub.verify_token": token}
        assert world.visited(f"{SITE}/webhooks/facebook", query) == (200, "7")
