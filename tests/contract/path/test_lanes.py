"""Taking the next case: the order that an agent sees, and lanes that stay clean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from firstline.operations.agents import claim, give_back, take_next
from firstline.operations.tend import measure_lanes
from tests.contract.path.test_main_job import comments, posts
from tests.world import World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def test_safety_is_taken_before_what_came_earlier(world: World) -> None:
    comments(world, "my oven is broken")
    world.pass_time(60)
    dangerous = posts(world, "@AcmeCare smoke comes out of my oven")
    world.pass_time(60)
    case = take_next("maria", frozenset(), world.services)
    assert case is not None and case.unanswered == (f"x:{dangerous.id}",)


def test_an_agent_gets_only_what_fits_their_skills(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    comments(world, "my fridge is broken")
    world.pass_time(60)
    case = take_next("maria", frozenset({"channel:facebook"}), world.services)
    assert case is not None and case.channel == "facebook"
    assert take_next("maria", frozenset({"channel:facebook"}), world.services) is None
    other = take_next("joe", frozenset({"channel:x", "language:en"}), world.services)
    assert other is not None and other.channel == "x"


def test_a_case_that_the_index_does_not_show_yet_is_found_by_its_message(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(60)
    monkeypatch.setattr(world.services.table, "best_in_lane", lambda lane: iter(()))
    assert take_next("maria", frozenset(), world.services) is not None


def test_a_case_whose_message_was_lost_is_found_by_the_index(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(60)
    world.sqs.purge_queue(QueueUrl=world.urls["standard"])
    assert take_next("maria", frozenset(), world.services) is not None


def test_stale_items_and_garbage_leave_the_lane_and_live_ones_stay(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    comments(world, "my fridge is broken")
    world.pass_time(60)
    world.sqs.send_message(QueueUrl=world.urls["standard"], MessageBody="not ours")
    first, second = world.cases()
    claim(first.id, "joe", world.services)
    taken = take_next("maria", frozenset({"channel:nowhere"}), world.services)
    assert taken is None
    world.now += timedelta(seconds=1)
    assert [item["work_id"] for item in world.lane("standard")] == [second.work_id]


def test_what_is_given_back_can_be_taken_at_once(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(60)
    case = take_next("maria", frozenset(), world.services)
    assert case is not None
    give_back(case.id, "maria", world.services)
    again = take_next("joe", frozenset(), world.services)
    assert again is not None and again.id == case.id


def test_the_lanes_age_is_that_of_the_longest_due_whatever_its_priority(world: World) -> None:
    posts(world, "@AcmeCare a question about my oven please")
    world.pass_time(3 * 3600)
    posts(world, "@AcmeCare I waited for weeks, my oven is broken, third time, and nobody came")
    world.pass_time(60)
    world.metrics.clear()
    measure_lanes(world.services)
    waiting = [case for case in world.cases() if case.lane == "standard"]
    oldest = min(case.human_due for case in waiting if case.human_due is not None)
    ages = {each["lane"]: each["value"] for name, each in world.metrics if name == "LaneOldestDueSeconds"}
    assert ages["standard"] == (world.now - oldest).total_seconds() and ages["email"] == 0
