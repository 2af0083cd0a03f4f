"""An intake batch as SQS delivers it in a storm: many messages, many events, in one go (design, section 3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from firstline.model.base import stamp
from firstline.model.records import Seen
from firstline.operations.take_in import take_in
from firstline.outward.messages import Intake, delivery_id
from firstline.table import keys
from tests.builders import PAGE
from tests.world import World, a_world

from .test_reads import calls_of


@pytest.fixture
def world(dynamodb: Any) -> Iterator[World]:
    with a_world(dynamodb=dynamodb) as world:
        yield world
        dynamodb.delete_table(TableName="cases")


def comment(number: int, author: int) -> dict[str, Any]:
    """A visitor's post on the brand's Page, as one entry of a delivery."""
    return {
        "id": PAGE,
        "time": 1795428000,
        "changes": [
            {
                "field": "feed",
                "value": {
                    "from": {"id": str(770000000 + author), "name": f"Visitor {author}"},
                    "item": "post",
                    "verb": "add",
                    "post_id": f"{PAGE}_{number}",
                    "created_time": 1795428000,
                    "message": f"my oven is broken, and this is number {number}",
                },
            }
        ],
    }


def message(world: World, entries: list[dict[str, Any]]) -> tuple[str, str]:
    """``(message id, text)`` of a delivery on the intake queue."""
    body = json.dumps({"object": "page", "entry": entries}).encode()
    name = delivery_id("facebook", body)
    return f"m-{name}", Intake("facebook", name, stamp(world.now), body=body).text()


def posts_on_cases(world: World) -> list[str]:
    """The keys of all posts that are on a case, each as often as it is on one."""
    return sorted(record.key for case in world.cases() for record in world.records(case.id, "post#"))


def test_a_delivery_of_twenty_five_posts_is_taken_in_at_one_go(world: World) -> None:
    assert take_in([message(world, [comment(number, number) for number in range(25)])], world.services) == []
    assert len(world.cases()) == 25
    assert posts_on_cases(world) == sorted(f"facebook:{PAGE}_{number}" for number in range(25))


def test_ten_deliveries_of_four_posts_are_read_in_two_rounds(world: World) -> None:
    batch = [message(world, [comment(4 * one + each, 4 * one + each) for each in range(4)]) for one in range(10)]
    reads = calls_of(world.dynamodb, "BatchGetItem")
    assert take_in(batch, world.services) == []
    deliveries, events_authors_threads, cases = 10, 3 * 40, 40
    assert len(reads) == -(-(deliveries + events_authors_threads) // 100) + -(-cases // 100)
    assert len(world.cases()) == 40


def test_posts_of_one_author_in_one_batch_are_one_case_in_their_order(world: World) -> None:
    batch = [message(world, [comment(3 * one + each, author=1) for each in range(3)]) for one in range(9)]
    assert take_in(batch, world.services) == []
    (case,) = world.cases()
    assert case.posts == 27
    earlier = {record.key: record.earlier_posts for record in world.records(case.id, "post#")}
    assert earlier == {f"facebook:{PAGE}_{number}": number for number in range(27)}


def test_a_batch_that_comes_again_changes_nothing_and_emits_the_same(world: World) -> None:
    batch = [message(world, [comment(number, number % 7) for number in range(25)])]
    take_in(batch, world.services)
    before = [(case.id, case.version, case.work_id) for case in world.cases()]
    assert take_in(batch, world.services) == []
    assert [(case.id, case.version, case.work_id) for case in world.cases()] == before
    assert len(posts_on_cases(world)) == 25


def test_a_delivery_of_thirty_posts_is_split_and_every_post_is_on_one_case(world: World) -> None:
    batch = [message(world, [comment(number, number) for number in range(30)])]
    assert take_in(batch, world.services) == []
    assert world.cases() == [], "nothing of it is taken in before it is split"
    while world.work("intake"):
        pass
    assert posts_on_cases(world) == sorted(f"facebook:{PAGE}_{number}" for number in range(30))


def test_one_bad_message_of_a_batch_costs_the_others_nothing(world: World) -> None:
    good = [message(world, [comment(number, number)]) for number in range(9)]
    assert take_in([*good[:4], ("m-bad", "{}"), *good[4:]], world.services) == []
    assert len(world.cases()) == 9 and len(world.lane("quarantine")) == 1


def test_an_author_whose_case_somebody_else_opened_meanwhile_gets_no_second_one(world: World) -> None:
    """Both batches have read that there is no case before either commits."""
    other = [message(world, [comment(1, author=1)])]
    waiting = [other]

    def other_is_faster(**_: Any) -> None:
        if waiting:
            assert take_in(waiting.pop(), world.services) == []

    world.dynamodb.meta.events.register("before-call.dynamodb.TransactWriteItems", other_is_faster)
    assert take_in([message(world, [comment(2, author=1)])], world.services) == [] and not waiting
    (case,) = world.cases()
    assert case.posts == 2 and len(posts_on_cases(world)) == 2
    seen = world.services.table.get(keys.seen(f"facebook:{PAGE}_2"))
    assert isinstance(seen, Seen) and seen.case_id == case.id
