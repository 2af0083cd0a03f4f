"""What a branch does with a handoff, and what happens when it does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_string, policy
from functools import partial

import pytest

from firstline.model.case import Case
from firstline.model.errors import Refused
from firstline.model.handoff import BranchMail, Handoff
from firstline.model.reply import Reply
from firstline.operations import agents, branch
from firstline.operations.hand_over import hear_of_mail
from firstline.outward.mail import MailEvent
from firstline.table import keys
from tests.builders import a_playbook
from tests.contract.path.test_main_job import ANNA, comments, posts
from tests.world import World, a_world

HOUR = 3600


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def handed(world: World, text: str = "No engineer came to repair my oven in Leeds") -> Handoff:
    """A comment that was handed to Leeds: the mail is out."""
    comments(world, text)
    world.pass_time(120)
    given = the_handoff(world)
    assert given.state == "mailed"
    return given


def the_handoff(world: World, name: str = "leeds") -> Handoff:
    found = [each for case in world.cases() for each in world.records(case.id, "handoff#")]
    (given,) = [each for each in found if isinstance(each, Handoff) and each.id == name]
    return given


def the_case(world: World) -> Case:
    (case,) = world.cases()
    return case


def later_mails(world: World) -> list[BranchMail]:
    found = [each for each in world.records(the_case(world).id, "mail#") if isinstance(each, BranchMail)]
    return sorted(found, key=lambda mail: mail.created_at)


def mailboxes(world: World) -> list[str]:
    """To whom mails went, in order."""
    return [mail.destinations[0] for mail in world.mails()]


def text_of(world: World) -> str:
    """The latest mail as it is read without markup, in one line."""
    message = message_from_string(world.mails()[-1].raw_data, policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(f"{message['Subject']} {body.get_content()}".split())


def robots_words(world: World) -> list[str]:
    return [each.text for each in world.sent("facebook")]


# -- the clock ----------------------------------------------------------------------------------------------------


def test_a_branch_that_does_not_move_is_reminded_then_the_region_hears_then_agents_have_it_back(world: World) -> None:
    handed(world)
    world.pass_time(10 * HOUR, step=HOUR / 2)
    kinds = [mail.kind for mail in later_mails(world)]
    assert kinds == ["reminder", "reminder", "escalation"]
    assert mailboxes(world) == ["leeds@acme.example"] * 3 + ["region@acme.example"]
    assert the_handoff(world).stage == "returned"
    case = the_case(world)
    assert case.work_id is not None and "did not move" in case.work_reason


def test_the_steps_come_at_their_times(world: World) -> None:
    given = handed(world)
    assert given.mailed_at is not None and given.accept_by is not None
    mailed = given.mailed_at
    assert given.accept_by - mailed == timedelta(hours=4)
    assert [moment - mailed for moment in given.reminders] == [timedelta(hours=2), timedelta(hours=3, minutes=36)]
    assert given.escalate_at is not None and given.escalate_at - mailed == timedelta(hours=5)


def test_an_accepted_handoff_is_reminded_of_the_customer_until_they_were_contacted(world: World) -> None:
    given = handed(world)
    branch.accept(given.case_id, "leeds", world.services)
    world.pass_time(6 * HOUR, step=HOUR)
    assert [mail.kind for mail in later_mails(world)] == ["reminder"]
    branch.contacted(given.case_id, "leeds", world.services, how="phone")
    world.pass_time(10 * HOUR, step=HOUR)
    assert [mail.kind for mail in later_mails(world)] == ["reminder"]


def test_later_posts_are_told_by_mail_once_a_day_in_the_same_thread() -> None:
    with a_world(a_playbook(handoff={"update_mail_hours": 3})) as world:
        given = handed(world)
        branch.accept(given.case_id, "leeds", world.services)
        for text in ("and now it leaks, engineer please", "still nobody, repair my oven"):
            comments(world, text)
            world.pass_time(HOUR, step=HOUR / 2)
        assert len(the_handoff(world).post_keys) == 3 and later_mails(world) == []
        world.pass_time(2 * HOUR, step=HOUR / 2)
        assert [mail.kind for mail in later_mails(world)] == ["update"]


# -- the clicks ---------------------------------------------------------------------------------------------------


def test_accepting_twice_is_accepting_once(world: World) -> None:
    given = handed(world)
    first = branch.accept(given.case_id, "leeds", world.services)
    again = branch.accept(given.case_id, "leeds", world.services)
    assert first.stage == again.stage == "accepted"
    assert [step.what for step in again.steps] == ["mailed", "accepted"]
    assert the_handoff(world) == again


def test_accepting_in_time_tells_the_customer_nothing_new_and_late_does(world: World) -> None:
    given = handed(world)
    before = len(robots_words(world))
    branch.accept(given.case_id, "leeds", world.services)
    world.pass_time(120)
    assert len(robots_words(world)) == before


def test_accepting_late_tells_the_customer_in_the_thread(world: World) -> None:
    given = handed(world)
    world.pass_time(5.5 * HOUR, step=HOUR / 2)
    before = robots_words(world)
    branch.accept(given.case_id, "leeds", world.services)
    world.pass_time(120)
    (told,) = robots_words(world)[len(before) :]
    assert "branch_accepted" in told


def test_contacting_the_customer_is_a_persons_answer_and_frees_the_agents(world: World) -> None:
    given = handed(world)
    branch.contacted(given.case_id, "leeds", world.services, how="phone", note="comes on Tuesday")
    case = the_case(world)
    assert case.first_human_at is not None and case.work_id is None and case.status == "with_branch"
    world.pass_time(120)
    assert "branch_contacted" in robots_words(world)[-1]
    assert [note.text for note in world.records(case.id, "note#")] == ["comes on Tuesday"]


def test_done_is_told_in_the_thread_once(world: World) -> None:
    given = handed(world)
    for _ in range(3):
        branch.done(given.case_id, "leeds", world.services, note="new door")
    world.pass_time(180)
    assert len([text for text in robots_words(world) if "branch_done" in text]) == 1


def test_an_outcome_is_told_in_each_thread_in_words_of_its_own(world: World) -> None:
    threads = [comments(world, f"No engineer came to repair my oven in Leeds, day {day}").id for day in (1, 2, 3)]
    world.pass_time(120)
    given = the_handoff(world)
    assert len(given.post_keys) == 3
    for step, said in ((partial(branch.contacted, how="phone"), "branch_contacted"), (branch.done, "branch_done")):
        before = len(world.sent("facebook"))
        step(given.case_id, "leeds", world.services)
        world.pass_time(180)
        told = world.sent("facebook")[before:]
        assert sorted(each.parent_id for each in told) == sorted(threads)
        assert len({each.text for each in told}) == 3 and all(said in each.text for each in told)


def test_on_x_an_agent_has_the_outcome_ready_for_each_thread(world: World) -> None:
    threads = [posts(world, f"@AcmeCare no engineer came to repair my oven in Leeds, day {day}").id for day in (1, 2)]
    world.pass_time(120)
    given = the_handoff(world)
    branch.done(given.case_id, "leeds", world.services)
    world.pass_time(180)
    case = the_case(world)
    ready = [each for each in world.records(case.id, "reply#branch_done") if isinstance(each, Reply)]
    assert sorted(each.in_reply_to or "" for each in ready) == sorted(threads)
    assert len({each.text for each in ready}) == 2 and {each.state for each in ready} == {"ready"}
    agents.claim(case.id, "maria", world.services)
    for each in ready:
        agents.send_ready(case.id, "maria", each.id, world.services)
    world.pass_time(60)
    assert {each.parent_id for each in world.sent("x") if "branch_done" in each.text} == set(threads)


def test_a_customer_who_says_that_it_helped_is_thanked_and_the_case_is_resolved(world: World) -> None:
    given = handed(world)
    branch.done(given.case_id, "leeds", world.services)
    world.pass_time(180)
    comments(world, "yes, it works now, thank you")
    world.pass_time(120)
    case = the_case(world)
    assert (case.status, case.disposition, case.work_id) == ("resolved", "helped", None)
    assert the_handoff(world).helped is True and "praise" in robots_words(world)[-1]


def test_a_customer_whom_it_did_not_help_is_back_with_the_agents(world: World) -> None:
    given = handed(world)
    branch.done(given.case_id, "leeds", world.services)
    world.pass_time(180)
    assert the_case(world).work_id is None
    comments(world, "no, the oven is still broken")
    world.pass_time(120)
    case = the_case(world)
    assert case.work_id is not None and any("did not help" in why for why in case.priority_reasons)
    assert the_handoff(world).helped is False


def test_on_x_the_later_word_is_an_agents_ready_to_send(world: World) -> None:
    post = posts(world, "@AcmeCare no engineer came to repair my oven in Leeds", ANNA)
    world.pass_time(120)
    given = the_handoff(world)
    branch.done(given.case_id, "leeds", world.services)
    world.pass_time(180)
    case = the_case(world)
    (ready,) = [each for each in world.records(case.id, "reply#branch_done") if isinstance(each, Reply)]
    assert ready.state == "ready" and case.work_id is not None and "ready to send" in case.work_reason
    agents.claim(case.id, "maria", world.services)
    agents.send_ready(case.id, "maria", ready.id, world.services)
    world.pass_time(60)
    assert [each.text for each in world.sent("x") if each.parent_id == post.id][-1] == ready.text
    with pytest.raises(Refused):
        agents.send_ready(case.id, "maria", ready.id, world.services)


def test_what_is_not_theirs_goes_to_where_it_belongs(world: World) -> None:
    given = handed(world)
    branch.not_ours(given.case_id, "leeds", world.services, note="Berlin sold it", belongs_to="berlin")
    world.pass_time(120)
    assert the_handoff(world, "leeds").stage == "not_ours" and the_handoff(world, "leeds").moved_to == "berlin"
    assert the_handoff(world, "berlin").state == "mailed"
    assert mailboxes(world) == ["leeds@acme.example", "berlin@acme.example"]


def test_a_handoff_that_nobody_wants_ends_with_the_agents_and_does_not_circle(world: World) -> None:
    given = handed(world)
    branch.not_ours(given.case_id, "leeds", world.services, belongs_to="berlin")
    world.pass_time(120)
    branch.not_ours(given.case_id, "berlin", world.services, belongs_to="leeds")
    world.pass_time(120)
    case = the_case(world)
    assert len(world.mails()) == 2 and case.work_id is not None and "not theirs" in case.work_reason


def let_through(world: World) -> None:
    """An agent takes the case and sends the branch's words that wait."""
    case = the_case(world)
    agents.claim(case.id, "maria", world.services)
    for each in world.records(case.id, "reply#"):
        if isinstance(each, Reply) and each.state == "ready":
            agents.send_ready(case.id, "maria", each.id, world.services)
    agents.give_back(case.id, "maria", world.services)


