"""A case is removed as a whole when its retention is over, its trail later, and nobody stumbles over what is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from firstline.model.case import Case
from firstline.model.errors import FirstlineError, Refused
from firstline.model.person import BRANCH_DESK, Person
from firstline.model.records import Note, RemovedCase
from firstline.operations import agents, branch, branch_desk, erase, person, tend
from firstline.operations.branch_page import visit
from firstline.operations.hand_over import hand_over
from firstline.operations.hear_mail import hear_mail
from firstline.operations.reconcile import Accepted, reconcile
from firstline.operations.send_reply import send_reply
from firstline.outward.links import Link
from firstline.outward.mailbox import read_receipt, reply_to
from firstline.table import keys
from infra.local.simulators.store import Person as Customer
from infra.ops import retention as command
from tests.builders import PAGE, a_playbook
from tests.unit.mailbox.builders import a_mail, a_notification
from tests.world import Died, World, a_world

BEN = Customer(id="777000001", name="Ben Hill")
DAY = 24 * 3600
WORDS = "No engineer came to repair my oven in Leeds"


def kept(**days: int) -> Any:
    return a_playbook(retention_days={"posts": 30, "cases": 30, "audit": 90, **days})


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(kept(), in_memory=True, reply_address="case@reply.acme.example") as world:
        yield world


def rows(world: World) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = world.dynamodb._tables["cases"].items
    return found


def of_case(world: World, case_id: str) -> set[str]:
    """Which kinds of rows lie in a case's partition."""
    return {sk.partition("#")[0] for pk, sk in rows(world) if pk == f"case#{case_id}"}


def a_whole_case(world: World) -> str:
    """Ben's comment, handed to Leeds, answered, noted; with a file that hung on the branch's mail."""
    _, deliveries = world.graph.post(BEN, WORDS, world.now, account=PAGE)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.pass_time(300)
    (case,) = world.cases()
    agents.claim(case.id, "maria", world.services)
    agents.note(case.id, "maria", "rang twice", world.services)
    file = {"name": "a.png", "media_type": "image/png", "size": 1, "key": f"attachments/{case.id}/1"}
    world.services.bodies.put(file["key"], b"x")
    note = Note(case_id=case.id, id="mail-1", by="branch:leeds", at=world.now, text="we came", attachments=(file,))
    world.services.table.commit([note], world.now)
    agents.reply(case.id, "maria", "They come tomorrow.", world.services)
    world.pass_time(120)
    return str(case.id)


def ends(world: World, case_id: str) -> None:
    """It is resolved, and closes by itself after the days in which it might have been opened again."""
    if world.services.table.get(keys.case(case_id)).holder != "maria":
        agents.claim(case_id, "maria", world.services)
    agents.resolve(case_id, "maria", "repaired", world.services)
    with suppress(Refused):
        branch.done(case_id, "leeds", world.services)
    world.pass_time(60)
    for _ in range(12):
        world.pass_time(DAY, step=DAY)
        case = world.services.table.get(keys.case(case_id))
        if isinstance(case, Case) and case.over and case.remove_at:
            return
    raise AssertionError("it never ended")


def days_pass(world: World, days: int) -> None:
    world.pass_time(days * DAY, step=5 * DAY)


def test_a_case_goes_as_a_whole_its_term_after_its_end_and_its_trail_at_its_own(world: World) -> None:
    case_id = a_whole_case(world)
    days_pass(world, 45)
    assert "post" in of_case(world, case_id)  # it is not over: nothing is counted
    ends(world, case_id)
    ended = world.services.table.get(keys.case(case_id)).ended_at
    whole = {"case", "post", "reply", "handoff", "note", "audit"}
    assert whole <= of_case(world, case_id)
    days_pass(world, 25)
    assert whole <= of_case(world, case_id) and world.now < ended + timedelta(days=30)
    days_pass(world, 10)
    assert of_case(world, case_id) == {"audit", "removed"}
    assert world.services.bodies._client.list_objects_v2(Bucket="bodies", Prefix="attachments/").get("Contents") is None
    left = json.dumps([row for key, row in rows(world).items() if case_id in json.dumps(row)])
    assert BEN.name not in left and "oven" not in left and "rang twice" not in left
    days_pass(world, 50)
    assert "audit" in of_case(world, case_id)
    days_pass(world, 20)
    assert of_case(world, case_id) == set()
    assert not [pk for pk, sk in rows(world) if sk == f"case#{case_id}"]


