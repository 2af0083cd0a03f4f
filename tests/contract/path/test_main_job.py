"""The main job in one process: a signed webhook becomes a case, an acknowledgement, work for an agent, a mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from firstline.model.errors import LostRace, Wait
from firstline.model.records import StoredPost
from firstline.model.reply import Reply
from firstline.operations.agents import reply, resolve, take_next, wait_for_customer
from firstline.outward.mail import Mailer
from infra.local.simulators.store import Person
from tests.builders import CARE, PAGE
from tests.world import World, a_world

ANNA = Person(id="501", name="Anna Ross", handle="anna")
BEN = Person(id="777000001", name="Ben Hill")


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def posts(world: World, text: str, author: Person = ANNA, **how: Any) -> Any:
    post, deliveries = world.x.post(author, text, world.now, account=CARE, **how)
    for each in deliveries:
        assert world.deliver(each) == 200
    return post


def comments(world: World, text: str, author: Person = BEN, **how: Any) -> Any:
    post, deliveries = world.graph.post(author, text, world.now, account=PAGE, **how)
    for each in deliveries:
        assert world.deliver(each) == 200
    return post


def live_items(world: World) -> set[str]:
    """The work ids in the lanes that are still live."""
    live = {case.work_id for case in world.cases() if case.work_id}
    found = {item["work_id"] for lane in ("urgent", "standard", "email") for item in world.lane(lane)}
    return found & live


def test_a_mention_becomes_one_case_one_acknowledgement_and_one_work_item(world: World) -> None:
    post = posts(world, "@AcmeCare my oven is broken since Monday")
    world.pass_time(120)
    assert [each.parent_id for each in world.sent()] == [post.id]
    (case,) = world.cases()
    assert case.posts == 1 and case.acknowledged_at is not None and case.first_human_at is None
    assert live_items(world) == {case.work_id}


def test_a_comment_on_the_page_is_answered_under_it(world: World) -> None:
    post = comments(world, "The oven you sold me is broken")
    world.pass_time(180)
    assert [each.parent_id for each in world.sent("facebook")] == [post.id]


def test_the_same_delivery_five_times_changes_nothing(world: World) -> None:
    _, deliveries = world.x.post(ANNA, "@AcmeCare my oven is broken", world.now, account=CARE)
    for _ in range(5):
        for each in deliveries:
            world.deliver(each)
    world.pass_time(180)
    assert len(world.sent()) == 1 and [case.posts for case in world.cases()] == [1]


def test_three_more_posts_of_the_author_are_each_answered_in_other_words_on_the_same_case(world: World) -> None:
    for number in range(4):
        posts(world, f"@AcmeCare my oven is broken, attempt {number}")
        world.pass_time(120)
    (case,) = world.cases()
    texts = [each.text for each in world.sent()]
    assert case.posts == 4 and len(texts) == 4 and len(set(texts)) == 4
    assert len({each.parent_id for each in world.sent()}) == 4


def test_a_field_level_post_is_mailed_to_its_branch_before_the_customer_is_told(world: World) -> None:
    posts(world, "@AcmeCare no engineer came to repair my broken oven in Leeds")
    world.pass_time(180)
    (mail,) = world.mails()
    assert "leeds@acme.example" in str(mail.destinations)
    (sent,) = world.sent()
    assert "Leeds" in sent.text
    (case,) = world.cases()
    assert case.handoffs == ("leeds",)


def test_on_x_the_one_reply_to_danger_names_the_branch_that_was_mailed(world: World) -> None:
    post = posts(world, "@AcmeCare smoke comes out of my oven in Leeds and no engineer came to repair it")
    world.pass_time(120)
    (said,) = world.sent("x")
    assert said.parent_id == post.id and "safety" in said.text and "also_handed_to_branch" in said.text
    assert [mail.destinations[0] for mail in world.mails()] == ["leeds@acme.example"]


def test_danger_is_answered_without_the_branch_when_its_mail_does_not_go_out(world: World) -> None:
    with patch.object(Mailer, "send", side_effect=Wait("throttling", after=600)):
        posts(world, "@AcmeCare smoke comes out of my oven in Leeds and no engineer came to repair it")
        world.pass_time(100, step=5)
        (said,) = world.sent("x")
    assert "safety" in said.text and "branch" not in said.text


def test_safety_is_urgent_work_at_once(world: World) -> None:
    posts(world, "@AcmeCare there is smoke coming out of my oven")
    world.settle()
    (item,) = world.lane("urgent")
    assert item["priority"] >= 70


def test_spam_gets_nothing_and_nobody_is_bothered(world: World) -> None:
    posts(world, "@AcmeCare free followers at http://spam.example")
    world.pass_time(300)
    (case,) = world.cases()
    assert world.sent() == [] and case.work_id is None and case.disposition == "spam"


def test_a_persons_answer_within_the_hold_back_cancels_the_acknowledgement(world: World) -> None:
    post = posts(world, "@AcmeCare my oven is broken")
    world.settle()
    brand = world.x.brand(world.x.settings.account("x", CARE))
    world.now += timedelta(seconds=20)
    _, deliveries = world.x.post(
        brand, "Hi Anna, which model?", world.now, account=CARE, parent_id=post.id, native=True
    )
    for each in deliveries:
        world.deliver(each)
    world.pass_time(300)
    (case,) = world.cases()
    assert world.sent() == [] and case.first_human_at is not None
    (acknowledgement,) = [each for each in world.records(case.id, "reply#") if isinstance(each, Reply)]
    assert (acknowledgement.state, acknowledgement.reason) == ("cancelled", "answered_by_person")


def test_an_agent_takes_the_case_answers_and_resolves_it(world: World) -> None:
    post = posts(world, "@AcmeCare my oven is broken")
    world.pass_time(120)
    case = take_next("maria", frozenset(), world.services)
    assert case is not None
    reply(case.id, "maria", "Hi Anna, a colleague comes tomorrow at ten.", world.services)
    world.pass_time(60)
    assert [each.text for each in world.sent() if each.parent_id == post.id][-1].startswith("Hi Anna")
    resolved = resolve(case.id, "maria", "repaired", world.services)
    assert resolved.status == "resolved" and resolved.first_human_at is not None


def test_a_burst_in_chat_gets_one_acknowledgement(world: World) -> None:
    for text in ("hello", "my oven is broken", "since Monday"):
        comments(world, text, private=True)
        world.settle()
    world.pass_time(240)
    assert len(world.sent("messenger")) == 1


def test_a_message_of_a_burst_that_comes_in_late_gets_no_answer_of_its_own(world: World) -> None:
    _, first = world.graph.post(BEN, "hello", world.now, account=PAGE, private=True)
    comments(world, "my oven is broken", private=True)
    world.pass_time(240)
    for each in first:
        world.deliver(each)
    world.pass_time(240)
    (case,) = world.cases()
    assert case.posts == 2 and len(world.sent("messenger")) == 1
    silences = {each.post.text: each.silence for each in world.records(case.id, "post#")}
    assert silences == {"hello": "answered_together", "my oven is broken": None}


def test_a_late_message_of_a_burst_that_tells_of_danger_is_answered(world: World) -> None:
    _, first = world.graph.post(BEN, "smoke comes out of it", world.now, account=PAGE, private=True)
    comments(world, "my oven is broken", private=True)
    world.pass_time(240)
    for each in first:
        world.deliver(each)
    world.pass_time(240)
    assert "safety" in world.sent("messenger")[-1].text


def test_a_deleted_post_is_not_answered_and_its_text_is_gone(world: World) -> None:
    post = posts(world, "@AcmeCare my oven is broken")
    world.settle()
    (case,) = world.cases()
    comment = comments(world, "my oven is broken")
    world.settle()
    _, deliveries = world.graph.delete(comment.id, world.now)
    for each in deliveries:
        world.deliver(each)
    world.pass_time(300)
    assert [each.parent_id for each in world.sent()] == [post.id]
    (gone,) = [other for other in world.cases() if other.id != case.id]
    (stored,) = [each for each in world.records(gone.id, "post#") if isinstance(each, StoredPost)]
    assert stored.erased and stored.post.text == ""


def test_an_unclear_outcome_asks_the_platform_before_anything_is_sent_again(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.x.faults.plan("x", "unclear", world.now)
    world.pass_time(600)
    assert len(world.sent()) == 1
    (case,) = world.cases()
    assert case.acknowledged_at is not None


def test_an_expired_token_parks_the_work_until_the_secret_is_renewed(world: World) -> None:
    world.x.tokens["x"][CARE] = world.x.tokens["x"][CARE].model_copy(update={"token": "renewed"})
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(600)
    assert world.sent() == [] and any(line["message"] == "account_parked" for line in world.log)
    world.store_tokens("x", CARE, {**world.tokens_of("x", CARE), "token": "renewed"})
    world.pass_time(900)
    assert len(world.sent()) == 1


def test_a_refused_duplicate_is_said_in_other_words(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.x.faults.plan("x", "duplicate", world.now)
    world.pass_time(300)
    assert len(world.sent()) == 1


def test_a_forged_delivery_is_refused_and_nothing_is_stored(world: World) -> None:
    _, deliveries = world.x.post(ANNA, "@AcmeCare my oven is broken", world.now, account=CARE)
    forged = {**deliveries[0].headers, "x-twitter-webhooks-signature": "sha256=AAAA"}
    assert world.knock("x", deliveries[0].body, forged) == 401
    assert world.knock("x", deliveries[0].body, {}) == 401
    world.pass_time(120)
    assert world.cases() == []


def test_ten_posts_of_one_author_get_ten_different_answers(world: World) -> None:
    for number in range(10):
        posts(world, f"@AcmeCare my oven is broken, attempt {number}")
    world.pass_time(600)
    texts = [each.text for each in world.sent()]
    assert len(texts) == 10 == len(set(texts))
    assert len(world.cases()) == 1


def test_a_post_that_loses_races_takes_its_turn_at_once_and_is_not_put_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, lost = world.services.table.commit, []

    def overtaken(records: Any, now: Any) -> None:
        if len(lost) < 6:
            lost.append(records)
            raise LostRace("somebody was faster")
        commit(records, now)

    monkeypatch.setattr(world.services.table, "commit", overtaken)
    posts(world, "@AcmeCare my oven is broken")
    world.work("intake")
    assert len(world.cases()) == 1
    assert len(world.pauses) == 6 and all(0 <= pause <= 1 for pause in world.pauses)


def test_danger_rings_the_alarm_and_a_sensitive_post_waits_at_the_head_of_the_urgent_lane(world: World) -> None:
    posts(world, "@AcmeCare your driver groped my daughter")
    world.pass_time(120)
    assert world.sent("x") == [] and len(world.lane("urgent")) == 1
    assert [name for name, _ in world.metrics if name == "PeopleAtRisk"] == ["PeopleAtRisk"]


def test_small_talk_goes_on_the_case_and_moves_no_clock(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken since Monday")
    world.pass_time(120)
    (before,) = world.cases()
    posts(world, "@AcmeCare thanks!")
    world.pass_time(120)
    (case,) = world.cases()
    assert case.posts == 2 and len(world.sent("x")) == 1
    assert (case.human_due, case.unanswered, case.work_id) == (before.human_due, before.unanswered, before.work_id)


def test_small_talk_that_an_agent_waits_for_brings_the_case_back(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken since Monday")
    world.pass_time(120)
    case = take_next("maria", frozenset(), world.services)
    assert case is not None
    reply(case.id, "maria", "Please send us a picture of the plate.", world.services)
    world.pass_time(60)
    wait_for_customer(case.id, "maria", world.services)
    posts(world, "@AcmeCare sent!")
    world.pass_time(120)
    (case,) = world.cases()
    assert case.work_id is not None and live_items(world) == {case.work_id}
    assert len(world.sent("x")) == 2


def test_present_fire_is_answered_at_once_though_the_branchs_mail_does_not_go_out(world: World) -> None:
    with patch.object(Mailer, "send", side_effect=Wait("throttling", after=600)):
        posts(world, "@AcmeCare my oven in Leeds is on fire right now, smoke everywhere, no engineer came to repair it")
        world.pass_time(5, step=5)
        (said,) = world.sent("x")
    assert "112" in said.text
