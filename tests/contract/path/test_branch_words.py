"""A branch's links are no megaphone: what it writes to a customer is read first, seldom, and leads nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from firstline.model.errors import Refused
from firstline.model.records import Audit, Note
from firstline.model.reply import Reply
from firstline.operations import agents, branch
from tests.builders import a_playbook
from tests.contract.path.test_branch_pages import ask, token, words
from tests.contract.path.test_branches import handed, let_through, the_case, the_handoff
from tests.contract.path.test_main_job import comments
from tests.world import World, a_world

OWN = {"public_data": {"domains": ["acme.example"]}}
TUESDAY = "We come on Tuesday at ten."


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(a_playbook(**OWN)) as world:
        yield world


def write(world: World, text: str, once: str = "0123456789abcdef") -> tuple[int, str]:
    world.now += timedelta(seconds=1)
    answer = ask(world, token(world, "write"), {"text": text, "once": once})
    return int(answer["statusCode"]), words(answer)


def written(world: World) -> list[Reply]:
    return [each for each in world.records(the_case(world).id, "reply#branch-") if isinstance(each, Reply)]


def public(world: World) -> list[str]:
    """What the customer and everybody else sees of the branch's words."""
    world.pass_time(180)
    said = {each.text for each in written(world)}
    return [each.text for each in world.sent("facebook") if each.text in said]


def test_the_first_public_words_wait_for_an_agent_and_the_branch_sees_it(world: World) -> None:
    handed(world)
    assert "Our team reads it before it goes out" in words(ask(world, token(world, "write")))
    status, page = write(world, TUESDAY)
    assert status == 200 and "our team reads your words" in page
    assert public(world) == []
    case = the_case(world)
    assert (
        case.work_id is not None and "wrote to the customer" in case.work_reason and "Tuesday" not in case.work_reason
    )
    assert "our team reads it first" in words(ask(world, token(world)))


def test_an_agent_lets_them_through_once_and_they_stay_the_branchs(world: World) -> None:
    handed(world)
    write(world, TUESDAY)
    let_through(world)
    (reply,) = written(world)
    with pytest.raises(Refused):
        let_through_again(world, reply)
    assert public(world) == [TUESDAY]
    (reply,) = written(world)
    assert (reply.by, reply.state) == ("branch:leeds", "sent")
    trail = [each for each in world.records(the_case(world).id, "audit#") if isinstance(each, Audit)]
    assert [each.by for each in trail if each.what == "branch_words_approved"] == ["maria"]
    assert "Written to the customer – sent" in words(ask(world, token(world)))
    assert the_case(world).first_human_at is not None


def let_through_again(world: World, reply: Reply) -> None:
    world.now += timedelta(seconds=1)
    case = the_case(world)
    agents.claim(case.id, "maria", world.services)
    agents.send_ready(case.id, "maria", reply.id, world.services)


def test_after_that_the_branch_writes_by_itself(world: World) -> None:
    handed(world)
    write(world, TUESDAY)
    let_through(world)
    page = ask(world, token(world, "write"))
    assert "Our team reads it" not in words(page)
    assert "on their way" in write(world, "We bring the part along.", "1" * 16)[1]
    assert public(world) == [TUESDAY, "We bring the part along."]


def test_by_playbook_every_public_word_waits() -> None:
    with a_world(a_playbook(**OWN, handoff={"approve_words": "every_public"})) as world:
        handed(world)
        write(world, TUESDAY)
        let_through(world)
        write(world, "We bring the part along.", "1" * 16)
        assert public(world) == [TUESDAY]


@pytest.mark.parametrize(("rule", "waits"), [("first_public", False), ("every_public", False), ("all", True)])
def test_private_words_wait_only_where_the_playbook_says_so(rule: str, waits: bool) -> None:
    with a_world(a_playbook(**OWN, handoff={"approve_words": rule})) as world:
        handed_in_private(world)
        branch.write_to_customer(the_case(world).id, "leeds", TUESDAY, world.services, key="k")
        (reply,) = written(world)
        assert (reply.state == "ready") is waits


def handed_in_private(world: World) -> None:
    """A handoff whose latest post is a private message."""
    given = handed(world)
    (stored,) = world.records(given.case_id, "post#")
    private = stored.post.model_copy(update={"visibility": "private"})
    world.services.table.commit([stored.model_copy(update={"post": private})], world.now)


def test_an_agent_refuses_them_and_the_branch_reads_why(world: World) -> None:
    handed(world)
    write(world, TUESDAY)
    (reply,) = written(world)
    case = the_case(world)
    agents.claim(case.id, "maria", world.services)
    for attempt in range(2):
        if attempt:
            with pytest.raises(Refused):
                agents.refuse_ready(case.id, "maria", reply.id, world.services, why="Please name the hour.")
        else:
            agents.refuse_ready(case.id, "maria", reply.id, world.services, why="Please name the hour.")
    with pytest.raises(Refused):
        agents.send_ready(case.id, "maria", reply.id, world.services)
    assert public(world) == []
    page = words(ask(world, token(world)))
    assert "Written to the customer – not sent" in page and "Not sent by our team" in page
    assert "Please name the hour." in page and "maria" not in page
    notes = [each for each in world.records(case.id, "note#") if isinstance(each, Note)]
    assert [each.text for each in notes] == ["Please name the hour."]
    write(world, "We come on Tuesday between ten and eleven.", "1" * 16)
    assert sorted(each.state for each in written(world)) == ["cancelled", "ready"]  # none was let through yet


