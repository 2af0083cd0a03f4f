"""Ten thousand mails that nobody would send on purpose: none raises, none is lost, none is believed without proof."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstline.model.case import Case
from firstline.model.errors import LostRace, NotFound
from firstline.model.handoff import Handoff
from firstline.model.records import HeardMail, Note, Quarantined
from firstline.model.work import WorkAuthor
from firstline.operations.hear_mail import hear_mail
from firstline.operations.services import Services
from firstline.outward.mailbox import Receipt, read_head, read_receipt, reply_to
from firstline.outward.settings import Settings
from firstline.table import Record, key_of, keys
from firstline.table.found import Found
from firstline.table.items import from_item, to_item
from firstline.table.keys import Key
from tests.builders import MAIN, a_playbook
from tests.unit.mailbox.builders import a_notification
from tests.world import Published

from .budget import tries
from .mails import mails

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CASE, LINK_KEYS = "7K3M9QX2", ("key",)
ADDRESS = reply_to("case@reply.acme.example", CASE, "leeds", LINK_KEYS)
AT_ONCE = 5
"""Mails of one example."""
LARGEST_ITEM = 400_000


class Memory:
    """The table without DynamoDB: what it keeps must be writable there, so it goes through the same items and UTF-8."""

    def __init__(self) -> None:
        self.items: dict[Key, bytes] = {}

    def get(self, key: Key) -> Record | None:
        found = self.items.get(key)
        return from_item(json.loads(found)) if found else None

    def read(self, wanted: Iterable[Key]) -> Found:
        found = Found()
        for key in wanted:
            if key in self.items:
                found.add(json.loads(self.items[key]), lambda _: None)
        return found

    def commit(self, records: Sequence[Record], now: datetime) -> None:
        for record in records:
            present = self.get(key_of(record))
            if (present.version if present else 0) != record.version:
                raise LostRace
        for record in records:
            item = json.dumps(to_item(record, now, 1), ensure_ascii=False).encode()
            assert len(item) < LARGEST_ITEM
            self.items[key_of(record)] = item


class Bucket:
    """The bodies bucket: the mails, and the names under which files are kept."""

    def __init__(self) -> None:
        self.mails: dict[str, bytes] = {}
        self.files: list[str] = []

    def get(self, key: str, *, most: int) -> bytes:
        if key not in self.mails:
            raise NotFound(key)
        return self.mails[key]

    def attach(self, key: str, data: bytes, *, name: str, media_type: str) -> None:
        name.encode()
        self.files.append(media_type)


class Room:
    """A case that was handed to Leeds, and every mail that ever came."""

    def __init__(self) -> None:
        self.table, self.bucket = Memory(), Bucket()
        self.number, self.seconds = itertools.count(), itertools.count()
        self.log: list[str] = []
        self.services = Services(
            settings=Settings(bodies_bucket="bodies", mail_from="care@acme.example"),
            clock=lambda: NOW + timedelta(seconds=next(self.seconds)),
            table=self.table,  # type: ignore[arg-type]
            queues=type("Queues", (), {"send": staticmethod(lambda messages: None)})(),  # type: ignore[arg-type]
            bodies=self.bucket,  # type: ignore[arg-type]
            playbooks=Published(a_playbook()),  # type: ignore[arg-type]
            secrets=None,  # type: ignore[arg-type]
            tokens=None,  # type: ignore[arg-type]
            links=None,  # type: ignore[arg-type]
            http=None,  # type: ignore[arg-type]
            mailer=None,  # type: ignore[arg-type]
            tell=lambda message, **_: self.log.append(message),
            count=lambda *_, **__: None,
        )
        case = Case(
            id=CASE, channel="x", account=MAIN, author_key="x:1", author=WorkAuthor(id="1"), language="en",
            opened_at=NOW, last_post_at=NOW, playbook_version="test-1", handoffs=("leeds",),
        )  # fmt: skip
        given = Handoff(
            id="leeds", case_id=CASE, state="mailed", reason="", post_keys=(), created_at=NOW, contact_by=NOW
        )
        self.table.commit([case, given], NOW)

    def hears(self, raw: bytes, **told: Any) -> tuple[Receipt, HeardMail]:
        mail_id = f"m{next(self.number)}"
        self.bucket.mails[f"mail/{mail_id}"] = raw
        receipt = read_receipt(a_notification(mail_id=mail_id, **{"recipients": (ADDRESS,), **told}))
        assert receipt is not None
        heard = hear_mail(receipt, LINK_KEYS, self.services)
        self.bucket.mails.clear()
        return receipt, heard

    def on_record(self, heard: HeardMail) -> str:
        """What became of a mail, by the records that it left."""
        assert isinstance(self.table.get(keys.heard(heard.id)), HeardMail)
        if heard.outcome == "noted":
            note = self.table.get(keys.note(CASE, f"mail-{heard.id}"))
            assert isinstance(note, Note) and 0 < len(note.text) <= 10_000
        elif heard.outcome == "quarantined":
            kept = self.table.get(keys.quarantined(f"mail:{heard.id}"))
            assert isinstance(kept, Quarantined) and kept.reason and kept.body_key == f"mail/{heard.id}"
        elif heard.outcome == "ignored":
            assert heard.reason
        return heard.outcome


@pytest.fixture(scope="module")
def room() -> Room:
    return Room()


@tries(1_800)
@given(st.lists(mails, min_size=AT_ONCE, max_size=AT_ONCE))
def test_every_mail_ends_in_one_recorded_way(room: Room, raws: list[bytes]) -> None:
    for raw in raws:
        _, heard = room.hears(raw)
        assert not (heard.reason or "").startswith("bug:")
        outcome = room.on_record(heard)
        if outcome == "noted":
            assert read_head(raw).sender == "leeds@acme.example"


verdicts = st.sampled_from(("PASS", "FAIL", "GRAY", "PROCESSING_FAILED", ""))
sources = st.sampled_from(
    ("leeds@acme.example", "x@evil.example", "", "<>", "@", "a@b@acme.example", "x@acme.example.")
)
told = st.fixed_dictionaries(
    {name: verdicts for name in ("spam", "virus", "spf", "dkim", "dmarc")}
    | {
        "source": sources,
        "recipients": st.sampled_from(((ADDRESS,), (), ("x@y", ADDRESS), (ADDRESS[:-30],), ("\udfff",))),
    }
)


@tries(200)
@given(st.lists(st.tuples(mails, told), min_size=AT_ONCE, max_size=AT_ONCE))
def test_no_mail_is_believed_without_proof(room: Room, sent: list[tuple[bytes, dict[str, Any]]]) -> None:
    for raw, how in sent:
        receipt, heard = room.hears(raw, **how)
        assert not (heard.reason or "").startswith("bug:")
        if room.on_record(heard) in ("noted", "out_of_office"):
            aligned = how["spf"] == "PASS" and receipt.sender.endswith("@acme.example")
            assert ADDRESS in how["recipients"] and "FAIL" not in (how["spam"], how["virus"], how["dmarc"])
            assert how["dmarc"] == "PASS" or aligned or how["dkim"] == "PASS"


def test_the_walk_meets_every_outcome_and_loses_none(room: Room) -> None:
    heard = [json.loads(item) for key, item in room.table.items.items() if key.sk == "heard"]
    outcomes = Counter(each["outcome"]["S"] for each in heard)
    assert set(outcomes) == {"noted", "ignored", "quarantined", "out_of_office"}
    assert sum(outcomes.values()) == next(room.number) >= 10_000
    assert {"image/jpeg", "image/png", "application/pdf"} <= set(room.bucket.files)


@tries(300)
@given(st.data())
def test_no_notification_stops_the_function(room: Room, data: st.DataObject) -> None:
    body = json.loads(a_notification(mail_id=f"n{next(room.number)}"))
    where = data.draw(st.sampled_from([body, body["receipt"], body["mail"], body["receipt"]["action"]]))
    strange = st.sampled_from((None, "", "\ud800", "x" * 5000, 0, -1, [], {}, [None], [{}], {"status": []}, True))
    where[data.draw(st.sampled_from(sorted(where)))] = data.draw(strange)
    receipt = read_receipt(json.dumps(body))
    if receipt is not None:
        assert hear_mail(receipt, LINK_KEYS, room.services).outcome == "quarantined"