def test_a_branch_writes_to_the_customer_in_their_channel_once(world: World) -> None:
    given = handed(world)
    for _ in range(2):
        branch.write_to_customer(given.case_id, "leeds", "We come on Tuesday at ten.", world.services, key="k1")
    let_through(world)
    world.pass_time(120)
    said = [each for each in world.sent("facebook") if each.text == "We come on Tuesday at ten."]
    assert len(said) == 1
    assert the_case(world).first_human_at is not None


@pytest.mark.parametrize("words", ["ring Ben on 07700 900123", "", "x" * 5000])
def test_words_that_break_the_voice_are_refused_with_the_reason(world: World, words: str) -> None:
    given = handed(world)
    with pytest.raises(Refused) as refused:
        branch.write_to_customer(given.case_id, "leeds", words, world.services)
    assert str(refused.value)


def test_a_question_reaches_the_agents_with_the_branchs_words(world: World) -> None:
    given = handed(world)
    for _ in range(2):
        branch.more_information(given.case_id, "leeds", "Which model is it?", world.services)
    case = the_case(world)
    assert case.work_id is not None and "asks for more information" in case.work_reason
    assert [note.text for note in world.records(case.id, "note#")] == ["Which model is it?"]


def test_out_of_office_brings_the_region_in_at_once(world: World) -> None:
    given = handed(world)
    branch.out_of_office(given.case_id, "leeds", world.services)
    world.pass_time(60)
    assert mailboxes(world) == ["leeds@acme.example", "region@acme.example"]


