"""A handoff: a field-level issue given to a regional branch by one mail (R46). One per case and branch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from .base import Instant, Value

HandoffState = Literal["pending", "sending", "unclear", "mailed", "refused"]
OPEN: frozenset[str] = frozenset({"pending", "sending", "unclear"})


class Handoff(Value):
    """One handoff; ``id`` is the branch's id, so a case has at most one per branch.

    ``contact_by`` is the time by which the branch is asked to contact the customer. ``mail_id`` is SES's message id;
    ``root`` the stable synthetic Message-ID under which all mails of the handoff thread.
    """

    id: str
    case_id: str
    state: HandoffState = "pending"
    by: str = "robot"
    reason: str
    post_keys: tuple[str, ...]
    note: str | None = None
    created_at: Instant
    contact_by: Instant
    due_at: Instant | None = None
    attempt: int = 0
    lease_until: Instant | None = None
    mailed_at: Instant | None = None
    mail_id: str | None = None
    to: str | None = None
    failure: str | None = None
    replies_waiting: tuple[str, ...] = ()
    """Replies that wait for the mail."""
    playbook_version: str = ""
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether its first mail is not settled yet."""
        return self.state in OPEN

    def taken(self, now: datetime, lease: timedelta) -> Handoff:
        """The mail is about to be sent."""
        return self.model_copy(
            update={
                "state": "sending",
                "attempt": self.attempt + 1,
                "lease_until": now + lease,
                "due_at": now + lease,
            }
        )

    def mailed(self, mail_id: str, now: datetime) -> Handoff:
        """SES accepted the mail."""
        return self.model_copy(
            update={"state": "mailed", "mail_id": mail_id, "mailed_at": now, "due_at": None, "lease_until": None}
        )

    def became_unclear(self, now: datetime, patience: timedelta) -> Handoff:
        """SES may have the mail: its SEND event tells within ``patience``, else a person decides."""
        return self.model_copy(update={"state": "unclear", "due_at": now + patience, "lease_until": None})

    def again(self, due_at: datetime, why: str) -> Handoff:
        """Certainly not accepted: try again then."""
        return self.model_copy(update={"state": "pending", "due_at": due_at, "failure": why, "lease_until": None})

    def refused(self, why: str) -> Handoff:
        """A person must decide."""
        return self.model_copy(update={"state": "refused", "due_at": None, "failure": why, "lease_until": None})
