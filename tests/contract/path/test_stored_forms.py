"""What the first release stored is worked to its end by this one: rows, messages, bodies, secrets, links, the playbook."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from firstline.model.case import ERASED, Case
from firstline.model.handoff import Handoff
from firstline.model.records import Account, Erasure, Quarantined, StoredPost
from firstline.model.reply import Reply
from firstline.operations import agents, quarantine
from firstline.operations.branch_page import visit
from firstline.operations.hear_mail import hear_mail
from firstline.outward.mailbox import read_receipt
from firstline.outward.messages import read_pointer
from firstline.outward.settings import Settings
from firstline.table import keys
from firstline.table.items import KINDS
from tests.builders import CARE, GRAM, MAIN, PAGE
from tests.stored import FIRST, RELEASES, a_world_found, kind_of, rows, stored
from tests.unit.mailbox.builders import a_mail, a_notification
from tests.world import QUEUES, WORKERS, World

NO_RECORDS = {"pace"}
"""Rows that are counters of the table itself."""


@pytest.fixture
def world() -> Iterator[World]:
    with a_world_found(in_memory=True) as world:
        yield world


@pytest.fixture(params=["memory", "moto"])
def on_each(request: pytest.FixtureRequest) -> Iterator[World]:
    """The same on either of the stores."""
    with a_world_found(in_memory=request.param == "memory") as world:
        yield world


def the_post(world: World, words: str) -> Any:
    """What a customer said, as it stands on the platform."""
    (entry,) = [each for each in world.x.store.entries.values() if words in each.text and not each.by_brand]
    return entry


def answers(world: World, words: str) -> list[str]:
    """The robot's public words to a post."""
    return [each.text for each in world.sent() if each.parent_id == the_post(world, words).id]


def case_about(world: World, words: str) -> Case:
    for case in world.cases():
        if any(isinstance(each, StoredPost) and words in each.post.text for each in world.records(case.id, "post#")):
            return case  # type: ignore[no-any-return]
    raise AssertionError(words)


# -- nothing is forgotten ----------------------------------------------------------------------------------------


def test_every_kind_of_row_has_a_fixture() -> None:
    """A new kind needs rows of its own: add tests/fixtures/stored/<name>/rows.json with at least one."""
    assert {kind_of(row) for release in RELEASES for row in rows(release)} == {*KINDS, *NO_RECORDS}


def test_every_queue_has_messages_in_the_fixtures() -> None:
    """A new queue needs a fixture of what lies in it."""
    known = {each.name.removesuffix("_url").removesuffix("_queue").removesuffix("_lane") for each in fields(Settings)
             if each.name.endswith(("_queue_url", "_lane_url"))}  # fmt: skip
    found = {name for release in RELEASES for name, messages in stored(release, "messages").items() if messages}
    assert found == known == {*QUEUES}


def test_every_outcome_of_an_event_and_every_state_in_between_is_among_the_rows() -> None:
    seen = {row["kind"]["S"] for row in rows(FIRST) if kind_of(row) == "event"}
    assert seen == {"post", "own", "change", "lookup", "quarantined", "awaited", "status"}


# -- what was under way is finished ------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["my fridge is broken", "my kettle is broken", "my toaster is broken",
                                   "my grill is broken", "kiedy otwieracie", "my dishwasher is broken"])  # fmt: skip
def test_every_post_that_had_no_answer_yet_gets_one(words: str) -> None:
    """A pending reply, deliveries that lay in the queue, in the bucket for their size, and parked; a notice to look up."""
    with a_world_found(in_memory=True) as world:
        before = len(answers(world, words))
        world.pass_time(900)
        assert before == 0 and len(answers(world, words)) == 1