def test_a_late_click_shows_what_there_is_and_changes_nothing(world: World) -> None:
    given = handed(world)
    branch.not_ours(given.case_id, "leeds", world.services)
    with pytest.raises(Refused):
        branch.accept(given.case_id, "leeds", world.services)
    assert the_handoff(world).stage == "not_ours"


# -- mails that do not arrive -------------------------------------------------------------------------------------


def event(world: World, given: Handoff, kind: str, *, permanent: bool = True) -> MailEvent:
    return MailEvent(
        kind=kind,  # type: ignore[arg-type]
        mail_id=given.mail_id or "none",
        handoff=f"{given.case_id}-{given.id}",
        recipients=("leeds@acme.example",),
        at=world.now,
        permanent=permanent,
    )


@pytest.mark.parametrize("kind", ["bounce", "complaint", "delay"])
def test_what_does_not_arrive_is_in_the_fallbacks_mailbox_and_with_an_agent_within_a_minute(
    world: World, kind: str
) -> None:
    given = handed(world)
    at = world.now
    for _ in range(3):
        hear_of_mail(event(world, given, kind), world.services)
    world.settle()
    assert mailboxes(world) == ["leeds@acme.example", "region@acme.example"]
    (again,) = later_mails(world)
    assert again.mailed_at is not None and again.mailed_at - at <= timedelta(minutes=1)
    case = the_case(world)
    assert case.work_id is not None and kind in case.work_reason


