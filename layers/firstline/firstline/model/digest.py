"""A weekly digest as a promise: one record for each branch and region, due again a week later."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from .base import Instant, Value


class Digest(Value):
    """Whom it is for (``branch-leeds``, ``region-gb``) and when the next one is mailed.

    It goes once at most: what a crash or an unclear answer leaves open is not sent again, the next one comes in a week.
    While it is being sent ``due_at`` is when that must be over.
    """

    about: str
    state: Literal["pending", "sending", "stopped"] = "pending"
    due_at: Instant | None = None
    since: Instant
    """Where the week begins that the next one tells of."""
    sent_at: Instant | None = None
    because: str | None = None
    """Why it was stopped."""
    version: int = 0

    @property
    def kind(self) -> str:
        """``branch`` or ``region``."""
        return self.about.partition("-")[0]

    @property
    def id(self) -> str:
        """The branch's or region's id."""
        return self.about.partition("-")[2]

    def taken(self, until: datetime) -> Digest:
        """It is about to be mailed."""
        return self.model_copy(update={"state": "sending", "due_at": until})

    def over(self, now: datetime, due_at: datetime, *, sent: bool) -> Digest:
        """This week's is done with, mailed or not."""
        told = {"sent_at": now} if sent else {}
        return self.model_copy(update={"state": "pending", "since": now, "due_at": due_at, **told})

    def later(self, due_at: datetime) -> Digest:
        """Certainly not accepted: again then."""
        return self.model_copy(update={"state": "pending", "due_at": due_at})

    def stopped(self, because: str) -> Digest:
        """Nobody wants it, or nobody gets it."""
        return self.model_copy(update={"state": "stopped", "due_at": None, "because": because})