def test_only_who_holds_the_case_lets_words_through(world: World) -> None:
    handed(world)
    write(world, TUESDAY)
    (reply,) = written(world)
    for act in (agents.send_ready, agents.refuse_ready):
        with pytest.raises(Refused):
            act(the_case(world).id, "mallory", reply.id, world.services)
    assert public(world) == []


def test_a_double_click_is_one_message_and_one_piece_of_work(world: World) -> None:
    handed(world)
    write(world, TUESDAY)
    work = the_case(world).work_id
    assert "done before" in write(world, TUESDAY)[1]
    assert len(written(world)) == 1 and the_case(world).work_id == work


@pytest.mark.parametrize(
    "text",
    [
        "Write to us at acme-help.com today",
        "see https://acme.example@evil.com/x",
        "see evil\u3002com",
        "see ev\u200bil.com",
        "see example (dot) com",
        "ask @acme_supp0rt",
    ],
)
def test_words_that_lead_elsewhere_are_refused_with_the_reason(world: World, text: str) -> None:
    given, work = handed(world), the_case(world).work_id
    status, page = write(world, text)
    assert status == 422 and "looks like a way to another page" in page
    with pytest.raises(Refused, match="leads away"):
        branch.write_to_customer(given.case_id, "leeds", text, world.services)
    assert written(world) == [] and the_case(world).work_id == work


def test_the_brands_own_page_and_handle_may_be_named(world: World) -> None:
    handed(world)
    assert write(world, "See https://acme.example/help or ask @AcmeCare.")[0] == 200


def test_ten_messages_with_one_link_are_three(world: World) -> None:
    """The case that was found: one forwarded mail, ten different public messages."""
    handed(world)
    write(world, TUESDAY)
    let_through(world)
    answers = [write(world, f"We come at {hour}.", f"{hour:016x}") for hour in range(1, 10)]
    assert [status for status, _ in answers] == [200, 200, *[422] * 7]
    assert "That is a lot within an hour" in answers[-1][1]
    assert len(public(world)) == 3
    with pytest.raises(Refused):
        branch.write_to_customer(the_case(world).id, "leeds", "More.", world.services, key="x")
    world.now += timedelta(hours=1)
    assert write(world, "We are on our way.", "f" * 16)[0] == 200


def test_the_cap_counts_all_that_is_done_with_a_handoff() -> None:
    with a_world(a_playbook(**OWN, handoff={"acts_per_hour": 4})) as world:
        handed(world)
        ask(world, token(world, "accept"), {})
        for number in range(5):
            world.now += timedelta(seconds=1)
            ask(world, token(world, "more_info"), {"text": f"Which model is it, {number}?"})
        assert [each.what for each in the_handoff(world).steps if each.by == "branch:leeds"] == ["accepted"] + [
            "asked"
        ] * 3
        assert write(world, TUESDAY)[0] == 422
        assert "recorded as done" in words(ask(world, token(world, "done"), {}))  # what ends it is never refused


def test_a_note_that_the_next_branch_is_mailed_leads_nowhere_else(world: World) -> None:
    handed(world)
    sent = {"note": "log in at evil.com first", "belongs_to": "Berlin"}
    answer = ask(world, token(world, "not_ours"), sent)
    assert answer["statusCode"] == 422 and "looks like a way" in words(answer)
    world.pass_time(120)
    assert len(world.mails()) == 1


def test_words_are_not_let_through_once_the_post_is_gone_or_the_case_is_over(world: World) -> None:
    given = handed(world)
    write(world, TUESDAY)
    (reply,) = written(world)
    (stored,) = world.records(given.case_id, "post#")
    world.services.table.commit([stored.model_copy(update={"state": "deleted"})], world.now)
    agents.claim(given.case_id, "maria", world.services)
    with pytest.raises(Refused, match="deleted"):
        agents.send_ready(given.case_id, "maria", reply.id, world.services)
    assert public(world) == []


def test_the_robots_acknowledgement_is_not_held_up_by_words_that_wait(world: World) -> None:
    """The customer hears from us in time, whatever becomes of the branch's words."""
    comments(world, "No engineer came to repair my oven in Leeds")
    world.pass_time(10)
    write(world, TUESDAY)
    world.pass_time(3600, step=60)
    acknowledged = [each for each in world.records(the_case(world).id, "reply#ack") if isinstance(each, Reply)]
    assert [each.state for each in acknowledged] == ["sent"]
