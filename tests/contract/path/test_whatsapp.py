"""WhatsApp in one process: chats, people without a number, statuses after acceptance, native answers, groups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from firstline.model.records import AuthorRecord, OwnPost, StoredPost
from firstline.model.reply import Reply
from firstline.operations.agents import reply, take_next
from firstline.operations.person import named
from firstline.operations.reconcile import Accepted, reconcile
from firstline.table import keys
from infra.local.simulators.store import Person
from infra.local.simulators.wire import Delivery
from tests.builders import NUMBER
from tests.world import World, a_world

ANNA = Person(id="491511234567", name="Anna Weber")
SAM = Person(id="DE.13491208655302741918", name="Sam Nelson", handle="samnelson")
BOTH = Person(id="DE.777", name="Anna Weber", also="491511234567")


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def arrives(world: World, deliveries: list[Delivery]) -> None:
    for each in deliveries:
        assert world.deliver(each) == 200


def writes(world: World, text: str, author: Person = ANNA, **how: Any) -> Any:
    message, deliveries = world.whatsapp.post(author, text, world.now, **how)
    arrives(world, deliveries)
    return message


def status(world: World, name: str, code: int | None = None, of: int = -1) -> None:
    sent = world.whatsapp.sent()[of]
    arrives(world, world.whatsapp.statuses(sent.id, name, world.now, code)[1])
    world.settle()


def raw(world: World, **lists: Any) -> None:
    """A change of ours in WhatsApp's notation."""
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, **lists}
    entry = {"id": "4", "changes": [{"field": "messages", "value": value}]}
    content = {"object": "whatsapp_business_account", "entry": [entry]}
    arrives(world, [world.whatsapp.delivery("whatsapp", content, [], world.now)])


def only_case(world: World) -> Any:
    (case,) = world.cases()
    return case


def replies(world: World) -> list[Reply]:
    return [each for each in world.records(only_case(world).id) if isinstance(each, Reply)]


def stays_with_agent(world: World) -> None:
    """There is one live work item, and one claim of it succeeds."""
    live = only_case(world).work_id
    items = {item["work_id"] for lane in ("urgent", "standard", "email") for item in world.lane(lane)}
    assert live is not None and live in items
    assert take_next("maria", frozenset(), world.services) is not None
    assert take_next("ben", frozenset(), world.services) is None


def test_a_burst_of_messages_is_answered_once_in_its_chat(world: World) -> None:
    for text in ("hello", "my oven is broken", "since Monday"):
        writes(world, text)
        world.pass_time(10, step=10)
    world.pass_time(300)
    assert [(each.to, each.channel) for each in world.sent()] == [(ANNA.id, "whatsapp")]
    assert only_case(world).posts == 3
    assert [reply.delivery for reply in replies(world)] == ["delivered"]


def test_a_person_without_a_number_is_answered_by_the_scoped_id(world: World) -> None:
    writes(world, "my oven is broken", SAM)
    world.pass_time(300)
    assert [each.to for each in world.sent()] == [SAM.id]


def test_the_same_delivery_five_times_changes_nothing(world: World) -> None:
    _, deliveries = world.whatsapp.post(ANNA, "my oven is broken", world.now)
    for _ in range(5):
        arrives(world, deliveries)
    world.pass_time(300)
    assert len(world.sent()) == 1 and only_case(world).posts == 1


# -- one person with two ids -------------------------------------------------------------------------------------


def test_somebody_known_by_number_stays_on_the_case_when_the_scoped_id_appears(world: World) -> None:
    writes(world, "my oven is broken")
    world.pass_time(300)
    writes(world, "anybody there?", BOTH)
    world.pass_time(300)
    writes(world, "hello?")  # an old app that names the number alone
    world.pass_time(300)
    assert only_case(world).posts == 3
    assert len(world.sent()) == 3
    record = world.services.table.get(keys.author("whatsapp:DE.777"))
    assert isinstance(record, AuthorRecord)
    assert (record.linked_from or "").startswith("whatsapp:491511234567")


def test_the_scoped_id_first_and_the_number_alone_later_is_one_person(world: World) -> None:
    writes(world, "my oven is broken", BOTH)
    writes(world, "hello?")
    world.pass_time(300)
    assert only_case(world).posts == 2 and len(world.sent()) == 1


def test_a_number_with_a_new_owner_does_not_lead_into_the_old_ones_case(world: World) -> None:
    writes(world, "my oven is broken", BOTH)
    writes(world, "where is my parcel", Person(id="DE.999", name="Tom", also="491511234567"))
    world.pass_time(300)
    assert len(world.cases()) == 2
    assert {case.author.id for case in world.cases()} == {"DE.777", "DE.999"}


