"""What follows when a reply is settled: the records that change with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..model.case import Case
from ..model.handoff import Handoff
from ..model.records import AuthorRecord, StoredPost
from ..model.reply import Reply
from ..table import Record, keys
from .audit import line
from .snapshot import Snapshot

MOST_WORDINGS = 24
HOUR = timedelta(hours=1)


def landed(reply: Reply, case: Case, snapshot: Snapshot, now: datetime) -> list[Record | None]:
    """The records of a reply that the platform has: reply, case, the posts a person answered, a line of the trail."""
    case = case.landed(reply.id)
    records: list[Record | None] = [reply]
    if reply.robot:
        case = case.acknowledged(now, reply.promised_until)
    else:
        case = case.answered_by_person(reply.post_keys, now)
        snapshot.fetch(keys.post(case.id, key) for key in reply.post_keys)
        for key in reply.post_keys:
            stored = snapshot.get(StoredPost, keys.post(case.id, key))
            if stored is not None and stored.answered_at is None:
                records.append(stored.model_copy(update={"answered_at": now}))
    case = _asked(reply, case, snapshot)
    about = (reply.id, *reply.post_keys)
    records += [case, line(case.id, now, f"{reply.kind}_sent", by=reply.by, about=about, why=reply.lateness)]
    return records


def _asked(reply: Reply, case: Case, snapshot: Snapshot) -> Case:
    """From now on a yes or a no is an answer to "did it help?": the words that ask it have reached the customer."""
    if reply.says != "branch_done" or reply.handoff is None:
        return case
    given = snapshot.get(Handoff, keys.handoff(case.id, reply.handoff))
    return case if given is None or given.helped is not None else case.asked_whether_it_helped(given.id)


def spoken_to(author: AuthorRecord, wording: str | None, now: datetime) -> AuthorRecord:
    """The robot is about to speak to the author in these words."""
    recent = author.recent_wordings if wording is None else (*author.recent_wordings, wording)[-MOST_WORDINGS:]
    lately = tuple(moment for moment in author.robot_words if now - moment < HOUR)
    return author.model_copy(update={"recent_wordings": recent, "robot_words": (*lately, now)[-100:]})
