"""After an outage X delivers once more what it had: within its limits of time, and nothing is taken in twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from infra.ops import replay
from infra.ops.connect import connected
from infra.ops.replay import replayed
from tests.builders import CARE
from tests.contract.path.test_main_job import posts
from tests.faults.stories import ANNA
from tests.world import World, a_world

from .setups import a_setup, nothing_connected


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        nothing_connected(world)
        assert connected(a_setup(world, "x"), test_post=False)
        yield world


def ago(world: World, minutes: float) -> datetime:
    return world.now - timedelta(minutes=minutes)


def test_what_was_lost_is_a_case_after_the_replay_and_what_was_not_stays_one(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.x.post(ANNA, "@AcmeCare and the fridge leaks", world.now, account=CARE)  # its delivery is lost
    world.pass_time(3600, step=300)
    assert sum(case.posts for case in world.cases()) == 1
    found = replayed(a_setup(world, "x"), ago(world, 90), None)
    assert found.state == "ok" and "job" in found.says
    world.settle()
    assert sum(case.posts for case in world.cases()) == 2
    replayed(a_setup(world, "x"), ago(world, 90), None)
    world.pass_time(600)
    assert sum(case.posts for case in world.cases()) == 2


@pytest.mark.parametrize(
    ("begin", "end", "says"),
    [
        (24 * 60 + 1, 60, "remembers 24 hours"),
        (30, 20, "31 minutes ago"),
        (60, 9, "10 minutes ago"),
        (60, 70, "ends before it begins"),
    ],
)
def test_times_that_x_does_not_take_are_refused_with_those_that_it_does(
    world: World, begin: float, end: float, says: str
) -> None:
    found = replayed(a_setup(world, "x"), ago(world, begin), ago(world, end))
    assert found.state == "bad" and says in found.says and world.x.management.replays == []


def test_the_widest_span_that_x_takes_is_taken(world: World) -> None:
    world.pass_time(60)
    assert replayed(a_setup(world, "x"), ago(world, 24 * 60), ago(world, 10)).state == "ok"
    (job,) = world.x.management.replays
    assert (job["from"], job["to"]) == (ago(world, 24 * 60), ago(world, 10))


def test_without_a_webhook_there_is_nothing_to_replay(world: World) -> None:
    world.x.management.webhooks.clear()
    found = replayed(a_setup(world, "x"), ago(world, 60), None)
    assert (found.state, found.do) == ("bad", "firstline connect x")


@pytest.mark.parametrize("kind", ["server_error", "unclear", "rate_limit"])
def test_a_refusal_is_told_and_not_repeated(world: World, kind: Any) -> None:
    world.x.faults.plan("x", kind, world.now, times=1, match="/2/webhooks/replay")
    assert replayed(a_setup(world, "x"), ago(world, 60), None).state == "bad"
    assert len(world.x.management.replays) == (1 if kind == "unclear" else 0)


def test_the_command_wants_times_that_can_be_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "setup_of", lambda channel, stack: a_setup(world, channel))
    assert CliRunner().invoke(replay.replay, ["x", "--from", "yesterday"]).exit_code == 2
    begin = ago(world, 120).isoformat()
    ended = CliRunner().invoke(replay.replay, ["x", "--from", begin.removesuffix("+00:00")])
    assert ended.exit_code == 0, ended.output
    assert world.x.management.replays[0]["from"] == ago(world, 120)