def test_a_wish_for_silence_holds_under_the_other_id_too(world: World) -> None:
    writes(world, "stop")
    world.pass_time(300)
    before = len(world.sent())
    writes(world, "my oven is broken", BOTH)
    world.pass_time(300)
    assert len(world.sent()) == before


@pytest.mark.parametrize("named_by", ["whatsapp:491511234567", "whatsapp:DE.777"], ids=["number", "scoped id"])
def test_all_of_a_person_is_found_by_either_id(world: World, named_by: str) -> None:
    writes(world, "my oven is broken")
    world.settle()
    writes(world, "hello?", BOTH)
    world.settle()
    person = named(named_by, world.services)
    assert set(person.authors) == {"whatsapp:491511234567", "whatsapp:DE.777"}
    assert person.cases == (only_case(world).id,)


def test_a_number_with_a_new_owner_joins_no_two_people(world: World) -> None:
    writes(world, "my oven is broken")
    world.settle()
    writes(world, "hello?", BOTH)
    writes(world, "where is my parcel", Person(id="DE.999", name="Tom", also="491511234567"))
    world.settle()
    assert "whatsapp:DE.777" not in named("whatsapp:DE.999", world.services).authors
    assert "whatsapp:DE.999" not in named("whatsapp:DE.777", world.services).authors


@pytest.mark.parametrize("late", [False, True], ids=["in order", "before any message"])
def test_a_changed_id_leads_to_the_same_case(world: World, late: bool) -> None:
    old, new = Person(id="DE.1", name="Sam"), Person(id="DE.2", name="Sam")
    update = [{"user_id": {"previous": "DE.1", "current": "DE.2"}, "timestamp": "1795428900"}]
    content = {"field": "user_id_update", "value": {"metadata": {}, "user_id_update": update}}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "4", "changes": [content]}]}
    if not late:
        writes(world, "my oven is broken", old)
    arrives(world, [world.whatsapp.delivery("whatsapp", body, [], world.now)])
    world.settle()
    if late:
        writes(world, "my oven is broken", old)
    writes(world, "hello?", new)
    world.pass_time(300)
    assert only_case(world).posts == 2


# -- what becomes of a reply -------------------------------------------------------------------------------------


def test_statuses_in_any_order_never_step_back(world: World) -> None:
    writes(world, "my oven is broken")
    world.whatsapp.faults.plan("whatsapp", "no_echo", world.now)
    world.pass_time(300)
    for name in ("read", "sent", "delivered", "failed", "played"):
        status(world, name, 131026 if name == "failed" else None)
    (told,) = replies(world)
    assert (told.state, told.delivery) == ("sent", "read")


def test_a_failure_after_acceptance_gives_the_case_to_an_agent_with_one_live_item(world: World) -> None:
    world.whatsapp.faults.plan("whatsapp", "undelivered", world.now)
    writes(world, "my oven is broken")
    world.pass_time(300)
    (told,) = replies(world)
    assert (told.state, told.reason, told.delivery) == ("refused", "undeliverable:131026", "failed")
    case = only_case(world)
    assert "did not arrive" in case.work_reason
    assert case.acknowledged_at is None and case.promised_until is None
    assert len(case.unanswered) == 1
    stays_with_agent(world)


def test_an_agents_answer_that_did_not_arrive_comes_back_to_the_agents(world: World) -> None:
    message = writes(world, "my oven is broken")
    world.pass_time(300)
    world.agent_answers(only_case(world).id, "A colleague comes tomorrow.")
    world.pass_time(120)
    assert only_case(world).unanswered == ()
    world.whatsapp.faults.plan("whatsapp", "undelivered", world.now, code=131047)
    writes(world, "and who pays for it?")
    world.settle()
    world.agent_answers(only_case(world).id, "See you then.")
    world.pass_time(120)
    last = max((each for each in replies(world) if each.by == "maria"), key=lambda each: each.id)
    assert (last.by, last.state, last.reason) == ("maria", "refused", "window_closed:131047")
    case = only_case(world)
    (stored,) = [
        each for each in world.records(case.id) if isinstance(each, StoredPost) and each.key in case.unanswered
    ]
    assert stored.answered_at is None and stored.post.post_id != message.id


def test_a_failure_for_the_pair_limit_waits_and_goes_again_once(world: World) -> None:
    world.whatsapp.faults.plan("whatsapp", "undelivered", world.now, code=131056)
    writes(world, "my oven is broken")
    world.pass_time(600)
    (told,) = replies(world)
    assert (told.state, told.attempt, told.delivery) == ("sent", 2, "delivered")
    assert len(world.sent()) == 2
    case = only_case(world)
    assert case.acknowledged_at is not None and case.in_flight == ()


