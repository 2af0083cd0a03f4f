"""A mark stands in every field that a customer, an agent or a branch can fill. Reasons never repeat it, logs never hold it,
and after the erasure it is nowhere: table, keys, bucket, queues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from firstline.decide import decide
from firstline.model.base import stamp
from firstline.model.errors import LostRace, without_words
from firstline.model.handoff import Handoff
from firstline.model.records import Audit
from firstline.operations import agents, branch
from firstline.operations.hear_mail import hear_mail
from firstline.operations.person import named
from firstline.outward.mailbox import read_receipt, reply_to
from firstline.playbook import Playbook
from firstline.table import keys
from infra.local.simulators.store import Person
from tests.builders import NUMBER, a_playbook
from tests.erasing import KEYS, erased, places
from tests.unit.mailbox.builders import a_notification
from tests.world import World, a_world

MARK = "Qx7qx"
PHONE = "+441632960977"
ID = "98765431"
LANES = ("urgent", "standard", "email")
MAIL = f"""From: leeds@acme.example
Subject: {MARK} at home
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

{MARK} lives at 5 Elm Road
--b
Content-Type: application/pdf; name="{MARK}.pdf"
Content-Disposition: attachment; filename="{MARK}.pdf"

%PDF-1.4 {MARK}
--b--
""".replace("\n", "\r\n")


def the_playbook() -> Playbook:
    """Danger is heard in words that lie apart: what stands between them is the customer's. Earlier releases took any
    disposition."""
    rules = a_playbook().model_dump(mode="json", by_alias=True)["rules"]
    rules["safety"]["en"].append("smell* ~ gas")
    return a_playbook(rules=rules, case={"dispositions": [f"visit to {MARK}"]})


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(the_playbook(), in_memory=True) as world:
        yield world


def writes(world: World, number: int, kind: str = "comment") -> str:
    """A customer fills everything there is to fill; the case's id."""
    data = {
        "id": f"p{number}",
        "kind": kind,
        "text": f"gas {MARK} {PHONE} smells, send an engineer to Leeds, {MARK}",
        "at": stamp(world.now),
        "parent_text": f"parent {MARK}",
        "quoted_text": f"quoted {MARK}",
        "parent_id": f"parent-{MARK}",
        "quoted_id": f"quoted-{MARK}",
        "thread_id": f"thread-{MARK}-{number}",
        "language": f"en-{MARK}",
        "url": f"https://reviews.example/{MARK}",
        "media": [{"kind": f"kind {MARK}", "url": f"https://reviews.example/{MARK}.png"}],
        "place": {"name": f"Leeds {MARK}", "latitude": "53.8", "longitude": "-1.5"},
        "author": {
            "id": f"{MARK}-{ID}-{number}",
            "name": MARK,
            "handle": f"the{MARK}",
            "verified_contact": {"phone": PHONE, "email": f"{MARK}@example.org", "customer_number": f"{MARK}4711"},
        },
    }
    content = {"type": "post.created", "timestamp": stamp(world.now), "data": data}
    assert world.deliver(world.generic.delivery("generic", content, [data["id"]], world.now, source="reviews")) == 200
    world.settle()
    edit = {"type": "post.updated", "timestamp": stamp(world.now)}
    edit["data"] = {"id": data["id"], "text": f"{data['text']}, {MARK}!", "at": stamp(world.now)}  # type: ignore[assignment]
    assert world.deliver(world.generic.delivery("generic", edit, [data["id"]], world.now, source="reviews")) == 200
    world.pass_time(240)
    return case_of(world, f"generic:reviews/{MARK}-{ID}-{number}")


def case_of(world: World, author_key: str) -> str:
    return named(author_key, world.services).cases[-1]


