"""The switch: from its moment no robot speaks, whatever waits becomes an agent's work, and stays it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner

from firstline.model.errors import Refused
from firstline.model.reply import Reply
from firstline.operations import agents, audit, branch
from firstline.operations.robots import hand_over_what_waits, switch, switches
from infra.local.simulators.store import Person
from infra.ops import robots as commands
from tests.builders import CARE, MAIN
from tests.contract.path.test_main_job import comments, live_items, posts
from tests.faults.stories import field_level_comment
from tests.world import World, a_world

WHY = "a wrong wording is out"
LEA = "user/lea"


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


def off(world: World, account: str | None = None) -> list[str]:
    return switch(True, account, LEA, WHY, world.services)


def on(world: World, account: str | None = None) -> list[str]:
    return switch(False, account, LEA, "it is repaired", world.services)


def replies(world: World) -> list[Reply]:
    found = [each for case in world.cases() for each in world.records(case.id, "reply#")]
    return [each for each in found if isinstance(each, Reply)]


def everybody_waits_for_an_agent(world: World) -> bool:
    """Each case has live work with a reason, and lists the posts that nobody answered."""
    cases = world.cases()
    return bool(cases) and all(
        case.unanswered and (case.holder or (case.work_id in live_items(world) and case.work_reason)) for case in cases
    )


def one_waits_in_its_hold_back(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.work("intake")


def one_waits_for_a_call(world: World) -> None:
    world.x.faults.plan("x", "rate_limit", world.now, seconds=900)
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(180)
    assert [each.late_because for each in replies(world)] == ["rate_limited"]


def one_waits_for_a_token(world: World) -> None:
    world.x.tokens["x"][CARE] = world.x.tokens["x"][CARE].model_copy(update={"token": "another"})
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(180)
    assert [each.late_because for each in replies(world)] == ["account_parked"]


def one_is_unclear(world: World) -> None:
    world.x.faults.plan("x", "server_error", world.now, times=1)
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(70, step=70)
    assert [each.state for each in replies(world)] == ["unclear"]


def one_is_praise(world: World) -> None:
    """Nobody would have had to act."""
    posts(world, "@AcmeCare I love my oven, thank you")
    world.work("intake")


def one_wants_no_robots(world: World) -> None:
    posts(world, "@AcmeCare STOP")
    world.work("intake")


SCENES = [
    one_waits_in_its_hold_back,
    one_waits_for_a_call,
    one_waits_for_a_token,
    one_is_unclear,
    one_is_praise,
    one_wants_no_robots,
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
@pytest.mark.parametrize("account", [None, CARE], ids=["all", "one"])
def test_what_waits_goes_to_agents_and_is_never_said_by_a_robot(
    world: World, scene: Callable[[World], None], account: str | None
) -> None:
    scene(world)
    off(world, account)
    world.pass_time(1500)
    assert world.sent() == []
    assert everybody_waits_for_an_agent(world)
    assert {(each.state, each.reason) for each in replies(world)} == {("cancelled", "robots_off")}
    on(world, account)
    known = world.x.tokens["x"][CARE]
    world.x.tokens["x"][CARE] = known.model_copy(update={"token": world.tokens_of("x", CARE)["token"]})
    world.pass_time(3600)
    assert world.sent() == []


def test_what_comes_while_they_are_off_goes_to_agents_within_the_target(world: World) -> None:
    off(world)
    posts(world, "@AcmeCare my oven is broken")
    comments(world, "my oven is broken")
    comments(world, "hello, my oven is broken", private=True)
    world.pass_time(900)
    assert world.sent() == [] and everybody_waits_for_an_agent(world)
    on(world)
    posts(world, "@AcmeCare and now the door fell off")
    world.pass_time(900)
    assert len(world.sent()) == 1


def test_a_long_line_is_emptied_in_a_minute_though_the_limit_lasts(world: World) -> None:
    world.x.faults.plan("x", "rate_limit", world.now, seconds=7200)
    for number in range(12):
        author = Person(id=f"7{number}", name=f"Ann {number}", handle=f"ann{number}")
        _, deliveries = world.x.post(author, "@AcmeCare my oven is broken", world.now, account=CARE)
        for each in deliveries:
            assert world.deliver(each) == 200
    world.pass_time(300)
    assert {each.state for each in replies(world)} == {"pending"}
    off(world)
    world.pass_time(120)
    in_line = [each for each in replies(world) if each.state == "pending" and each.held_until is None]
    assert in_line == [] and everybody_waits_for_an_agent(world)


def test_of_one_account_only_its_own_words_stop(world: World) -> None:
    off(world, "@AcmeCare")
    posts(world, "@AcmeCare my oven is broken")
    comments(world, "my oven is broken")
    world.pass_time(900)
    assert {each.channel for each in world.sent()} == {"facebook"}


def test_the_outcome_of_a_handoff_lies_ready_for_an_agent(world: World) -> None:
    field_level_comment(world)
    world.settle()
    (case,) = world.cases()
    before = len(world.sent())
    off(world)
    branch.accept(case.id, "leeds", world.services)
    branch.contacted(case.id, "leeds", world.services, how="phone")
    world.pass_time(600)
    ready = [each for each in replies(world) if each.state == "ready"]
    assert len(world.sent()) == before and ready and all(each.text for each in ready)
    (case,) = world.cases()
    assert case.work_id in live_items(world) and "ready to send" in case.work_reason


def test_agents_speak_while_robots_are_silent(world: World) -> None:
    off(world)
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(300)
    (case,) = world.cases()
    agents.claim(case.id, "lea", world.services)
    agents.reply(case.id, "lea", "We are on our way.", world.services)
    world.pass_time(120)
    assert [each.text for each in world.sent()] == ["We are on our way."]


def test_the_switch_is_recorded_and_stays_recorded(world: World) -> None:
    assert off(world) == ["all"] and off(world) == []
    world.now += timedelta(minutes=1)
    assert off(world, MAIN) == [f"x:{MAIN}"]
    with pytest.raises(Refused):
        on(world, MAIN)  # it would change nothing: all are off
    world.now += timedelta(minutes=1)
    assert on(world) == ["all", f"x:{MAIN}"] and on(world) == []
    lines = [(each.about, each.what, each.by, each.why) for each in audit.acts(world.services, 10)]
    assert lines[-2:] == [(f"x:{MAIN}", "robots_off", LEA, WHY), ("all", "robots_off", LEA, WHY)]
    assert {each[:2] for each in lines[:2]} == {("all", "robots_on"), (f"x:{MAIN}", "robots_on")}
    rows = world.dynamodb.scan(TableName="cases")["Items"]
    assert not [each for each in rows if each["entity"]["S"] == "robots" and "ttl" in each]
    years = (world.now + timedelta(days=6 * 365)).timestamp()  # as long as a case's trail
    assert all(int(each["ttl"]["N"]) >= years for each in rows if each["entity"]["S"] == "act")
    assert switches(world.services) == []


def test_nobody_switches_without_a_reason_or_what_does_not_exist(world: World) -> None:
    for account, why in ((None, " "), ("nobody", WHY)):
        with pytest.raises(Refused):
            switch(True, account, LEA, why, world.services)
    assert audit.acts(world.services, 10) == []


def test_a_process_that_ends_right_after_the_switch_leaves_nothing_waiting(world: World) -> None:
    """The command wakes what waits; if it cannot, the next minute does."""
    one_waits_for_a_call(world)
    off(world)  # and nothing more
    world.tick()
    world.settle()
    assert everybody_waits_for_an_agent(world)
    hand_over_what_waits(world.services)  # again: nothing is left to be done
    world.settle()
    assert len(live_items(world)) == 1


def test_the_command_says_how_it_stands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "services_of", lambda stack: world.services)
    monkeypatch.setattr(commands, "whoami", lambda: LEA)

    def said(*words: str) -> str:
        told = CliRunner().invoke(commands.robots, list(words))
        assert told.exit_code == 0, told.output
        return told.output

    assert "on for all" in said()
    assert CARE in said("off", CARE, "--why", WHY)
    assert CARE in said() and WHY in said() and LEA in said()
    assert CARE in said("on", CARE, "--why", "done") and "on for all" in said()


def test_what_is_off_is_counted(world: World) -> None:
    world.tick()
    off(world, CARE)
    world.tick()
    assert [told["value"] for name, told in world.metrics if name == "RobotsOff"] == [0, 1]
