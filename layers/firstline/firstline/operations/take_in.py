"""Take deliveries in: split, parse, and commit event by event; then emit what was committed (design: commit, then emit).

A batch of messages is read in two rounds of consistent reads. Each event is one transaction; a message whose events
could not all be committed goes back to the queue, and what was committed emits again under the same ids.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import uniform

from botocore.exceptions import BotoCoreError, ClientError

from .. import channels
from ..model.base import moment
from ..model.errors import FirstlineError, LostRace, Malformed, NotFound, Retry, UnknownForm, without_words
from ..model.events import (
    AccountNotice,
    Deleted,
    Edited,
    Event,
    IdentityChanged,
    Ignored,
    NeedsLookup,
    OwnWords,
    Posted,
    ReplyStatus,
    Unreadable,
)
from ..model.post import Post
from ..model.records import Delivery, EventLine, Quarantined, Seen
from ..outward.bodies import QUARANTINE
from ..outward.messages import Intake, quarantine_note, read_intake
from ..outward.queues import Message
from ..playbook import Playbook
from ..table import Record, keys
from ..table.keys import Key
from . import identity, look_up, take_change, take_own, take_post, take_status
from .services import Services
from .snapshot import Snapshot

MOST_EVENTS = 25
"""A delivery with more is split onto the intake queue: its transactions must fit into one invocation."""
MOST_UNSPLIT, MOST_PARTS = 100, 400
"""Events of a delivery that its channel cannot split; parts of one that it can. Platforms send far less, and more would
not be done within one invocation: such a delivery is quarantined as a whole."""
RACES = 8
PAUSE, LONGEST_PAUSE = 0.03, 1.0
"""Seconds, on average half of them, doubled with every lost race: ten posts of one author at once take turns."""


@dataclass
class Source:
    """Where an event comes from: the queue's message, the delivery, and whether its record was written."""

    message_id: str
    intake: Intake
    events: list[Event]
    recorded: bool = False
    body_kept: bool = False

    @property
    def received_at(self) -> datetime:
        """When the door accepted it."""
        return moment(self.intake.received_at)


@dataclass
class Taking:
    """What the taking of one event works with; the transaction's records and the messages gather in it."""

    services: Services
    playbook: Playbook
    snapshot: Snapshot
    source: Source
    now: datetime
    messages: list[Message] = field(default_factory=list)

    def seen(self, key: str) -> Seen | None:
        """The event or post of this key, if it was seen before."""
        return self.snapshot.get(Seen, keys.seen(key))

    def taken(self, key: str) -> bool:
        """Whether the event was taken in; what lies in quarantine was not."""
        seen = self.seen(key)
        return seen is not None and seen.kind != "quarantined"

    def marked(self, event_key: str, kind: str, outcome: str, **more: object) -> Seen:
        """The mark that this event was taken in."""
        present = self.seen(event_key)
        return Seen(
            key=event_key,
            kind=kind,  # type: ignore[arg-type]
            outcome=outcome,
            delivery_id=self.source.intake.delivery_id,
            message_id=self.source.message_id,
            at=self.now,
            version=present.version if present else 0,
            **more,  # type: ignore[arg-type]
        )

    def commit(self, records: Sequence[Record | None]) -> None:
        """Commit the event's records, with the delivery's own record if that is not there yet."""
        writes = list(records)
        if not self.source.recorded:
            known = self.snapshot.get(Delivery, keys.delivery(self.source.intake.delivery_id))
            if known is None:
                writes.append(delivery_record(self.source))
        if any(record is not None for record in writes):
            self.snapshot.commit(writes, self.now)
        self.source.recorded = True


def take_in(batch: Sequence[tuple[str, str]], services: Services) -> list[str]:
    """Take in messages ``(message id, text)``; returns the ids of those that must come again."""
    playbook = services.playbooks.active()
    failed: list[str] = []
    sources: list[Source] = []
    for message_id, text in batch:
        source = _guarded(lambda m=message_id, t=text: _open(m, t, services), message_id, failed, services)  # type: ignore[misc]
        if source is not None:
            sources.append(source)
    snapshot = Snapshot(services.table)
    try:
        _prefetch(sources, snapshot, playbook)
    except Retry as error:
        services.tell("intake_postponed", reason=error.reason)
        return [message_id for message_id, _ in batch]
    for source in sources:
        done = _guarded(
            lambda s=source: _take_source(s, snapshot, playbook, services), source.message_id, failed, services
        )  # type: ignore[misc]
        if done is None:
            snapshot.forget()
    return failed


