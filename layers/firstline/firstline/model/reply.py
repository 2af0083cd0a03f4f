"""A reply: words of the brand on their way to a platform, by the robot or by a person (design: effects outside).

``pending -> sending -> sent | refused | unclear``; ``pending -> cancelled``; ``unclear -> sent | pending | refused``.
``ready`` words are an agent's to say: the robot's are sent by an agent's reply of its own, which cancels them; a
branch's become pending once an agent approved them.
Nothing is sent but by whoever moved the record from pending to sending.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from .base import Instant, Value
from .errors import Refused

ReplyKind = Literal["acknowledgement", "private_reply", "agent", "opt_out", "update"]
ReplyState = Literal["pending", "sending", "unclear", "sent", "cancelled", "refused", "ready"]
OPEN: frozenset[str] = frozenset({"pending", "sending", "unclear"})
LOOKS_NEEDED = 2
MOST_ATTEMPTS = 3
Delivered = Literal["sent", "delivered", "read", "failed"]
BUDGET = "budget"
"""Why a reply waits that only lacks a call: it stands in the outbox and may be taken by whoever has one."""


class Waited(Value):
    """Why a reply waited and how long, over all times that it did for that reason: from ``since`` to ``until``."""

    because: str
    since: Instant
    until: Instant
    times: int = 1


class Reply(Value):
    """One reply. ``due_at`` is when the diary nudges it next, ``target`` when it must have been sent (None: no target).

    ``post_keys`` are the posts it answers (several in a chat burst), the last one is the post that it is attached to.
    ``text`` of a robot's reply is made when it is taken for sending; an agent's is there from the start.
    """

    id: str
    case_id: str
    kind: ReplyKind
    by: str = "robot"
    channel: str
    account: str
    endpoint: str
    post_keys: tuple[str, ...]
    author_key: str
    in_reply_to: str | None = None
    recipient: str | None = None
    state: ReplyState = "pending"
    severity: Literal[0, 1, 2, 3] = 1
    created_at: Instant
    not_before: Instant
    target: Instant | None = None
    due_at: Instant | None = None
    handoff: str | None = None
    """The handoff whose mail the words wait for, or that they tell about."""
    says: str | None = None
    """What an update tells: its situation in the playbook."""
    text: str | None = None
    wording: str | None = None
    promised_until: Instant | None = None
    attempt: int = 0
    rewords: int = 0
    first_tried_at: Instant | None = None
    lease_until: Instant | None = None
    unclear_since: Instant | None = None
    looks: int = 0
    late_because: str | None = None
    """Why it waited last beyond its hold-back: budget, parked account, mail…"""
    waited: tuple[Waited, ...] = ()
    """All the reasons why it waited, in the order in which they arose; kept when it was sent."""
    late_seconds: int | None = None
    """Of a reply that was sent: by how much it missed its target (None: it did not)."""
    held_until: Instant | None = None
    """Until then it waits for something of its own and stands in no line."""
    reason: str | None = None
    settled_at: Instant | None = None
    platform_id: str | None = None
    reached: str | None = None
    """The author key under which the platform says that it reached the person, where that is another one."""
    delivery: Delivered | None = None
    """How far the platform says it got, where it says so after accepting it (WhatsApp); of the latest attempt."""
    credentials: str | None = None
    """Fingerprint of the credentials it was last sent with: those that failed if the platform says so later."""
    playbook_version: str = ""
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether it is not settled yet."""
        return self.state in OPEN

    @property
    def robot(self) -> bool:
        """Whether a robot speaks."""
        return self.by == "robot"

    @property
    def in_line(self) -> bool:
        """Whether it could go as soon as there is a call for it and its hold-back is over."""
        return self.state == "pending" and self.held_until is None

    @property
    def in_turn(self) -> bool:
        """Whether it was given a time at which it looks again for a call."""
        return self.in_line and self.late_because == BUDGET

    @property
    def lateness(self) -> str | None:
        """How late it was and why, for people: ``312 s late: mail, budget``; None when it was not."""
        if self.late_seconds is None:
            return None
        return f"{self.late_seconds} s late: {', '.join(each.because for each in self.waited) or 'taken late'}"

    def deferred(self, until: datetime, why: str, now: datetime) -> Reply:
        """Wait until then for something of its own (mail, a person, a parked account): the diary nudges it."""
        return self._waits(until, why, now, held_until=until)

    def lined_up(self, until: datetime, now: datetime) -> Reply:
        """Wait for a call: the diary nudges it then, and anyone who has a call may take it before."""
        return self._waits(until, BUDGET, now, held_until=None)

    def joined(self, post_key: str, not_before: datetime, grace: timedelta) -> Reply:
        """Another message of the burst is answered by this reply too."""
        self._expect("pending")
        keys = self.post_keys if post_key in self.post_keys else (*self.post_keys, post_key)
        return self.model_copy(update={"post_keys": keys, "not_before": not_before, "due_at": not_before + grace})

    def taken(
        self,
        text: str,
        now: datetime,
        lease: timedelta,
        *,
        wording: str | None = None,
        promised_until: datetime | None = None,
    ) -> Reply:
        """About to be sent with these words; the lease outlasts the call."""
        self._expect("pending")
        return self.model_copy(
            update={
                "state": "sending",
                "text": text,
                "wording": wording,
                "promised_until": promised_until,
                "attempt": self.attempt + 1,
                "first_tried_at": self.first_tried_at or now,
                "lease_until": now + lease,
                "due_at": now + lease,
                "looks": 0,
                "unclear_since": None,
                "delivery": None,
                "held_until": None,
            }
        )

    def got(self, delivery: Delivered) -> Reply:
        """The platform tells how far it got."""
        return self.model_copy(update={"delivery": delivery})

    def sent(self, platform_id: str | None, now: datetime) -> Reply:
        """The platform has it."""
        over = int((now - self.target).total_seconds()) if self.target is not None else 0
        return self._settled("sent", now, None, platform_id=platform_id, late_seconds=over if over > 0 else None)

    def cancelled(self, reason: str, now: datetime) -> Reply:
        """It will not be said, for a recorded reason."""
        if self.state != "ready":
            self._expect("pending")
        return self._settled("cancelled", now, reason)

    def refused(self, reason: str, now: datetime) -> Reply:
        """It cannot be said by the robot: an agent decides."""
        return self._settled("refused", now, reason)

    def ready(self, text: str, why: str) -> Reply:
        """The robot may not say it: the words wait for an agent."""
        return self.model_copy(update={"state": "ready", "text": text, "reason": why, "due_at": None})

    def approved(self, now: datetime, grace: timedelta) -> Reply:
        """A person let words go out as they are that waited for it."""
        self._expect("ready")
        return self.model_copy(
            update={"state": "pending", "reason": None, "not_before": now, "due_at": now + grace, "held_until": None}
        )

    def again(self, due_at: datetime, why: str, now: datetime, *, reword: bool = False, in_line: bool = False) -> Reply:
        """It certainly was not sent: pending once more, and (``in_line``) back in the outbox at once."""
        return self._waits(
            due_at,
            why,
            now,
            state="pending",
            held_until=None if in_line else due_at,
            lease_until=None,
            unclear_since=None,
            looks=0,
            late_seconds=None,
            rewords=self.rewords + (1 if reword else 0),
        )

    def became_unclear(self, now: datetime, settling: timedelta) -> Reply:
        """Nobody knows whether it was sent: ask the platform after the settling time."""
        return self.model_copy(
            update={
                "state": "unclear",
                "unclear_since": self.unclear_since or now,
                "due_at": now + settling,
                "lease_until": None,
                "waited": self._waited("unclear", now, now + settling),
            }
        )

    def looked(self, now: datetime, settling: timedelta) -> Reply:
        """Asked, and not found (yet)."""
        self._expect("unclear")
        return self.model_copy(update={"looks": self.looks + 1, "due_at": now + settling})

    def _waits(self, until: datetime, why: str, now: datetime, **more: object) -> Reply:
        waited = self._waited(why, now, until)
        return self.model_copy(update={"due_at": until, "late_because": why, "waited": waited, **more})

    def _waited(self, why: str, now: datetime, until: datetime) -> tuple[Waited, ...]:
        """One entry per reason, without a platform's code: there are few, so the record stays small."""
        because = why.partition(":")[0]
        known = {each.because: each for each in self.waited}
        before = known.get(because)
        if before is None:
            return (*self.waited, Waited(because=because, since=now, until=until))
        known[because] = before.model_copy(update={"until": max(until, before.until), "times": before.times + 1})
        return tuple(known.values())

    def _expect(self, state: ReplyState) -> None:
        if self.state != state:
            raise Refused(f"reply {self.id} is {self.state}, not {state}")

    def _settled(self, state: ReplyState, now: datetime, reason: str | None, **more: object) -> Reply:
        return self.model_copy(
            update={
                "state": state,
                "settled_at": now,
                "reason": reason,
                "due_at": None,
                "lease_until": None,
                **more,
            }
        )
