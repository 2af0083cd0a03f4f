"""Generic sources in one process: signed events come in, signed answers go to the callback, identities become one customer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from firstline.model.records import Account, AuthorRecord, StoredPost
from firstline.model.reply import Reply
from firstline.operations.erase import ask, erase
from firstline.operations.take_in import take_in
from firstline.outward.secrets import FRESH
from firstline.table import keys
from infra.local.simulators.store import Person
from infra.local.simulators.wire import standard_webhook
from tests.world import World, a_world, webhook_secret

ANNA = Person(id="501", name="Anna Ross")
BEN = Person(id="502", name="Ben Hill")
VERIFIED = {"email": "Anna@Example.org", "phone": "+44 7700 900123"}


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def says(world: World, text: str, source: str = "reviews", author: Person = ANNA, **how: Any) -> Any:
    post, deliveries = world.generic.post(author, text, world.now, account=source, **how)
    for each in deliveries:
        assert world.deliver(each) == 200
    return post


def a_delivery(world: World, source: str, content: Any, webhook_id: str = "msg_1", late: float = 0) -> int:
    """A signed body of one's own; ``late``: seconds between its time and now."""
    body = json.dumps(content).encode()
    headers = standard_webhook(webhook_secret(source), webhook_id, world.now, body)
    headers["webhook-timestamp"] = str(int(world.now.timestamp() - late))
    if late:
        at = world.now.fromtimestamp(world.now.timestamp() - late, world.now.tzinfo)
        headers = standard_webhook(webhook_secret(source), webhook_id, at, body)
    return world.knock(source, body, headers)


def an_event(post_id: str = "r-1", text: str = "my oven is broken", **data: Any) -> dict[str, Any]:
    return {
        "type": "post.created",
        "timestamp": "2026-11-23T10:00:00Z",
        "data": {"id": post_id, "text": text, "author": {"id": "7", "name": "Anna"}, **data},
    }


# -- the door ----------------------------------------------------------------------------------------------------


def test_each_source_has_a_door_and_secrets_of_its_own(world: World) -> None:
    body = json.dumps(an_event()).encode()
    for source in ("generic", "reviews", "contact-centre"):
        right = standard_webhook(webhook_secret(source), "msg_1", world.now, body)
        assert world.knock(source, body, right) == 200
    stolen = standard_webhook(webhook_secret("reviews"), "msg_1", world.now, body)
    assert world.knock("contact-centre", body, stolen) == 401


def test_a_source_that_nobody_set_up_is_not_there(world: World) -> None:
    for name in ("forum", "", "Reviews", "reviews/", "..", "a" * 41):
        body = json.dumps(an_event()).encode()
        assert world.knock(name, body, standard_webhook(webhook_secret(name), "msg_1", world.now, body)) == 404
        assert world.knock(name, b"", {}, method="GET") == 404


def test_a_source_is_added_without_a_deployment(world: World) -> None:
    assert a_delivery(world, "forum", an_event()) == 404
    world.secrets_value["generic"]["sources"]["forum"] = {"signing": [webhook_secret("forum")]}
    text = json.dumps(world.secrets_value)
    world.secretsmanager.put_secret_value(SecretId=world.settings.channel_secrets_arn, SecretString=text)
    world.now += timedelta(seconds=FRESH)
    assert a_delivery(world, "forum", an_event()) == 200


def test_a_strangers_guesses_cost_no_read_of_the_secrets() -> None:
    reads: list[str] = []
    with a_world(in_memory=False) as world:
        events = world.secretsmanager.meta.events
        events.register("before-send.secretsmanager", lambda request, **_: reads.append(request.url))
        assert a_delivery(world, "reviews", an_event()) == 200
        for number in range(50):  # a guess a second
            assert world.knock(f"guess-{number}", b"{}", {}) == 404
            assert world.knock(f"guess-{number}", b"", {}, method="GET") == 404
            world.now += timedelta(seconds=1)
    assert len(reads) == 1