def an_agent_says_all_that_agents_can(case_id: str, world: World) -> None:
    services = world.services
    agents.claim(case_id, "maria", services)
    agents.note(case_id, "maria", f"{MARK} rang", services)
    agents.let_robots_speak(case_id, "maria", False, services, why=f"{MARK} said so on {PHONE}")
    agents.hand_to_branch(case_id, "maria", "berlin", services, why=f"ring {MARK}", words=f"on {PHONE}, {MARK}")
    agents.reply(case_id, "maria", f"Dear {MARK}, we come.", services)
    agents.give_back(case_id, "maria", services, why=f"{MARK} wants somebody else")


def a_branch_says_all_that_branches_can(case_id: str, world: World) -> None:
    services = world.services
    branch.more_information(case_id, "leeds", f"Which door of {MARK}?", services)
    branch.write_to_customer(case_id, "leeds", f"We come at ten, {MARK}.", services)
    branch.contacted(case_id, "leeds", services, how="phone", note=f"spoke with {MARK}")
    branch.done(case_id, "leeds", services, note=f"{MARK} has a new door")
    for number, verdicts in enumerate(({}, {"dmarc": "FAIL"})):
        world.s3.put_object(Bucket="bodies", Key=f"mail/s{number}", Body=MAIL.encode())
        address = reply_to("case@reply.acme.example", case_id, "leeds", KEYS)
        receipt = read_receipt(a_notification(mail_id=f"s{number}", recipients=(address,), **verdicts))
        assert receipt is not None
        hear_mail(receipt, KEYS, services)


def waiting(world: World, *queues: str) -> list[str]:
    """The messages that lie in queues, hidden or not."""
    sqs: Any = world.sqs
    rows = [(number, body) for name in queues for _, number, body in sqs._waiting[world.urls[name]]]
    return [body for number, body in rows if number not in sqs._deleted]


def marked(texts: list[str]) -> list[str]:
    return [text for text in texts if any(mark in text.lower() for mark in (MARK.lower(), ID, PHONE[3:]))]


def found(world: World) -> list[str]:
    """Where a mark lies in the table or the bucket, in whatever letters."""
    rows = [json.dumps(row) for row in world.dynamodb.scan(TableName="cases")["Items"]]
    return marked(rows) + [place for mark in (MARK, ID, PHONE) for place in places(world, mark)]


def everybody_says_all(world: World) -> list[str]:
    first = writes(world, 1)
    a_branch_says_all_that_branches_can(first, world)
    an_agent_says_all_that_agents_can(first, world)
    world.pass_time(600)
    agents.claim(first, "maria", world.services)
    for post in world.records(first, "case")[0].unanswered:
        agents.reply(first, "maria", f"It is done, {MARK}, {post[-2:]}.", world.services, to=post)
        world.pass_time(120)
    agents.resolve(first, "maria", f"visit to {MARK}", world.services)
    branch.not_ours(first, "berlin", world.services, note=f"{MARK} lives elsewhere", belongs_to="uk-desk")
    branch.out_of_office(first, "uk-desk", world.services, note=f"back soon, {MARK}")
    world.pass_time(240)
    return [first]


def test_what_people_wrote_is_nowhere_after_the_erasure(world: World) -> None:
    (case_id,) = everybody_says_all(world)
    kinds = {type(each).__name__ for each in world.records(case_id)}
    assert kinds >= {"Case", "StoredPost", "Reply", "Handoff", "Note", "Audit"}
    assert len(found(world)) > 20
    erased(f"generic:reviews/{MARK}-{ID}-1", "1" * 32, world)
    world.pass_time(900)
    assert found(world) == []
    assert marked(waiting(world, "intake", "replies", "handoffs", "lookups", "quarantine")) == []
    assert marked([json.dumps(line, default=str) for line in world.log]) == []
    assert marked([str(metric) for metric in world.metrics]) == []
    trail = [each.what for each in world.records(case_id, "audit#")]
    assert {"case_opened", "noted", "given_back", "resolved", "branch_done", "handed_to_branch", "erased"} <= {*trail}


