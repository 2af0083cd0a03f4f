"""Deliveries and mails that real systems of this kind got wrong, where they stand beside the checkout.

They are not part of the project; ../shared/outside-cases/README.md says what each one shows and what must come out.
The same kinds on the other channels are in test_outside_kinds.py.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firstline.model.records import Audit, BranchMailbox, Note, OwnPost, Quarantined, StoredPost
from firstline.operations.hand_over import hear_of_mail
from firstline.operations.hear_mail import hear_mail
from firstline.outward.mail import mail_event
from firstline.outward.mailbox import read_receipt, reply_to
from firstline.table import keys
from infra.local.simulators.store import Person
from tests.builders import CARE, GRAM
from tests.unit.mailbox.builders import a_notification
from tests.world import World, a_world

CASES = Path(__file__).resolve().parents[3].parent / "shared" / "outside-cases"
OURS = {"17841400000000001": GRAM, "lumora.home": "acme.home"}
"""The accounts in the bodies, and what they are called in this world."""
WHEN = datetime(2026, 11, 28, 18, 26, 45, tzinfo=UTC)
"""Just after most of the deliveries were written."""
LINK_KEYS = ("newest", "older")
ANNA = Person(id="501", name="Anna Ross", handle="anna")

pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason="../shared/outside-cases does not stand beside this checkout"
)


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(start=WHEN, shards=1) as world:
        yield world


def comes(world: World, name: str) -> None:
    """The delivery, signed by its platform; all that follows from it at once is done."""
    text = (CASES / name).read_text()
    for theirs, ours in OURS.items():
        text = text.replace(theirs, ours)
    body = text.encode()
    channel = {"ig": "instagram", "wa": "whatsapp", "fb": "facebook", "x": "x"}[name.split("-")[1]]
    if channel == "x":
        digest = hmac.new(b"x-signing", body, hashlib.sha256).digest()
        headers = {"x-twitter-webhooks-signature": f"sha256={b64encode(digest).decode()}"}
    else:
        headers = {"x-hub-signature-256": "sha256=" + hmac.new(b"meta-signing", body, hashlib.sha256).hexdigest()}
    assert world.knock(channel, body, headers) == 200
    world.settle()


def posts(world: World) -> list[StoredPost]:
    return [each for case in world.cases() for each in world.records(case.id, "post#") if isinstance(each, StoredPost)]


def only_post(world: World) -> StoredPost:
    (stored,) = posts(world)
    return stored


def only_case(world: World) -> Any:
    (case,) = world.cases()
    return case


def own_words(world: World) -> list[str]:
    return [each.text for case in world.cases() for each in world.records(case.id) if isinstance(each, OwnPost)]


def trail(world: World) -> list[tuple[str, str | None]]:
    return [
        (each.what, each.why) for case in world.cases() for each in world.records(case.id) if isinstance(each, Audit)
    ]


def quarantine(world: World) -> list[Quarantined]:
    return list(world.services.table.listed(keys.quarantine_partition()))


def test_01_a_message_told_as_its_own_edit_keeps_its_words(world: World) -> None:
    comes(world, "01a-ig-message-edit-0.json")
    comes(world, "01b-ig-message-itself.json")
    world.pass_time(600)
    stored = only_post(world)
    assert stored.post.text == "My oven smokes and smells of burning, please help"
    assert stored.situation == "safety"


def test_01_the_other_way_round(world: World) -> None:
    comes(world, "01b-ig-message-itself.json")
    comes(world, "01a-ig-message-edit-0.json")
    world.pass_time(600)
    stored = only_post(world)
    assert stored.post.text == "My oven smokes and smells of burning, please help"
    assert only_case(world).posts == 1


def test_01c_a_message_that_is_only_told_by_its_id_waits_for_an_agent(world: World) -> None:
    comes(world, "01c-ig-message-edit-0-alone.json")
    world.pass_time(600)
    assert only_case(world).work_id is not None
    assert world.sent() == []


def test_22a_an_edit_without_words_leaves_the_words(world: World) -> None:
    first = {
        "item": "comment", "comment_id": "5890986_2", "post_id": "200000000000001_5890986", "verb": "add",
        "parent_id": "200000000000001_5890986", "from": {"id": "64890986", "name": "Ola Berg"},
        "created_time": 1795890900, "message": "The oven you sold me is broken",
    }  # fmt: skip
    content = {
        "object": "page",
        "entry": [{"id": "200000000000001", "time": 1, "changes": [{"field": "feed", "value": first}]}],
    }
    assert world.deliver(world.graph.delivery("facebook", content, [], world.now)) == 200
    world.settle()
    comes(world, "22a-fb-edited-without-message.json")
    world.pass_time(600)
    assert only_post(world).post.text == "The oven you sold me is broken"
    assert ("post_edited", "edited, see the app") in trail(world)


def test_02_the_persons_answer_counts_however_the_brazilian_number_is_written(world: World) -> None:
    comes(world, "02a-wa-brazil-message.json")
    comes(world, "02b-wa-brazil-echo.json")
    world.pass_time(600)
    assert only_case(world).first_human_at is not None and only_case(world).unanswered == ()
    assert world.sent() == []


def test_03_what_was_ticked_stands_on_the_case(world: World) -> None:
    comes(world, "03-wa-flow-lists.json")
    stored = only_post(world)
    for words in ("product: oven", "smells of burning", "door broken", "12 Mill Lane", "Leeds"):
        assert words in stored.post.text
    assert stored.situation == "safety"


def test_04_a_request_welcome_is_nobodys_message(world: World) -> None:
    comes(world, "04-wa-request-welcome.json")
    world.pass_time(600)
    assert (world.cases(), quarantine(world), world.sent()) == ([], [], [])
    assert any(name == "Ignored" and told == {"reason": "request_welcome"} for name, told in world.metrics)


def test_05b_the_permission_to_call_stands_on_the_case(world: World) -> None:
    comes(world, "05b-wa-call-permission.json")
    world.pass_time(600)
    assert "accept" in only_post(world).post.text
    assert only_case(world).work_id is not None and quarantine(world) == [] and world.sent() == []


def test_07_own_words_without_an_id_are_never_answered(world: World) -> None:
    comes(world, "07a-ig-own-by-username-without-id.json")
    comes(world, "07d-ig-own-comment-unreadable.json")
    world.pass_time(1200)
    assert (world.cases(), world.sent()) == ([], [])


def test_08_an_echo_by_another_id_of_the_account_is_its_answer(world: World) -> None:
    comes(world, "08a-ig-question.json")
    comes(world, "08b-ig-echo-other-id.json")
    world.pass_time(1200)
    assert own_words(world) == ["Yes we do, every Tuesday."]
    assert only_case(world).first_human_at is not None and only_case(world).unanswered == ()
    assert world.sent() == []


def test_09_an_away_message_takes_no_work_from_the_agents(world: World) -> None:
    comes(world, "09a-wa-question.json")
    comes(world, "09b-wa-away-message.json")
    world.pass_time(60)
    case = only_case(world)
    assert case.first_human_at is None and len(case.unanswered) == 1 and case.work_id is not None
    assert own_words(world)[0].startswith("Thank you for your message.")


def test_20a_an_account_that_no_playbook_names_is_quarantined(world: World) -> None:
    comes(world, "20a-wa-unknown-number.json")
    world.pass_time(600)
    assert world.cases() == [] and [each.reason for each in quarantine(world)] == ["unknown_account"]
    assert world.sent() == []


def test_21_a_shared_place_stands_on_the_post(world: World) -> None:
    comes(world, "21-x-dm-location.json")
    place = only_post(world).post.place
    assert place is not None and (place.latitude, place.longitude) == ("53.801", "-1.549")


# -- mails ---------------------------------------------------------------------------------------------------------


class Mailroom:
    """A world whose case was handed to Leeds, and the way in for the mails beside the checkout."""

    def __init__(self, world: World, words: str) -> None:
        self.world = world
        _, deliveries = world.x.post(ANNA, f"@AcmeCare {words}", world.now, account=CARE)
        for each in deliveries:
            assert world.deliver(each) == 200
        world.settle()
        self.case_id = only_case(world).id
        self.address = reply_to("case@reply.acme.example", self.case_id, "leeds", LINK_KEYS)

    def comes(self, name: str) -> Any:
        raw = (CASES / name).read_bytes().replace(b"leeds@branches.lumora.example", b"leeds@acme.example")
        raw = re.sub(rb"(?m)^To: .*$", b"To: " + self.address.encode(), raw)
        raw = re.sub(rb"FL-[0-9A-Z]{4}-[0-9A-Z]{4}", only_case(self.world).ref.encode(), raw)
        self.world.s3.put_object(Bucket="bodies", Key="mail/ses1", Body=raw)
        receipt = read_receipt(a_notification(mail_id="ses1", recipients=(self.address,)))
        assert receipt is not None
        return hear_mail(receipt, LINK_KEYS, self.world.services)

    def note(self) -> str:
        (note,) = (each for each in self.world.records(self.case_id, "note#") if isinstance(each, Note))
        return note.text


@pytest.fixture
def room(world: World) -> Mailroom:
    return Mailroom(world, "no engineer came to repair my oven in Leeds")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("11-cp1252-as-latin1.eml", "I don\u2019t think it\u2019s the oven. A new seal costs \u20ac50 \u2013 we fit it on Monday\u2026"),
        ("13a-from-at-in-name.eml", "We rang her, visit on Tuesday (a)."),
        ("14-smime-opaque.eml", "We rang Mrs Ross, the engineer comes on Tuesday at nine."),
        ("16a-iso-8859-8-i.eml", "\u05d4\u05d8\u05db\u05e0\u05d0\u05d9 \u05d9\u05d2\u05d9\u05e2 \u05d1\u05d9\u05d5\u05dd \u05e9\u05dc\u05d9\u05e9\u05d9"),
    ],
)  # fmt: skip
def test_a_branchs_words_come_in_as_they_were_written(room: Mailroom, name: str, words: str) -> None:
    assert room.comes(name).outcome == "noted"
    assert room.note() == words


def test_18_the_customers_words_in_our_subject_say_nothing_of_the_branch(world: World) -> None:
    room = Mailroom(world, "the engineer in Leeds was absent again, no repair")
    heard = room.comes("18-suppress-header-below-customers-words.eml")
    assert heard.outcome == "noted"
    assert room.note() == "I spoke to Mrs Stone, our engineer is with her on Tuesday at nine."


def bounces(room: Mailroom, name: str) -> None:
    told = json.loads((CASES / name).read_text())
    told["mail"]["tags"]["handoff"] = [f"{room.case_id}-leeds"]
    told["mail"]["destination"] = ["leeds@acme.example"]
    told["bounce"]["bouncedRecipients"][0]["emailAddress"] = "leeds@acme.example"
    event = mail_event(json.dumps(told))
    assert event is not None
    hear_of_mail(event, room.world.services)
    room.world.settle()


@pytest.mark.parametrize(
    ("name", "closed"),
    [("17a-bounce-transient-550.json", True), ("17b-bounce-transient-mailbox-full.json", False)],
)
def test_17_a_mail_that_came_back_is_the_fallbacks_and_an_agents_at_once(
    room: Mailroom, name: str, closed: bool
) -> None:
    before = len(room.world.mails())
    bounces(room, name)
    assert [mail.destinations[0] for mail in room.world.mails()[before:]] == ["region@acme.example"]
    assert only_case(room.world).work_id is not None
    box = room.world.services.table.get(keys.branch_mailbox("leeds"))
    assert (isinstance(box, BranchMailbox) and box.closed("leeds@acme.example")) is closed