def test_a_branch_whose_address_bounced_is_not_mailed_again(world: World) -> None:
    given = handed(world)
    hear_of_mail(event(world, given, "bounce"), world.services)
    world.settle()
    posts(world, "@AcmeCare no engineer came to repair my oven in Leeds", ANNA)
    world.pass_time(120)
    assert mailboxes(world) == ["leeds@acme.example", "region@acme.example", "region@acme.example"]


def test_a_bounce_of_the_fallback_brings_an_agent_and_no_more_mail(world: World) -> None:
    given = handed(world)
    hear_of_mail(event(world, given, "bounce"), world.services)
    world.settle()
    (again,) = later_mails(world)
    hear_of_mail(
        event(world, given, "bounce").model_copy(
            update={"handoff": f"{given.case_id}_fallback1-leeds", "recipients": ("region@acme.example",)}
        ),
        world.services,
    )
    world.settle()
    assert len(world.mails()) == 2 and again.id == "leeds+fallback1"


# -- until it is done ---------------------------------------------------------------------------------------------


def test_a_contacted_handoff_is_chased_until_it_is_done_branch_then_region_then_agents(world: World) -> None:
    given = handed(world)
    branch.contacted(given.case_id, "leeds", world.services, how="phone")
    world.pass_time(23 * HOUR, step=HOUR)
    assert mailboxes(world)[1:] == ["leeds@acme.example"] * 2
    assert "Is it done for Ben Hill?" in text_of(world) and "contacted the customer" not in text_of(world)
    world.pass_time(3 * HOUR, step=HOUR)
    assert mailboxes(world)[-1] == "region@acme.example"
    assert the_case(world).work_id is None
    world.pass_time(5 * HOUR, step=HOUR)
    case = the_case(world)
    assert case.work_id is not None and "does not say whether it is done" in case.work_reason


def test_no_case_closes_while_a_branch_has_it_and_a_late_done_is_told_in_each_thread(world: World) -> None:
    threads = [comments(world, f"No engineer came to repair my oven in Leeds, day {day}").id for day in (1, 2)]
    world.pass_time(120)
    given = the_handoff(world)
    branch.contacted(given.case_id, "leeds", world.services, how="phone")
    world.pass_time(400)
    before = len(world.sent("facebook"))
    found = world.services.table.get(keys.handoff(given.case_id, "leeds"))
    assert isinstance(found, Handoff)
    world.services.table.commit([found.at_rest()], world.now)  # as an earlier release left it
    world.pass_time(80 * HOUR, step=2 * HOUR)
    assert not the_case(world).done and the_handoff(world).next_due is not None
    branch.done(given.case_id, "leeds", world.services)
    world.pass_time(180)
    assert {each.parent_id for each in world.sent("facebook")[before:]} == set(threads)
    world.pass_time(100 * HOUR, step=4 * HOUR)
    assert the_case(world).status == "closed"


def test_nobody_is_chased_about_a_case_that_an_agent_resolved(world: World) -> None:
    given = handed(world)
    branch.contacted(given.case_id, "leeds", world.services, how="phone")
    agents.claim(given.case_id, "maria", world.services)
    agents.resolve(given.case_id, "maria", "solved", world.services)
    world.pass_time(40 * HOUR, step=2 * HOUR)
    assert mailboxes(world) == ["leeds@acme.example"]


def test_a_yes_before_the_question_was_sent_answers_nothing(world: World) -> None:
    given = handed(world)
    branch.done(given.case_id, "leeds", world.services)
    comments(world, "yes, it works now, thank you")
    world.settle()
    assert the_case(world).disposition != "helped" and the_handoff(world).helped is None


# -- mails say what is so -----------------------------------------------------------------------------------------


