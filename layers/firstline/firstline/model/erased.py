"""What stays of a case whose customer was erased: that things happened, not what was said, nor by which customer.

Every kind of row lists what stays of it. All other fields are emptied, so a field that is added later goes, until
somebody decides that it stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar, cast

from .base import Value
from .case import ERASED, Case
from .handoff import BranchMail, Handoff
from .post import Author, Post
from .records import Audit, Note, OwnPost, RemovedCase, StoredPost
from .reply import Reply
from .work import WorkAuthor

OfCase = Case | StoredPost | OwnPost | Reply | Handoff | BranchMail | Note | Audit | RemovedCase
V = TypeVar("V", bound=Value)

_ALL_MAIL = (
    *("id", "case_id", "state", "due_at", "attempt", "turn_at", "lease_until", "mailed_at", "mail_id", "to", "failure"),
    *("created_at", "version"),
)
STAYS: dict[type[Value], tuple[str, ...]] = {
    Case: (
        *("id", "channel", "account", "language", "status", "opened_at", "last_post_at", "posts", "playbook_version"),
        *("priority", "severity", "skills", "situation", "generation", "acknowledged_at"),
        *("first_human_at", "last_human_at", "at_risk", "promise_missed", "resolved_at", "disposition"),
        *("handoffs", "ended_at", "remove_at", "wordless", "version"),
    ),
    StoredPost: (
        *("case_id", "delivery_id", "decided_at", "playbook_version", "situation", "earlier_posts", "silence", "law"),
        *("wants_answer", "reply_id", "state", "edited_at", "answered_at", "human_due", "version"),
    ),
    Post: ("channel", "account", "post_id", "at", "visibility", "kind", "addressed", "top_level"),
    OwnPost: ("case_id", "key", "at", "parent_key", "version"),
    Reply: (
        *("id", "case_id", "kind", "by", "channel", "account", "endpoint", "post_keys", "in_reply_to", "state"),
        *("severity", "created_at", "not_before", "target", "due_at", "handoff", "says", "wording", "promised_until"),
        *("attempt", "rewords", "first_tried_at", "lease_until", "unclear_since", "looks", "late_because", "waited"),
        *("late_seconds", "held_until", "reason", "settled_at", "platform_id", "delivery", "credentials"),
        *("playbook_version", "version"),
    ),
    Handoff: (
        *(*_ALL_MAIL, "by", "post_keys", "contact_by", "replies_waiting", "playbook_version", "stage", "steps"),
        *("accept_by", "reminders", "escalate_at", "return_at", "update_at", "told_at", "told_posts", "mails"),
        *("escalated_at", "fallback_at", "helped", "said", "moved_to"),
    ),
    BranchMail: (*_ALL_MAIL, "kind", "branch", "address", "since"),
    Note: ("case_id", "id", "by", "at", "version"),
    Audit: ("case_id", "at", "what", "by", "about", "id", "version"),
    RemovedCase: ("case_id", "ended_at", "removed_at", "due_at", "version"),
}
RULES_WORDS = frozenset(
    (
        *(f"{kind}_{end}" for kind in ("acknowledgement", "private_reply", "agent", "opt_out", "update")
          for end in ("sent", "refused", "cancelled", "failed")),
        *("branch_contacted", "not_ours", "escalation", "mail_lost", "mail_ignored", "mail_quarantined"),
    )
)  # fmt: skip
"""Lines of the trail whose reason is a rule's, a platform's or the playbook's word in every release: it stays."""


def blank(record: OfCase) -> OfCase:
    """The row without anything of the customer, and without words that a person wrote; itself if there is nothing."""
    match record:
        case Case():
            closed = record if record.disposition == ERASED and record.work_id is None else record.closed(ERASED)
            return _only(closed, author=WorkAuthor(id=ERASED), author_key=f"{record.channel}:{ERASED}")
        case StoredPost():
            post = _only(record.post, author=Author(id=ERASED), text="", thread_id=ERASED)
            return _only(record, post=post, erased=True)
        case OwnPost() | Note():
            return _only(record, text="")
        case Reply():
            return _only(record, author_key=f"{record.channel}:{ERASED}")
        case Handoff():
            return _only(record, reason=ERASED)
        case Audit() if record.what in RULES_WORDS:
            return record
    return _only(record)  # a branch's mail, and other lines of the trail


def _only(record: V, **needed: object) -> V:
    """A record with the fields that stay and those that it cannot be without."""
    kept = {name: getattr(record, name) for name in STAYS[type(record)]}
    return cast(V, type(record).model_construct(**{**kept, **needed}))


def respected(records: Iterable[V], now: datetime) -> list[V]:
    """The records of one commit as an erasure lets them be written: where they hold a case that was emptied, every row
    of that case is blank, and nothing new sets out."""
    writes = list(records)
    emptied = {each.id for each in writes if isinstance(each, Case) and each.author.id == ERASED}
    return [_respected(each, emptied, now) for each in writes] if emptied else writes


def _respected(record: V, emptied: set[str], now: datetime) -> V:
    case_id = record.id if isinstance(record, Case) else getattr(record, "case_id", None)
    if case_id not in emptied or not isinstance(record, OfCase):
        return record
    return cast(V, blank(stopped(record, now)))


def stopped(record: OfCase, now: datetime) -> OfCase:
    """What has not gone out yet will not go out any more."""
    match record:
        case Reply(state="pending" | "ready"):
            return record.cancelled(ERASED, now)
        case BranchMail(state="pending"):
            return record.refused(ERASED)
        case Handoff():
            given = record.refused(ERASED) if record.state == "pending" else record
            return given.moved("returned", ERASED, now) if given.with_branch else given
    return record


def cases_of_words(records: Iterable[Value]) -> set[str]:
    """The cases of what holds words, which must be written along, under the version that they were read with: whether a
    case was emptied is known at a commit by the case in it. What only settles brings no words."""
    writes = list(records)
    given = {each.id for each in writes if isinstance(each, Case)}
    words = {each.case_id for each in writes if isinstance(each, StoredPost | OwnPost | Note)}
    new = {each.case_id for each in writes if isinstance(each, Reply | Handoff) and not each.version}
    return (words | new) - given
