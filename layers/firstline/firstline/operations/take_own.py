"""Take the brand's own words in (R7): the echo of a reply of ours, or a person's answer in the platform's own app."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from .. import channels
from ..channels.reading import EPOCH
from ..decide.away import SOON, by_machine
from ..model.case import Case
from ..model.events import OwnWords
from ..model.records import OwnPost, Seen, StoredPost
from ..model.reply import Reply
from ..outward.queues import LONGEST_DELAY, Message
from ..table import Record, keys
from ..table.keys import Key
from . import identity
from .audit import line
from .settle import landed
from .snapshot import Snapshot

if TYPE_CHECKING:
    from .take_in import Taking

PERSON = "person"
APP = "app"
"""The platform's own app, which answered by itself."""


def _parent_key(event: OwnWords) -> str | None:
    return f"{event.channel}:{event.parent_id}" if event.parent_id else None


def _changed_key(event: OwnWords) -> str:
    """Where a change of these words waits for them, if it arrived before them."""
    return f"{event.channel}:{event.post_id}"


def _tagged_post(event: OwnWords) -> str | None:
    """The post in our own reply's id, which the platform gave back: ``private-facebook:123`` -> ``facebook:123``."""
    kind, dash, key = (event.tag or "").partition("-")
    return key if dash and kind in ("ack", "private") else None


def first_keys(event: OwnWords) -> list[Key]:
    """What is read in the first round."""
    found = []
    parent, told = _parent_key(event), _tagged_post(event)
    found += [keys.seen(key) for key in (parent, told, _changed_key(event)) if key is not None]
    return found + identity.author_keys(event.channel, event.author_id, event.author_also)


def second_keys(event: OwnWords, snapshot: Snapshot) -> list[Key | None]:
    """What is read in the second round."""
    case_id = _case_id(event, snapshot)
    parent = _parent_key(event)
    if case_id is None:
        return []
    return [keys.case(case_id), keys.post(case_id, parent) if parent else None]


def _case_id(event: OwnWords, snapshot: Snapshot) -> str | None:
    for key in (_tagged_post(event), _parent_key(event)):
        seen = snapshot.get(Seen, keys.seen(key)) if key is not None else None
        if seen is not None and seen.case_id is not None:
            return seen.case_id
    for author_id in _people(event):
        author = identity.present(f"{event.channel}:{author_id}", snapshot)
        if author is not None and (author.open_case or author.last_case):
            return author.open_case or author.last_case
    return None


def _people(event: OwnWords) -> list[str]:
    """The ids of the person to whom the words are directed."""
    return [each for each in (event.author_id, event.author_also) if each is not None]


def take(event: OwnWords, taking: Taking) -> None:
    """Ours, a person's, or not yet to be told: then the event comes back after the settling time."""
    snapshot = taking.snapshot
    if taking.taken(event.key):
        return
    snapshot.fetch(first_keys(event))
    snapshot.fetch(second_keys(event, snapshot))
    case_id = _case_id(event, snapshot)
    case = snapshot.get(Case, keys.case(case_id)) if case_id else None
    if case is None:
        _take_without_case(event, taking)
        return
    snapshot.fetch(keys.reply(case.id, reply_id) for reply_id in case.in_flight)
    flying = [snapshot.get(Reply, keys.reply(case.id, reply_id)) for reply_id in case.in_flight]
    under_way = [reply for reply in flying if reply is not None and _same_thread(reply, event)]
    ours = next((reply for reply in under_way if _is(reply, event)), None)
    if ours is not None:
        if ours.state in ("sending", "unclear"):
            taking.commit(
                [
                    *landed(ours.sent(event.post_id, taking.now), case, snapshot, taking.now),
                    taking.marked(event.key, "own", "echo", case_id=case.id, reply_id=ours.id),
                ]
            )
        return
    if any(reply.state in ("sending", "unclear") for reply in under_way):
        come_again(event.key, taking)
        return
    _take_persons(event, case, under_way, taking)


def _same_thread(reply: Reply, event: OwnWords) -> bool:
    if event.tag is not None and event.tag == reply.id:
        return True
    if event.parent_id is not None:
        return reply.in_reply_to == event.parent_id
    return bool({reply.recipient, reply.author_key.partition(":")[2]} & set(_people(event)) - {None})


