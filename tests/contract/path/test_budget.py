"""Sending under a platform's limits (R25): order, one budget for all senders, honest lateness."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest

from firstline.model.budget import Budget
from firstline.model.reply import Reply
from firstline.operations import send_reply as sending
from firstline.operations.capacity import capacities
from firstline.table import keys
from infra.local.simulators.store import Person
from tests.builders import CARE, PAGE
from tests.storm import TEXTS
from tests.world import World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def mention(world: World, number: int, severity: int = 1) -> str:
    """Somebody of their own writes to the care account; the post's id."""
    author = Person(id=str(900_000 + number), name=f"User {number}", handle=f"user{number}")
    post, deliveries = world.x.post(author, f"{TEXTS[severity]} {number}", world.now, account=CARE)
    for each in deliveries:
        assert world.deliver(each) == 200
    return str(post.id)


def narrow(world: World, calls: int) -> None:
    """X lets so few calls through in 15 minutes, and says so in its headers."""
    world.x.windows.limits = {**world.x.windows.limits, "x:post": (calls, 900)}


def replies(world: World) -> list[Reply]:
    return [
        each for case in world.cases() for each in world.records(case.id, "reply#") if isinstance(each, Reply)
    ]  # fmt: skip


def budget(world: World, channel: str = "x", account: str = CARE, endpoint: str = "posts") -> Budget:
    found = world.services.table.get(keys.budget(channel, account, endpoint))
    assert isinstance(found, Budget)
    return found


def calls_of(world: World) -> list[Any]:
    """Every call on X's reply endpoint from now on, taken or not."""
    made: list[Any] = []
    handle = world.x.handle

    def watched(method: str, path: str, *words: Any, **named: Any) -> Any:
        response = handle(method, path, *words, **named)
        if (method, path) == ("POST", "/2/tweets"):
            made.append((world.now, response.status))
        return response

    world.x.handle = watched  # type: ignore[method-assign]
    return made


# -- one budget for all ----------------------------------------------------------------------------------------------


def test_a_429_stops_everything_of_that_endpoint_and_nothing_else(world: World) -> None:
    world.x.faults.plan("x", "rate_limit", world.now, times=1, seconds=600)
    made = calls_of(world)
    for number in range(6):
        mention(world, number)
    world.pass_time(300)
    assert [status for _, status in made] == [429], "one heard it for all"
    world.pass_time(900)
    assert [status for _, status in made] == [429, *[201] * 6]
    assert min(at for at, _ in made[1:]) >= made[0][0] + timedelta(seconds=600)
    assert all(each.late_because for each in replies(world))


def test_a_429_without_a_word_is_tried_by_one_call_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = calls_of(world)
    world.x.faults.plan("x", "rate_limit", world.now, times=2, seconds=1)
    answer = world.x.handle

    def silent(*words: Any, **named: Any) -> Any:
        response = answer(*words, **named)
        headers = {name: value for name, value in response.headers.items() if not name.startswith("x-rate")}
        return type(response)(response.status, headers, response.body, response.cut)

    monkeypatch.setattr(world.x, "handle", silent)
    for number in range(5):
        mention(world, number)
    world.pass_time(900)
    assert [status for _, status in made] == [429, 429, *[201] * 5]


