"""A branch answers by mail: SES's notification and the mail in the bucket, to the case and the agent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from firstline.model.errors import Refused, Retry
from firstline.model.records import HeardMail, Note, Quarantined
from firstline.operations import branch
from firstline.operations import hear_mail as operation
from firstline.operations.agents import claim, resolve
from firstline.operations.hear_mail import hear_mail
from firstline.operations.quarantine import body_of, replay, waiting
from firstline.outward.mailbox import read_receipt, reply_to
from firstline.table import keys
from infra.local.simulators.store import Person
from tests.builders import CARE
from tests.unit.mailbox.builders import a_mail, a_notification, the_mail
from tests.world import World, a_world

ANNA = Person(id="501", name="Anna Ross", handle="anna")
KEYS = ("newest", "older")


class Mailroom:
    """A world whose case was handed to Leeds, and the way in for mails."""

    def __init__(self, world: World) -> None:
        self.world = world
        _, deliveries = world.x.post(
            ANNA, "@AcmeCare no engineer came to repair my oven in Leeds", world.now, account=CARE
        )
        for each in deliveries:
            assert world.deliver(each) == 200
        world.settle()
        assert self.case.handoffs == ("leeds",)
        self.address = reply_to("case@reply.acme.example", self.case.id, "leeds", KEYS)

    @property
    def case(self) -> Any:
        (case,) = self.world.cases()
        return case

    def put(self, raw: bytes, mail_id: str = "ses1") -> None:
        self.world.s3.put_object(Bucket="bodies", Key=f"mail/{mail_id}", Body=raw)

    def told(self, mail_id: str = "ses1", **told: Any) -> HeardMail:
        told = {"recipients": (self.address,), **told}
        receipt = read_receipt(a_notification(mail_id=mail_id, **told))
        assert receipt is not None
        return hear_mail(receipt, KEYS, self.world.services)

    def comes(self, raw: bytes, mail_id: str = "ses1", **told: Any) -> HeardMail:
        self.put(raw, mail_id)
        return self.told(mail_id, **told)

    def notes(self) -> list[Note]:
        return self.world.records(self.case.id, "note#")

    def trail(self) -> list[str]:
        return [each.what for each in self.world.records(self.case.id, "audit#")]

    def quarantine(self) -> list[Any]:
        return list(self.world.services.table.listed(keys.quarantine_partition()))


@pytest.fixture
def room() -> Iterator[Mailroom]:
    with a_world() as world:
        yield Mailroom(world)


def test_a_reply_lands_on_the_case_and_an_agent_is_told(room: Mailroom) -> None:
    heard = room.comes(the_mail("gmail_en"))
    (note,) = room.notes()
    assert (heard.outcome, note.by) == ("noted", "branch:leeds")
    assert note.text.startswith("Rang Mrs Hughes") and "Please contact" not in note.text
    assert room.case.work_reason == "Leeds answered by mail"
    assert "branch_answered" in room.trail()
    (given,) = room.world.records(room.case.id, "handoff#")
    assert (given.steps[-1].what, given.steps[-1].by, given.steps[-1].note) == ("replied", "branch:leeds", note.id)
    assert room.case.work_id in {item["work_id"] for item in room.world.lane("standard")}


def test_the_address_works_as_clients_write_it_and_under_the_older_key(room: Mailroom) -> None:
    older = reply_to("case@reply.acme.example", room.case.id, "leeds", KEYS[1:])
    assert room.comes(a_mail(), "a", recipients=("x@acme.example", room.address.upper())).outcome == "noted"
    assert room.comes(a_mail(), "b", recipients=(older,)).outcome == "noted"


def test_a_mail_that_is_told_twice_is_taken_in_once(room: Mailroom) -> None:
    first = room.comes(the_mail("gmail_en"))
    work = room.case.work_id
    assert room.told() == first.model_copy(update={"version": 1})
    assert len(room.notes()) == 1 and room.case.work_id == work


def test_a_holder_finds_the_note_and_keeps_the_case(room: Mailroom) -> None:
    claim(room.case.id, "maria", room.world.services)
    room.comes(the_mail("gmail_en"))
    assert room.case.holder == "maria" and len(room.notes()) == 1


def test_a_reply_to_a_resolved_case_brings_it_back_to_an_agent(room: Mailroom) -> None:
    room.world.agent_answers(room.case.id, "They come tomorrow.")
    room.world.pass_time(120)
    resolve(room.case.id, "maria", "visit_arranged", room.world.services)
    room.comes(a_mail("Nobody was at home."))
    assert room.case.status == "waiting_for_agent" and room.case.work_id


def test_files_are_kept_by_their_bytes_and_can_only_be_saved(room: Mailroom) -> None:
    room.comes(the_mail("hostile_attachments"))
    (note,) = room.notes()
    assert [(each.name, each.media_type, each.key is not None) for each in note.attachments] == [
        ("photo of door.html.png", "image/png", True),
        ("page.png", "image/png", False),
        ("Rechnung für_fdp.exe.pdf", "application/pdf", True),
        ("run.exe", "application/x-msdownload", False),
        ("message.rfc822", "message/rfc822", False),
    ]
    kept = room.world.s3.get_object(Bucket="bodies", Key=note.attachments[0].key)
    assert kept["ContentType"] == "image/png"
    assert kept["ContentDisposition"] == "attachment; filename*=UTF-8''photo%20of%20door.html.png"


def test_nothing_is_kept_that_was_not_scanned(room: Mailroom) -> None:
    room.comes(the_mail("apple_fr_photo"), virus="PROCESSING_FAILED")
    (note,) = room.notes()
    assert [(each.key, each.why) for each in note.attachments] == [(None, "not scanned for viruses")]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"dmarc": "FAIL"}, "not_authenticated"),
        ({"virus": "FAIL"}, "virus"),
        ({"spam": "FAIL"}, "spam"),
    ],
)
def test_what_is_not_proven_is_quarantined_and_an_agent_learns_of_it(
    room: Mailroom, told: dict[str, str], reason: str
) -> None:
    heard = room.comes(the_mail("gmail_en"), **told)
    (kept,) = room.quarantine()
    assert (heard.outcome, kept.reason, kept.body_key) == ("quarantined", reason, "mail/ses1")
    assert room.notes() == []
    assert room.case.work_reason == f"a mail about Leeds was not let in: {reason}"
    assert ("MailHeard", {"outcome": "quarantined", "reason": reason}) in room.world.metrics


def test_a_quarantined_mail_is_for_people_and_never_for_intake(room: Mailroom) -> None:
    room.comes(the_mail("gmail_en"), dmarc="FAIL")
    (kept,) = waiting(room.world.services)
    assert b"Rang Mrs Hughes" in body_of(kept, room.world.services)
    with pytest.raises(Refused, match="a person reads it"):
        replay(kept, room.world.services)


def test_a_stranger_with_the_address_is_quarantined(room: Mailroom) -> None:
    assert room.comes(a_mail(sender="tom@example.org")).reason == "not_the_branchs_address"


def test_a_mail_to_no_handoffs_address_disturbs_nobody(room: Mailroom) -> None:
    before = room.case
    forged = room.address.replace("-", "-a")[: len(room.address)]
    for number, recipient in enumerate(("case@reply.acme.example", forged, "", "case+@x")):
        assert room.comes(a_mail(), f"m{number}", recipients=(recipient,)).reason == "no_handoffs_address"
    assert room.case == before and len(room.quarantine()) == 4


def test_the_address_of_one_case_opens_no_other(room: Mailroom) -> None:
    other = reply_to("case@reply.acme.example", "AAAAAAAA", "leeds", KEYS)
    assert room.comes(a_mail(), recipients=(other,)).reason == "no_handoffs_address"


def test_a_mail_that_is_gone_or_elsewhere_is_on_record(room: Mailroom) -> None:
    assert room.told("gone").reason == "body_missing"
    assert room.comes(a_mail(), "b", bucket="theirs").reason == "not_in_our_bucket"
    assert room.comes(a_mail(), "c", key="parked/c").reason == "not_in_our_bucket"


def test_a_mail_beyond_all_bounds_is_quarantined(room: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(100))
    assert room.comes(b"From: leeds@acme.example\r\n" + deep, "deep").reason == "too_deep"
    monkeypatch.setattr(operation, "LARGEST_MAIL", 10)
    assert room.comes(a_mail(), "large").reason == "too_large"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("delivery_report", "delivery_report:not_the_branchs_address"),
        ("calendar_reply", "calendar_reply"),
        ("ticket_received", "automatic_reply"),
        ("mailing_list", "mailing_list"),
    ],
)
def test_what_machines_write_is_recorded_and_calls_nobody(room: Mailroom, name: str, reason: str) -> None:
    work = room.case.work_id
    heard = room.comes(the_mail(name))
    assert (heard.outcome, heard.reason) == ("ignored", reason)
    assert room.notes() == [] and room.case.work_id == work and "mail_ignored" in room.trail()


def test_an_absence_brings_the_region_in_at_once_and_once(room: Mailroom) -> None:
    room.world.pass_time(180)
    heard = room.comes(the_mail("out_of_office_gmail_en"))
    assert (heard.outcome, heard.until) == ("out_of_office", "2026-12-01")
    room.told()
    (note,) = room.notes()
    assert note.text == "by mail, until 2026-12-01"
    room.world.pass_time(120)
    to_region = [mail for mail in room.world.mails() if "region@acme.example" in str(mail.destinations)]
    assert len(to_region) == 1


def test_an_absence_after_the_end_changes_nothing(room: Mailroom) -> None:
    room.world.pass_time(180)
    branch.done(room.case.id, "leeds", room.world.services)
    assert room.comes(the_mail("out_of_office_gmail_en")).outcome == "out_of_office"
    assert room.notes() == []


def test_a_forged_absence_escalates_nothing(room: Mailroom) -> None:
    work = room.case.work_id
    heard = room.comes(the_mail("out_of_office_gmail_en"), dmarc="FAIL")
    assert (heard.outcome, heard.reason) == ("ignored", "automatic_reply:not_authenticated")
    assert room.case.work_id == work and room.notes() == []


def test_two_machines_do_not_talk(room: Mailroom) -> None:
    names = ("gmail_en", "ticket_received", "delivery_report", "mailing_list", "calendar_reply")
    for number, name in enumerate(names):
        room.comes(the_mail(name), f"m{number}")
    room.world.pass_time(600)
    assert len(room.world.mails()) == 1


def test_the_regions_absence_after_the_branchs_sends_no_more_mails(room: Mailroom) -> None:
    room.world.pass_time(180)
    away = the_mail("out_of_office_gmail_en")
    room.comes(away, "branch")
    room.world.pass_time(120)
    before = len(room.world.mails())
    room.comes(away.replace(b"leeds@", b"region@"), "region")
    room.world.pass_time(600)
    assert len(room.world.mails()) == before


def test_a_bug_costs_one_mail_and_is_seen(room: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(operation, "read_mail", broken)
    assert room.comes(a_mail()).reason == "bug:RuntimeError"
    assert isinstance(room.quarantine()[0], Quarantined)
    assert any(each["message"] == "mail_failed" for each in room.world.log)


def test_when_the_bucket_is_out_of_reach_the_mail_is_told_again(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.put(a_mail())

    def down(*_: Any, **__: Any) -> bytes:
        raise Retry("bodies_not_reached")

    with monkeypatch.context() as patched:
        patched.setattr(type(room.world.services.bodies), "get", down)
        with pytest.raises(Retry):
            room.told()
    assert room.told().outcome == "noted"


def test_when_the_lane_is_out_of_reach_the_diary_brings_the_item(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any) -> None:
        raise Retry("queue_not_reached")

    with monkeypatch.context() as patched:
        patched.setattr(type(room.world.services.queues), "send", down)
        with pytest.raises(Retry):
            room.comes(a_mail())
    assert len(room.notes()) == 1
    room.world.pass_time(180)
    assert room.case.work_id in {item["work_id"] for item in room.world.lane("standard")}


@pytest.mark.parametrize("proven", [True, False])
def test_who_holds_the_address_cannot_call_agents_all_day(room: Mailroom, proven: bool) -> None:
    told = {} if proven else {"dmarc": "FAIL"}
    calls: list[str] = []
    for number in range(30):
        before = room.case.generation
        heard = room.comes(a_mail(), f"ses{number}", **told)
        assert heard.outcome == ("noted" if proven else "quarantined")  # each is on record
        if room.case.generation != before:
            calls.append(room.case.work_reason)
        room.world.now += timedelta(minutes=1)
    assert len(calls) == 7 and [each for each in calls if "more than 6 mails" in each] == calls[-1:]
    assert len(room.notes() if proven else room.quarantine()) == 30
    room.world.now += timedelta(hours=1)
    before = room.case.generation
    room.comes(a_mail(), "later", **told)
    assert room.case.generation == before + 1 and "more than" not in room.case.work_reason