def test_a_lane_names_the_author_and_quotes_nobody_and_is_drained_of_stale_items(world: World) -> None:
    everybody_says_all(world)
    items = [json.loads(text) for text in waiting(world, *LANES)]
    assert items
    assert marked([json.dumps({**item, "author": None}) for item in items]) == []
    erased(f"generic:reviews/{MARK}-{ID}-1", "2" * 32, world)
    world.now = world.now.replace(day=world.now.day + 1)
    assert agents.take_next("maria", frozenset(), world.services) is None
    assert waiting(world, *LANES) == []


def test_reasons_name_the_rule_and_people_s_own_words_are_texts_of_their_own(world: World) -> None:
    (case_id,) = everybody_says_all(world)
    records = world.records(case_id)
    case = next(each for each in records if type(each).__name__ == "Case")
    assert marked([*case.priority_reasons, case.work_reason]) == []
    assert marked([each.reason for each in records if isinstance(each, Handoff)]) == []
    trail = [each for each in records if isinstance(each, Audit)]
    assert marked([each.why or "" for each in trail if each.what != "resolved"]) == []
    texts = {each.id: each.text for each in world.records(case_id, "note#")}
    pointed = {each.what: texts[about] for each in trail for about in each.about if about in texts}
    assert pointed["given_back"] == f"{MARK} wants somebody else"
    assert pointed["opted_out"] == f"{MARK} said so on {PHONE}"
    (given,) = [each for each in records if isinstance(each, Handoff) and each.by == "maria"]
    assert (given.asked, given.note) == (f"ring {MARK}", f"on {PHONE}, {MARK}")


def test_a_decision_s_stored_reasons_hold_no_word_of_the_post(world: World) -> None:
    writes(world, 1)
    (stored,) = [each for each in world.records(case_of(world, f"generic:reviews/{MARK}-{ID}-1"), "post#")]
    from firstline.operations.facts import gather

    known = gather(stored.post, world.published.now, world.services, world.now)
    decision = decide(stored.post, known, world.published.now, world.now)
    assert decision.severity == 3 and decision.branch == "leeds"
    assert marked([*decision.priority_reasons, decision.work_reason, decision.branch_reason or ""]) == []


def test_reasons_with_words_that_an_earlier_release_wrote_are_erased_too(world: World) -> None:
    case_id = writes(world, 1)
    table, now = world.services.table, world.now
    (case,), (given,) = world.records(case_id, "case"), world.records(case_id, "handoff#")
    quoted = (f"danger: “gas {MARK.lower()} smells” (+40)",)
    table.commit(
        [
            case.model_copy(update={"priority_reasons": quoted, "work_reason": f"safety; {quoted[0]}"}),
            given.model_copy(update={"reason": f"“{MARK}”; names Leeds", "by": "maria"}),
            Audit(case_id=case_id, at=now, what="case_opened", by="robot", why=quoted[0], id="1"),
            Audit(case_id=case_id, at=now, what="handed_to_branch", by="maria", why=f"ring {MARK}", id="2"),
            Audit(case_id=case_id, at=now, what="identity_changed", by="platform", why=f"x:{ID} (changed)", id="3"),
        ],
        now,
    )
    erased(f"generic:reviews/{MARK}-{ID}-1", "3" * 32, world)
    assert found(world) == []
    assert [each.why for each in world.records(case_id, "audit#") if each.what == "case_opened"] == [None, None]


def test_no_number_stands_in_a_key_that_outlives_the_erasure(world: World) -> None:
    ida = Person(id="DE.777", name=MARK, also=ID, handle=f"the{MARK}")
    for text in (f"my oven is broken, {MARK}", "stop", f"hello {MARK}"):
        for each in world.whatsapp.post(ida, text, world.now, account=NUMBER)[1]:
            assert world.deliver(each) == 200
        world.pass_time(200)
    erased(f"whatsapp:{ID}", "4" * 32, world)
    assert found(world) + places(world, "DE.777") == []
    assert world.services.table.get(keys.silence(keys.hashed("whatsapp:DE.777"))) is not None


def test_an_error_in_a_log_line_names_no_key_and_quotes_no_library() -> None:
    assert without_words(ValueError(f"bad value: {MARK}")) == "ValueError"
    assert without_words(LostRace("Case")) == "Case"