def test_words_may_go_earlier_than_the_case() -> None:
    with a_world(kept(posts=10, cases=60), in_memory=True) as world:
        case_id = a_whole_case(world)
        ends(world, case_id)
        days_pass(world, 15)
        assert of_case(world, case_id) == {"case", "handoff", "audit"}
        assert person.named(f"facebook:{BEN.id}", world.services).cases == (case_id,)
        days_pass(world, 60)
        assert of_case(world, case_id) == {"audit", "removed"}


def test_a_person_who_writes_again_after_the_removal_is_a_new_customer_with_a_new_case(world: World) -> None:
    case_id = a_whole_case(world)
    ends(world, case_id)
    days_pass(world, 35)
    assert ("author#facebook:777000001", "author") not in rows(world)
    _, deliveries = world.graph.post(BEN, "my hob is broken", world.now, account=PAGE)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.pass_time(300)
    (case,) = world.cases()
    assert case.id != case_id and case.acknowledged_at is not None


def test_a_wish_for_silence_outlives_the_case(world: World) -> None:
    case_id = a_whole_case(world)
    author = world.services.table.get(keys.author(f"facebook:{BEN.id}"))
    world.services.table.commit([author.model_copy(update={"opted_out_at": world.now})], world.now)
    ends(world, case_id)
    days_pass(world, 35)
    assert of_case(world, case_id) == {"audit", "removed"}
    assert world.services.table.get(keys.author(f"facebook:{BEN.id}")).opted_out_at is not None


@pytest.mark.parametrize("at", range(12))
def test_a_crash_at_any_call_of_the_removal_is_made_good_by_the_next_run(world: World, at: int) -> None:
    case_id = a_whole_case(world)
    ends(world, case_id)
    world.now += timedelta(days=31)
    client, made = world.dynamodb, [0]
    transact = client.transact_write_items

    def dies(**call: Any) -> Any:
        made[0] += 1
        if made[0] == at // 2 + 1:
            if at % 2:
                transact(**call)
            raise Died
        return transact(**call)

    client.transact_write_items = dies
    world.tick()
    client.transact_write_items = transact
    every_reader_survives(world, case_id, writing=False)
    world.now += timedelta(minutes=2)
    world.tick()
    assert of_case(world, case_id) == {"audit", "removed"}
    assert not [pk for pk, sk in rows(world) if sk == f"case#{case_id}"]


def test_a_row_that_cannot_be_read_is_removed_with_its_case(world: World) -> None:
    case_id = a_whole_case(world)
    ends(world, case_id)
    key = next(key for key in rows(world) if key[0] == f"case#{case_id}" and key[1].startswith("reply#"))
    world.dynamodb._tables["cases"].put({**rows(world)[key], "state": {"S": "dreaming"}})
    days_pass(world, 35)
    assert of_case(world, case_id) == {"audit", "removed"}


# -- readers -----------------------------------------------------------------------------------------------------


def every_reader_survives(world: World, case_id: str, *, writing: bool = True) -> None:
    """Whoever may still come to the case: each does its work or says in its own words that there is nothing."""
    services = world.services
    lead = Person(id="lead", roles=frozenset({BRANCH_DESK, f"{BRANCH_DESK}:uk"}))
    author = f"facebook:{BEN.id}"
    post_key = next((sk.removeprefix("post#") for pk, sk in rows(world) if sk.startswith("post#")), "facebook:gone")
    address = reply_to("case@reply.acme.example", case_id, "leeds", services.links.keys())
    world.s3.put_object(Bucket="bodies", Key="mail/late", Body=a_mail("too late"))
    receipt = read_receipt(a_notification(mail_id="late", recipients=(address,)))
    assert receipt is not None
    told = [line for line in world.log if line["message"] == "accepted"]
    lines = [Accepted(id=line["delivery_id"], channel=line["channel"], at=line["timestamp"]) for line in told]

    def page() -> None:
        expires = world.now + timedelta(days=1)
        for action in ("page", "accept", "done", "write"):
            link = Link(case_id=case_id, branch="leeds", action=action, expires_at=expires)  # type: ignore[arg-type]
            event = {
                "rawPath": "/branch/x",
                "pathParameters": {"token": services.links.token(link)},
                "requestContext": {"http": {"method": "GET", "sourceIp": "192.0.2.7"}},
                "headers": {},
                "body": None,
                "isBase64Encoded": False,
            }
            assert visit(event, services)["statusCode"] < 500

    readers = (
        lambda: world.cases(),
        lambda: agents.take_next("noor", frozenset(), services),
        lambda: agents.claim(case_id, "noor", services),
        lambda: agents.watched(services, 10),
        lambda: branch_desk.regions(lead, services),
        lambda: branch_desk.handoffs(lead, "leeds", "", services),
        lambda: person.export(person.known_by((author,), services), services),
        lambda: reconcile(services.table, lines, [], world.now - timedelta(days=400), world.now),
        lambda: send_reply(case_id, f"ack-{post_key}", services),
        lambda: hand_over(case_id, "leeds", services),
        lambda: branch.accept(case_id, "leeds", services),
        page,
        *((lambda: hear_mail(receipt, services.links.keys(), services),) if writing else ()),
    )
    for read in readers:
        try:
            read()
        except FirstlineError:
            continue  # refused, or not there


