"""Posts about the brand that are not addressed to it are watched, become a case for a reason, or expire (R31)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from firstline.model.case import Case
from infra.local.simulators.wire import sign
from infra.ops import stack
from infra.ops import watch as commands
from tests.builders import a_playbook
from tests.contract.path.test_main_job import live_items
from tests.world import World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(commands, "services_of", lambda stack: world.services)
    monkeypatch.setattr(stack, "caller", lambda: (stack.EMBEDDED, "root"))  # there the name is taken as it is
    return lambda *words: CliRunner().invoke(commands.watch, words)


def overheard(world: World, text: str, number: int = 1, author: str = "501", followers: int = 10, **more: Any) -> None:
    """A filtered stream's match: somebody speaks of the brand to others."""
    data = {"id": f"199000000000000000{number}", "text": text, "author_id": author, "lang": "en", **more}
    data["created_at"] = world.now.isoformat()
    metrics = {"followers_count": followers}
    users = [{"id": author, "username": f"u{author}", "name": "Anna Ross", "public_metrics": metrics}]
    body = json.dumps({"data": data, "includes": {"users": users}, "matching_rules": [{"id": "1"}]}).encode()
    assert world.knock("x", body, sign("x", world.secrets_value["x"]["signing"][0], body)) == 200
    world.settle()


def the_case(world: World) -> Case:
    (case,) = world.cases()
    return case


def test_it_is_watched_and_nobody_speaks_or_works(world: World) -> None:
    overheard(world, "My Acme oven is broken")
    world.pass_time(600)
    assert the_case(world).status == "watching"
    assert world.sent() == [] and live_items(world) == set()


def test_it_expires(world: World) -> None:
    overheard(world, "My Acme oven is broken")
    world.pass_time(73 * 3600, step=12 * 3600)
    case = the_case(world)
    assert (case.status, case.disposition) == ("closed", "watched")


def test_the_author_posts_again_and_it_is_work(world: World) -> None:
    overheard(world, "My Acme oven is broken")
    overheard(world, "My Acme oven is still broken", 2)
    case = the_case(world)
    assert case.posts == 2 and live_items(world) == {case.work_id}


def test_safety_is_urgent_work_at_once(world: World) -> None:
    overheard(world, "There is smoke coming out of my Acme oven")
    assert the_case(world).lane == "urgent" and live_items(world) == {the_case(world).work_id}
    assert world.sent() == []


def the_watched(world: World) -> Case:
    (case,) = [case for case in world.cases() if case.author_key == "x:501"]
    return case


@pytest.mark.parametrize(
    "joining",
    [
        {"conversation_id": "1990000000000000001"},
        {"referenced_tweets": [{"type": "replied_to", "id": "1990000000000000001"}], "conversation_id": "5"},
        {"referenced_tweets": [{"type": "quoted", "id": "1990000000000000001"}]},
    ],
)
def test_others_join_in_and_it_is_an_agents(world: World, joining: dict[str, Any]) -> None:
    overheard(world, "My Acme oven is broken")
    overheard(world, "My Acme oven, too", 2, author="502", **joining)
    case = the_watched(world)
    assert case.status == "waiting_for_agent" and case.unanswered == ("x:1990000000000000001",)
    assert case.work_reason == "others join in" and live_items(world) == {case.work_id}
    overheard(world, "And mine, Acme", 3, author="503", **joining)
    world.pass_time(300)
    assert the_watched(world).generation == case.generation and world.sent() == []
    (line,) = [each for each in world.records(case.id, "audit#") if each.what == "others_joined_in"]
    assert line.about == ("x:1990000000000000001", "x:1990000000000000002")


def test_whoever_joins_in_by_turning_to_the_brand_is_answered_and_the_watched_one_is_an_agents(world: World) -> None:
    from tests.contract.path.test_main_job import BEN, posts

    overheard(world, "My Acme oven is broken")
    watched = world.cases()[0]
    world.x.store.put(replace(posts(world, "@AcmeCare hello", author=replace(BEN, id="505")), id="1990000000000000001"))
    posts(world, "@AcmeCare look at this", author=replace(BEN, id="504"), quoted_id="1990000000000000001")
    world.settle()
    assert the_watched(world).id == watched.id and the_watched(world).status == "waiting_for_agent"


def test_spam_below_it_raises_nothing(world: World) -> None:
    overheard(world, "My Acme oven is broken")
    overheard(world, "free followers http://spam.example", 2, author="502", conversation_id="1990000000000000001")
    assert the_watched(world).status == "watching"


@pytest.mark.parametrize(
    ("followers", "metrics", "status"),
    [
        (60_000, {}, "waiting_for_agent"),
        (10, {"impression_count": 60_000}, "waiting_for_agent"),
        (10, {"like_count": 40_000, "retweet_count": 20_000}, "waiting_for_agent"),
        (49_999, {"impression_count": 49_999}, "watching"),
    ],
)
def test_what_reaches_many_is_an_agents_at_once(followers: int, metrics: dict[str, int], status: str) -> None:
    rules = {**a_playbook().rules.model_dump(), "reach_limit": 50_000}
    with a_world(a_playbook(rules=rules), shards=1) as world:
        overheard(world, "My Acme oven is broken", followers=followers, public_metrics=metrics)
        world.pass_time(300)
        assert the_case(world).status == status and world.sent() == []


def test_the_author_turns_to_the_brand_and_is_answered(world: World) -> None:
    from tests.contract.path.test_main_job import posts

    overheard(world, "My Acme oven is broken")
    post = posts(world, "@AcmeCare my oven is broken")
    world.pass_time(180)
    assert [each.parent_id for each in world.sent()] == [post.id]
    assert live_items(world) == {case.work_id for case in world.cases() if case.work_id}


def test_an_agent_sees_it_and_takes_it(world: World, run: Any) -> None:
    overheard(world, "My Acme oven is broken")
    told = run("list").output
    assert "x:1990000000000000001" in told and "1 watched" in told and "  en  " in told
    assert run("take", "x:1990000000000000001", "--as", "maria").exit_code == 0
    case = the_case(world)
    assert (case.holder, case.status, case.watch_until) == ("maria", "in_progress", None)
    assert case.unanswered == ("x:1990000000000000001",)
    assert run("list").output == "0 watched\n"
    world.pass_time(73 * 3600, step=12 * 3600)
    assert the_case(world).status == "waiting_for_agent"


def test_what_is_not_watched_cannot_be_taken_as_such(world: World, run: Any) -> None:
    refused = run("take", "x:5", "--as", "maria")
    assert refused.exit_code == 1 and "is not watched" in refused.output
