"""The customer's answer comes back to the person who asked, and only later to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from firstline.model.case import Case
from firstline.model.errors import Refused
from firstline.operations.agents import claim, give_back, reply, resolve, take_next, wait_for_customer
from firstline.operations.work import need_agent
from firstline.playbook.parts import WEEKDAYS
from tests.builders import a_playbook
from tests.contract.path.test_main_job import live_items, posts
from tests.world import World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


@pytest.fixture
def office() -> Iterator[World]:
    """A brand whose people work from nine to five."""
    days = {day: ("09:00-17:00",) for day in WEEKDAYS}
    playbook = a_playbook()
    hours = playbook.hours.model_copy(update={"open": days})
    with a_world(playbook.model_copy(update={"hours": hours})) as world:
        yield world


def asked(world: World) -> Case:
    """Maria took the case, asked, and waits for the customer."""
    posts(world, "@AcmeCare my oven is broken since Monday")
    world.pass_time(120)
    case = take_next("maria", frozenset(), world.services)
    assert case is not None
    reply(case.id, "maria", "Please send us a picture of the plate.", world.services)
    world.pass_time(60)
    return wait_for_customer(case.id, "maria", world.services)


def present(world: World) -> Case:
    (case,) = world.cases()
    return case


def test_nobody_else_takes_the_answer_and_who_asked_gets_it(world: World) -> None:
    asked(world)
    posts(world, "@AcmeCare here it is, model KB-7")
    world.pass_time(120)
    case = present(world)
    assert live_items(world) == {case.work_id}
    (item,) = [each for each in world.lane("standard") if each["work_id"] == case.work_id]
    assert item["kept_for"] == "maria"
    assert take_next("joe", frozenset(), world.services) is None
    with pytest.raises(Refused, match="maria asked the customer"):
        claim(case.id, "joe", world.services, work_id=case.work_id)
    back = take_next("maria", frozenset({"language:de"}), world.services)
    assert back is not None and (back.id, back.holder, back.work_id) == (case.id, "maria", None)


@pytest.mark.parametrize("answer", ["@AcmeCare it works again, model KB-7 is fine", "@AcmeCare sent!"])
def test_who_asked_resolves_without_taking_the_case_first(world: World, answer: str) -> None:
    case = asked(world)
    posts(world, answer)
    world.pass_time(120)
    if present(world).unanswered:
        reply(case.id, "maria", "Thank you, Anna!", world.services)
        world.pass_time(120)
    assert resolve(case.id, "maria", "helped", world.services).status == "resolved"
    world.pass_time(120)
    assert live_items(world) == set()


def test_another_person_is_still_refused(world: World) -> None:
    case = asked(world)
    with pytest.raises(Refused, match="take it first"):
        resolve(case.id, "joe", "helped", world.services)


def test_after_the_playbooks_time_it_is_for_all_as_one_new_item(world: World) -> None:
    asked(world)
    posts(world, "@AcmeCare here it is, model KB-7")
    world.pass_time(120)
    kept = present(world)
    world.pass_time(31 * 60)
    free = present(world)
    assert free.work_id not in (None, kept.work_id) and live_items(world) == {free.work_id}
    taken = take_next("joe", frozenset(), world.services)
    assert taken is not None and taken.holder == "joe"


def test_the_time_runs_in_opening_hours_alone(office: World) -> None:
    """Until 17:00 ten minutes are left of the thirty; twenty more pass from 9:00 on."""
    office.now = office.now.replace(hour=14, minute=0)
    asked(office)
    office.now = office.now.replace(hour=16, minute=49)
    posts(office, "@AcmeCare here it is, model KB-7")
    office.pass_time(16 * 3600 + 20 * 60, step=600)  # 9:09
    assert take_next("joe", frozenset(), office.services) is None
    case = present(office)
    assert live_items(office) == {case.work_id}
    office.pass_time(20 * 60, step=600)
    taken = take_next("joe", frozenset(), office.services)
    assert taken is not None and taken.id == case.id


def test_a_second_answer_does_not_begin_the_time_anew(world: World) -> None:
    asked(world)
    posts(world, "@AcmeCare here it is, model KB-7")
    world.pass_time(120)
    first = present(world).kept_for_until
    posts(world, "@AcmeCare and it leaks water all over the kitchen floor!!!")
    world.pass_time(120)
    assert first is not None and present(world).kept_for_until == first
    assert live_items(world) == {present(world).work_id}


def test_a_lost_message_is_issued_again_for_the_same_person(office: World) -> None:
    office.now = office.now.replace(hour=14, minute=0)
    asked(office)
    office.now = office.now.replace(hour=20, minute=0)
    posts(office, "@AcmeCare here it is, model KB-7")
    office.pass_time(60)
    first = present(office).work_id
    office.sqs.purge_queue(QueueUrl=office.urls["standard"])
    office.pass_time(62 * 60)
    case = present(office)
    assert case.work_id != first and live_items(office) == {case.work_id}
    assert case.kept_for == "maria" and take_next("joe", frozenset(), office.services) is None


def test_danger_is_for_everybody_at_once(world: World) -> None:
    asked(world)
    posts(world, "@AcmeCare here it is, model KB-7")
    world.pass_time(60)
    posts(world, "@AcmeCare smoke comes out of my oven now")
    world.pass_time(60)
    taken = take_next("joe", frozenset(), world.services)
    assert taken is not None and taken.holder == "joe"


def test_what_else_happens_to_the_case_comes_to_who_asked_first_too(world: World) -> None:
    case = asked(world)
    raised = need_agent(case, "the answer did not arrive", world.now, world.services.playbooks.active())
    assert raised.work_id is not None and raised.is_kept_from("joe", world.now)
    assert not raised.is_kept_from("maria", world.now)
    assert not raised.is_kept_from("joe", world.now + timedelta(minutes=30))


def test_who_asked_gives_the_answer_back_to_all(world: World) -> None:
    case = asked(world)
    posts(world, "@AcmeCare here it is, model KB-7")
    world.pass_time(60)
    give_back(case.id, "maria", world.services)
    taken = take_next("joe", frozenset(), world.services)
    assert taken is not None and taken.holder == "joe"
