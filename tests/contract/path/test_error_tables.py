"""What becomes of a reply and its case after each answer in the platforms' error tables (tests/refusals.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from firstline.model.records import Account
from firstline.model.reply import MOST_ATTEMPTS, Reply
from firstline.table import keys
from infra.local.simulators.store import Person
from infra.local.simulators.wire import answer
from tests.builders import CARE, GRAM, NUMBER, PAGE
from tests.refusals import KNOWS_ITS_IDS, REFUSALS, SHOWS_NOTHING, Does, Refusal
from tests.world import World, a_world

ACCOUNTS = {"x": CARE, "facebook": PAGE, "messenger": PAGE, "whatsapp": NUMBER, "instagram": GRAM, "generic": "reviews"}


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def a_post(world: World, channel: str) -> None:
    """Somebody writes to the brand there."""
    if channel == "x":
        author = Person(id="501", name="Anna Ross", handle="anna")
        _, deliveries = world.x.post(author, "@AcmeCare my oven is broken", world.now, account=CARE)
    elif channel == "whatsapp":
        _, deliveries = world.whatsapp.post(Person(id="491511234567", name="Anna"), "my oven is broken", world.now)
    elif channel == "generic":
        _, deliveries = world.generic.post(
            Person(id="7", name="Anna"), "my oven is broken", world.now, account="reviews"
        )
    elif channel == "instagram":
        author = Person(id="9000000000000042", name="Anna Weber", handle="anna.weber")
        _, deliveries = world.instagram.post(author, "my oven is broken", world.now, account=GRAM)
    else:
        author, private = Person(id="777000001", name="Ben Hill"), channel == "messenger"
        _, deliveries = world.graph.post(author, "my oven is broken", world.now, account=PAGE, private=private)
    for each in deliveries:
        assert world.deliver(each) == 200


class Refusing:
    """The platform of a channel, which gives the row's answer to the first calls that would send something."""

    def __init__(self, world: World, row: Refusal, times: int = 1) -> None:
        platform: Any = {
            "x": world.x,
            "whatsapp": world.whatsapp,
            "instagram": world.instagram,
            "generic": world.generic,
        }.get(row.channel, world.graph)
        self.row, self.times, self.handle = row, times, platform.handle
        self.sends: list[str] = []
        self.looks = 0
        platform.handle = self

    def __call__(self, method: str, path: str, headers: Any, query: Any, body: bytes, now: Any) -> Any:
        if method != "POST":
            self.looks += 1
            return self.handle(method, path, headers, query, body, now)
        self.sends.append(body.decode())
        if len(self.sends) <= self.times:
            return answer(self.row.status, self.row.content, self.row.headers)
        return self.handle(method, path, headers, query, body, now)


def the_reply(world: World) -> Reply:
    (case,) = world.cases()
    (reply,) = [each for each in world.records(case.id, "reply#") if each.kind == "acknowledgement"]
    assert isinstance(reply, Reply)
    return reply


def account(world: World, channel: str) -> Account | None:
    found = world.services.table.get(keys.account(channel, ACCOUNTS[channel]))
    return found if isinstance(found, Account) else None


def renew(world: World, channel: str) -> None:
    """Somebody renews the account's credentials."""
    account = ACCOUNTS[channel]
    world.store_tokens(channel, account, {**world.tokens_of(channel, account), "renewed": "yes"})


def waits(world: World, row: Refusal, platform: Refusing) -> None:
    """Sent later, once, in the same words; nobody is bothered, and the reason stays."""
    reply = the_reply(world)
    assert reply.state == "sent" and len(platform.sends) == 2
    assert [each.because for each in reply.waited][0] == row.reason.partition(":")[0]
    assert account(world, row.channel) is None


def parks(world: World, row: Refusal, platform: Refusing) -> None:
    """No further call, the alarm rings; with renewed credentials it goes out."""
    parked = account(world, row.channel)
    assert parked is not None and parked.parked_because == row.reason
    assert the_reply(world).state == "pending" and len(platform.sends) == 1
    assert any(line["message"] == "account_parked" for line in world.log)
    renew(world, row.channel)
    world.pass_time(900)
    assert the_reply(world).state == "sent" and len(platform.sends) == 2
    released = account(world, row.channel)
    assert released is not None and released.parked_at is None


def rewords(world: World, row: Refusal, platform: Refusing) -> None:
    """Said in other words, once."""
    assert the_reply(world).state == "sent"
    first, second = platform.sends
    assert first != second


def agent(world: World, row: Refusal, platform: Refusing) -> None:
    """Never said by the robot; a person has it as live work, the post unanswered, the reason in the trail."""
    (case,) = world.cases()
    reply = the_reply(world)
    assert (reply.state, reply.reason) == ("refused", row.reason) and len(platform.sends) == 1
    assert case.work_id is not None and set(reply.post_keys) <= set(case.unanswered)
    trail = [each.why for each in world.records(case.id, "audit#") if each.what == "acknowledgement_refused"]
    assert trail == [row.reason]


def gone(world: World, row: Refusal, platform: Refusing) -> None:
    """Nothing to answer any more, and nobody to be bothered: the post's text goes."""
    reply = the_reply(world)
    assert (reply.state, reply.reason) == ("refused", row.reason) and len(platform.sends) == 1
    (stored,) = world.records(reply.case_id, "post#")
    assert stored.state == "deleted" and stored.post.text == ""


def looks_first(world: World, row: Refusal, platform: Refusing) -> None:
    """The platform is asked twice whether it has it; only then it is sent again. Who cannot ask leaves it to a person."""
    if row.channel in SHOWS_NOTHING:
        (case,) = world.cases()
        assert the_reply(world).reason == "unclear" and len(platform.sends) == 1 and case.work_id is not None
        return
    looked = platform.looks >= 2 or row.channel in KNOWS_ITS_IDS
    assert the_reply(world).state == "sent" and len(platform.sends) == 2 and looked


THEN: dict[Does, Callable[[World, Refusal, Refusing], None]] = {
    "waits": waits,
    "parks": parks,
    "rewords": rewords,
    "agent": agent,
    "gone": gone,
    "looks_first": looks_first,
}


@pytest.mark.parametrize("row", REFUSALS, ids=str)
def test_an_answer_leads_to_what_the_table_says(world: World, row: Refusal) -> None:
    a_post(world, row.channel)
    platform = Refusing(world, row)
    world.pass_time(1200)
    THEN[row.does](world, row, platform)


UNCLEAR = [
    row for row in REFUSALS if row.does == "looks_first" and row.status >= 500 and row.channel not in KNOWS_ITS_IDS
]


@pytest.mark.parametrize("row", UNCLEAR, ids=str)
def test_what_stays_unclear_is_an_agents_in_the_end(world: World, row: Refusal) -> None:
    a_post(world, row.channel)
    platform = Refusing(world, row, times=99)
    world.pass_time(3600)
    (case,) = world.cases()
    assert len(platform.sends) == (1 if row.channel in SHOWS_NOTHING else MOST_ATTEMPTS)
    assert (the_reply(world).state, the_reply(world).reason) == ("refused", "unclear") and case.work_id is not None
