"""What else the table keeps: who was seen, what came in, what was done. Texts live in posts and replies only."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from .base import Instant, Value
from .events import NeedsLookup
from .post import Post


class Seen(Value):
    """An event that was taken in, by its key: the reason why nothing is done twice (R6).

    ``kind`` is ``awaited`` for a post of which a change (edit, deletion, native answer) arrived before the post, and
    ``lookup`` for one that was announced by its ids and is being looked up.
    ``message_id`` is the SQS message that took it in: only a redelivery of that message emits again.
    """

    key: str
    kind: Literal["post", "own", "change", "lookup", "quarantined", "notice", "awaited", "status"]
    outcome: str
    delivery_id: str
    message_id: str
    case_id: str | None = None
    reply_id: str | None = None
    """The reply that answers the post (its acknowledgement), or that these own words are."""
    at: Instant
    deleted_at: Instant | None = None
    hidden: bool = False
    edited_at: Instant | None = None
    edited_text: str | None = None
    answered_at: Instant | None = None
    version: int = 0

    @property
    def to_come(self) -> bool:
        """Whether the post itself is still to come: changes to it are remembered here."""
        return self.kind in ("awaited", "lookup", "quarantined")

    def remembering(self, awaited: Seen) -> Seen:
        """This mark, with the changes that arrived before the post."""
        kept = ("deleted_at", "hidden", "edited_at", "edited_text", "answered_at")
        return self.model_copy(update={name: getattr(awaited, name) for name in kept})


class StoredPost(Value):
    """A post on its case, with what was decided about it. ``key`` is the post's."""

    case_id: str
    post: Post
    delivery_id: str
    decided_at: Instant
    playbook_version: str
    situation: str
    earlier_posts: int = 0
    """How many posts the case had before this one."""
    silence: str | None = None
    law: str | None = None
    """The clause by which the platform allows no robot's answer, if that is the reason of the silence."""
    open_url: str | None = None
    """Where a person reads and answers it in the platform's own app."""
    wants_answer: bool = True
    reply_id: str | None = None
    state: Literal["standing", "deleted", "hidden"] = "standing"
    edited_at: Instant | None = None
    erased: bool = False
    answered_at: Instant | None = None
    """When a person answered it."""
    human_due: Instant | None = None
    contact_keys: tuple[str, ...] = ()
    """The keys (`Contact.key`) of the author's verified contacts: they stay when the text goes, to be found by."""
    version: int = 0

    @property
    def key(self) -> str:
        """``channel:post_id``."""
        return self.post.key


class OwnPost(Value):
    """Words of the brand that were written natively, on the case they answer (R7)."""

    case_id: str
    key: str
    text: str
    at: Instant
    parent_key: str | None = None
    version: int = 0


class AuthorRecord(Value):
    """An author's state: the open case, the words they were sent, their wishes. ``key`` is ``channel:author_id``."""

    key: str
    open_case: str | None = None
    last_case: str | None = None
    last_post_at: Instant | None = None
    recent_wordings: tuple[str, ...] = ()
    robot_words: tuple[Instant, ...] = ()
    """When robots spoke to the author in the last hour."""
    burst: str | None = None
    """The reply that answers the author's latest chat burst (R11a)."""
    opted_out_at: Instant | None = None
    """Since when robots are silent to the author (R25a); None: they may speak."""
    opted_out_by: str | None = None
    """``author``, or the agent who recorded the wish."""
    opted_in_at: Instant | None = None
    """When the silence ended last."""
    walked_away_until: Instant | None = None
    linked_from: str | None = None
    """The author key this identity was linked from, and on what basis (R12)."""
    moved_to: str | None = None
    """The author key under which the platform names this person now (WhatsApp): all else here is history."""
    version: int = 0


class AuthorCase(Value):
    """That an author wrote on a case: by these all cases of a person are found (R12, R65). It says the same every time."""

    author_key: str
    case_id: str
    version: int = 0


class Erasure(Value):
    """A wish that a person's data be erased (R65). ``code`` is what the person asks the status by.

    ``subjects`` are the author keys that are the person, ``on`` the ids of the person's cases; both go when it is done,
    so that what stays names nobody.
    """

    code: str
    asked_by: str
    asked_at: Instant
    subjects: tuple[str, ...]
    on: tuple[str, ...] = ()
    state: Literal["waiting", "done"] = "waiting"
    cases: int = 0
    """How many cases it is about."""
    due_at: Instant | None = None
    done_at: Instant | None = None
    version: int = 0


class ErasedCase(Value):
    """That a case was that of an author or verified contact who was erased: the way back to what may be left of it.

    ``of`` is the hash of the author key or of the contact's key (`table.keys.hashed`), never the id, address or number.
    It says the same every time.
    """

    of: str
    case_id: str
    version: int = 0


class Silence(Value):
    """An erased author's wish that robots be silent, which outlives the erasure. ``of`` is the hash of the author key."""

    of: str
    opted_out_at: Instant
    version: int = 0


class ContactRecord(Value):
    """The case that a verified contact led to last (R12): whoever else has the same contact joins it.

    ``key`` is the contact's hash (`Contact.key`), never the address or number itself. ``author_key`` is the identity
    that had it last, ``told_by`` the account (``generic:contact-centre``) whose word for it we have.
    """

    key: str
    case_id: str
    author_key: str
    told_by: str
    at: Instant
    version: int = 0


