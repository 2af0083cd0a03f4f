"""What a delivery says, in Firstline's own words: the result of a channel's ``parse``.

Every event carries ``key``, by which the same event is recognised in another delivery. Keys of posts are
``channel:post_id``; keys of changes name what changed (``x:123#deleted``); keys of the rest follow from the bytes.
"""

from __future__ import annotations

from typing import Literal

from .base import Instant, Value
from .post import Post


class Posted(Value):
    """Somebody wrote to, or about, the brand."""

    type: Literal["posted"] = "posted"
    key: str
    post: Post


class OwnWords(Value):
    """The brand's own account wrote: our reply's echo, or a person's answer in the platform's own app (R7).

    ``parent_id`` is the post that it answers (public), ``author_id`` the person it is directed to (private messages,
    else None), ``author_also`` that person's second id. ``tag`` is our reply id where the platform gives our metadata back. ``by_app`` tells, where the
    platform says it, whether an application of ours (true) or another client (false) wrote it.
    """

    type: Literal["own_words"] = "own_words"
    key: str
    channel: str
    account: str
    post_id: str
    text: str
    at: Instant
    parent_id: str | None = None
    author_id: str | None = None
    author_also: str | None = None
    tag: str | None = None
    by_app: bool | None = None
    clocked: bool = True
    """Whether ``at`` is when it was written; else it is when the platform told of it."""


class NeedsLookup(Value):
    """A notice that carries ids only (R8c). ``partial`` is the post as far as it is known; ``ask`` names what to read.
    ``after`` is how many seconds to wait with it, where the post itself may yet come."""

    type: Literal["needs_lookup"] = "needs_lookup"
    key: str
    channel: str
    account: str
    ask: str
    object_id: str
    partial: Post
    after: int = 0


class Edited(Value):
    """A post has new text. ``post_id`` is the post as Firstline knows it (the first id where edits get new ids).

    Without readable words in it nothing is replaced: ``text`` is blank then, and ``unread`` is how the platform can be
    asked for the words, where it can.
    """

    type: Literal["edited"] = "edited"
    key: str
    channel: str
    post_id: str
    text: str
    at: Instant
    unread: NeedsLookup | None = None

    @property
    def readable(self) -> bool:
        """Whether the notice holds the new words."""
        return bool(self.text.strip())


class Deleted(Value):
    """A post is gone, or hidden from view (``hidden``) or visible again (``hidden`` false, ``restored``)."""

    type: Literal["deleted"] = "deleted"
    key: str
    channel: str
    post_id: str
    at: Instant
    how: Literal["deleted", "hidden", "restored"] = "deleted"


class Ignored(Value):
    """Understood, and no post: likes, reads, typing, reposts, test buttons. ``reason`` is a short snake_case word."""

    type: Literal["ignored"] = "ignored"
    key: str
    reason: str


class AccountNotice(Value):
    """The platform says something about the brand's account: revoked, blocked, restricted. An alarm, no case."""

    type: Literal["account_notice"] = "account_notice"
    key: str
    channel: str
    account: str | None
    reason: str


class ReplyStatus(Value):
    """The platform tells later what became of a reply that it accepted (WhatsApp: accepted is not delivered).

    ``platform_id`` is the reply's id on the platform, ``tag`` our reply id where the platform gives it back,
    ``author_id`` and ``author_also`` the person's ids. Of a failure ``failure`` says what to do: an agent decides
    (``refused``), try again after ``after`` seconds to the power of the tries there were (``wait``; None: not said),
    try again (``again``), or the account is down (``parked``). ``reason`` as in `model.errors.Outcome`.
    """

    type: Literal["reply_status"] = "reply_status"
    key: str
    channel: str
    account: str
    platform_id: str
    status: Literal["sent", "delivered", "read", "failed"]
    at: Instant
    tag: str | None = None
    author_id: str | None = None
    author_also: str | None = None
    failure: Literal["refused", "wait", "again", "parked"] | None = None
    reason: str | None = None
    after: float | None = None


class IdentityChanged(Value):
    """A person has another id on the platform from now on."""

    type: Literal["identity_changed"] = "identity_changed"
    key: str
    channel: str
    previous: str
    current: str
    at: Instant


class Unreadable(Value):
    """No adapter understands it: quarantined with the reason (R8). ``fragment`` is the event's own JSON text."""

    type: Literal["unreadable"] = "unreadable"
    key: str
    reason: str
    fragment: str


Event = (
    Posted | OwnWords | Edited | Deleted | NeedsLookup | Ignored | AccountNotice | ReplyStatus | IdentityChanged
    | Unreadable
)  # fmt: skip