def _guarded(action: Callable[[], object], message_id: str, failed: list[str], services: Services) -> object:
    """Run; what asks to be tried again puts the message on the list of the failed."""
    try:
        return action()
    except (Retry, LostRace, Malformed, BotoCoreError, ClientError) as error:
        services.tell("intake_postponed", message_id=message_id, reason=without_words(error))
        failed.append(message_id)
        return None


def _open(message_id: str, text: str, services: Services) -> Source | None:
    """The message's delivery, parsed; None if it was quarantined or split and needs nothing more."""
    try:
        intake = read_intake(text)
        if intake.channel not in channels.CHANNELS:
            raise ValueError("unknown channel")
        moment(intake.received_at)
    except ValueError as error:
        _quarantine_message(message_id, text, f"no_intake_message:{type(error).__name__}", services)
        return None
    if intake.body is None and intake.body_key is not None:
        try:
            intake = replace(intake, body=services.bodies.get(intake.body_key))
        except NotFound:
            _quarantine_message(message_id, text, "body_missing", services)
            return None
    adapter = channels.adapter(intake.channel)
    body = intake.body or b""
    source = Source(message_id, intake, _events(intake, body, services))
    if len(source.events) > MOST_EVENTS and not intake.only:
        parts = [body] if intake.replays else adapter.split(body, MOST_EVENTS)
        if 1 < len(parts) <= MOST_PARTS:
            _split(source, parts, services)
            return None
        if len(parts) > 1 or len(source.events) > MOST_UNSPLIT:
            source.events = [_unreadable(intake, body, "too_many_events")]
    return source


def _events(intake: Intake, body: bytes, services: Services) -> list[Event]:
    if intake.completed is not None:
        return look_up.completed(Post.stored(intake.completed), intake, services.accounts(intake.channel))
    adapter = channels.adapter(intake.channel)
    events = adapter.parse(body, _all_accounts(intake, services))
    if intake.only:
        events = [event for event in events if event.key in intake.only]
    if not events:
        return [_unreadable(intake, body, "no_events")]
    return events


def _unreadable(intake: Intake, body: bytes, reason: str) -> Unreadable:
    """The whole delivery as one thing that nobody understands."""
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Unreadable(key=f"{intake.channel}~{reason}~{digest}", reason=reason, fragment="")


def _all_accounts(intake: Intake, services: Services) -> dict[str, str]:
    """The accounts that a delivery may be about; a named source speaks of itself alone."""
    if intake.source is not None:
        return {intake.source: services.accounts(intake.channel).get(intake.source, "")}
    found: dict[str, str] = {}
    for member in channels.family(intake.channel):
        found |= services.accounts(member)
    return found


def delivery_record(source: Source, parts: int = 0) -> Delivery:
    """The record of a delivery: what it was split into (R8a)."""
    lines = tuple(
        EventLine(key=event.key, type=event.type, reason=event.reason if isinstance(event, Ignored) else None)
        for event in source.events
    )
    return Delivery(
        id=source.intake.delivery_id,
        channel=source.intake.channel,
        received_at=source.received_at,
        message_id=source.message_id,
        events=() if parts else lines,
        parts=parts,
    )


def _split(source: Source, parts: Sequence[bytes], services: Services) -> None:
    """Record the delivery as split, then hand its parts to the queue under ids that follow from it."""
    now = services.clock()
    known = services.table.get(keys.delivery(source.intake.delivery_id))
    if known is None:
        services.table.commit([delivery_record(source, len(parts))], now)
    elif isinstance(known, Delivery) and known.message_id != source.message_id:
        return
    messages = [
        Message(
            services.settings.intake_queue_url,
            replace(
                source.intake, delivery_id=f"{source.intake.delivery_id}.{number}", body=part, body_key=None
            ).text(),
        )
        for number, part in enumerate(parts)
    ]
    for message in messages:  # one by one: together they may be larger than a batch may be
        services.queues.send([message])


