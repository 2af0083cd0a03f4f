"""Instagram on the whole path: comments, mentions by id, bursts of messages, people who answer natively, standby."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from firstline.model.records import StoredPost
from infra.local.simulators.store import Person
from tests.builders import GRAM
from tests.world import World, a_world

ANNA = Person(id="9000000000000042", name="Anna", handle="anna.weber")
BRAND = Person(id=GRAM, name="Acme", handle="acme.home")


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


def says(world: World, text: str, author: Person = ANNA, **how: Any) -> Any:
    post, deliveries = world.instagram.post(author, text, world.now, account=GRAM, **how)
    for each in deliveries:
        assert world.deliver(each) == 200
    return post


def sent(world: World) -> list[Any]:
    return [each for each in world.sent("instagram") if not each.subject_id]


def stored(world: World) -> list[StoredPost]:
    return [each for case in world.cases() for each in world.records(case.id, "post#") if isinstance(each, StoredPost)]


def test_a_comment_is_answered_in_its_own_thread_once_and_its_echo_is_no_case(world: World) -> None:
    post = says(world, "the oven you sold me is broken")
    world.pass_time(600)
    assert [(each.parent_id, each.private) for each in sent(world)] == [(post.id, False)]
    assert len(world.cases()) == 1 and world.cases()[0].first_human_at is None


def test_a_comment_on_a_comment_is_answered_under_the_top_one(world: World) -> None:
    top = says(world, "the oven you sold me is broken")
    world.pass_time(600)
    says(world, "my fridge is broken too", Person(id="9000000000000043", name="Ben", handle="ben"), parent_id=top.id)
    world.pass_time(600)
    assert [each.parent_id for each in sent(world)] == [top.id, top.id]
    assert [case.first_human_at for case in world.cases()] == [None, None]


def test_a_mention_by_id_is_looked_up_and_answered(world: World) -> None:
    post = says(world, "@acme.home my oven is broken", mention=True)
    world.pass_time(600)
    (kept,) = stored(world)
    assert (kept.post.text, kept.post.author.handle, kept.post.incomplete) == (post.text, "anna.weber", None)
    assert [each.parent_id for each in sent(world)] == [post.id]


def test_a_mention_that_may_not_be_read_opens_a_case_that_says_so(world: World) -> None:
    says(world, "@acme.home my oven is broken", mention=True, keep=False)
    world.pass_time(600)
    (kept,) = stored(world)
    assert "refused to show" in (kept.post.incomplete or "")


def test_a_burst_of_messages_gets_one_answer(world: World) -> None:
    for text in ("hello", "my oven is broken", "since monday"):
        says(world, text, private=True)
    world.pass_time(900)
    assert [each.to for each in sent(world)] == [ANNA.id]
    assert [case.posts for case in world.cases()] == [3]
    assert world.cases()[0].first_human_at is None


def test_an_answer_in_the_platforms_own_app_stops_the_robots(world: World) -> None:
    post = says(world, "the oven you sold me is broken")
    world.settle()
    world.now += timedelta(seconds=20)
    says(world, "We are on it, Anna", BRAND, parent_id=post.id, native=True)
    world.pass_time(600)
    assert sent(world) == []
    assert [case.first_human_at is not None for case in world.cases()] == [True]


def test_a_message_while_another_app_holds_the_talk_is_an_agents(world: World) -> None:
    _, deliveries = world.instagram.post(ANNA, "my oven is broken", world.now, account=GRAM, private=True)
    for each in deliveries:
        content = json.loads(each.body)
        content["entry"][0]["standby"] = content["entry"][0].pop("messaging")
        assert world.deliver(world.instagram.delivery("instagram", content, each.post_ids, world.now)) == 200
    world.pass_time(600)
    assert sent(world) == []
    assert "another app holds" in (stored(world)[0].post.incomplete or "")
    assert world.cases()[0].work_id is not None