def test_everything_is_said_once_and_nothing_of_before_is_said_again(on_each: World) -> None:
    world = on_each
    before = Counter(each.parent_id for each in world.x.store.entries.values() if each.writer == "app")
    world.pass_time(1800)
    said = Counter(each.parent_id for each in world.x.store.entries.values() if each.writer == "app")
    posts = {each.id for each in world.x.store.entries.values() if not each.by_brand}
    assert all(said[post] == before[post] for post in before if post in posts)
    assert all(number == 1 for post, number in said.items() if post not in before)
    assert not [key for key in world.services.bodies.parked()]


def test_a_handoff_that_waited_is_mailed_once_and_the_customer_is_told(world: World) -> None:
    world.pass_time(600)
    mails = [mail for mail in world.mails() if "my hob in Leeds" in mail.raw_data]
    assert len(mails) == 1 and "leeds@branches.lumora.example" in str(mails[0].destinations)
    case = case_about(world, "my hob in Leeds")
    (given,) = [each for each in world.records(case.id, "handoff#") if isinstance(each, Handoff)]
    assert given.state == "mailed" and len(answers(world, "my hob in Leeds")) == 1


def test_what_a_platform_announced_by_its_id_is_looked_up(world: World) -> None:
    world.pass_time(300)
    assert case_about(world, "my dishwasher is broken").posts == 1


def test_a_deletion_that_came_first_still_counts_when_the_post_comes(world: World) -> None:
    (sam,) = [each for each in world.x.store.entries.values() if each.author.name == "Sam Reed"]
    for each in world.graph.told(sam, world.now):
        assert world.deliver(each) == 200
    world.pass_time(600)
    assert not [each for each in world.sent() if each.parent_id == sam.id]


def test_a_persons_wish_to_be_erased_is_fulfilled(world: World) -> None:
    world.pass_time(900)
    wish = world.services.table.get(keys.erasure("e" * 32))
    assert isinstance(wish, Erasure) and wish.state == "done"
    assert [case.disposition for case in world.cases() if case.disposition == ERASED] == [ERASED]


def test_a_claim_that_nobody_touched_is_taken_back(world: World) -> None:
    (held,) = [case for case in world.cases() if case.holder == "noor"]
    world.pass_time(1200, step=300)
    case = world.services.table.get(keys.case(held.id))
    assert isinstance(case, Case) and case.holder is None and case.work_id


def test_everything_in_the_lanes_can_be_taken_once_by_agents(on_each: World) -> None:
    world = on_each
    wanted = {case.id for case in world.cases() if case.work_id}
    taken = []
    while (case := agents.take_next("maria", frozenset(), world.services)) is not None:
        taken.append(case.id)
    assert len(taken) == len(set(taken)) and set(taken) == wanted and len(wanted) > 5
    items = [item["work_id"] for name in ("urgent", "standard", "email") for item in world.lane(name)]
    live = {case.work_id for case in world.cases()}
    assert live == {None} and not live & {*items}


def test_a_parked_account_goes_on_when_its_token_is_renewed(world: World) -> None:
    world.instagram.tokens["instagram"][GRAM] = world.instagram.tokens["instagram"][GRAM].model_copy(
        update={"token": "renewed"}
    )
    world.pass_time(300)
    account = world.services.table.get(keys.account("instagram", GRAM))
    assert isinstance(account, Account) and account.parked_at is not None and world.sent("instagram") == []
    world.store_tokens("instagram", GRAM, {"token": "renewed"})
    world.pass_time(1200)
    assert len(world.sent("instagram")) == 1


def test_a_token_of_two_hours_is_renewed_with_what_the_secret_holds(world: World) -> None:
    held = world.secret()["x"]["accounts"][MAIN]
    world.x.tokens["x"][MAIN] = type(world.x.tokens["x"][MAIN]).model_validate(held)
    world.pass_time(3 * 3600, step=900)
    renewed = world.services.tokens.present("x", MAIN)
    assert renewed["refresh_token"] != held["refresh_token"]
    assert renewed["bearer"] == world.x.tokens["x"][MAIN].bearer