def test_the_limit_that_the_headers_name_is_kept(world: World) -> None:
    narrow(world, 3)
    made = calls_of(world)
    for number in range(8):
        mention(world, number)
    world.pass_time(3600)
    assert {status for _, status in made} == {201} and len(made) == 8
    per_window = [
        len(list(group)) for _, group in groupby(made, key=lambda call: (call[0] - made[0][0]).seconds // 900)
    ]
    assert max(per_window) <= 3 and budget(world).windows["window"].limit == 3


def test_someone_in_line_whom_a_person_answered_takes_no_call_from_the_others(world: World) -> None:
    narrow(world, 2)
    posts = [mention(world, number) for number in range(5)]
    world.pass_time(120)
    brand = world.x.brand(world.x.settings.account("x", CARE))
    for post in posts[2:4]:
        _, deliveries = world.x.post(brand, "Which model?", world.now, account=CARE, parent_id=post, native=True)
        for each in deliveries:
            world.deliver(each)
    world.pass_time(960)
    robot = [each.parent_id for each in world.sent("x") if each.parent_id in posts and "Which model" not in each.text]
    assert robot == [*posts[:2], posts[4]]


def test_agents_words_and_danger_do_not_wait_behind_the_rest(world: World) -> None:
    narrow(world, 4)
    usual = [mention(world, number) for number in range(4)]
    world.pass_time(120)
    waiting = [mention(world, number) for number in range(4, 9)]
    world.pass_time(120)
    danger = mention(world, 9, severity=3)
    case = next(case for case in world.cases() if f"x:{usual[1]}" in case.unanswered)
    world.agent_answers(case.id, "Hi, a colleague comes tomorrow at ten.")
    world.pass_time(960)
    later = [each.parent_id for each in world.sent("x")][4:]
    assert set(later[:2]) == {danger, usual[1]} and later[2:4] == waiting[:2]


def test_the_head_that_another_sender_is_sending_is_passed_over(world: World) -> None:
    narrow(world, 4)
    for number in range(4):
        mention(world, number)
    world.pass_time(120)
    posts = [mention(world, number) for number in range(4, 7)]
    world.pass_time(120)
    world.now += timedelta(seconds=900)
    head, second, last = (f"ack-x:{post}" for post in posts)
    by_id = {each.id: each for each in replies(world)}
    taken = by_id[head].taken("words", world.now, timedelta(seconds=60))
    stale = next(world.services.table.outbox("x", CARE, "posts", world.now))
    world.services.table.commit([taken], world.now)
    real = world.services.table.outbox

    def lagging(*words: Any, **named: Any) -> Iterator[Any]:
        yield stale
        yield from real(*words, **named)

    world.services.table.outbox = lagging  # type: ignore[method-assign]
    sending.send_reply(by_id[last].case_id, last, world.services)
    states = {each.id: each.state for each in replies(world)}
    assert (states[head], states[second], states[last]) == ("sending", "sent", "pending")


def test_whoever_loses_the_race_for_a_reply_gives_the_call_back(world: World) -> None:
    mention(world, 1)
    world.pass_time(0.5)
    mention(world, 2)
    world.now += timedelta(seconds=59)
    world.settle()
    world.now += timedelta(seconds=120)
    real, lost = world.services.table.commit, []

    def contended(records: Any, now: Any) -> None:
        if not lost and any(isinstance(each, Reply) and each.state == "sending" for each in records):
            lost.append(1)
            raise sending.LostRace("another sender")
        real(records, now)

    world.services.table.commit = contended  # type: ignore[method-assign]
    world.settle()
    assert lost and len(world.sent("x")) == 2
    assert budget(world).windows["window"].remaining == 98


def test_a_page_near_its_limit_is_slowed_down_and_a_full_one_stopped(world: World) -> None:
    world.graph.windows.limits = {"graph:calls": (10, 3600)}
    for number in range(9):
        person = Person(id=f"77700000{number}", name=f"Ben {number}")
        _, deliveries = world.graph.post(person, f"my oven is broken {number}", world.now, account=PAGE)
        for each in deliveries:
            world.deliver(each)
    world.pass_time(180, step=30)
    page = budget(world, "facebook", PAGE, "comments")
    assert len(world.sent("facebook")) >= 8 and page.windows["pause"].limit == 1
    world.pass_time(600, step=30)
    assert len(world.sent("facebook")) == 9


# -- honest lateness -------------------------------------------------------------------------------------------------


def test_all_reasons_of_a_delay_are_kept_in_their_order(world: World) -> None:
    narrow(world, 1)
    mention(world, 1)
    world.pass_time(120)
    author = Person(id="501", name="Anna Ross", handle="anna")
    post, deliveries = world.x.post(
        author, "@AcmeCare no engineer came to repair my broken oven in Leeds", world.now, account=CARE
    )
    for each in deliveries:
        world.deliver(each)
    world.x.faults.plan("x", "duplicate", world.now + timedelta(seconds=1))
    world.pass_time(2400)
    (late,) = [each for each in replies(world) if each.in_reply_to == post.id]
    assert late.state == "sent" and late.late_seconds is not None
    assert [each.because for each in late.waited] == ["mail", "budget", "duplicate_text"]
    sent = next(each for each in world.records(late.case_id, "audit#") if each.what == "acknowledgement_sent")
    assert sent.why == f"{late.late_seconds} s late: mail, budget, duplicate_text"


def test_capacity_is_shown_for_each_endpoint_before_anything_waits(world: World) -> None:
    found = {(each.channel, each.endpoint): each for each in capacities(world.services, CARE)}
    assert found["x", "posts"].soon == 100 and found["x", "dms"].soon == 15
    assert all(each.waits == 0 for each in found.values())
