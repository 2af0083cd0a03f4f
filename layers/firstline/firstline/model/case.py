"""A case: one customer's issue over all its posts, and the transitions of its life cycle (R10, R15).

The case holds the one *live* work item: ``work_id`` is set exactly while the case waits for a person and nobody holds
it. Every change of lane, priority or holder raises ``generation`` and so makes older items stale.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from .base import Instant, Value
from .decision import Lane
from .errors import Refused
from .work import WorkAuthor, WorkItem

Status = Literal[
    "new",
    "acknowledged",
    "waiting_for_agent",
    "in_progress",
    "waiting_for_customer",
    "with_branch",
    "resolved",
    "closed",
    "watching",
    "walked_away",
]
DONE: frozenset[str] = frozenset({"resolved", "closed", "walked_away"})
ERASED = "erased"
"""The disposition of a case whose author's data was erased: nobody acts on it any more."""
MOST_LISTED = 100
"""How many unanswered posts a case lists; the posts themselves know whether they were answered."""


def reference(case_id: str) -> str:
    """The case reference for people: ``FL-7K3M-9QX2``."""
    return f"FL-{case_id[:4]}-{case_id[4:]}"


def case_id_of(text: str) -> str:
    """The case id in a reference as people type it (``fl-7k3m-9qx2``, ``7K3M9QX2``)."""
    return (
        text.strip().upper().removeprefix("FL").replace("-", "").replace("O", "0").replace("I", "1").replace("L", "1")
    )


