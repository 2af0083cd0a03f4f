"""Posts about the brand that are not addressed to it are watched, become a case for a reason, or expire (R31)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from firstline.model.case import Case
from infra.local.simulators.wire import sign
from infra.ops import watch as commands
from tests.contract.path.test_main_job import live_items
from tests.world import World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(commands, "services_of", lambda stack: world.services)
    return lambda *words: CliRunner().invoke(commands.watch, words)


def overheard(world: World, text: str, number: int = 1) -> None:
    """A filtered stream's match: somebody speaks of the brand to others."""
    data = {"id": f"199000000000000000{number}", "text": text, "author_id": "501", "lang": "en"}
    data["created_at"] = world.now.isoformat()
    users = [{"id": "501", "username": "anna", "name": "Anna Ross"}]
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
    assert "x:1990000000000000001" in told and "1 watched" in told
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
