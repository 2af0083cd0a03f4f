"""Erase a person over all channels (R65): the texts, names and ids go, the trail stays and says that it happened.

A wish is a record with a due time, so the diary brings it to its end whatever crashes. First all of the person's
identities are written down; then every case is emptied in transactions of its own; last the authors' own records go.
Each step may be repeated. What is on its way to a platform or a branch is settled first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

from ..model.case import ERASED, Case
from ..model.errors import LostRace
from ..model.handoff import BranchMail, Handoff
from ..model.post import Author
from ..model.records import AuthorRecord, Erasure, Note, OwnPost, Seen, StoredPost
from ..model.reply import Reply
from ..model.work import WorkAuthor
from ..outward.bodies import MAIL
from ..table import Record, keys
from ..table.keys import Key
from .audit import line
from .person import known_by
from .services import Services
from .take_post import thread_key

PAUSE = timedelta(minutes=2)
"""How long a reply or mail that is on its way is waited for before the next try."""
AT_ONCE = 10
"""Records changed in one transaction, each with what lies elsewhere under its keys: DynamoDB takes 100 in all."""


def ask(code: str, asked_by: str, subjects: tuple[str, ...], services: Services) -> Erasure:
    """Record the wish, due at once; the same wish again (same ``code``) is the one there is."""
    now = services.clock()
    wish = Erasure(code=code, asked_by=asked_by, asked_at=now, subjects=subjects, due_at=now)
    try:
        services.table.commit([wish], now)
    except LostRace:
        return cast(Erasure, services.table.get(keys.erasure(code)))
    return wish.model_copy(update={"version": 1})


def erase(code: str, services: Services) -> Erasure | None:
    """Do what can be done now; what remains is due again. Raises `LostRace` when somebody wrote at the same time."""
    wish = services.table.get(keys.erasure(code))
    if not isinstance(wish, Erasure) or wish.state == "done":
        return wish if isinstance(wish, Erasure) else None
    now = services.clock()
    if not wish.complete:
        person = known_by(wish.subjects, services)
        wish = _kept(wish, services, subjects=person.authors, cases=len(person.cases), complete=True)
    settled = [_empty(case_id, wish.asked_by, services) for case_id in known_by(wish.subjects, services).cases]
    if not all(settled):
        return _kept(wish, services, due_at=now + PAUSE)
    for author in wish.subjects:
        _forget(author, services)
    services.tell("person_erased", cases=wish.cases)
    return _kept(wish, services, state="done", subjects=(), done_at=now, due_at=None)


def _kept(wish: Erasure, services: Services, **changes: object) -> Erasure:
    changed = wish.model_copy(update=changes)
    services.table.commit([changed], services.clock())
    return changed.model_copy(update={"version": changed.version + 1})


def _empty(case_id: str, asked_by: str, services: Services) -> bool:
    """Take everything personal from a case. False while something of it is on its way out, or cannot be read."""
    now = services.clock()
    records = services.table.of_case(case_id)
    case = next((record for record in records if isinstance(record, Case)), None)
    if case is None:
        return not records.unknown
    if case.disposition != ERASED:
        for some in _in_turn([stop for record in records if (stop := _stopped(record, now)) is not None]):
            services.table.commit(some, now)
        services.table.commit([_nobodys(case), line(case_id, now, ERASED, by=asked_by)], now)
        records = services.table.of_case(case_id)
    if any(isinstance(record, Reply | Handoff | BranchMail) and record.open for record in records):
        return False
    for key in _files(records):
        services.bodies.delete(key)
    for some in _in_turn([record for record in records if _blank(record) != record]):
        gone = [key for record in some for key in _elsewhere(record)]
        marks = [mark for record in some for mark in _unmarked(record, services)]
        services.table.commit([*(_blank(record) for record in some), *marks], now, gone=gone)
    return not records.unknown


def _in_turn(records: list[Record]) -> Iterator[list[Record]]:
    """The records in lots that a transaction holds."""
    for start in range(0, len(records), AT_ONCE):
        yield records[start : start + AT_ONCE]


def _nobodys(case: Case) -> Case:
    """The case, closed and without its author."""
    return case.closed(ERASED).model_copy(
        update={
            "author": WorkAuthor(id=ERASED),
            "author_key": f"{case.channel}:{ERASED}",
            "unanswered": (),
            "in_flight": (),
            "asked_helped": None,
            "open_url": None,
        }
    )


def _stopped(record: Record, now: datetime) -> Record | None:
    """What has not gone out yet will not go out any more."""
    match record:
        case Reply(state="pending" | "ready"):
            return record.cancelled(ERASED, now)
        case BranchMail(state="pending"):
            return record.refused(ERASED)
        case Handoff():
            given = record.refused(ERASED) if record.state == "pending" else record
            if given.with_branch:
                given = given.moved("returned", ERASED, now)
            return given if given != record else None
    return None


def _blank(record: Record) -> Record:
    """The record without anything of the person; itself if there is nothing."""
    match record:
        case StoredPost():
            emptied: dict[str, object] = {
                "author": Author(id=ERASED),
                "text": "",
                "thread_id": ERASED,
                "media": (),
                "place": None,
                "quoted_text": None,
                "parent_text": None,
                "url": None,
                "incomplete": None,
                "came_from": None,
                "contacts": (),
            }
            post = record.post.model_copy(update=emptied)
            return record.model_copy(update={"post": post, "open_url": None, "erased": True})
        case OwnPost():
            return record.model_copy(update={"text": ""})
        case Reply():
            author_key = f"{record.channel}:{ERASED}"
            return record.model_copy(update={"text": None, "recipient": None, "author_key": author_key})
        case Handoff():
            return record.model_copy(update={"note": None})
        case Note():
            return record.model_copy(update={"text": "", "attachments": ()})
    return record


def _files(records: list[Record]) -> Iterator[str]:
    """What lies in the bucket: a branch's mail about the person, and what hung on it."""
    for record in records:
        if isinstance(record, Note):
            yield from (each.key for each in record.attachments if each.key)
            if record.id.startswith("mail-") and record.text:
                yield f"{MAIL}{record.id.removeprefix('mail-')}"


def _elsewhere(record: Record) -> Iterator[Key]:
    """What names the person under keys of its own."""
    if isinstance(record, StoredPost):
        post = record.post
        yield keys.thread(thread_key(post))
        yield keys.lookup(post.key)
        yield from (keys.contact(each.key) for each in post.contacts)


def _unmarked(record: Record, services: Services) -> Iterator[Seen]:
    """The mark that a post was seen stays, so that no redelivery brings it back; an edit's text in it goes."""
    mark = services.table.get(keys.seen(record.key)) if isinstance(record, StoredPost) else None
    if isinstance(mark, Seen) and mark.edited_text is not None:
        yield mark.model_copy(update={"edited_text": None})


def _forget(author_key: str, services: Services) -> None:
    """The author's own records go; a wish not to be written to by robots is honoured beyond that."""
    now = services.clock()
    left = services.table.of_author(author_key)
    author = next((record for record in left if isinstance(record, AuthorRecord)), None)
    gone = [keys.author_case(author_key, record.case_id) for record in left if not isinstance(record, AuthorRecord)]
    if author is not None and author.opted_out_at is not None:
        bare = AuthorRecord(key=author_key, opted_out_at=author.opted_out_at, version=author.version)
        services.table.commit([bare], now, gone=gone)
    elif left:
        services.table.commit([], now, gone=[*gone, keys.author(author_key)])
