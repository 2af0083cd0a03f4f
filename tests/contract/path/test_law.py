"""What a platform forbids a robot is an agent's: told with a link into the app, and done when it was done there (R25a)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from firstline.model.errors import Refused
from firstline.model.records import StoredPost
from firstline.model.reply import Reply
from firstline.operations import branch
from firstline.operations.agents import claim
from firstline.operations.agents import reply as answer
from firstline.operations.send_reply import send_reply
from infra.local.simulators.wire import sign
from infra.ops import case as commands
from tests.builders import CARE, PAGE
from tests.contract.path.test_main_job import ANNA, BEN, comments, live_items, posts
from tests.world import World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


def the_case(world: World) -> Any:
    (case,) = world.cases()
    return case


def stored(world: World) -> list[StoredPost]:
    return [each for each in world.records(the_case(world).id, "post#") if isinstance(each, StoredPost)]


def replies(world: World, kind: str) -> list[Reply]:
    found = [each for case in world.cases() for each in world.records(case.id, "reply#")]
    return [each for each in found if isinstance(each, Reply) and each.kind == kind]


def below_our_post(world: World, text: str) -> Any:
    """A reply to the brand's own post that names nobody: on X the mention is implicit."""
    brand = world.x.brand(world.x.settings.account("x", CARE))
    ours, _ = world.x.post(brand, "Good morning", world.now, account=CARE, native=True)
    return posts(world, text, parent_id=ours.id)


def knock(world: World, channel: str, content: dict[str, Any]) -> None:
    body = json.dumps(content).encode()
    assert world.knock(channel, body, sign(channel, world.secrets_value[channel]["signing"][0], body)) == 200
    world.settle()


# -- X: summoned only ----------------------------------------------------------------------------------------------


def test_an_implicit_mention_on_x_is_an_agents_with_a_link_into_the_app(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "services_of", lambda stack: world.services)
    post = below_our_post(world, "my oven is broken")
    world.pass_time(1200)
    case = the_case(world)
    assert world.sent() == [] and live_items(world) == {case.work_id}
    assert [(each.silence, each.law) for each in stored(world)] == [("law", "x_summoned")]
    url = f"https://x.com/anna/status/{post.id}"
    listed = json.loads(CliRunner().invoke(commands.case, ("list", "--json")).output)
    assert [each["open_url"] for each in listed] == [url]
    shown = CliRunner().invoke(commands.case, ("show", case.ref)).output
    assert f"no robot may answer (x_summoned): open {url}" in shown
    records = json.loads(CliRunner().invoke(commands.case, ("show", case.ref, "--json")).output)
    assert url in [each.get("open_url") for each in records if each["record"] == "StoredPost"]


def test_the_native_answer_that_comes_back_stops_the_clock_on_x(world: World) -> None:
    post = below_our_post(world, "my oven is broken")
    world.settle()
    brand = world.x.brand(world.x.settings.account("x", CARE))
    world.now += timedelta(seconds=20)
    _, told = world.x.post(brand, "Which model, Anna?", world.now, account=CARE, parent_id=post.id, native=True)
    for each in told:
        assert world.deliver(each) == 200
    world.pass_time(120)
    case = the_case(world)
    assert case.first_human_at is not None and case.unanswered == () and case.human_due is None
    assert case.status == "waiting_for_customer" and live_items(world) == set()


def test_the_native_answer_that_comes_back_stops_the_clock_on_facebook(world: World) -> None:
    post = comments(world, "The oven you sold me is broken")
    world.pass_time(180)
    assert len(world.sent("facebook")) == 1 and len(live_items(world)) == 1
    brand = world.graph.brand(world.graph.settings.account("facebook", PAGE))
    _, told = world.graph.post(brand, "Which model, Ben?", world.now, account=PAGE, parent_id=post.id, native=True)
    for each in told:
        assert world.deliver(each) == 200
    world.pass_time(120)
    case = the_case(world)
    assert case.first_human_at is not None and case.unanswered == () and live_items(world) == set()


# -- X: one automated reply per interaction -----------------------------------------------------------------------


def test_on_x_later_words_about_a_handoff_are_an_agents_and_no_post_hears_two_robots(world: World) -> None:
    posts(world, "@AcmeCare no engineer came to repair my broken oven in Leeds")
    world.pass_time(300)
    case = the_case(world)
    branch.accept(case.id, "leeds", world.services)
    branch.done(case.id, "leeds", world.services)
    world.pass_time(600)
    assert len(world.sent()) == 1
    assert [each.state for each in replies(world, "update")] != [] and len(live_items(world)) == 1
    assert {each.state for each in replies(world, "update")} <= {"ready", "cancelled"}


def test_a_robots_message_on_x_links_to_the_privacy_policy_and_none_is_sent_unasked(world: World) -> None:
    posts(world, "@AcmeCare ring me on 07911 123456")
    world.pass_time(300)
    assert [each.kind for each in world.sent()] == ["reply"]
    posts(world, "my oven is broken", private=True)
    world.pass_time(300)
    (message,) = [each for each in world.sent() if each.kind == "dm"]
    assert message.text.endswith("https://acme.example/privacy")
    assert "https://" not in world.sent()[0].text


# -- X: encrypted talks --------------------------------------------------------------------------------------------