PARTS = ("post#", "reply#", "handoff#", "note#", "audit#", "case", "author", "thread#", "event#")


@pytest.mark.parametrize("missing", PARTS)
def test_every_reader_survives_a_case_of_which_a_part_is_gone(world: World, missing: str) -> None:
    case_id = a_whole_case(world)
    gone = [
        key
        for key in rows(world)
        if (key[0] == f"case#{case_id}" and key[1].startswith(missing)) or (missing in ("author", "thread#", "event#") and key[0].startswith(missing))
    ]  # fmt: skip
    assert gone
    for key in gone:
        world.dynamodb._tables["cases"].delete(key)
    every_reader_survives(world, case_id)
    _, deliveries = world.graph.post(BEN, "and my hob", world.now, account=PAGE)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.pass_time(1200)
    assert not [line for line in world.log if line.get("metric") == "SweepFailed"]
    erase.ask("e" * 32, "person:lea", (f"facebook:{BEN.id}",), world.services)
    world.pass_time(900)
    assert world.services.table.get(keys.erasure("e" * 32)).state == "done"


# -- what is there already, and what the playbook says later --------------------------------------------------------


def of_an_earlier_release(world: World, case_id: str) -> None:
    """The ended case as a release left it that knew of no retention: nothing is due."""
    row = dict(rows(world)[(f"case#{case_id}", "case")])
    for name in ("due_pk", "due_sk", "remove_at", "ended_at"):
        row.pop(name, None)
    world.dynamodb._tables["cases"].put(row)


def run_apply(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(command, "services_of", lambda stack: world.services)
    done = CliRunner().invoke(command.retention, ["apply"])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_gives_old_cases_their_term_and_may_be_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = a_whole_case(world)
    ends(world, case_id)
    ended = world.services.table.get(keys.case(case_id)).ended_at
    of_an_earlier_release(world, case_id)
    days_pass(world, 35)
    assert "post" in of_case(world, case_id)
    assert run_apply(world, monkeypatch).startswith("1 ended cases have a new term")
    assert world.services.table.get(keys.case(case_id)).ended_at == ended
    assert run_apply(world, monkeypatch).startswith("0 ended cases have a new term, 1 had")
    days_pass(world, 5)
    assert of_case(world, case_id) == {"audit", "removed"}
    assert run_apply(world, monkeypatch).startswith("0 ended cases have a new term, 0 had")


def test_a_shorter_term_counts_for_what_has_ended_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = a_whole_case(world)
    ends(world, case_id)
    world.published.now = kept(posts=5, cases=5)
    run_apply(world, monkeypatch)
    days_pass(world, 10)
    assert of_case(world, case_id) == {"audit", "removed"}


def test_quarantine_and_deliveries_are_kept_as_the_playbook_says(world: World) -> None:
    world.published.now = kept(quarantine=90, deliveries=12)
    delivery = world.graph.delivery("facebook", {"object": "page", "entry": "none"}, (), world.now)
    assert world.deliver(delivery) == 200
    world.settle()
    days = {
        row["entity"]["S"]: round((int(row["ttl"]["N"]) - world.now.timestamp()) / DAY)
        for row in rows(world).values()
        if row["entity"]["S"] in ("quarantine", "delivery")
    }
    assert days == {"quarantine": 90, "delivery": 12}


def test_tombstones_say_when(world: World) -> None:
    case_id = a_whole_case(world)
    ends(world, case_id)
    days_pass(world, 35)
    left = world.services.table.get(keys.removed(case_id))
    assert isinstance(left, RemovedCase) and left.due_at - left.ended_at == timedelta(days=90)
    tend.run(world.services)
