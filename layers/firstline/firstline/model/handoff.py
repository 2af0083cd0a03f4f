"""A handoff: a field-level issue given to a regional branch by one mail (R46), and what the branch does with it (R47).

Two things move. The *mail* goes ``pending -> sending -> mailed | unclear | refused`` like every effect outside. The
*stage* is the branch's: ``waiting -> accepted -> contacted -> done``, or ``not_ours``, or ``returned`` to the agents.
A stage never goes back; whoever comes late sees what there is.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal, Self

from .base import Instant, Value
from .case import ERASED
from .errors import Refused

MailState = Literal["pending", "sending", "unclear", "mailed", "refused"]
OPEN: frozenset[str] = frozenset({"pending", "sending", "unclear"})
Stage = Literal["waiting", "accepted", "contacted", "done", "not_ours", "returned"]
WITH_BRANCH: frozenset[str] = frozenset({"waiting", "accepted", "contacted"})
"""The stages in which the branch is the one to act."""
ASKED = "an agent asked"
"""The reason of an agent's handoff; what the branch is asked to do stands beside it in the agent's words."""
MOST_STEPS = 50
Action = Literal[
    "accept", "contacted", "done", "not_ours", "write", "more_info", "out_of_office", "page", "tried", "agreed",
]  # fmt: skip
"""What a link in a branch's mail asks for; ``page`` only shows how the case stands."""
MailKind = Literal["handoff", "update", "reminder", "escalation", "fallback", "links"]


class Step(Value):
    """Something that was done with a handoff: what, by whom (``branch:leeds``, an agent, ``robot``), when.

    ``note`` is the id of the note that holds the words; the step itself holds none.
    """

    at: Instant
    by: str
    what: str
    note: str | None = None