# -- reading -----------------------------------------------------------------------------------------------------


def _prefetch(sources: Iterable[Source], snapshot: Snapshot, playbook: Playbook) -> None:
    """Two rounds for all messages of a batch: who and what was seen, then their cases."""
    sources = list(sources)
    events = [event for source in sources for event in source.events]
    first: list[Key] = [keys.delivery(source.intake.delivery_id) for source in sources]
    for event in events:
        first += _first_keys(event)
    snapshot.fetch(first)
    second: list[Key | None] = []
    for event in events:
        try:
            second += _second_keys(event, snapshot)
        except UnknownForm:
            continue  # the event says so itself when it is taken
    snapshot.fetch(second)


def _second_keys(event: Event, snapshot: Snapshot) -> list[Key | None]:
    if isinstance(event, Posted):
        return take_post.second_keys(event, snapshot)
    if isinstance(event, OwnWords):
        return take_own.second_keys(event, snapshot)
    if isinstance(event, Edited | Deleted):
        return take_change.second_keys(event, snapshot)
    if isinstance(event, ReplyStatus):
        return take_status.second_keys(event, snapshot)
    return []


def _first_keys(event: Event) -> list[Key]:
    own = [keys.seen(event.key)]
    if isinstance(event, Posted):
        return own + take_post.first_keys(event)
    if isinstance(event, OwnWords):
        return own + take_own.first_keys(event)
    if isinstance(event, Edited | Deleted):
        return own + take_change.first_keys(event)
    if isinstance(event, ReplyStatus):
        return own + take_status.first_keys(event)
    if isinstance(event, IdentityChanged):
        return own + identity.first_keys(event)
    if isinstance(event, NeedsLookup):
        return own + look_up.first_keys(event)
    return own


# -- taking ------------------------------------------------------------------------------------------------------


def _take_source(source: Source, snapshot: Snapshot, playbook: Playbook, services: Services) -> bool:
    """Every event of a delivery, in order. Raises `Retry` when one must come again; one whose rows cannot be read does
    not stop those behind it."""
    unknown: UnknownForm | None = None
    for event in source.events:
        try:
            _take_at_last(event, source, snapshot, playbook, services)
        except UnknownForm as error:
            unknown = error
    if unknown is not None:
        raise unknown
    if not source.recorded:  # nothing but ignored events and duplicates
        Taking(services, playbook, snapshot, source, services.clock()).commit([])
    for key in source.intake.replays:
        _settle_replay(key, source, snapshot, services)
    return True


def _take_at_last(event: Event, source: Source, snapshot: Snapshot, playbook: Playbook, services: Services) -> None:
    """Take an event, again after each lost race, and send what it causes."""
    for race in range(RACES):
        taking = Taking(services, playbook, snapshot, source, services.clock())
        try:
            _take_event(event, taking)
            break
        except LostRace as error:
            snapshot.forget()
            if race == RACES - 1:
                raise Retry("contended") from error
            services.pause(uniform(0, min(PAUSE * 2**race, LONGEST_PAUSE)))
    services.queues.send(taking.messages)


def _settle_replay(key: str, source: Source, snapshot: Snapshot, services: Services) -> None:
    """What was in quarantine is done with, unless it is still not understood."""
    kept = snapshot.get(Quarantined, keys.quarantined(key))
    mark = snapshot.get(Seen, keys.seen(key))
    found = {event.key for event in source.events if not isinstance(event, Ignored)}
    if kept is None or kept.state != "waiting" or (key in found and mark is not None and mark.kind == "quarantined"):
        services.tell("replay_changed_nothing", event_key=key)
        return
    delivery = snapshot.get(Delivery, keys.delivery(source.intake.delivery_id))
    told = {line.key for line in delivery.events} - {key} if delivery is not None else set()
    became = tuple(sorted(found - told))
    snapshot.commit([kept.model_copy(update={"state": "replayed", "became": became})], services.clock())
    services.tell("replayed", event_key=key, events=len(became))