def test_the_region_reads_that_the_branch_is_away_in_its_words_and_no_blame(world: World) -> None:
    given = handed(world)
    branch.out_of_office(given.case_id, "leeds", world.services, note="Stocktaking until Thursday")
    world.settle()
    told = text_of(world)
    assert "Stocktaking until Thursday" in told and "Leeds tells us that nobody there can act now" in told
    assert "has moved" not in told and "not moved" not in told and "WAS TO BE" not in told


def test_the_next_branch_reads_who_says_that_it_is_theirs(world: World) -> None:
    given = handed(world)
    branch.not_ours(given.case_id, "leeds", world.services, note="They sold it", belongs_to="uk-desk")
    world.settle()
    told = text_of(world)
    assert "Leeds got this first and says that it belongs to you" in told and "NOTE FROM LEEDS > They sold it" in told
    assert "Our team" not in told and "OUR TEAM" not in told


def test_who_may_write_to_the_customer_is_not_told_to_leave_it(world: World) -> None:
    handed(world)
    told = text_of(world)
    assert "Write to the customer" in told and "leave all public answers" not in told
    assert "answer through our page only" in told


# -- what a shop manager says -------------------------------------------------------------------------------------


def test_a_try_without_answer_is_told_sets_the_next_and_the_third_brings_agents(world: World) -> None:
    given = handed(world)
    for number in (1, 2, 3):
        for _ in range(2):  # a double click
            branch.tried(given.case_id, "leeds", world.services)
        assert ("tried 3 times" in the_case(world).work_reason) == (number == 3)
        world.pass_time(120)
        assert len([text for text in robots_words(world) if "branch_tried" in text]) == number
        world.pass_time(2 * HOUR, step=HOUR)
    assert the_handoff(world).stage == "accepted"
    world.pass_time(3 * HOUR, step=HOUR)
    assert "Nobody answered last time: please try again now." in text_of(world)


def test_a_try_may_name_the_day_of_the_next(world: World) -> None:
    given = handed(world)
    on = world.now.date() + timedelta(days=3)
    branch.tried(given.case_id, "leeds", world.services, on=on)
    world.pass_time(60 * HOUR, step=6 * HOUR)
    assert len(world.mails()) == 1
    world.pass_time(18 * HOUR, step=3 * HOUR)
    assert mailboxes(world)[1] == "leeds@acme.example"
    with pytest.raises(Refused):
        branch.tried(given.case_id, "leeds", world.services, on=on - timedelta(days=30))


def test_an_agreed_day_is_told_and_the_day_after_it_the_branch_is_asked_whether_it_is_done() -> None:
    playbook = a_playbook()
    texts = {"en": ["Agreed: {when}. {ref}"] * 3, "de": ["x {when}"] * 3}
    with a_world(playbook.model_copy(update={"wordings": {**playbook.wordings, "branch_agreed": texts}})) as world:
        given = handed(world)
        on = world.now.date() + timedelta(days=3)
        for _ in range(2):
            branch.agreed(given.case_id, "leeds", world.services, on=on)
        world.pass_time(120)
        said = [text for text in robots_words(world) if text.startswith("Agreed")]
        assert len(said) == 1 and f"{on:%A} {on.day} {on:%B}" in said[0]
        world.pass_time(60 * HOUR, step=6 * HOUR)
        assert len(world.mails()) == 1
        world.pass_time(36 * HOUR, step=3 * HOUR)
        assert "Is it done for Ben Hill?" in text_of(world)
        branch.agreed(given.case_id, "leeds", world.services, on=on + timedelta(days=7))
        world.pass_time(120)
        assert len([text for text in robots_words(world) if text.startswith("Agreed")]) == 2


def test_who_writes_to_the_customer_has_taken_it(world: World) -> None:
    given = handed(world)
    branch.write_to_customer(given.case_id, "leeds", "We come on Tuesday at ten.", world.services)
    assert the_handoff(world).stage == "accepted"
    world.pass_time(6 * HOUR, step=HOUR)
    assert "that you take it" not in text_of(world)


def test_the_customer_hears_of_the_next_branch_where_our_words_named_the_first(world: World) -> None:
    given = handed(world)
    before = len(robots_words(world))
    assert "Leeds" in robots_words(world)[0]
    branch.not_ours(given.case_id, "leeds", world.services, belongs_to="berlin")
    world.pass_time(180)
    (told,) = robots_words(world)[before:]
    assert "branch_moved" in told