@pytest.mark.parametrize("channel", ["x", "facebook", "messenger", "whatsapp", "instagram", "reviews"])
def test_the_door_takes_what_the_stored_secrets_sign(world: World, channel: str) -> None:
    from infra.local.simulators.store import Person

    zoe = Person(id="9001", name="Zoe Park", handle="zoe")
    match channel:
        case "x":
            told = world.x.post(zoe, "@AcmeCare hello", world.now, account=CARE)[1]
        case "facebook" | "messenger":
            told = world.graph.post(zoe, "hello", world.now, account=PAGE, private=channel == "messenger")[1]
        case "whatsapp":
            told = world.whatsapp.post(zoe, "hello", world.now)[1]
        case "instagram":
            told = world.instagram.post(zoe, "hello", world.now, account=GRAM)[1]
        case _:
            told = world.generic.post(zoe, "hello", world.now, account=channel)[1]
    assert told and all(world.deliver(each) == 200 for each in told)


def test_a_link_in_a_branchs_mail_still_acts(world: World) -> None:
    letters = stored(FIRST, "letters")
    event = {
        "rawPath": f"/branch/{letters['contacted']}",
        "pathParameters": {"token": letters["contacted"]},
        "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.7"}},
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "body": base64.b64encode(b"how=phone").decode(),
        "isBase64Encoded": True,
    }
    assert visit(event, world.services)["statusCode"] == 200
    (given,) = world.records(letters["case_id"], "handoff#")
    assert given.stage == "contacted"


def test_an_answer_to_a_branchs_mail_still_lands_on_its_case(world: World) -> None:
    letters = stored(FIRST, "letters")
    sender = "leeds@branches.lumora.example"
    world.s3.put_object(Bucket="bodies", Key="mail/ses2", Body=a_mail("We were there.", sender=sender))
    receipt = read_receipt(a_notification(mail_id="ses2", recipients=(letters["reply_to"],), source=sender))
    assert receipt is not None
    assert hear_mail(receipt, world.services.links.keys(), world.services).outcome == "noted"


def test_what_lies_in_quarantine_can_be_shown_and_tried_again(world: World) -> None:
    (kept,) = quarantine.waiting(world.services)
    assert isinstance(kept, Quarantined) and quarantine.body_of(kept, world.services) == b'{"something":"new"}'
    quarantine.replay(kept, world.services)
    world.settle()
    assert [each.key for each in quarantine.waiting(world.services)] == [kept.key]
    (message,) = stored(FIRST, "messages")["quarantine"]
    assert read_pointer(message, "event_key", "channel", "reason", "body_key")[0] == kept.key


def test_on_monday_every_branch_with_a_good_address_gets_its_digest(world: World) -> None:
    digests = [row for row in rows(FIRST) if kind_of(row) == "digest"]
    world.pass_time(600)
    before = len(world.mails())
    world.now += timedelta(days=7)
    world.pass_time(900)
    to = [address for mail in world.mails()[before:] for address in mail.destinations]
    assert len(digests) == 18 and "leeds@branches.lumora.example" in to and "de@regions.lumora.example" in to


def test_no_message_of_before_is_left_or_refused(world: World) -> None:
    world.pass_time(1800)
    assert not [line for line in world.log if line["message"] in ("pointer_not_read", "postponed", "intake_postponed")]
    assert not any(world.work(name) for name in ("intake", *WORKERS))
    assert not [each for each in world.services.table.listed(keys.quarantine_partition())
                if isinstance(each, Quarantined) and each.channel == "unknown"]  # fmt: skip


def test_every_reply_that_was_open_comes_to_its_end(world: World) -> None:
    world.pass_time(1800)
    found = [each for case in world.cases() for each in world.records(case.id, "reply#") if isinstance(each, Reply)]
    still = {each.id for each in found if each.open}
    assert still == {each.id for each in found if each.channel == "instagram" and each.open}
