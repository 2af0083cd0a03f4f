"""Every effect outside happens once: a second sender, a lost answer and a platform that shows nothing yet are no reason
for another one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from firstline import channels
from firstline.model.errors import NotSent, Outcome, Unclear, Wait
from firstline.model.records import AuthorRecord
from firstline.operations.aftermath import MOST_REWORDS
from firstline.operations.hand_over import hand_over, hear_of_mail
from firstline.operations.send_reply import send_reply
from firstline.outward.mail import MailEvent
from firstline.table import keys
from infra.local.simulators.store import Person
from tests.contract.path.test_branches import the_case, the_handoff
from tests.contract.path.test_error_tables import a_post
from tests.contract.path.test_main_job import comments, posts
from tests.contract.path.test_record_after_call import during, held_back, replies
from tests.world import World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(in_memory=True, shards=1) as world:
        yield world


def looks(world: World, *answers: Outcome | None) -> Any:
    """X answers so when it is asked for the reply: None for "not there (yet)"; afterwards as it is."""
    real, left = channels.adapter("x").find_sent, list(answers)

    def find_sent(*args: Any) -> Any:
        if not left:
            return real(*args)
        answer = left.pop(0)
        if answer is not None:
            raise answer
        return None

    return patch.object(channels.adapter("x"), "find_sent", find_sent)


def test_an_answer_that_the_platform_shows_late_is_not_given_again(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.x.faults.plan("x", "unclear", world.now, times=1)
    with looks(world, None), patch.object(world, "webhooks", lambda: None):  # its echo comes later still
        world.pass_time(15 * 60)
    assert len(world.sent("x")) == 1 and replies(world)[0].state == "sent"


def test_a_platform_that_cannot_be_asked_for_a_while_is_asked_again_before_anything_is_sent(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.x.faults.plan("x", "unclear", world.now, times=1)
    answers = [NotSent("not_reached")] * 4
    with looks(world, *answers), patch.object(world, "webhooks", lambda: None):
        world.pass_time(20 * 60)
    assert len(world.sent("x")) == 1 and replies(world)[0].state == "sent"


def test_an_answer_that_did_not_go_out_is_sent_again_after_two_looks(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.x.faults.plan("x", "cut", world.now, times=1)
    world.pass_time(15 * 60)
    assert len(world.sent("x")) == 1 and replies(world)[0].attempt == 2


@pytest.mark.parametrize("channel", ["x", "generic"])
def test_a_second_sender_that_comes_during_the_call_sends_nothing_and_takes_nobody_for_dead(
    world: World, channel: str
) -> None:
    held_back(world, channel)
    seen: list[str] = []

    def second_sender() -> None:
        send_reply(the_case(world).id, replies(world)[0].id, world.services)
        seen.append(replies(world)[0].state)

    with during(channels.adapter(channel), "send", second_sender):
        world.work("replies")
    assert seen == ["sending"]
    assert len(world.sent(channel)) == 1 and replies(world)[0].state == "sent"


def test_the_echo_of_our_own_words_that_comes_minutes_later_is_nobodys_answer(world: World) -> None:
    comments(world, "my oven is broken")
    with patch.object(world, "webhooks", lambda: None):
        world.pass_time(300)
    assert world.out, "the platform tells of our comment"
    world.pass_time(300)
    assert the_case(world).first_human_at is None and the_case(world).work_id is not None


def test_who_asked_for_silence_after_intake_hears_nothing_more(world: World) -> None:
    a_post(world, "x")
    world.work("intake")
    author = world.services.table.get(keys.author("x:501"))
    assert isinstance(author, AuthorRecord)
    world.services.table.commit([author.model_copy(update={"opted_out_at": world.now})], world.now)
    world.pass_time(600)
    assert world.sent("x") == []
    assert [(each.state, each.reason) for each in replies(world)] == [("cancelled", "opted_out")]


def test_a_limit_that_one_answer_met_keeps_the_others_from_calling(world: World) -> None:
    """The platform says only how long to wait; no header tells of a window."""
    calls: list[str] = []
    real = channels.adapter("x").send

    def send(http: Any, credentials: Any, outgoing: Any) -> Any:
        calls.append(outgoing.reply_id)
        if len(calls) == 1:
            raise Wait("rate_limited", after=900)
        return real(http, credentials, outgoing)

    posts(world, "@AcmeCare my oven is broken")
    posts(world, "@AcmeCare my dryer is broken", author=Person(id="502", name="Bo Lind", handle="bo"))
    with patch.object(channels.adapter("x"), "send", send):
        world.pass_time(10 * 60)
        assert len(calls) == 1
        world.pass_time(20 * 60)
    assert len(world.sent("x")) == 2


def test_words_that_are_refused_as_a_duplicate_again_and_again_become_an_agents(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.x.faults.plan("x", "duplicate", world.now, times=50)
    world.pass_time(30 * 60)
    assert [(each.state, each.attempt) for each in replies(world)] == [("refused", MOST_REWORDS + 1)]
    assert "duplicate" in (the_case(world).work_reason or "")


# -- mails -------------------------------------------------------------------------------------------------------


def a_field_case(world: World) -> None:
    comments(world, "No engineer came to repair my oven in Leeds")
    world.work("intake")


def unclear_after_it_went(world: World) -> Any:
    """SES takes the next mail, and nobody hears of it."""
    real, left = world.services.mailer.send, [Unclear("read_timeout")]

    def send(*args: Any, **kwargs: Any) -> str:
        mail_id = real(*args, **kwargs)
        if left:
            raise left.pop()
        return mail_id

    return patch.object(world.services.mailer, "send", send)


def test_a_handoff_whose_mail_may_have_gone_is_not_mailed_again(world: World) -> None:
    a_field_case(world)
    with unclear_after_it_went(world):
        world.pass_time(30 * 60)
    assert len(world.mails()) == 1
    assert the_handoff(world).stage == "returned" and the_case(world).work_id is not None


def test_sess_own_word_settles_a_mail_of_which_nobody_knew(world: World) -> None:
    a_field_case(world)
    with unclear_after_it_went(world):
        world.work("handoffs")
    given = the_handoff(world)
    assert given.state == "unclear"
    event = MailEvent(
        kind="send",
        mail_id="m-1",
        handoff=f"{given.case_id}-leeds",
        recipients=("leeds@acme.example",),
        at=world.now + timedelta(seconds=2),
    )
    hear_of_mail(event, world.services)
    assert (the_handoff(world).state, the_handoff(world).mail_id) == ("mailed", "m-1")
    world.pass_time(15 * 60)
    assert the_handoff(world).stage == "waiting" and len(world.mails()) == 1


def test_a_second_sender_that_comes_while_the_mail_goes_out_mails_nothing(world: World) -> None:
    a_field_case(world)

    def second_sender() -> None:
        hand_over(the_case(world).id, "leeds", world.services)

    with during(world.services.mailer, "send", second_sender):
        world.work("handoffs")
    assert len(world.mails()) == 1 and the_handoff(world).state == "mailed"