def test_a_source_cannot_take_a_platforms_name(world: World) -> None:
    world.secrets_value["generic"]["sources"]["x"] = {"signing": [webhook_secret("x")]}
    text = json.dumps(world.secrets_value)
    world.secretsmanager.put_secret_value(SecretId=world.settings.channel_secrets_arn, SecretString=text)
    world.door.secrets.forget()
    assert a_delivery(world, "x", an_event()) == 401


def test_a_get_is_a_plain_client_error(world: World) -> None:
    assert world.knock("reviews", b"", {}, method="GET") == 400


def test_what_was_signed_more_than_five_minutes_away_is_refused(world: World) -> None:
    assert a_delivery(world, "reviews", an_event(), late=299) == 200
    assert a_delivery(world, "reviews", an_event(), late=302) == 401
    assert a_delivery(world, "reviews", an_event(), late=-302) == 401


# -- the flow ----------------------------------------------------------------------------------------------------


def test_a_signed_event_becomes_a_case_and_its_answer_reaches_the_callback_once(world: World) -> None:
    post = says(world, "my oven is broken since Monday", kind="review")
    world.pass_time(300)
    (answer,) = world.sent()
    assert (answer.channel, answer.account, answer.parent_id) == ("generic", "reviews", post.id)
    (case,) = world.cases()
    assert case.acknowledged_at is not None and case.first_human_at is None
    assert case.ref in answer.text


def test_a_retry_and_the_same_post_in_another_delivery_change_nothing(world: World) -> None:
    for webhook_id, late in (("msg_1", 0), ("msg_1", 60), ("msg_2", 0)):
        assert a_delivery(world, "reviews", an_event(), webhook_id, late) == 200
        assert a_delivery(world, "reviews", {"events": [an_event()]}, webhook_id, late) == 200
    world.pass_time(300)
    assert len(world.sent()) == 1 and [case.posts for case in world.cases()] == [1]


def test_two_sources_that_use_the_same_ids_mean_different_posts_and_people(world: World) -> None:
    assert a_delivery(world, "reviews", an_event()) == 200
    assert a_delivery(world, "generic", an_event()) == 200
    world.pass_time(300)
    assert sorted(case.author_key for case in world.cases()) == ["generic:generic/7", "generic:reviews/7"]
    assert sorted(each.account for each in world.sent()) == ["generic", "reviews"]


def test_a_callback_that_times_out_after_effect_gets_no_second_answer(world: World) -> None:
    world.generic.faults.plan("generic", "unclear", world.now)
    world.generic.faults.plan("generic", "no_echo", world.now)
    says(world, "my oven is broken")
    world.pass_time(900)
    assert len(world.sent()) == 1
    (reply,) = replies(world)
    assert reply.state == "sent" and reply.platform_id == f"reviews/{world.sent()[0].id}"


def test_a_callback_that_is_down_is_tried_again_under_the_same_id(world: World) -> None:
    world.generic.faults.plan("generic", "server_error", world.now, times=4)
    says(world, "my oven is broken")
    world.pass_time(1200)
    assert len(world.sent()) == 1
    assert [reply.state for reply in replies(world)] == ["sent"]


def test_a_callback_that_asks_for_time_gets_it(world: World) -> None:
    world.generic.faults.plan("generic", "rate_limit", world.now, times=1, seconds=600)
    says(world, "my oven is broken")
    world.pass_time(540)
    assert world.sent() == []
    world.pass_time(360)
    assert len(world.sent()) == 1


def test_a_callback_that_is_closed_for_good_parks_the_source_until_it_is_renewed(world: World) -> None:
    world.generic.faults.plan("generic", "policy", world.now, times=1)
    says(world, "my oven is broken")
    world.pass_time(600)
    parked = world.services.table.get(keys.account("generic", "reviews"))
    assert isinstance(parked, Account) and parked.parked_because == "callback_gone"
    assert world.sent() == []
    callback = world.tokens_of("generic", "reviews")
    world.store_tokens("generic", "reviews", {**callback, "url": callback["url"] + "?new"})
    world.pass_time(900)
    assert len(world.sent()) == 1