class Mailing(Value):
    """A mail to a branch as an effect outside: tried by whoever moved it from pending to sending, once at most.

    ``mail_id`` is SES's message id. ``to`` is set once it is known to whom it went.
    """

    id: str
    case_id: str
    state: MailState = "pending"
    due_at: Instant | None = None
    attempt: int = 0
    turn_at: Instant | None = None
    """When it may go at the rate that SES allows, while it waits for that."""
    lease_until: Instant | None = None
    mailed_at: Instant | None = None
    mail_id: str | None = None
    to: str | None = None
    failure: str | None = None
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether the mail is not settled yet."""
        return self.state in OPEN

    @property
    def in_order(self) -> bool:
        """Whether it may be next; what was refused for now is out of the order until it is tried again."""
        return self.state == "pending" and (self.attempt == 0 or self.turn_at is not None)

    def taken(self, now: datetime, lease: timedelta) -> Self:
        """The mail is about to be sent."""
        return self.model_copy(
            update={
                "state": "sending",
                "attempt": self.attempt + 1,
                "turn_at": None,
                "lease_until": now + lease,
                "due_at": now + lease,
            }
        )

    def in_turn(self, turn_at: datetime, due_at: datetime) -> Self:
        """It may go at ``turn_at``; when it did not by ``due_at``, the diary looks after it."""
        return self.model_copy(update={"turn_at": turn_at, "due_at": due_at})

    def mailed(self, mail_id: str, to: str, now: datetime) -> Self:
        """SES accepted the mail."""
        return self.model_copy(
            update={
                "state": "mailed",
                "mail_id": mail_id,
                "to": to,
                "mailed_at": now,
                "due_at": None,
                "lease_until": None,
            }
        )

    def became_unclear(self, now: datetime, patience: timedelta) -> Self:
        """SES may have the mail: its SEND event tells within ``patience``, else a person decides."""
        return self.model_copy(update={"state": "unclear", "due_at": now + patience, "lease_until": None})

    def again(self, due_at: datetime, why: str) -> Self:
        """Certainly not accepted: try again then."""
        return self.model_copy(
            update={"state": "pending", "due_at": due_at, "turn_at": None, "failure": why, "lease_until": None}
        )

    def refused(self, why: str) -> Self:
        """It will not be mailed: a person must decide."""
        return self.model_copy(update={"state": "refused", "due_at": None, "failure": why, "lease_until": None})


class BranchMail(Mailing):
    """A later mail of a handoff: an update, a reminder, an escalation, or the first one again to the fallback.

    ``id`` is ``<branch>+<kind><number>``, so that a handoff has each one once. ``address`` is where it goes.
    """

    kind: MailKind
    branch: str
    address: str
    created_at: Instant
    since: Instant | None = None
    """An update tells of the posts that came in after it."""


class Handoff(Mailing):
    """One handoff; ``id`` is the branch's id, so a case has at most one per branch.

    The targets ``accept_by`` and ``contact_by`` are counted in the branch's opening hours. The clock (UTC, empty once
    it is over or was met): ``reminders``, ``escalate_at`` when the region hears of it, ``return_at`` when it goes back
    to the agents, ``update_at`` when a mail tells of later posts. While the first mail is open ``due_at`` is the
    mail's, afterwards the earliest of the clock.
    """

    by: str = "robot"
    reason: str
    """The rule by which the branch has it, in words for people; never a customer's or a colleague's own words."""
    post_keys: tuple[str, ...]
    asked: str | None = None
    """What an agent asks the branch to do, in the agent's words."""
    note: str | None = None
    created_at: Instant
    contact_by: Instant
    replies_waiting: tuple[str, ...] = ()
    """Replies that wait for the mail."""
    playbook_version: str = ""

    stage: Stage = "waiting"
    steps: tuple[Step, ...] = ()
    mails_since: Instant | None = None
    mails_raised: int = 0
    """How many mails brought the case to an agent in the hour that began at ``mails_since``."""
    accept_by: Instant | None = None
    reminders: tuple[Instant, ...] = ()
    escalate_at: Instant | None = None
    return_at: Instant | None = None
    settle_by: Instant | None = None
    """By when the branch is to say that it is done, once the customer was contacted."""
    update_at: Instant | None = None
    told_at: Instant | None = None
    """When the branch was last told of posts by mail."""
    told_posts: int = 0
    """Of how many posts it was told."""
    mails: int = 0
    """How many later mails there are."""
    escalated_at: Instant | None = None
    fallback_at: Instant | None = None
    """When it went to the fallback address because the branch's mail did not arrive."""
    helped: bool | None = None
    """What the customer said when asked whether it helped, in the post ``said``."""
    said: str | None = None
    taken_by: str | None = None
    """The first name of who took it at the branch, if they told it."""
    next_try: Instant | None = None
    """When the branch tries again to reach the customer, who did not answer."""
    agreed_for: date | None = None
    """The day for which branch and customer agreed."""
    links_at: Instant | None = None
    """When fresh links were mailed, the latest time."""
    moved_to: str | None = None
    """The branch that has it instead."""
    words_approved_at: Instant | None = None
    """When an agent let the branch's words to the customer go out, the latest time."""

    @property
    def asks(self) -> str | None:
        """What an agent asks of the branch; earlier releases kept that as the reason."""
        of_agent = self.by != "robot" and not self.by.startswith("branch:")
        return self.asked or (self.reason if of_agent and self.reason not in (ASKED, ERASED) else None)

    @property
    def with_branch(self) -> bool:
        """Whether the branch is the one to act."""
        return self.stage in WITH_BRANCH

    @property
    def tries(self) -> int:
        """How often the branch tried to reach the customer in vain."""
        return sum(step.what == "tried" for step in self.steps)

    @property
    def next_due(self) -> datetime | None:
        """The earliest moment of the clock."""
        moments = (*self.reminders[:1], self.escalate_at, self.return_at, self.update_at)
        return min((moment for moment in moments if moment is not None), default=None)

    def ticking(self, **clock: object) -> Handoff:
        """With these moments (or other fields) changed; due when the earliest of the clock is, unless its mail is."""
        changed = self.model_copy(update=clock)
        return changed if changed.open else changed.model_copy(update={"due_at": changed.next_due})

    def at_rest(self) -> Handoff:
        """Nothing is due any more: its case is done."""
        return self.ticking(reminders=(), escalate_at=None, return_at=None, update_at=None)

    def with_more(self, post_keys: tuple[str, ...], update_at: datetime | None) -> Handoff:
        """Another post belongs to it; a branch that still has to act is told of it by mail then."""
        more = self.model_copy(update={"post_keys": post_keys})
        if not self.with_branch or self.update_at is not None or update_at is None:
            return more
        return more.ticking(update_at=update_at)

    def done_by(self, who: str, what: str, now: datetime, note: str | None = None) -> Handoff:
        """One more step."""
        step = Step(at=now, by=who, what=what, note=note)
        return self.model_copy(update={"steps": (*self.steps, step)[-MOST_STEPS:]})

    def moved(self, stage: Stage, who: str, now: datetime, note: str | None = None, **clock: object) -> Handoff:
        """In another stage. Refused when the branch is not the one to act any more."""
        if not self.with_branch:
            raise Refused(f"the handoff is {self.stage}")
        stopped = {"reminders": (), "escalate_at": None, "return_at": None, "update_at": None}
        return self.done_by(who, stage, now, note).ticking(**{"stage": stage, **stopped, **clock})