def _take_event(event: Event, taking: Taking) -> None:
    try:
        match event:
            case Posted():
                if look_up.is_new(event.post, taking):
                    take_post.take(event, taking)
            case OwnWords():
                take_own.take(event, taking)
            case Edited() | Deleted():
                take_change.take(event, taking)
            case ReplyStatus():
                take_status.take(event, taking)
            case IdentityChanged():
                identity.take(event, taking)
            case NeedsLookup():
                look_up.take(event, taking)
            case AccountNotice():
                _take_notice(event, taking)
            case Unreadable():
                _quarantine(event, event.reason, taking)
            case Ignored():
                taking.services.count("Ignored", reason=event.reason)
    except Malformed as error:
        taking.messages.clear()
        _quarantine(event, str(error), taking)
    except (FirstlineError, BotoCoreError, ClientError):
        raise
    except Exception as error:  # the outermost handler of an event: a bug must cost one event, and be seen
        taking.services.tell("event_failed", error=type(error).__name__, event_type=event.type, metric="EventFailed")
        taking.messages.clear()
        _quarantine(event, f"bug:{type(error).__name__}", taking)


def _take_notice(event: AccountNotice, taking: Taking) -> None:
    if not taking.taken(event.key):
        taking.commit([taking.marked(event.key, "notice", event.reason)])
        taking.services.tell("account_notice", channel=event.channel, reason=event.reason, metric="AccountNotice")


def _quarantine(event: Event, reason: str, taking: Taking) -> None:
    """Body first, then the record, then the pointer: what is recorded can always be replayed (R8)."""
    intake = taking.source.intake
    seen = taking.seen(event.key)
    if seen is not None and seen.kind == "quarantined" and seen.message_id != taking.source.message_id:
        return
    body_key = f"{QUARANTINE}{intake.delivery_id}"
    if seen is None or seen.kind == "awaited":
        if not taking.source.body_kept:
            taking.services.bodies.put(body_key, intake.body or b"")
            taking.source.body_kept = True
        kept = Quarantined(
            key=event.key,
            channel=intake.channel,
            source=intake.source,
            reason=reason,
            delivery_id=intake.delivery_id,
            body_key=body_key,
            size=len(intake.body or b""),
            at=taking.now,
        )
        taking.commit([taking.marked(event.key, "quarantined", reason), kept])
        taking.services.count("Quarantined", channel=intake.channel)
    note = quarantine_note(event.key, intake.channel, reason, body_key)
    taking.messages.append(Message(taking.services.settings.quarantine_queue_url, note))


def _quarantine_message(message_id: str, text: str, reason: str, services: Services) -> None:
    """A message that is no intake message at all (put on the queue by hand, or its body is gone)."""
    now = services.clock()
    if (replayed := _replayed_key(text)) is not None:
        services.tell("replay_changed_nothing", event_key=replayed)
        return
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
    event_key = f"message:{digest}"
    body_key = f"{QUARANTINE}message-{digest}"
    services.bodies.put(body_key, text.encode("utf-8", "replace"))
    kept = Quarantined(
        key=event_key,
        channel="unknown",
        reason=reason,
        delivery_id=_named_delivery(text),
        body_key=body_key,
        size=len(text),
        at=now,
    )
    try:
        services.table.commit([kept], now)
        services.count("Quarantined", channel="unknown")
    except LostRace:
        pass  # it is there already
    services.queues.send(
        [Message(services.settings.quarantine_queue_url, quarantine_note(event_key, "unknown", reason, body_key))]
    )
    services.tell("message_quarantined", message_id=message_id, reason=reason)


def _named_delivery(text: str) -> str:
    named = _member(text, "delivery_id")
    return named if isinstance(named, str) else ""


def _replayed_key(text: str) -> str | None:
    """What this message was to replay, if it is a replay."""
    replays = _member(text, "replays")
    return str(replays[0]) if isinstance(replays, list) and replays else None


def _member(text: str, name: str) -> object:
    try:
        return json.loads(text).get(name)
    except (ValueError, AttributeError):
        return None