def test_what_the_site_refuses_for_good_goes_to_an_agent(world: World) -> None:
    world.generic.faults.plan("generic", "blocked", world.now, times=1)
    says(world, "my oven is broken")
    world.pass_time(600)
    (reply,) = replies(world)
    (case,) = world.cases()
    assert (reply.state, reply.reason) == ("refused", "person_not_available") and case.work_id is not None


def test_what_the_site_says_is_gone_is_gone_here_too(world: World) -> None:
    world.generic.faults.plan("generic", "deleted", world.now, times=1)
    says(world, "my oven is broken", contact=VERIFIED)
    world.pass_time(600)
    (stored,) = posts(world)
    assert (stored.state, stored.post.text, stored.post.contacts) == ("deleted", "", ())


def test_an_answer_that_somebody_wrote_there_stops_the_robot(world: World) -> None:
    post = says(world, "my oven is broken")
    world.settle()
    brand = Person(id="reviews", name="Acme")
    world.now += timedelta(seconds=20)
    _, deliveries = world.generic.post(
        brand, "Which one?", world.now, account="reviews", parent_id=post.id, native=True
    )
    assert [world.deliver(each) for each in deliveries] == [200]
    world.pass_time(600)
    (case,) = world.cases()
    assert world.sent() == [] and case.first_human_at is not None


def test_an_edit_and_a_deletion_before_their_post_are_still_applied(world: World) -> None:
    post, deliveries = world.generic.post(ANNA, "my ofen", world.now, account="reviews")
    _, changes = world.generic.edit(post.id, "there is smoke coming out of my oven", world.now)
    gone, late = world.generic.post(BEN, "my address is 12 High Street", world.now, account="reviews")
    _, deletions = world.generic.delete(gone.id, world.now)
    for each in (*changes, *deletions, *deliveries, *late):
        assert world.deliver(each) == 200
    world.pass_time(300)
    texts = sorted(stored.post.text for stored in posts(world))
    assert texts == ["", "there is smoke coming out of my oven"]


def test_an_agents_words_go_to_the_callback_as_a_persons(world: World) -> None:
    post = says(world, "my oven is broken", kind="message")
    world.settle()
    (case,) = world.cases()
    world.agent_answers(case.id, "Hi Anna, a colleague comes tomorrow.")
    world.pass_time(120)
    (answer,) = world.sent()
    assert (answer.to, answer.parent_id, answer.kind) == (ANNA.id, post.id, "message")


def test_over_a_source_for_people_only_no_robot_speaks_and_a_person_has_the_work(world: World) -> None:
    says(world, "my oven is broken", "contact-centre", kind="email")
    says(world, "asks for a call back", "reviews", author=BEN, kind="call")
    world.pass_time(900)
    assert world.sent() == []
    assert all(case.work_id for case in world.cases())
    assert {stored.silence for stored in posts(world)} == {"law"}


def test_what_a_listening_tool_found_is_watched_and_never_answered(world: World) -> None:
    says(world, "people say Acme ovens are broken", addressed=False)
    world.pass_time(900)
    (case,) = world.cases()
    assert (case.status, world.sent()) == ("watching", [])


def test_one_bad_entry_does_not_cost_the_others_and_is_replayed_for_its_own_source(world: World) -> None:
    bad = {"type": "post.created", "data": {"id": "r 2", "text": "my oven is broken"}}
    assert a_delivery(world, "reviews", {"events": [an_event("r-1"), bad, an_event("r-3")]}) == 200
    world.pass_time(300)
    assert sorted(stored.post.post_id for stored in posts(world)) == ["reviews/r-1", "reviews/r-3"]
    listed = [record for record in world.services.table.listed(keys.quarantine_partition())]
    assert [(record.channel, record.source, record.reason) for record in listed] == [
        ("generic", "reviews", "no_post_id")
    ]  # type: ignore[union-attr]


# -- one customer (R12) ------------------------------------------------------------------------------------------


