"""A row that this release cannot read costs itself: everything beside it goes on, and nobody prints what it holds."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from firstline.model.errors import UnknownForm
from firstline.model.person import BRANCH_DESK, Person
from firstline.operations import agents, branch_desk, tend
from firstline.operations.capacity import capacities
from firstline.operations.erase import ask
from firstline.operations.one_by_one import one_by_one
from firstline.operations.person import export, named
from firstline.operations.reconcile import Accepted, reconcile
from firstline.operations.send_reply import send_reply
from firstline.operations.steps import StepsFailed
from firstline.table import keys
from infra.local.simulators.store import Person as Customer
from tests.builders import PAGE
from tests.contract.path.test_main_job import BEN, comments, posts
from tests.world import World, a_world

ANNA = Customer(id="501", name="Anna Ross", handle="anna")
CARL = Customer(id="503", name="Carl Voss", handle="carl")
SECRET_WORDS = "ring me at home"


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(in_memory=True) as world:
        yield world


def spoil(world: World, key: keys.Key, **values: Any) -> None:
    """A later release wrote a value there that this one does not know."""
    table = world.dynamodb._tables["cases"]
    item = dict(table.items[(key.pk, key.sk)])
    table.put({**item, **{name: {"S": str(value)} for name, value in values.items()}})


def case_of(world: World, post: Any) -> str:
    return str(world.services.table.get(keys.seen(f"{post.channel}:{post.id}")).case_id)


def unknown(world: World) -> list[dict[str, Any]]:
    return [line for line in world.log if line["message"] == "unknown_form"]


def the_metrics(world: World) -> list[str]:
    return [name for name, _ in world.metrics]


# -- the diary ---------------------------------------------------------------------------------------------------


def test_a_case_that_cannot_be_read_leaves_the_rest_of_the_diary_undisturbed(world: World) -> None:
    bad, good = (posts(world, f"@AcmeCare my oven is broken, {who.name}", who) for who in (ANNA, CARL))
    world.settle()
    spoil(world, keys.case(case_of(world, bad)), status="asleep")
    world.services.bodies.put("parked/x", b'{"v":1}')
    world.pass_time(3 * 3600, step=600)
    assert len([each for each in world.sent() if each.parent_id == good.id]) == 1
    assert not [*world.services.bodies.parked()]
    assert {"LaneOldestDueSeconds", "SweepRuns"} <= set(the_metrics(world))
    told = [line for line in world.log if line["message"] == "diary_postponed" and line["entity"] == "case"]
    assert told and {(line["error"], line["metric"]) for line in told} == {("Case", "UnknownForm")}
    said = json.dumps(world.log)
    assert "asleep" not in said and "oven" not in said


@pytest.mark.parametrize("broken", ["renew_tokens", "plan_digests", "collect_parked", "measure_lanes", "_act"])
def test_an_error_that_nobody_foresaw_costs_its_step_and_rings(
    world: World, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = []
    for name in ("renew_tokens", "plan_digests", "collect_parked", "measure_lanes", "measure_capacity"):
        monkeypatch.setattr(tend, name, lambda *_, name=name: reached.append(name))
    posts(world, "@AcmeCare my oven is broken")
    world.settle()
    world.now += timedelta(hours=3)

    def fails(*_: Any) -> None:
        raise KeyError(SECRET_WORDS)

    monkeypatch.setattr(tend, broken, fails)
    with pytest.raises(StepsFailed) as ended:
        tend.run(world.services)
    all_steps = {"renew_tokens", "plan_digests", "collect_parked", "measure_lanes", "measure_capacity"}
    assert set(reached) == all_steps - {broken}
    assert "SweepRuns" not in the_metrics(world)
    assert any(line.get("metric") == "SweepFailed" for line in world.log)
    assert SECRET_WORDS not in json.dumps(world.log) + "".join(traceback.format_exception(ended.value))


def test_a_refusal_of_aws_in_one_step_costs_that_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": SECRET_WORDS}}, "Query")

    monkeypatch.setattr(tend, "plan_digests", refused)
    tend.run(world.services)
    assert "SweepRuns" in the_metrics(world)
    (line,) = [line for line in world.log if line["message"] == "diary_postponed"]
    assert (line["entity"], line["why"], line["metric"]) == ("digests", "AccessDenied", "SweepPostponed")


# -- parked deliveries -------------------------------------------------------------------------------------------


def parks(world: World, number: int) -> None:
    message = json.dumps({"v": 1, "channel": "x", "delivery_id": f"d{number}", "received_at": "2026-11-23T10:00:00.000Z",
                          "body": "{}"})  # fmt: skip
    world.services.bodies.put(f"parked/2026-11-23T10:0{number}-d{number}", message.encode())


@pytest.mark.parametrize("code", ["NoSuchKey", "InternalError", "AccessDenied"])
def test_one_parked_body_that_cannot_be_had_holds_up_none_behind_it(
    world: World, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        parks(world, number)
    get = world.s3.get_object

    def gets(**asked: Any) -> Any:
        if asked["Key"].endswith("d0"):
            raise ClientError({"Error": {"Code": code, "Message": ""}}, "GetObject")
        return get(**asked)

    monkeypatch.setattr(world.s3, "get_object", gets)
    tend.run(world.services)
    assert [key[-2:] for key in world.services.bodies.parked()] == ["d0"]
    told = [line for line in world.log if line["message"] == "diary_postponed" and line["entity"] == "parked"]
    assert bool(told) == (code != "NoSuchKey")  # another run took it: nothing is wrong
    assert "SweepRuns" in the_metrics(world)
    monkeypatch.undo()
    tend.run(world.services)
    assert not [*world.services.bodies.parked()]


# -- lists -------------------------------------------------------------------------------------------------------


def two_cases(world: World) -> tuple[str, str]:
    first, second = (posts(world, f"@AcmeCare my oven is broken, {who.name}", who) for who in (ANNA, CARL))
    world.pass_time(120)
    return case_of(world, first), case_of(world, second)


def test_agents_take_what_can_be_read_and_the_rest_stays_in_its_lane(world: World) -> None:
    bad, good = two_cases(world)
    spoil(world, keys.case(bad), status="asleep")
    assert [case.id for case in world.cases()] == [good]
    taken = agents.take_next("maria", frozenset(), world.services)
    assert taken is not None and taken.id == good
    assert agents.take_next("maria", frozenset(), world.services) is None
    assert bad in {item["case_id"] for name in ("urgent", "standard") for item in world.lane(name)}
    assert {line["kind"] for line in unknown(world)} == {"Case"}


def test_the_head_of_an_outbox_that_cannot_be_read_stops_nobody_behind_it(world: World) -> None:
    world.x.windows.limits = {**world.x.windows.limits, "x:post": (1, 900)}
    first, second = (posts(world, f"@AcmeCare my oven is broken, {who.name}", who) for who in (ANNA, CARL))
    world.settle()
    spoil(world, keys.reply(case_of(world, first), f"ack-x:{first.id}"), state="dreaming")
    world.pass_time(3600, step=60)
    assert [each.parent_id for each in world.sent()] == [second.id]
    assert [each for each in capacities(world.services)]


def test_the_branch_desk_shows_the_other_handoffs(world: World) -> None:
    for number in range(2):
        author = Customer(id=f"77700000{number}", name="Ben Hill")
        comments(world, "No engineer came to repair my oven in Leeds", author)
    world.pass_time(300)
    bad, good = sorted(case.id for case in world.cases())
    spoil(world, keys.handoff(bad, "leeds"), stage="lost")
    lead = Person(id="lead", roles=frozenset({BRANCH_DESK, f"{BRANCH_DESK}:uk"}))
    page = branch_desk.handoffs(lead, "leeds", "", world.services)
    assert [line.case_ref for line in page.handoffs] == [f"FL-{good[:4]}-{good[4:]}"]
    assert branch_desk.regions(lead, world.services)


def test_an_export_names_how_many_rows_it_could_not_read(world: World) -> None:
    post = comments(world, "my oven is broken")
    world.pass_time(300)
    case_id = case_of(world, post)
    spoil(world, keys.reply(case_id, f"ack-facebook:{post.id}"), state="dreaming")
    (case,) = export(named(f"facebook:{BEN.id}", world.services), world.services)["cases"]
    assert case["not_readable"] == 1 and case["StoredPost"]


def test_reconciliation_counts_what_it_cannot_read_and_calls_it_neither_lost_nor_whole(world: World) -> None:
    first, second = (posts(world, f"@AcmeCare my oven is broken, {who.name}", who) for who in (ANNA, CARL))
    world.pass_time(300)
    spoil(world, keys.seen(f"x:{first.id}"), kind="dreamt")
    told = [line for line in world.log if line["message"] == "accepted"]
    lines = [Accepted(id=line["delivery_id"], channel=line["channel"], at=line["timestamp"]) for line in told]
    since, until = world.now - timedelta(hours=1), world.now + timedelta(hours=1)
    report = reconcile(world.services.table, lines, [], since, until)
    assert report.missing_events == () and report.events["unreadable"] == 1 and report.events["posts"] == 1
    spoil(world, keys.delivery(lines[0].id), channel="x", received_at="never")
    report = reconcile(world.services.table, lines, [], since, until)
    assert report.missing_deliveries == () and report.events["unreadable"] == 1


# -- what needs that very row ------------------------------------------------------------------------------------


def test_an_author_that_cannot_be_read_is_never_taken_for_one_who_is_unknown(world: World) -> None:
    """A wish for silence may stand in it: no robot speaks, and the delivery comes again."""
    posts(world, "@AcmeCare stop", ANNA)
    world.pass_time(120)
    before = len(world.sent())
    spoil(world, keys.author("x:501"), robot_words="yesterday")
    posts(world, "@AcmeCare my oven is broken", ANNA)
    world.pass_time(900)
    assert len(world.sent()) == before
    assert any(line["message"] == "intake_postponed" for line in world.log)


def test_a_batch_with_an_author_that_cannot_be_read_takes_in_everybody_else(world: World) -> None:
    comments(world, "hello, my oven is broken")
    world.pass_time(300)
    spoil(world, keys.author(f"facebook:{BEN.id}"), robot_words="yesterday")
    cara = Customer(id="777000002", name="Cara Lund")
    told = [world.graph.post(who, f"my hob is broken, {who.name}", world.now, account=PAGE)[1] for who in (BEN, cara)]
    content = [json.loads(each.body) for one in told for each in one]
    whole = {"object": "page", "entry": [entry for each in content for entry in each["entry"]]}
    assert world.deliver(world.graph.delivery("facebook", whole, (), world.now)) == 200
    world.settle()
    assert any(case.author.id == cara.id for case in world.cases())


def test_a_message_about_a_row_that_cannot_be_read_comes_again_and_costs_no_other(world: World) -> None:
    bad, good = (posts(world, f"@AcmeCare my oven is broken, {who.name}", who) for who in (ANNA, CARL))
    world.settle()
    world.now += timedelta(seconds=90)
    spoil(world, keys.reply(case_of(world, bad), f"ack-x:{bad.id}"), state="dreaming")
    pointers = [
        (post.id, json.dumps({"v": 1, "case_id": case_of(world, post), "reply_id": f"ack-x:{post.id}"}))
        for post in (bad, good)
    ]
    assert one_by_one(pointers, ("case_id", "reply_id"), send_reply, world.services) == [bad.id]
    assert [each.parent_id for each in world.sent()] == [good.id]


def test_a_read_that_a_decision_rests_on_raises_and_is_not_empty(world: World) -> None:
    bad, good = two_cases(world)
    spoil(world, keys.case(bad), status="asleep")
    found = world.services.table.read([keys.case(bad), keys.case(good)])
    assert keys.case(bad) in found and [*found.readable] == [keys.case(good)]
    with pytest.raises(UnknownForm):
        found.get(keys.case(bad))


def test_an_erasure_waits_for_what_it_cannot_read_and_empties_the_rest(world: World) -> None:
    post = comments(world, "my oven is broken")
    world.pass_time(300)
    case_id = case_of(world, post)
    spoil(world, keys.reply(case_id, f"ack-facebook:{post.id}"), state="dreaming")
    ask("e" * 32, "person:lea", (f"facebook:{BEN.id}",), world.services)
    world.pass_time(600)
    wish = world.services.table.get(keys.erasure("e" * 32))
    assert wish.state == "waiting"
    (stored,) = world.records(case_id, "post#")
    assert stored.erased and stored.post.text == ""
    spoil(world, keys.reply(case_id, f"ack-facebook:{post.id}"), state="sent")
    world.pass_time(600)
    assert world.services.table.get(keys.erasure("e" * 32)).state == "done"


def test_an_erasure_is_not_done_while_the_authors_own_row_cannot_be_read(world: World) -> None:
    comments(world, "my oven is broken")
    world.pass_time(300)
    key = keys.author(f"facebook:{BEN.id}")
    before = dict(world.dynamodb._tables["cases"].items[(key.pk, key.sk)])
    spoil(world, key, robot_words="yesterday")
    ask("e" * 32, "person:lea", (f"facebook:{BEN.id}",), world.services)
    world.pass_time(600)
    assert world.services.table.get(keys.erasure("e" * 32)).state == "waiting"
    world.dynamodb._tables["cases"].put(before)
    world.pass_time(600)
    assert world.services.table.get(keys.erasure("e" * 32)).state == "done"
    assert world.services.table.get(key) is None