class Case(Value):
    """The state of one customer's issue. All times UTC; ``version`` counts its commits."""

    id: str
    channel: str
    account: str
    author_key: str
    author: WorkAuthor
    language: str
    status: Status = "new"
    opened_at: Instant
    last_post_at: Instant
    posts: int = 0
    playbook_version: str

    priority: int = 0
    priority_reasons: tuple[str, ...] = ()
    severity: Literal[0, 1, 2, 3] = 1
    skills: tuple[str, ...] = ()
    situation: str = "first"

    lane: Lane | None = None
    generation: int = 0
    work_id: str | None = None
    work_reason: str = ""
    queued_at: Instant | None = None
    requeue_at: Instant | None = None
    """When the live item is issued again if nobody claimed it."""
    announced: bool = True
    """False while it is not certain that the live item's message was sent: the diary sends it again."""
    holder: str | None = None
    claimed_until: Instant | None = None
    kept_for: str | None = None
    """Who waits for the customer: the answer comes to this person first."""
    kept_for_until: Instant | None = None
    """Until when nobody else takes the answer; None while there is none."""

    unanswered: tuple[str, ...] = ()
    """Keys of the posts that wait for a person's answer, oldest first: each has a thread of its own (R11)."""
    in_flight: tuple[str, ...] = ()
    """Ids of replies that are not settled yet."""

    acknowledged_at: Instant | None = None
    first_human_at: Instant | None = None
    last_human_at: Instant | None = None
    human_due: Instant | None = None
    promised_until: Instant | None = None
    at_risk: bool = False
    promise_missed: bool = False
    watch_until: Instant | None = None
    close_at: Instant | None = None
    resolved_at: Instant | None = None
    disposition: str | None = None
    ended_at: Instant | None = None
    """When it ended for good: retention counts from here."""
    remove_at: Instant | None = None
    """When the next part of it is removed; None also for an ended case that nobody has looked at yet."""
    wordless: bool = False
    """Its posts, answers and notes were removed; what is left goes later."""
    asked_helped: str | None = None
    """The branch whose help the customer was asked about, until they said."""
    open_url: str | None = None
    """Where a person answers the latest post that waits for one, in the platform's own app."""
    handoffs: tuple[str, ...] = ()
    """The branches that this case was handed to, latest last."""
    version: int = 0

    @property
    def ref(self) -> str:
        """The case reference."""
        return reference(self.id)

    @property
    def done(self) -> bool:
        """Whether the case is resolved, closed or walked away from."""
        return self.status in DONE

    @property
    def over(self) -> bool:
        """Whether it ended for good: no post opens it again, and its retention runs."""
        return self.status in ("closed", "walked_away")

    @property
    def work_order(self) -> tuple[int, datetime, str]:
        """What sorts the cases of a lane, best first: priority, then the time by which a person is due."""
        return 100 - self.priority, self.human_due or self.opened_at, self.id

    @property
    def risk_at(self) -> datetime | None:
        """When a missed human target is near: at three quarters of the way from the first post to the target."""
        if self.human_due is None or self.at_risk:
            return None
        return self.human_due - (self.human_due - min(self.last_post_at, self.human_due)) / 4

    @property
    def due_at(self) -> datetime | None:
        """When the diary should look at the case next: the earliest of its promises (None: it has none)."""
        due: list[datetime | None]
        if self.status == "in_progress":
            due = [self.claimed_until]
        elif self.work_id is not None:
            promise = None if self.promise_missed else self.promised_until
            due = [self.requeue_at, self.risk_at, promise, self.kept_for_until]
        elif self.status == "watching":
            due = [self.watch_until]
        elif self.over:
            due = [self.remove_at or self.last_post_at]
        else:
            due = [self.close_at]
        return min((moment for moment in due if moment is not None), default=None)

    def work_item(self) -> WorkItem | None:
        """The live work item, None while nobody needs to take the case."""
        if self.work_id is None or self.lane is None:
            return None
        return WorkItem(
            work_id=self.work_id,
            case_id=self.id,
            case_ref=self.ref,
            channel=self.channel,
            author=self.author,
            language=self.language,
            priority=self.priority,
            priority_reasons=self.priority_reasons,
            skills=self.skills,
            due_at=self.human_due or self.last_post_at,
            reason=self.work_reason,
            kept_for=self.kept_for,
            kept_for_until=self.kept_for_until,
        )

    def is_kept_from(self, agent: str, now: datetime) -> bool:
        """Whether the customer's answer is still for the person who asked, and not for ``agent``."""
        return self.kept_for not in (None, agent) and self.kept_for_until is not None and now < self.kept_for_until

    # -- work ---------------------------------------------------------------------------------------------------

    def queued(
        self,
        lane: Lane,
        reason: str,
        now: datetime,
        requeue: timedelta,
        *,
        announced: bool = True,
        kept_for_until: datetime | None = None,
    ) -> Case:
        """Issue a new live item in ``lane``. ``announced`` is False where no queue would redeliver the cause. An erased
        case waits for nobody. Until ``kept_for_until`` it is for the person who waited for the customer; None: for all."""
        if self.disposition == ERASED:
            return self
        generation = self.generation + 1
        first_look = now + requeue if announced else now + timedelta(seconds=60)
        return self.model_copy(
            update={
                "lane": lane,
                "generation": generation,
                "work_id": f"{self.id}-{generation}",
                "work_reason": reason,
                "queued_at": now,
                "requeue_at": first_look,
                "announced": announced,
                "holder": None,
                "claimed_until": None,
                "kept_for": self.kept_for if kept_for_until else None,
                "kept_for_until": kept_for_until,
                "status": "waiting_for_agent",
                "close_at": None,
                "resolved_at": None,
                "watch_until": None,
            }
        )

    def without_work(self) -> Case:
        """No live item any more; older ones are stale."""
        return self.model_copy(
            update={
                "generation": self.generation + 1,
                "work_id": None,
                "lane": None,
                "queued_at": None,
                "requeue_at": None,
                "announced": True,
                "holder": None,
                "claimed_until": None,
                "kept_for": None,
                "kept_for_until": None,
            }
        )

    def claimed(self, agent: str, now: datetime, lease: timedelta) -> Case:
        """``agent`` holds the case. Refused while another does, or when it does not wait for anybody."""
        if self.holder is not None and self.holder != agent:
            raise Refused(f"{self.holder} holds {self.ref}")
        if self.done:
            raise Refused(f"{self.ref} is {self.status}")
        if self.is_kept_from(agent, now):
            raise Refused(
                f"{self.kept_for} asked the customer and has {self.ref} first, until {self.kept_for_until:%H:%M}Z"
            )
        taken = self.without_work().model_copy(update={"lane": self.lane})
        return taken.model_copy(
            update={"holder": agent, "claimed_until": now + lease, "status": "in_progress", "watch_until": None}
        )

    def held_by(self, agent: str) -> Case:
        """This case, if ``agent`` holds it; else refused."""
        if self.holder != agent:
            raise Refused(f"{self.ref} is not held by {agent}: take it first")
        return self

    # -- posts and answers --------------------------------------------------------------------------------------

    def with_post(self, key: str, at: datetime, *, wants_answer: bool) -> Case:
        """A post joined the case; it is listed as unanswered where a person should answer it."""
        unanswered = self.unanswered
        if wants_answer and key not in unanswered:
            unanswered = (*unanswered, key)[-MOST_LISTED:]
        return self.model_copy(
            update={
                "posts": self.posts + 1,
                "last_post_at": max(at, self.last_post_at),
                "unanswered": unanswered,
            }
        )

    def without_post(self, key: str) -> Case:
        """The post needs no answer any more."""
        return self.model_copy(update={"unanswered": tuple(each for each in self.unanswered if each != key)})

    def answered_by_person(self, keys: tuple[str, ...], at: datetime) -> Case:
        """A person of the brand answered these posts: the human clock stops, talk has begun."""
        return self.model_copy(
            update={
                "unanswered": tuple(each for each in self.unanswered if each not in keys),
                "first_human_at": self.first_human_at or at,
                "last_human_at": max(at, self.last_human_at or at),
                "promised_until": None,
                "promise_missed": False,
                "at_risk": False,
            }
        )

    def acknowledged(self, at: datetime, promised_until: datetime | None) -> Case:
        """The robot's words went out."""
        update: dict[str, object] = {
            "acknowledged_at": self.acknowledged_at or at,
            "promised_until": promised_until or self.promised_until,
            "promise_missed": False,
        }
        if self.status == "new":
            update["status"] = "acknowledged"
        return self.model_copy(update=update)

    def flying(self, reply_id: str) -> Case:
        """A reply is on its way."""
        if reply_id in self.in_flight:
            return self
        return self.model_copy(update={"in_flight": (*self.in_flight, reply_id)})

    def landed(self, reply_id: str) -> Case:
        """A reply is settled."""
        return self.model_copy(
            update={
                "in_flight": tuple(each for each in self.in_flight if each != reply_id),
            }
        )

    def branch_finished(self) -> Case:
        """The branch is done: its talk with the customer is over."""
        return self.model_copy(update={"last_human_at": None})

    def asked_whether_it_helped(self, branch: str) -> Case:
        """The question whether the branch's work helped has reached the customer."""
        return self if self.done else self.model_copy(update={"asked_helped": branch})

    def kept_open(self, until: datetime) -> Case:
        """It would close now, but a branch still has it: look again then."""
        return self.model_copy(update={"close_at": until})

    # -- ends ---------------------------------------------------------------------------------------------------

    def settled(self, now: datetime, close_after: timedelta) -> Case:
        """Nobody needs to act (praise, house rules): it closes by itself unless something comes."""
        return self.without_work().model_copy(update={"close_at": now + close_after, "human_due": None})

    def waiting_for_customer(self, now: datetime, close_after: timedelta) -> Case:
        """It is the customer's turn, and the answer comes to the holder first; the case closes by itself after
        ``close_after``."""
        return self.without_work().model_copy(
            update={
                "status": "waiting_for_customer",
                "close_at": now + close_after,
                "human_due": None,
                "kept_for": self.holder or self.kept_for,
            }
        )

    def with_branch(self, now: datetime, close_after: timedelta) -> Case:
        """A branch is in touch with the customer; nobody of the team needs to act unless something comes."""
        return self.without_work().model_copy(
            update={"status": "with_branch", "close_at": now + close_after, "human_due": None}
        )

    def resolved(self, disposition: str, now: datetime, reopen: timedelta) -> Case:
        """Resolved; a post within ``reopen`` opens it again."""
        return self.without_work().model_copy(
            update={
                "status": "resolved",
                "disposition": disposition,
                "resolved_at": now,
                "close_at": now + reopen,
                "human_due": None,
                "promised_until": None,
            }
        )

    def closed(self, disposition: str | None = None) -> Case:
        """Closed for good: only its removal is due, once its retention is over."""
        update: dict[str, object] = {"status": "closed", "close_at": None, "watch_until": None, "human_due": None}
        update |= {"ended_at": None, "remove_at": None}
        if disposition is not None:
            update["disposition"] = disposition
        return self.without_work().model_copy(update=update)

    def kept_until(self, ended_at: datetime, remove_at: datetime, *, wordless: bool = False) -> Case:
        """It ended then, and its next part is removed at ``remove_at``."""
        return self.model_copy(update={"ended_at": ended_at, "remove_at": remove_at, "wordless": wordless})
