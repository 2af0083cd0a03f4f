"""Stop: honoured, recorded, confirmed exactly once, and ended by who may end it (R25a)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from firstline.model.records import Audit, AuthorRecord
from firstline.model.reply import Reply
from firstline.table import keys
from infra.ops import case as commands
from infra.ops import stack
from tests.builders import CARE
from tests.contract.path.test_main_job import ANNA, BEN, comments, live_items, posts
from tests.world import World, a_world

ANNAS, BENS = f"x:{ANNA.id}", f"messenger:{BEN.id}"


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


def author(world: World, key: str) -> AuthorRecord:
    found = world.services.table.get(keys.author(key))
    assert isinstance(found, AuthorRecord)
    return found


def trail(world: World, what: str) -> list[Audit]:
    lines = [each for case in world.cases() for each in world.records(case.id, "audit#")]
    return [each for each in lines if isinstance(each, Audit) and each.what == what]


def confirmations(world: World) -> list[str]:
    return [each.text for each in world.sent() if "opt_out_confirmed" in each.text]


def test_in_public_it_is_honoured_recorded_and_confirmed_once(world: World) -> None:
    post = posts(world, "@AcmeCare STOP")
    world.pass_time(180)
    assert len(confirmations(world)) == 1
    assert author(world, ANNAS).opted_out_at is not None and author(world, ANNAS).opted_out_by == "author"
    assert [(each.by, each.about) for each in trail(world, "opted_out")] == [("author", (f"x:{post.id}",))]
    posts(world, "@AcmeCare my oven is broken")
    posts(world, "@AcmeCare stop")
    world.pass_time(600)
    assert len(world.sent()) == 1 and len(trail(world, "opted_out")) == 1
    assert live_items(world) == {case.work_id for case in world.cases() if case.work_id} != set()


def test_in_private_the_burst_before_it_is_not_answered_but_the_wish_is_confirmed(world: World) -> None:
    comments(world, "my oven is broken", private=True)
    world.settle()
    comments(world, "Stopp", private=True)
    world.pass_time(300)
    assert len(world.sent("messenger")) == 1 == len(confirmations(world))
    assert author(world, BENS).opted_out_at is not None


def test_duplicates_redeliveries_and_two_wishes_at_once_are_confirmed_once(world: World) -> None:
    told = []
    for text in ("@AcmeCare stop", "@AcmeCare unsubscribe"):
        _, deliveries = world.x.post(ANNA, text, world.now, account=CARE)
        told += deliveries
    for each in (*told, *told, *reversed(told)):
        assert world.deliver(each) == 200
    world.pass_time(600)
    assert len(confirmations(world)) == 1 == len(world.sent())


def test_a_confirmation_of_unclear_outcome_is_not_said_twice(world: World) -> None:
    posts(world, "@AcmeCare stop")
    world.x.faults.plan("x", "unclear", world.now)
    world.pass_time(900)
    assert len(confirmations(world)) == 1


def test_where_no_robot_may_answer_a_person_confirms_it(world: World) -> None:
    brand = world.x.brand(world.x.settings.account("x", CARE))
    ours, _ = world.x.post(brand, "Good morning", world.now, account=CARE, native=True)
    posts(world, "stop", parent_id=ours.id)
    world.pass_time(300)
    (case,) = world.cases()
    assert world.sent() == [] and author(world, ANNAS).opted_out_at is not None
    assert live_items(world) == {case.work_id} and "x_summoned" in case.work_reason


def test_a_post_that_is_edited_into_the_wish_counts(world: World) -> None:
    written = comments(world, "my oven is broken", private=True)
    world.settle()
    _, deliveries = world.graph.edit(written.id, "stop", world.now)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.pass_time(300)
    assert author(world, BENS).opted_out_at is not None and len(trail(world, "opted_out")) == 1
    assert len(world.sent("messenger")) == 1 == len(confirmations(world))


def test_the_author_ends_it_with_a_word_and_is_answered_again(world: World) -> None:
    posts(world, "@AcmeCare stop")
    world.pass_time(180)
    posts(world, "@AcmeCare START")
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(300)
    assert author(world, ANNAS).opted_out_at is None and author(world, ANNAS).opted_in_at is not None
    assert len(trail(world, "opted_in")) == 1
    assert len(world.sent()) == 3 and len(confirmations(world)) == 1


def test_a_wish_taken_back_before_it_was_confirmed_is_not_confirmed(world: World) -> None:
    posts(world, "@AcmeCare stop")
    posts(world, "@AcmeCare start")
    world.pass_time(300)
    assert confirmations(world) == [] and len(world.sent()) == 1
    (case,) = world.cases()
    (wish,) = [each for each in world.records(case.id, "reply#") if isinstance(each, Reply) and each.kind == "opt_out"]
    assert (wish.state, wish.reason) == ("cancelled", "opted_in")


def test_an_agent_records_and_lifts_it_by_name_and_with_a_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "services_of", lambda stack: world.services)
    monkeypatch.setattr(stack, "caller", lambda: ("1", "user/maria"))
    posts(world, "@AcmeCare please let no machine talk to me about my oven")
    world.settle()
    (case,) = world.cases()

    def run(*words: str) -> Any:
        return CliRunner().invoke(commands.case, ("--as", "maria", "robots", case.ref, *words))

    assert run("silent").exit_code != 0
    assert "are silent to" in run("silent", "--why", "she wrote so").output
    assert "already" in run("silent", "--why", "she wrote so").output
    world.pass_time(300)
    assert world.sent() == [] and author(world, ANNAS).opted_out_by == "user/maria"
    assert "may speak to" in run("speak", "--why", "she asked on the phone").output
    words = {each.id: each.text for each in world.records(case.id, "note#")}
    lines = trail(world, "opted_out") + trail(world, "opted_in")
    told = [(each.what, each.by, words[each.about[0]]) for each in lines]
    assert told == [("opted_out", "user/maria", "she wrote so"), ("opted_in", "user/maria", "she asked on the phone")]
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(300)
    assert len(world.sent()) == 1
