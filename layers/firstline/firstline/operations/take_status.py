"""Take in what a platform tells later about a reply that it accepted: how far it got, or that it failed after all.

Statuses come in any order and any number of times: what is told never steps back. One with our reply id settles a
reply whose sending was unclear (R26). A failure is honoured as a refusal at once would have been: the reply waits, is
tried again, or an agent decides.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from ..model.case import Case
from ..model.events import ReplyStatus
from ..model.records import Account, AuthorRecord, Seen, StoredPost
from ..model.reply import MOST_ATTEMPTS, Reply
from ..table import Record, keys
from ..table.keys import Key
from . import emit, identity
from .audit import line
from .services import GRACE
from .settle import landed
from .snapshot import Snapshot
from .take_own import come_again
from .work import need_agent

if TYPE_CHECKING:
    from .take_in import Taking

PARKED_PAUSE = timedelta(minutes=5)
UNSAID_WAIT = timedelta(seconds=60)
MOST_WAITS = 8
"""So often a reply is tried although the platform keeps refusing it for a limit; then an agent decides."""
_RANK = {None: 0, "sent": 1, "delivered": 2, "read": 3}
_OF_A_POST = re.compile(r"(?:ack|private)-(.+)", re.DOTALL)
_OF_A_CASE = re.compile(r"agent-(.+)-\d{4,}", re.DOTALL)


def _echo_key(event: ReplyStatus) -> str:
    """The mark by which our own words are known: written with the reply that the platform accepted."""
    return f"{event.channel}:{event.platform_id}#own"


def _post_key(event: ReplyStatus) -> str | None:
    found = _OF_A_POST.fullmatch(event.tag or "")
    return found[1] if found else None


def first_keys(event: ReplyStatus) -> list[Key]:
    """What is read in the first round."""
    named = _post_key(event)
    people = identity.author_keys(event.channel, event.author_id, event.author_also)
    return [keys.seen(_echo_key(event)), *([keys.seen(named)] if named else []), *people]


def second_keys(event: ReplyStatus, snapshot: Snapshot) -> list[Key | None]:
    """What is read in the second round."""
    mark = snapshot.get(Seen, keys.seen(_echo_key(event)))
    found: list[Key | None] = []
    for case_id in _case_ids(event, snapshot):
        found += [keys.case(case_id), keys.reply(case_id, event.tag) if event.tag else None]
        found.append(keys.reply(case_id, mark.reply_id) if mark is not None and mark.reply_id else None)
    return found


def _case_ids(event: ReplyStatus, snapshot: Snapshot) -> list[str]:
    """The cases on which the reply may be, the likeliest first."""
    mark, named = snapshot.get(Seen, keys.seen(_echo_key(event))), _post_key(event)
    post = snapshot.get(Seen, keys.seen(named)) if named else None
    of_agent = _OF_A_CASE.fullmatch(event.tag or "")
    found = [
        mark.case_id if mark is not None else None,
        post.case_id if post is not None else None,
        of_agent[1] if of_agent else None,
    ]
    for each in (event.author_id, event.author_also):
        author = identity.present(f"{event.channel}:{each}", snapshot) if each is not None else None
        found += [author.open_case, author.last_case] if isinstance(author, AuthorRecord) else []
    return list(dict.fromkeys(case_id for case_id in found if case_id))


def take(event: ReplyStatus, taking: Taking) -> None:
    """Record what the platform tells, and do what a failure asks for."""
    snapshot = taking.snapshot
    if taking.taken(event.key):
        return
    snapshot.fetch(first_keys(event))
    snapshot.fetch(second_keys(event, snapshot))
    reply = _reply(event, snapshot)
    case = snapshot.get(Case, keys.case(reply.case_id)) if reply is not None else None
    if reply is None or case is None:
        _without_reply(event, taking)
    elif reply.state in ("sending", "unclear") and event.platform_id != reply.platform_id:
        _unsettled(event, reply, case, taking)
    else:
        _known(event, reply, case, taking)


def _reply(event: ReplyStatus, snapshot: Snapshot) -> Reply | None:
    """The reply by the platform's id or by ours. An id of the platform that is another reply's is not taken for ours."""
    mark = snapshot.get(Seen, keys.seen(_echo_key(event)))
    named = mark.reply_id if mark is not None else event.tag
    if named is None:
        return None
    found = (snapshot.get(Reply, keys.reply(case_id, named)) for case_id in _case_ids(event, snapshot))
    return next((reply for reply in found if reply is not None and reply.channel == event.channel), None)


def _without_reply(event: ReplyStatus, taking: Taking) -> None:
    """None of ours (the brand's app, a template, another system); unless one of ours is on its way to that person."""
    snapshot = taking.snapshot
    for case_id in _case_ids(event, snapshot):
        case = snapshot.get(Case, keys.case(case_id))
        for reply_id in case.in_flight if case is not None else ():
            flying = snapshot.get(Reply, keys.reply(case_id, reply_id))
            if event.tag is None and flying is not None and flying.state == "sending":
                come_again(event.key, taking)
                return
    taking.commit([taking.marked(event.key, "status", "no_reply_of_ours")])


def _unsettled(event: ReplyStatus, reply: Reply, case: Case, taking: Taking) -> None:
    """Nobody knew whether it went out; now the platform says it. A failure waits until the call has ended."""
    if event.status != "failed":
        _arrived(event, reply, case, taking)
    elif reply.state == "sending":
        come_again(event.key, taking)
    else:
        _failed(event, reply, case, taking)


def _known(event: ReplyStatus, reply: Reply, case: Case, taking: Taking) -> None:
    if reply.platform_id != event.platform_id or reply.state in ("sending", "unclear"):
        _note(event, reply, "earlier_attempt", taking)
    elif event.status == "failed":
        if reply.state == "sent" and reply.delivery in (None, "sent"):
            _failed(event, reply, case, taking)
        else:
            _note(event, reply, "older", taking)
    elif reply.delivery == "failed":
        # It failed, and arrived after all: what waits to be said again was said.
        if reply.state == "pending" and event.status != "sent":
            _arrived(event, reply, case, taking)
        else:
            _note(event, reply, "older", taking)
    elif _RANK[event.status] > _RANK[reply.delivery]:
        _note(event, reply, event.status, taking, reply.got(event.status))
    else:
        _note(event, reply, "older", taking)


def _note(event: ReplyStatus, reply: Reply, outcome: str, taking: Taking, changed: Reply | None = None) -> None:
    mark = taking.marked(event.key, "status", outcome, case_id=reply.case_id, reply_id=reply.id)
    taking.commit([mark, changed])


def _arrived(event: ReplyStatus, reply: Reply, case: Case, taking: Taking) -> None:
    """The platform has it."""
    now = taking.now
    sent = reply.sent(event.platform_id, now).got(event.status)
    taking.commit(
        [
            *landed(sent, case, taking.snapshot, now),
            _echo_mark(event, reply, taking),
            taking.marked(event.key, "status", event.status, case_id=case.id, reply_id=reply.id),
        ]
    )


def _echo_mark(event: ReplyStatus, reply: Reply, taking: Taking) -> Seen | None:
    key = _echo_key(event)
    if taking.seen(key) is not None:
        return None
    return Seen(
        key=key,
        kind="own",
        outcome="echo",
        delivery_id="",
        message_id="",
        case_id=reply.case_id,
        reply_id=reply.id,
        at=taking.now,
    )


def _failed(event: ReplyStatus, reply: Reply, case: Case, taking: Taking) -> None:
    """It was accepted, and did not arrive. What was recorded as said is taken back."""
    now, reason = taking.now, event.reason or "failed"
    records: list[Record | None] = [
        taking.marked(event.key, "status", "failed", case_id=case.id, reply_id=reply.id),
        _echo_mark(event, reply, taking),
    ]
    posts = _posts(reply, taking.snapshot)
    case = _unsaid(reply, case)
    again = [_unanswered(stored, reply) for stored in posts]
    records += [fresh for fresh, stored in zip(again, posts, strict=True) if fresh != stored]
    open_posts = [stored.key for stored in again if stored.answered_at is None and stored.state != "deleted"]
    failed = reply.model_copy(update={"platform_id": event.platform_id, "settled_at": None}).got("failed")
    before = case.work_id
    match event.failure:
        case "wait" if reply.attempt < MOST_WAITS:
            pause = UNSAID_WAIT if event.after is None else timedelta(seconds=event.after**reply.attempt)
            failed, case = failed.again(now + pause, reason, now), case.flying(reply.id)
        case "again" if reply.attempt < MOST_ATTEMPTS:
            failed, case = failed.again(now + GRACE, reason, now), case.flying(reply.id)
        case "parked":
            failed, case = failed.again(now + PARKED_PAUSE, "account_parked", now), case.flying(reply.id)
            records.append(_parked(reply, reason, taking))
        case _:
            failed, case = failed.refused(reason, now), case.landed(reply.id)
            if open_posts:
                missing = tuple(key for key in open_posts if key not in case.unanswered)
                case = case.model_copy(update={"unanswered": (*case.unanswered, *missing)})
                case = need_agent(case, f"the answer did not arrive: {reason}", now, taking.playbook)
    why = line(case.id, now, f"{reply.kind}_failed", by=reply.by, about=(reply.id,), why=reason)
    taking.commit([failed, case, *records, why])
    taking.services.count("FailedLater", channel=reply.channel, reason=reason.partition(":")[0])
    if case.work_id is not None and case.work_id != before:
        taking.messages += emit.work(case, taking.services)


def _posts(reply: Reply, snapshot: Snapshot) -> list[StoredPost]:
    snapshot.fetch(keys.post(reply.case_id, key) for key in reply.post_keys)
    found = [snapshot.get(StoredPost, keys.post(reply.case_id, key)) for key in reply.post_keys]
    return [stored for stored in found if stored is not None]


def _unanswered(stored: StoredPost, reply: Reply) -> StoredPost:
    """The post as it was before this reply of a person was taken for its answer."""
    by_this = reply.state == "sent" and not reply.robot and stored.answered_at == reply.settled_at
    return stored.model_copy(update={"answered_at": None}) if by_this else stored


def _unsaid(reply: Reply, case: Case) -> Case:
    """The case without what the settling of this reply had recorded."""
    if reply.state != "sent":
        return case
    names = ("acknowledged_at",) if reply.robot else ("first_human_at", "last_human_at")
    update: dict[str, object] = {name: None for name in names if getattr(case, name) == reply.settled_at}
    if reply.promised_until is not None and case.promised_until == reply.promised_until:
        update["promised_until"] = None
    return case.model_copy(update=update)


def _parked(reply: Reply, reason: str, taking: Taking) -> Account:
    """Nothing goes out over this account until the credentials that failed were renewed; the alarm rings."""
    key = keys.account(reply.channel, reply.account)
    account = taking.snapshot.get(Account, key) or Account(channel=reply.channel, id=reply.account)
    taking.services.tell(
        "account_parked", channel=reply.channel, account=reply.account, reason=reason, metric="AccountParked"
    )
    return account.model_copy(
        update={"parked_at": taking.now, "parked_because": reason, "credentials": reply.credentials}
    )