def test_a_call_by_the_same_verified_customer_joins_the_case_of_the_review(world: World) -> None:
    says(world, "my oven is broken", kind="review", contact={"email": "anna@example.org"})
    world.pass_time(60)
    says(world, "asks when the engineer comes", "contact-centre", author=BEN, kind="call", contact=VERIFIED)
    world.pass_time(60)
    (case,) = world.cases()
    assert case.posts == 2
    caller = world.services.table.get(keys.author("generic:contact-centre/502"))
    assert isinstance(caller, AuthorRecord) and caller.linked_from == (
        "generic:reviews/501 (same verified email, told by generic:contact-centre)"
    )
    trail = [record for record in world.records(case.id, "audit#") if record.what == "identity_linked"]
    assert [record.why for record in trail] == ["same verified email, told by generic:contact-centre"]
    says(
        world,
        "and my phone number is the same",
        "generic",
        author=Person("9", "A."),
        contact={"phone": "0044-7700 900123"},
    )
    world.pass_time(60)
    assert [case.posts for case in world.cases()] == [3]


def test_a_contact_that_nobody_verified_links_nothing(world: World) -> None:
    says(world, "my oven is broken, I am anna@example.org", contact={"email": "anna@example.org"})
    says(world, "my fridge is broken, I am anna@example.org", "generic", author=BEN)
    world.pass_time(60)
    assert len(world.cases()) == 2


def test_two_first_contacts_at_once_open_one_case(world: World) -> None:
    """Both were read before either was committed: the second finds the row of the contact taken, and reads again."""
    for source, author in (("reviews", ANNA), ("contact-centre", BEN)):
        says(world, "my oven is broken", source, author, kind="email", contact=VERIFIED)
    messages = world.sqs.receive_message(QueueUrl=world.urls["intake"], MaxNumberOfMessages=10)["Messages"]
    first, second = [(each["MessageId"], each["Body"]) for each in messages]
    commit, raced = world.services.table.commit, []

    def slower(records: Any, now: Any) -> None:
        if not raced:
            raced.append(True)
            assert take_in([second], world.services) == []
        commit(records, now)

    world.services.table.commit = slower  # type: ignore[method-assign]
    try:
        assert take_in([first], world.services) == []
    finally:
        world.services.table.commit = commit  # type: ignore[method-assign]
    (case,) = world.cases()
    assert case.posts == 2 and world.pauses


def test_who_is_erased_goes_with_all_identities_and_contacts(world: World) -> None:
    says(world, "my oven is broken", contact=VERIFIED)
    says(world, "asks when somebody comes", "contact-centre", author=BEN, kind="call", contact=VERIFIED)
    world.pass_time(300)
    wish = erase(ask("c" * 32, "person:lea", ("generic:reviews/501",), world.services).code, world.services)
    assert wish is not None and wish.state == "done"
    kept = json.dumps(world.dynamodb.scan(TableName="cases")["Items"])
    for word in (
        "Anna",
        "Ben Hill",
        "example.org",
        "7700900123",
        "my oven",
        "asks when",
        "contact#",
        "generic:reviews/501",
    ):
        assert word not in kept
    says(world, "my fridge is broken", author=Person(id="900", name="Anna"), contact=VERIFIED)
    world.pass_time(60)
    assert [case.posts for case in world.services.table.cases("open", 10)] == [1]


def test_no_row_and_no_log_line_holds_an_address_or_a_number(world: World) -> None:
    says(world, "my oven is broken", contact=VERIFIED)
    world.pass_time(120)
    items = world.dynamodb.scan(TableName="cases")["Items"]
    for item in items:
        if item["entity"]["S"] != "post":
            assert "example.org" not in json.dumps(item) and "7700900123" not in json.dumps(item)
    assert "example.org" not in json.dumps(world.log, default=str)


def replies(world: World) -> list[Reply]:
    return [
        record for case in world.cases() for record in world.records(case.id, "reply#") if isinstance(record, Reply)
    ]


def posts(world: World) -> list[StoredPost]:
    return [
        record for case in world.cases() for record in world.records(case.id, "post#") if isinstance(record, StoredPost)
    ]