def _is(reply: Reply, event: OwnWords) -> bool:
    if event.tag is not None:
        return event.tag == reply.id
    if reply.state not in ("sending", "unclear") or reply.text is None:
        return False
    return channels.adapter(event.channel).same_words(reply.text, event.text)


def come_again(event_key: str, taking: Taking) -> None:
    """A reply of ours is unsettled in this thread: until it is, nobody can tell whether the event is about it."""
    again = replace(taking.source.intake, only=(event_key,))
    delay = min(int(taking.services.settling.total_seconds()), LONGEST_DELAY)
    taking.messages.append(Message(taking.services.settings.intake_queue_url, again.text(), delay))


def _take_without_case(event: OwnWords, taking: Taking) -> None:
    """Words of the brand that answer no post we know (yet): remembered for the parent that may still come."""
    records: list[Record | None] = [taking.marked(event.key, "own", "own")]
    parent = _parent_key(event)
    if parent is not None:
        known = taking.seen(parent)
        if known is None or known.to_come:
            awaited = known or taking.marked(parent, "awaited", "awaited")
            records.append(awaited.model_copy(update={"answered_at": event.at}))
    taking.commit(records)


def _take_persons(event: OwnWords, case: Case, under_way: list[Reply], taking: Taking) -> None:
    """A person answered natively: first response, the acknowledgement is not needed any more."""
    now, parent = taking.now, _parent_key(event)
    changed = taking.seen(_changed_key(event))
    text = event.text
    if changed is not None and changed.to_come:
        text = "" if changed.deleted_at is not None else changed.edited_text or text
    words = OwnPost(case_id=case.id, key=event.key, text=text, at=event.at, parent_key=parent)
    machine, said = _by_machine(event, case, taking)
    if machine:
        mark = taking.marked(event.key, "own", "app_answered", case_id=case.id)
        taking.commit([mark, words, said, case, line(case.id, now, "app_answered", by=APP, about=(event.key,))])
        return
    answered = (parent,) if parent else case.unanswered
    records: list[Record | None] = [
        taking.marked(event.key, "own", "native_answer", case_id=case.id),
        words,
        said,
    ]
    stored = taking.snapshot.get(StoredPost, keys.post(case.id, parent)) if parent else None
    if stored is not None:
        records.append(stored.model_copy(update={"answered_at": event.at}))
    case = case.answered_by_person(answered, event.at)
    for reply in under_way:
        if reply.state == "pending" and reply.robot:
            records.append(reply.cancelled("answered_by_person", now))
            case = case.landed(reply.id)
    if not case.unanswered and case.holder is None and not case.done:
        case = case.waiting_for_customer(now, timedelta(hours=taking.playbook.case.window_hours))
    records += [case, line(case.id, now, "answered_natively", by=PERSON, about=(event.key,))]
    taking.commit(records)


def _by_machine(event: OwnWords, case: Case, taking: Taking) -> tuple[bool, Seen | None]:
    """Whether the app answered by itself, and the mark that these words were said to somebody so soon.

    In a conversation with a person of the brand nobody is taken for a machine.
    """
    pause = timedelta(minutes=taking.playbook.case.conversation_minutes)
    if case.last_human_at is not None and event.at - case.last_human_at < pause:
        return False, None
    parent = _parent_key(event)
    stored = taking.snapshot.get(StoredPost, keys.post(case.id, parent)) if parent else None
    asked = stored.post.at if stored is not None else case.last_post_at
    clocked = event.clocked and asked > EPOCH and event.at > EPOCH  # else nobody told a time
    if not clocked or not timedelta(0) <= event.at - asked <= SOON:
        return False, None
    key = _said_key(event)
    before = taking.seen(key)
    machine = by_machine(asked, event.at, said_before=before is not None and before.case_id != case.id)
    return machine, taking.marked(key, "own", "said", case_id=case.id) if before is None else None


def _said_key(event: OwnWords) -> str:
    """The mark of words over an account, whatever their blanks and capitals."""
    words = " ".join(event.text.casefold().split())
    return f"{event.channel}:{event.account}~said:{hashlib.sha256(words.encode()).hexdigest()[:32]}"