class Thread(Value):
    """One author in one thread: the case it belongs to. ``key`` is ``channel:thread_id:author_id``."""

    key: str
    case_id: str
    version: int = 0


class EventLine(Value):
    """An event in a delivery's record. Ignored events have their reason here and no record elsewhere."""

    key: str
    type: str
    reason: str | None = None


class Delivery(Value):
    """A delivery that intake split: which events it holds. ``parts`` > 0: it was split onto the queue in that many."""

    id: str
    channel: str
    received_at: Instant
    message_id: str
    events: tuple[EventLine, ...] = ()
    parts: int = 0
    version: int = 0


class Lookup(Value):
    """A notice that waits for a read of the platform (R8c)."""

    key: str
    state: Literal["pending", "done"] = "pending"
    event: NeedsLookup
    delivery_id: str
    received_at: Instant
    tries: int = 0
    due_at: Instant | None = None
    outcome: str | None = None
    version: int = 0


class Quarantined(Value):
    """What no adapter understood; the body lies in S3 at ``body_key`` (R8)."""

    key: str
    channel: str
    reason: str
    delivery_id: str
    body_key: str
    size: int = 0
    """Bytes of the body."""
    at: Instant
    state: Literal["waiting", "replayed", "discarded"] = "waiting"
    became: tuple[str, ...] = ()
    """Keys of the events that a replay found in it."""
    source: str | None = None
    """The named source that it came from, on a channel that has such."""
    version: int = 0


class Audit(Value):
    """One line of a case's append-only trail (R14). It points to texts (``about``) and holds none."""

    case_id: str
    at: Instant
    what: str
    by: str
    about: tuple[str, ...] = ()
    why: str | None = None
    id: str
    version: int = 0


class RemovedCase(Value):
    """What is left of a case whose retention is over: its trail, until ``due_at``. It names nobody."""

    case_id: str
    ended_at: Instant
    removed_at: Instant
    due_at: Instant
    version: int = 0


class Attachment(Value):
    """What hung on a branch's mail. ``key``: where it lies in the bodies bucket; None if it was not kept, ``why``."""

    name: str
    media_type: str
    size: int
    key: str | None = None
    why: str | None = None


class Note(Value):
    """A note on a case, by an agent or a branch (``branch:leeds``); colleagues see it, the customer never."""

    case_id: str
    id: str
    by: str
    at: Instant
    text: str
    attachments: tuple[Attachment, ...] = ()
    version: int = 0


class HeardMail(Value):
    """What became of a mail that SES received, by SES's message id: the reason why it is taken in once.

    It holds no text: a branch's words are in the note, the mail itself lies in S3 at ``body_key``.
    """

    id: str
    at: Instant
    outcome: Literal["noted", "out_of_office", "ignored", "quarantined"]
    reason: str | None = None
    body_key: str
    case_id: str | None = None
    branch_id: str | None = None
    until: str | None = None
    """The last day of an absence, ``2026-12-03``, where the note named it."""
    work_id: str | None = None
    """The live item that the mail brought up."""
    version: int = 0


class BranchMailbox(Value):
    """Whether a branch's mailbox takes mail: after a bounce or a complaint it gets none until somebody confirms it."""

    branch: str
    address: str = ""
    closed_at: Instant | None = None
    because: str | None = None
    confirmed_by: str | None = None
    confirmed_at: Instant | None = None
    version: int = 0

    def confirmed(self, who: str, now: datetime) -> BranchMailbox:
        """Somebody says that it takes mail again."""
        return self.model_copy(update={"closed_at": None, "because": None, "confirmed_by": who, "confirmed_at": now})

    def closed(self, address: str) -> bool:
        """Whether this very address is closed; another one, from a newer playbook, is not."""
        return self.closed_at is not None and self.address == address


class Account(Value):
    """An account of the brand: parked while its token or plan allows no call."""

    channel: str
    id: str
    parked_at: Instant | None = None
    parked_because: str | None = None
    credentials: str | None = None
    """Fingerprint of the credentials that failed: work goes on when they were renewed."""
    version: int = 0


class RobotSwitch(Value):
    """Whether automatic words may be said: for all accounts (``about`` is "all"), or for one (``x:1450000000000000001``).
    Without a row they may. ``by`` switched it last, and says why."""

    about: str
    off: bool
    at: Instant
    by: str
    why: str
    version: int = 0


class Act(Value):
    """What a person did to the deployment by command: a line of its own trail, beside the cases' trails.

    It names no customer, so that it is never erased. ``by`` is the identity in the person's AWS credentials.
    """

    id: str
    at: Instant
    by: str
    what: str
    about: str = ""
    why: str = ""
    version: int = 0


class TokenRenewal(Value):
    """The renewal of an account's token that lives for hours. The intent is recorded before the platform is asked,
    because a refresh token works once: what was asked for and never stored is found here, and not asked for again.

    ``credentials`` is the fingerprint of those that it began with. While they are still the present ones, ``renewing``
    past its lease means that nobody knows whether they still work (``lost``, once seen); ``lost`` and ``refused`` wait
    for a person. With other credentials the record is history.
    """

    channel: str
    account: str
    state: Literal["waiting", "renewing", "renewed", "refused", "lost"]
    credentials: str
    at: Instant
    lease_until: Instant | None = None
    not_before: Instant | None = None
    """When the platform may be asked again: it took no call."""
    reason: str | None = None
    version: int = 0


class Lease(Value):
    """What one works on at a time: a shard of the diary, a secret."""

    name: str
    until: Instant
    version: int = 0
