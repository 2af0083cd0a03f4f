"""Verified bodies that nobody would send on purpose: intake loses no event of them, and no message becomes poison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, example, given

from firstline.channels import adapter
from firstline.channels.answer import only_letters
from firstline.model.events import Deleted, Edited, Event, NeedsLookup, OwnWords, Posted, Unreadable
from firstline.model.post import Post
from firstline.model.records import Delivery, Lookup, Quarantined, Seen, StoredPost
from firstline.operations.reconcile import Accepted, reconcile
from firstline.outward.messages import delivery_id
from firstline.table import keys
from infra.local.simulators.wire import sign
from tests.builders import CARE, GRAM, MAIN, NUMBER, PAGE
from tests.case_table import make_case_table
from tests.world import START, World, a_world

from .bodies import mutants
from .budget import tries

ACCOUNTS = {
    "generic": {"generic": "Acme"},
    "x": {MAIN: "AcmeHome", CARE: "AcmeCare"},
    "facebook": {PAGE: "Acme"},
    "messenger": {PAGE: "Acme"},
    "whatsapp": {NUMBER: "Acme"},
    "instagram": {GRAM: "acme.home"},
}


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


def emptied(world: World) -> World:
    """The same world before anything happened in it."""
    make_case_table(world.dynamodb, "cases")
    for url in world.urls.values():
        world.sqs.purge_queue(QueueUrl=url)
    world.out.clear()
    world.log.clear()
    world.now = START
    return world


def delivered(world: World, channel: str, body: bytes) -> str:
    """The platform delivers the body, rightly signed; its delivery id. What could be a challenge is no delivery."""
    assume(channel == "generic" or not only_letters(body))
    secret = world.secrets_value[channel]["signing"][0]
    assert world.knock(channel, body, sign(channel, secret, body, world.now)) == 200
    return delivery_id(channel, body)


def taken_in(world: World) -> None:
    """Intake works until its queue is empty, and never asks for a message again: nothing else is out of order here."""
    for _ in range(200):
        if not world.work("intake"):
            break
    assert [line for line in world.log if line["message"] in ("intake_postponed", "invocation_ended")] == []
    queue = world.sqs.get_queue_attributes(QueueUrl=world.urls["intake"], AttributeNames=["All"])["Attributes"]
    waiting = {name: count for name, count in queue.items() if name.startswith("ApproximateNumber") and count != "0"}
    assert waiting == {}


def recorded(world: World, name: str) -> list[Any]:
    """The event lines of a delivery, also of one that was split."""
    record = world.services.table.get(keys.delivery(name))
    assert isinstance(record, Delivery), f"no record of delivery {name}"
    return [*record.events, *(line for part in range(record.parts) for line in recorded(world, f"{name}.{part}"))]


def nobodys(post: Post, world: World) -> bool:
    """Whether no playbook names the account that was written to: then nobody could ever answer there."""
    return world.published.now.account(post.channel, post.account) is None


def outcome(event: Event, world: World) -> str | None:
    """What became of an event, found in the table; None: it is lost."""
    table = world.services.table
    mark = table.get(keys.seen(event.key))
    match event:
        case Posted(post=post) | NeedsLookup(partial=post) if nobodys(post, world):
            return "quarantined" if isinstance(table.get(keys.quarantined(event.key)), Quarantined) else None
        case Posted():
            stored = table.get(keys.post(mark.case_id or "", event.key)) if isinstance(mark, Seen) else None
            return "on a case" if isinstance(stored, StoredPost) else None
        case OwnWords():
            return "own words" if isinstance(mark, Seen) and mark.kind == "own" else None
        case Edited() | Deleted():
            return "a change" if isinstance(mark, Seen) and mark.kind == "change" else None
        case NeedsLookup():
            return "to be looked up" if isinstance(table.get(keys.lookup(event.key)), Lookup) else None
        case Unreadable():
            kept = table.get(keys.quarantined(event.key))
            if not isinstance(kept, Quarantined) or world.services.bodies.get(kept.body_key) is None:
                return None
            return "quarantined"
    return "told" if isinstance(mark, Seen) or event.type == "ignored" else None


def losses(world: World, channel: str, body: bytes, name: str) -> list[str]:
    """Every event that is not where it must be, every line that does not add up, every bug that was quarantined."""
    events = adapter(channel).parse(body, ACCOUNTS[channel])
    lines = recorded(world, name)
    wrong = [f"{event.type} {event.key[:80]} is lost" for event in events if outcome(event, world) is None]
    if Counter(line.type for line in lines) != Counter(event.type for event in events):
        wrong.append(f"recorded {Counter(line.type for line in lines)}, parsed {Counter(e.type for e in events)}")
    wrong += [f"an ignored event has no reason: {e.key}" for e in lines if e.type == "ignored" and not e.reason]
    wrong += [line["error"] for line in world.log if line["message"] == "event_failed"]
    told = [line for line in world.log if line["message"] == "accepted"]
    accepted = [Accepted(id=line["delivery_id"], channel=line["channel"], at=line["timestamp"]) for line in told]
    hour = timedelta(hours=1)
    report = reconcile(world.services.table, accepted, [], START - hour, world.now + hour)
    if not report.whole or sum(report.events.values()) != len(lines):
        wrong.append(f"reconciliation: {report}")
    return wrong


@tries(450)
@example(("facebook", b'{"object": "permissions", "entry": []}'))
@given(mutants())
def test_no_event_of_a_verified_body_is_lost_and_no_message_comes_back(
    shared: World, mutant: tuple[str, bytes]
) -> None:
    world = emptied(shared)
    name = delivered(world, *mutant)
    taken_in(world)
    assert losses(world, *mutant, name) == []


@tries(40)
@given(mutants(), mutants())
def test_whatever_came_in_goes_all_the_way_and_the_queues_come_to_rest(
    shared: World, first: tuple[str, bytes], second: tuple[str, bytes]
) -> None:
    world = emptied(shared)
    names = [delivered(world, *mutant) for mutant in (first, second, first)]
    for _ in range(4):
        world.pass_time(900, step=900)
    assert [
        line for line in world.log if line["message"] in ("intake_postponed", "invocation_ended", "event_failed")
    ] == []
    for name in names:
        assert recorded(world, name)
    told = [line for line in world.log if line["message"] == "accepted"]
    accepted = [Accepted(id=line["delivery_id"], channel=line["channel"], at=line["timestamp"]) for line in told]
    assert reconcile(world.services.table, accepted, [], START - timedelta(hours=1), world.now).whole