def encrypted(world: World, number: int, kind: str = "chat.received") -> None:
    sender = ANNA.id if kind == "chat.received" else CARE
    payload = {"id": f"e-{number}", "sender_id": sender, "conversation_id": f"{ANNA.id}:{CARE}"}
    payload |= {"created_at_msec": str(int(world.now.timestamp() * 1000)), "encoded_event": "CwAB"}
    data = {"event_uuid": str(-number), "filter": {"user_id": CARE}, "event_type": kind, "payload": payload}
    knock(world, "x", {"data": data})


def test_an_encrypted_talk_is_one_piece_of_work_however_many_messages_it_has(world: World) -> None:
    encrypted(world, 1)
    first = the_case(world)
    for number in range(2, 8):
        encrypted(world, number)
    world.pass_time(120)
    case = the_case(world)
    assert (case.posts, case.generation, case.work_id) == (7, first.generation, first.work_id)
    assert live_items(world) == {case.work_id} and world.sent() == []
    assert case.open_url == "https://x.com/i/chat" and "x_encrypted" in case.work_reason
    assert all(each.post.incomplete for each in stored(world))


def test_an_encrypted_answer_written_in_the_app_answers_the_whole_talk(world: World) -> None:
    for number in range(1, 4):
        encrypted(world, number)
    world.now += timedelta(seconds=20)
    encrypted(world, 9, "chat.sent")
    case = the_case(world)
    assert case.first_human_at is not None and case.unanswered == () and live_items(world) == set()


# -- Messenger: the window, standby --------------------------------------------------------------------------------


def test_an_acknowledgement_that_would_come_after_the_window_is_not_sent_and_an_agent_has_it(world: World) -> None:
    comments(world, "my oven is broken", private=True)
    world.settle()
    (reply,) = replies(world, "acknowledgement")
    late = reply.model_copy(update={"not_before": world.now + timedelta(hours=25), "due_at": None})
    world.services.table.commit([late], world.now)
    world.now += timedelta(hours=26)
    world.pass_time(120)
    send_reply(late.case_id, late.id, world.services)
    case = the_case(world)
    assert world.sent() == [] and live_items(world) == {case.work_id}
    (reply,) = replies(world, "acknowledgement")
    assert (reply.state, reply.reason) == ("cancelled", "window_closed")


def test_when_nobody_has_the_case_any_more_a_late_silence_of_the_robot_wakes_an_agent(world: World) -> None:
    comments(world, "my oven is broken", private=True)
    world.settle()
    (reply,) = replies(world, "acknowledgement")
    idle = the_case(world).without_work()
    world.services.table.commit(
        [idle, reply.model_copy(update={"not_before": world.now + timedelta(hours=25), "due_at": None})], world.now
    )
    world.now += timedelta(hours=26)
    send_reply(reply.case_id, reply.id, world.services)
    case = the_case(world)
    assert case.work_id is not None and "window closed" in case.work_reason and world.sent() == []


def test_while_another_app_holds_the_conversation_no_robot_speaks(world: World) -> None:
    item = {"sender": {"id": BEN.id}, "recipient": {"id": PAGE}, "timestamp": int(world.now.timestamp() * 1000)}
    message = {**item, "message": {"mid": "m_standby", "text": "my oven is broken"}}
    entry = {"id": PAGE, "time": 1, "standby": [message]}
    knock(world, "messenger", {"object": "page", "entry": [entry]})
    world.pass_time(600)
    case = the_case(world)
    assert world.sent() == [] and live_items(world) == {case.work_id}
    assert [each.law for each in stored(world)] == ["thread_owner"]
    assert case.open_url is not None and f"selected_item_id={BEN.id}" in case.open_url


# -- Facebook: one private reply within seven days -----------------------------------------------------------------


def test_a_comment_has_one_private_reply_and_a_second_one_is_refused_with_the_reason(world: World) -> None:
    comments(world, "my oven is broken, ring me on 07911 123456")
    world.pass_time(300)
    assert len(world.sent("messenger")) == 1
    case = the_case(world)
    claim(case.id, "maria", world.services)
    with pytest.raises(Refused, match="one private reply"):
        answer(case.id, "maria", "Hello Ben", world.services, how="private")


def test_an_agents_private_reply_takes_the_place_of_the_robots(world: World) -> None:
    comments(world, "my oven is broken, ring me on 07911 123456")
    world.settle()
    case = the_case(world)
    claim(case.id, "maria", world.services)
    answer(case.id, "maria", "Hello Ben, which model is it?", world.services, how="private")
    world.pass_time(600)
    assert [each.text for each in world.sent("messenger")] == ["Hello Ben, which model is it?"]


def test_no_private_reply_goes_to_a_comment_older_than_seven_days(world: World) -> None:
    comments(world, "my oven is broken, ring me on 07911 123456")
    world.settle()
    (private,) = replies(world, "private_reply")
    late = private.model_copy(update={"not_before": world.now + timedelta(days=8), "due_at": None})
    world.services.table.commit([late], world.now)
    world.now += timedelta(days=8, minutes=1)
    send_reply(late.case_id, late.id, world.services)
    assert world.sent("messenger") == []
    assert [each.state for each in replies(world, "private_reply")] == ["cancelled"]
    case = the_case(world)
    claim(case.id, "maria", world.services)
    with pytest.raises(Refused, match="within 7 days"):
        answer(case.id, "maria", "Hello Ben", world.services, how="private")
