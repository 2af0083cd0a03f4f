"""One try to send one reply: what was read for it, and what the channel is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..channels.contract import Outgoing
from ..model.budget import Budget
from ..model.case import Case
from ..model.handoff import Handoff
from ..model.records import Account, AuthorRecord, StoredPost
from ..model.reply import Reply
from ..playbook import Playbook
from ..table import Record, keys
from . import identity
from .robots import switch_keys, switched_off
from .services import Services
from .snapshot import Snapshot

PARKED_PAUSE = timedelta(minutes=5)
"""How long a reply over a parked account sleeps."""


@dataclass
class Sending:
    """One try to send one reply: what was read for it."""

    services: Services
    snapshot: Snapshot
    playbook: Playbook
    reply: Reply
    case: Case
    author: AuthorRecord
    posts: list[StoredPost]
    handoff: Handoff | None
    account: Account | None
    robots_off: bool
    """Whether automatic words are switched off for the account, or for all."""
    now: datetime
    counted: AuthorRecord | None = None
    """Under whom robots' words to a stranger are counted."""
    budget: Budget | None = None
    """The account's budget as it was last seen."""
    called: bool = False
    """Whether the platform took the reply: there may be room for the next one."""

    @property
    def last(self) -> StoredPost:
        """The post that the reply is attached to."""
        return self.posts[-1]

    def commit(self, *records: Record | None) -> None:
        """Commit at the moment of reading."""
        self.snapshot.commit(list(records), self.now)


def read_for(reply: Reply, services: Services) -> Sending | None:
    """All that sending a reply is decided on, in one round; None when its case or post is gone."""
    snapshot = Snapshot(services.table)
    snapshot.fetch(
        [
            keys.case(reply.case_id),
            keys.author(reply.author_key),
            keys.account(reply.channel, reply.account),
            *switch_keys(reply.channel, reply.account),
            keys.handoff(reply.case_id, reply.handoff) if reply.handoff else None,
            *(keys.post(reply.case_id, key) for key in reply.post_keys),
        ]
    )
    case = snapshot.get(Case, keys.case(reply.case_id))
    posts = [snapshot.get(StoredPost, keys.post(reply.case_id, key)) for key in reply.post_keys]
    author = identity.present(reply.author_key, snapshot)
    if case is None or not posts or posts[-1] is None:
        return None
    last = posts[-1].post
    counted = keys.author(last.counted_as) if last.anonymous else None
    return Sending(
        services=services,
        snapshot=snapshot,
        playbook=services.playbooks.active(),
        reply=reply,
        case=case,
        author=author or AuthorRecord(key=reply.author_key),
        posts=[post for post in posts if post is not None],
        handoff=snapshot.get(Handoff, keys.handoff(reply.case_id, reply.handoff)) if reply.handoff else None,
        account=snapshot.get(Account, keys.account(reply.channel, reply.account)),
        robots_off=switched_off(snapshot, reply.channel, reply.account),
        now=services.clock(),
        counted=(snapshot.get(AuthorRecord, counted) or AuthorRecord(key=last.counted_as)) if counted else None,
    )


def read_unsent(sending: Sending) -> Sending | None:
    """The same reply as it is now; None once it is recorded as sent, or gone with its case."""
    return _read_again(sending, lambda reply: reply.state != "sent")


def read_attempt(sending: Sending) -> Sending | None:
    """The same attempt as it is now; None when somebody has settled it, or another attempt was begun."""
    attempt = sending.reply.attempt
    return _read_again(sending, lambda reply: reply.state in ("sending", "unclear") and reply.attempt == attempt)


def _read_again(sending: Sending, wanted: Callable[[Reply], bool]) -> Sending | None:
    reply = sending.services.table.get(keys.reply(sending.reply.case_id, sending.reply.id))
    if not isinstance(reply, Reply) or not wanted(reply):
        return None
    present = read_for(reply, sending.services)
    if present is not None:
        present.budget = sending.budget
    return present


def outgoing(sending: Sending) -> Outgoing:
    """The reply as its channel sends it."""
    reply, post = sending.reply, sending.last.post
    return Outgoing(
        reply_id=reply.id,
        account=reply.account,
        endpoint=reply.endpoint,
        text=reply.text or "",
        in_reply_to=reply.in_reply_to,
        recipient=reply.recipient,
        human=not reply.robot,
        since=reply.first_tried_at or reply.created_at,
        attempt=reply.attempt,
        thread_id=post.thread_id,
        parent_id=post.parent_id,
    )