def test_a_failure_that_turns_out_to_have_arrived_is_not_said_again(world: World) -> None:
    world.whatsapp.faults.plan("whatsapp", "undelivered", world.now, code=130429)
    writes(world, "my oven is broken")
    while not world.sent():
        world.pass_time(10, step=10)
    (told,) = replies(world)
    assert (told.state, told.delivery) == ("pending", "failed")
    world.now += timedelta(seconds=5)
    status(world, "delivered")
    world.pass_time(600)
    (told,) = replies(world)
    assert (told.state, told.delivery) == ("sent", "delivered")
    assert len(world.sent()) == 1


def test_a_failure_for_the_token_parks_the_account_until_it_is_renewed(world: World) -> None:
    world.whatsapp.faults.plan("whatsapp", "undelivered", world.now, code=190)
    writes(world, "my oven is broken")
    world.pass_time(600)
    (told,) = replies(world)
    assert told.state == "pending" and told.late_because == "account_parked"
    assert any(line.get("metric") == "AccountParked" for line in world.log)
    world.whatsapp.tokens["whatsapp"][NUMBER] = world.whatsapp.tokens["whatsapp"][NUMBER].model_copy(
        update={"token": "renewed"}
    )
    world.store_tokens("whatsapp", NUMBER, {**world.tokens_of("whatsapp", NUMBER), "token": "renewed"})
    world.pass_time(1200)
    (told,) = replies(world)
    assert (told.state, told.delivery) == ("sent", "delivered")


def test_a_closed_window_refused_at_once_goes_to_an_agent(world: World) -> None:
    world.whatsapp.faults.plan("whatsapp", "window_closed", world.now)
    writes(world, "my oven is broken")
    world.pass_time(300)
    (told,) = replies(world)
    assert (told.state, told.reason) == ("refused", "window_closed:131047")
    stays_with_agent(world)


def test_an_unclear_send_is_settled_by_its_status(world: World) -> None:
    world.whatsapp.faults.plan("whatsapp", "unclear", world.now)
    writes(world, "my oven is broken")
    world.pass_time(600)
    (told,) = replies(world)
    assert (told.state, told.attempt) == ("sent", 1)
    assert told.platform_id == world.sent()[0].id
    assert len(world.sent()) == 1


def test_an_unclear_send_without_a_status_is_an_agents_after_minutes(world: World) -> None:
    world.whatsapp.faults.plan("whatsapp", "unclear", world.now)
    world.whatsapp.faults.plan("whatsapp", "no_echo", world.now)
    writes(world, "my oven is broken")
    world.pass_time(1200)
    (told,) = replies(world)
    assert told.state == "refused"
    assert len(world.sent()) == 1
    stays_with_agent(world)


def test_a_failed_status_settles_an_unclear_send_as_refused(world: World) -> None:
    world.whatsapp.faults.plan("whatsapp", "unclear", world.now)
    world.whatsapp.faults.plan("whatsapp", "undelivered", world.now)
    writes(world, "my oven is broken")
    world.pass_time(600)
    (told,) = replies(world)
    assert (told.state, told.reason) == ("refused", "undeliverable:131026")
    stays_with_agent(world)


def test_a_status_of_somebody_elses_message_changes_nothing_and_is_accounted_for(world: World) -> None:
    raw(world, statuses=[{"id": "wamid.other", "status": "failed", "timestamp": "1795428900", "recipient_id": ANNA.id}])
    world.settle()
    assert world.cases() == []
    assert differences(world) == ((), {"statuses": 1})


# -- the brand's people, groups, and the rest --------------------------------------------------------------------


def test_a_native_answer_stops_the_robot(world: World) -> None:
    message = writes(world, "my oven is broken")
    world.settle()
    brand = world.whatsapp.brand(world.whatsapp.settings.account("whatsapp"))
    world.now += timedelta(seconds=20)
    arrives(world, world.whatsapp.post(brand, "Which one?", world.now, parent_id=message.id, native=True)[1])
    world.pass_time(300)
    assert world.sent() == []
    assert only_case(world).first_human_at is not None
    assert [reply.reason for reply in replies(world)] == ["answered_by_person"]


