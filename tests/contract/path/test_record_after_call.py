"""Somebody writes on the case while a call outside is under way: what the call did is recorded all the same, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from firstline import channels
from firstline.model.case import Case
from firstline.model.digest import Digest
from firstline.model.errors import LostRace, NotSent, Permanent, Retry, Reword, Unclear, Wait
from firstline.model.handoff import BranchMail
from firstline.model.records import TokenRenewal
from firstline.model.reply import Reply
from firstline.operations import branch
from firstline.operations.agents import claim
from firstline.operations.agents import reply as answer
from firstline.operations.record import RACES, record_outcome
from firstline.operations.renew_tokens import renew_tokens
from firstline.table import Record, keys
from tests.builders import CARE
from tests.contract.path.test_branches import handed, later_mails, the_case, the_handoff
from tests.contract.path.test_digest import MONDAY
from tests.contract.path.test_error_tables import ACCOUNTS, a_post
from tests.contract.path.test_main_job import comments
from tests.world import World, a_world

CHANNELS = tuple(ACCOUNTS)
PRIVATE = "my oven is broken, ring me on 07911 123456"


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(in_memory=True, shards=1) as world:
        yield world


@contextmanager
def during(target: Any, name: str, then: Callable[[], None], outcome: Exception | None = None) -> Iterator[None]:
    """The first call of ``target.name`` has its effect (or ends with ``outcome``), then somebody else writes, then it
    returns."""
    real, left = getattr(target, name), [then]

    def call(*args: Any, **kwargs: Any) -> Any:
        if not left:
            return real(*args, **kwargs)
        write = left.pop()
        try:
            if outcome is not None:
                raise outcome
            return real(*args, **kwargs)
        finally:
            write()

    with patch.object(target, name, call):
        yield
    assert not left, f"{name} was not called"


def replies(world: World, kind: str = "acknowledgement") -> list[Reply]:
    found = [each for case in world.cases() for each in world.records(case.id, "reply#") if isinstance(each, Reply)]
    return sorted((each for each in found if each.kind == kind), key=lambda reply: reply.created_at)


def held_back(world: World, channel: str) -> None:
    """A post whose answer goes with the next work on the replies queue."""
    a_post(world, channel)
    world.settle()
    world.now += timedelta(minutes=3)


def writes_again(world: World, channel: str) -> Callable[[], None]:
    """The customer writes once more, and intake is faster than the call."""

    def write() -> None:
        a_post(world, channel)
        world.work("intake")

    return write


def asked_whether_it_went_out(world: World) -> list[str]:
    return [case.work_reason for case in world.cases() if "nobody can tell" in (case.work_reason or "")]


# -- replies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_answer_is_recorded_as_sent_although_the_customer_wrote_meanwhile(world: World, channel: str) -> None:
    held_back(world, channel)
    with during(channels.adapter(channel), "send", writes_again(world, channel)):
        world.work("replies")
    first, (sent, *_) = replies(world)[0], world.sent(channel)
    assert first.state == "sent" and (first.platform_id or "").endswith(sent.id)
    assert the_case(world).acknowledged_at is not None and first.id not in the_case(world).in_flight
    world.pass_time(15 * 60)
    assert len([each for each in world.sent(channel) if each.text == first.text]) == 1
    assert asked_whether_it_went_out(world) == []


def test_an_agents_answer_is_recorded_although_the_customer_wrote_meanwhile(world: World) -> None:
    a_post(world, "generic")
    world.pass_time(300)
    claim(the_case(world).id, "maria", world.services)
    answer(the_case(world).id, "maria", "Which model is it?", world.services)
    with during(channels.adapter("generic"), "send", writes_again(world, "generic")):
        world.work("replies")
    (said,) = replies(world, "agent")
    assert said.state == "sent" and the_case(world).first_human_at is not None
    world.pass_time(15 * 60)
    assert [each.text for each in world.sent("generic")].count("Which model is it?") == 1


def test_a_private_reply_is_recorded_and_the_chat_is_known_although_the_customer_wrote_meanwhile(world: World) -> None:
    comments(world, PRIVATE)
    world.settle()
    world.now += timedelta(minutes=3)
    adapter, sent_private = channels.adapter("facebook"), channels.adapter("facebook").send

    def write() -> None:
        comments(world, "and it smells")
        world.work("intake")

    once = [write]

    def send(http: Any, credentials: Any, outgoing: Any) -> Any:
        try:
            return sent_private(http, credentials, outgoing)
        finally:
            if outgoing.endpoint.startswith("private") and once:
                once.pop()()

    with patch.object(adapter, "send", send):
        while world.work("replies"):
            pass
    assert not once
    private = replies(world, "private_reply")[0]
    (chat,) = world.sent("messenger")
    assert (private.state, private.platform_id) == ("sent", chat.id)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Permanent("blocked"), "refused"),
        (Reword("duplicate_text"), "pending"),
        (Wait("rate_limited", after=900), "pending"),
        (NotSent("not_reached"), "pending"),
        (Unclear("timed_out"), "unclear"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else each,
)
def test_what_the_platform_refused_is_recorded_although_the_customer_wrote_meanwhile(
    world: World, outcome: Exception, state: str
) -> None:
    held_back(world, "x")
    with during(channels.adapter("x"), "send", writes_again(world, "x"), outcome):
        (message,) = world.sqs.receive_message(QueueUrl=world.urls["replies"])["Messages"]
        world._invoke("replies", [(message["MessageId"], message["Body"])])
    assert replies(world)[0].state == state
    assert replies(world)[0].lease_until is None


def test_a_call_that_was_not_made_is_given_back_to_the_budget_once(world: World) -> None:
    held_back(world, "x")
    limits = channels.adapter("x").limits
    (endpoint,) = {each.endpoint for each in replies(world)}
    with during(channels.adapter("x"), "send", writes_again(world, "x"), NotSent("not_reached")):
        (message,) = world.sqs.receive_message(QueueUrl=world.urls["replies"])["Messages"]
        world._invoke("replies", [(message["MessageId"], message["Body"])])
    budget: Any = world.services.table.get(keys.budget("x", CARE, endpoint))
    assert budget.windows["window"].remaining == limits[endpoint].calls


def test_an_answer_that_was_found_at_the_platform_is_recorded_although_the_customer_wrote_meanwhile(
    world: World,
) -> None:
    held_back(world, "x")
    world.x.faults.plan("x", "unclear", world.now, times=1)
    world.work("replies")
    assert replies(world)[0].state == "unclear"
    world.now += timedelta(minutes=2)
    world.tick()
    finds: list[str] = []
    real = channels.adapter("x").find_sent

    def find_sent(*args: Any) -> Any:
        finds.append("asked")
        return real(*args)

    with (
        patch.object(channels.adapter("x"), "find_sent", find_sent),
        during(channels.adapter("x"), "find_sent", writes_again(world, "x")),
    ):
        world.work("replies")
    assert replies(world)[0].state == "sent"
    assert finds == ["asked"]


# -- mails -------------------------------------------------------------------------------------------------------


def test_a_handoffs_mail_is_recorded_although_the_customer_wrote_meanwhile(world: World) -> None:
    comments(world, "No engineer came to repair my oven in Leeds")
    world.work("intake")

    def write() -> None:
        comments(world, "Still no engineer in Leeds to repair my oven")
        world.work("intake")

    with during(world.services.mailer, "send", write):
        world.work("handoffs")
    given = the_handoff(world)
    assert given.state == "mailed" and given.accept_by is not None and len(given.post_keys) == 2
    world.pass_time(20 * 60)
    assert "nobody can tell" not in str([each for each in world.records(the_case(world).id)])


def test_a_refused_mail_is_recorded_although_the_customer_wrote_meanwhile(world: World) -> None:
    comments(world, "No engineer came to repair my oven in Leeds")
    world.work("intake")

    def write() -> None:
        comments(world, "Still no engineer in Leeds to repair my oven")
        world.work("intake")

    with during(world.services.mailer, "send", write, Permanent("MessageRejected")):
        world.work("handoffs")
    assert the_handoff(world).state == "refused"
    assert "MessageRejected" in (the_case(world).work_reason or "")


def test_a_reminder_is_recorded_although_somebody_wrote_on_its_row_meanwhile(world: World) -> None:
    handed(world)
    for _ in range(60):
        if not later_mails(world):
            world.now += timedelta(minutes=10)
            world.tick()
            world.work("handoffs")
    (due,) = later_mails(world)
    assert due.state == "pending"

    def write() -> None:
        present = world.services.table.get(keys.branch_mail(due.case_id, due.id))
        assert isinstance(present, BranchMail)
        world.services.table.commit([present], world.now)

    with during(world.services.mailer, "send", write):
        world.work("handoffs")
    settled = world.services.table.get(keys.branch_mail(due.case_id, due.id))
    assert isinstance(settled, BranchMail) and settled.state == "mailed"


def test_a_branch_that_accepts_while_its_mail_goes_out_keeps_what_it_did(world: World) -> None:
    comments(world, "No engineer came to repair my oven in Leeds")
    world.work("intake")

    def accept() -> None:
        branch.accept(the_case(world).id, "leeds", world.services)

    with during(world.services.mailer, "send", accept):
        world.work("handoffs")
    assert (the_handoff(world).state, the_handoff(world).stage) == ("mailed", "accepted")


def the_digest(world: World, about: str = "branch-leeds") -> Digest:
    found = world.services.table.get(keys.digest(about))
    assert isinstance(found, Digest)
    return found


def test_a_digest_is_recorded_as_sent_although_somebody_wrote_on_its_row_meanwhile(world: World) -> None:
    world.tick()
    world.now = MONDAY
    world.tick()

    def write() -> None:
        (sending,) = [each for each in all_digests(world) if each.state == "sending"]
        world.services.table.commit([sending], world.now)

    with during(world.services.mailer, "send", write):
        world.work("handoffs")
    world.settle()
    assert all(each.sent_at == MONDAY for each in all_digests(world))


def test_a_digest_that_is_stopped_while_it_goes_out_stays_stopped(world: World) -> None:
    world.tick()
    world.now = MONDAY
    world.tick()

    def stop() -> None:
        (sending,) = [each for each in all_digests(world) if each.state == "sending"]
        world.services.table.commit([sending.stopped("unsubscribed")], world.now)

    with during(world.services.mailer, "send", stop):
        world.work("handoffs")
    world.settle()
    assert [each.state for each in all_digests(world)].count("stopped") == 1


def all_digests(world: World) -> list[Digest]:
    names = [f"branch-{each.id}" for each in world.published.now.branches]
    return [the_digest(world, name) for name in names]


# -- tokens ------------------------------------------------------------------------------------------------------


def rewritten(world: World) -> None:
    """Somebody writes the renewal's row as it is."""
    present = world.services.table.get(keys.token_renewal("x", CARE))
    assert isinstance(present, TokenRenewal)
    world.services.table.commit([present], world.now)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(None, "renewed"), (Permanent("invalid_grant"), "refused"), (NotSent("not_reached"), "waiting")],
    ids=["renewed", "refused", "waiting"],
)
def test_a_renewal_of_tokens_is_recorded_although_its_row_was_written_meanwhile(
    world: World, outcome: Exception | None, state: str
) -> None:
    world.short_tokens(CARE)
    world.now += timedelta(minutes=95)
    with during(channels.tokens("x"), "renew", lambda: rewritten(world), outcome):
        renew_tokens(world.services)
    known = world.services.table.get(keys.token_renewal("x", CARE))
    assert isinstance(known, TokenRenewal) and (known.state, known.lease_until) == (state, None)


# -- the mechanism -----------------------------------------------------------------------------------------------


def test_who_loses_every_race_leaves_the_work_to_the_queue(world: World) -> None:
    tries: list[Record | None] = []

    def record(case: Case) -> None:
        tries.append(case)
        raise LostRace("busy")

    a_post(world, "x")
    world.work("intake")
    with pytest.raises(Retry):
        record_outcome(the_case(world), lambda: the_case(world), record, world.services)
    assert len(tries) == RACES == len(world.pauses)
    assert sum(world.pauses) < 20


def test_what_somebody_else_recorded_meanwhile_is_left_alone(world: World) -> None:
    def record(_: str) -> None:
        raise LostRace("busy")

    record_outcome("read", lambda: None, record, world.services)