def test_a_native_answer_to_a_number_is_known_for_somebody_with_a_scoped_id(world: World) -> None:
    writes(world, "my oven is broken", BOTH)
    world.settle()
    echo = {"from": "1", "to": BOTH.also, "id": "wamid.e", "timestamp": "1795428920", "type": "text"}
    value = {"metadata": {"phone_number_id": NUMBER}, "message_echoes": [{**echo, "text": {"body": "Which one?"}}]}
    entry = {"id": "4", "changes": [{"field": "smb_message_echoes", "value": value}]}
    body = {"object": "whatsapp_business_account", "entry": [entry]}
    arrives(world, [world.whatsapp.delivery("whatsapp", body, [], world.now)])
    world.pass_time(300)
    assert world.sent() == []


@pytest.mark.parametrize("early", [False, True], ids=["after it", "before it"])
def test_what_the_brands_people_take_back_is_gone_from_the_case(world: World, early: bool) -> None:
    message = writes(world, "my oven is broken")
    world.settle()
    brand = world.whatsapp.brand(world.whatsapp.settings.account("whatsapp"))
    answer, told = world.whatsapp.post(brand, "Call me on 0170", world.now, parent_id=message.id, native=True)
    taken_back = world.whatsapp.delete(answer.id, world.now)[1]
    for deliveries in (taken_back, told) if early else (told, taken_back):
        arrives(world, deliveries)
        world.settle()
    (own,) = [each for each in world.records(only_case(world).id) if isinstance(each, OwnPost)]
    assert own.text == ""


def test_an_edit_before_its_message_and_a_revocation_are_applied(world: World) -> None:
    message, told = world.whatsapp.post(ANNA, "my ovn is broken", world.now)
    arrives(world, world.whatsapp.edit(message.id, "my oven is broken", world.now)[1])
    arrives(world, told)
    world.settle()
    (stored,) = [each for each in world.records(only_case(world).id) if isinstance(each, StoredPost)]
    assert stored.post.text == "my oven is broken"
    arrives(world, world.whatsapp.delete(message.id, world.now)[1])
    world.pass_time(300)
    assert world.sent() == []


def test_a_message_in_a_group_is_never_answered_by_a_robot_and_comes_to_an_agent(world: World) -> None:
    group = {"from": ANNA.id, "group_id": "1203@g.us", "id": "wamid.g", "timestamp": "1795428900", "type": "text"}
    raw(world, messages=[{**group, "text": {"body": "does anybody know why my oven is broken?"}}])
    world.pass_time(600)
    assert world.sent() == []
    stays_with_agent(world)
    reply(only_case(world).id, "maria", "We call you.", world.services)
    world.pass_time(120)
    assert world.sent() == []
    assert [each.reason for each in replies(world)] == ["answer_in_the_app"]


def test_an_order_is_a_customers_message(world: World) -> None:
    order = {"product_items": [{"product_retailer_id": "OVEN-9", "quantity": 1}]}
    raw(
        world,
        messages=[
            {
                "from": ANNA.id,
                "id": "wamid.o",
                "timestamp": str(int(world.now.timestamp())),
                "type": "order",
                "order": order,
            }
        ],
    )
    world.pass_time(300)
    assert only_case(world).work_id is not None


def test_reactions_and_system_notices_make_no_case_and_an_alarm_rings_for_the_account(world: World) -> None:
    raw(
        world,
        messages=[
            {"from": ANNA.id, "id": "wamid.r", "timestamp": "1", "type": "reaction", "reaction": {"emoji": "x"}},
            {"from": ANNA.id, "id": "wamid.s", "timestamp": "1", "type": "system", "system": {"body": "moved"}},
        ],
        errors=[{"code": 131031}],
    )
    world.settle()
    assert world.cases() == []
    assert any(line.get("metric") == "AccountNotice" for line in world.log)
    assert differences(world) == ((), {"ignored": 2, "notices": 1})


def test_a_value_with_more_messages_than_are_taken_in_at_once_is_split_and_each_is_on_a_case(world: World) -> None:
    now = str(int(world.now.timestamp()))
    raw(
        world,
        messages=[
            {"from": f"49151{n:07d}", "id": f"wamid.{n}", "timestamp": now, "type": "text", "text": {"body": "broken"}}
            for n in range(30)
        ],
    )
    for _ in range(4):
        world.settle()
    assert len(world.cases()) == 30
    missing, counted = differences(world)
    assert (missing, counted["posts"]) == ((), 30)


def differences(world: World) -> tuple[tuple[str, ...], dict[str, int]]:
    """What reconciliation misses, and what it counts."""
    accepted = [
        Accepted(id=line["delivery_id"], channel=line["channel"], at=world.now.isoformat())
        for line in world.log
        if line["message"] == "accepted"
    ]
    later = world.now + timedelta(hours=1)
    report = reconcile(world.services.table, accepted, [], world.now - timedelta(days=1), later)
    return (*report.missing_deliveries, *report.missing_events), report.events
