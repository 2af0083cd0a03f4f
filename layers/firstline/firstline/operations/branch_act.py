"""One action on a handoff: what is read for it, what is committed and sent, and what the customer is told (R49)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..decide import branch_words, updates
from ..model.case import ERASED, Case
from ..model.errors import LostRace, NotFound, Refused, Retry
from ..model.handoff import Handoff
from ..model.records import AuthorRecord, Note, StoredPost
from ..model.reply import Reply
from ..outward.queues import Message
from ..playbook import Branch, Playbook
from ..table import Record, keys
from . import emit, identity
from .answering import an_answer
from .audit import line
from .facts import gather
from .services import Services
from .snapshot import Snapshot
from .work import need_agent

RACES = 5
MOST_TEXT = 4000


@dataclass
class Acting:
    """One action on a handoff: what was read for it, what will be committed and sent."""

    services: Services
    snapshot: Snapshot
    who: str
    case: Case
    given: Handoff
    branch: Branch
    playbook: Playbook
    now: datetime
    records: list[Record | None] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    @property
    def posts(self) -> list[StoredPost]:
        """The handoff's posts that still stand, as they came in."""
        self.snapshot.fetch(keys.post(self.case.id, key) for key in self.given.post_keys)
        posts = [self.snapshot.get(StoredPost, keys.post(self.case.id, key)) for key in self.given.post_keys]
        return [post for post in posts if post is not None and post.state == "standing"]

    @property
    def post(self) -> StoredPost | None:
        """The latest of them: where the customer is answered."""
        return next(reversed(self.posts), None)

    def note(self, what: str, text: str) -> str | None:
        """The branch's words, for colleagues; returns the note's id, None when there are no words."""
        words = text.strip()[:MOST_TEXT]
        if not words:
            return None
        written = Note(
            case_id=self.case.id, id=f"{self.now:%Y%m%dT%H%M%S%f}-{what}", by=self.who, at=self.now, text=words
        )
        self.records.append(written)
        return written.id

    def trail(self, what: str, why: str | None = None, *, about: str | None = None) -> None:
        """A line of the case's trail; ``about`` is a post or a reply beside the handoff."""
        told_of = (self.given.id,) if about is None else (self.given.id, about)
        self.records.append(line(self.case.id, self.now, what, by=self.who, about=told_of, why=why))

    def expect_pace(self, *, words: bool = False) -> None:
        """Refused when the branch did enough for an hour: a forwarded mail is no megaphone."""
        if branch_words.too_often(self.given, self.playbook, self.now, words=words):
            raise Refused("that is enough for an hour: try again later")

    def agent(self, why: str) -> None:
        """A person of the team must act on the case."""
        if self.case.done:
            return
        before = self.case.work_id
        self.case = need_agent(self.case, why, self.now, self.playbook)
        if self.case.work_id != before:
            self.messages += emit.work(self.case, self.services)

    def commit(self) -> Handoff:
        """All of it in one transaction, then wake who must act."""
        self.snapshot.commit([self.given, self.case, *self.records], self.now)
        self.services.queues.send(self.messages)
        return self.given


def acting_on(
    case_id: str, branch_id: str, who: str | None, services: Services, action: Callable[[Acting], Handoff]
) -> Handoff:
    """Read, act, and when somebody was faster read and act again. Raises `Retry` when that never ends."""
    for _ in range(RACES):
        snapshot = Snapshot(services.table)
        snapshot.fetch([keys.case(case_id), keys.handoff(case_id, branch_id)])
        case = snapshot.get(Case, keys.case(case_id))
        given = snapshot.get(Handoff, keys.handoff(case_id, branch_id))
        playbook = services.playbooks.active()
        branch = playbook.branch(branch_id)
        if case is None or given is None or branch is None:
            raise NotFound("there is no such handoff")
        if case.disposition == ERASED:
            raise Refused("the customer's data were erased: nothing is written on the case any more")
        acting = Acting(
            services, snapshot, who or f"branch:{branch_id}", case, given, branch, playbook, services.clock()
        )
        try:
            return action(acting)
        except LostRace:
            continue
    raise Retry("contended")


def answered(acting: Acting) -> None:
    """A person of the brand answered these posts. Without other open posts nobody of the team needs to act now."""
    case = acting.case.answered_by_person(acting.given.post_keys, acting.now)
    if not case.done and case.holder is None and not case.unanswered:
        pause = timedelta(hours=acting.playbook.case.window_hours)
        case = case.with_branch(acting.now, pause)
    acting.case = case
    for key in acting.given.post_keys:
        stored = acting.snapshot.get(StoredPost, keys.post(case.id, key))
        if stored is None or stored.answered_at is not None:
            continue
        acting.records.append(stored.model_copy(update={"answered_at": acting.now}))
        pending = acting.snapshot.get(Reply, keys.reply(case.id, stored.reply_id)) if stored.reply_id else None
        if pending is not None and pending.state == "pending" and pending.kind == "acknowledgement":
            acting.records.append(pending.cancelled("answered_by_person", acting.now))
            acting.case = acting.case.landed(pending.id)


def tell(acting: Acting, kind: updates.UpdateKind) -> None:
    """Tell the customer: an outcome in each of their threads, other news in the latest one."""
    if acting.case.done or acting.post is None:
        return
    stored = {each.key: each for each in acting.posts}
    latest = acting.post
    others = [
        stored[post.key]
        for post in updates.last_of_each_thread(each.post for each in acting.posts)
        if kind in updates.IN_EACH_THREAD and post.key != latest.key
    ]
    author = identity.present(latest.post.author_key, acting.snapshot)
    for each in (*others, latest):
        wording = _tell_in_thread(acting, kind, each, author, latest=each is latest)
        if author is not None and wording is not None:
            recent = (*author.recent_wordings, wording)  # so that no two threads get the same words
            author = author.model_copy(update={"recent_wordings": recent})


def _tell_in_thread(
    acting: Acting, kind: updates.UpdateKind, stored: StoredPost, author: AuthorRecord | None, *, latest: bool
) -> str | None:
    """By the robot where it may speak, else by an agent, ready to send; returns the wording's id, None for no words."""
    case, now, post = acting.case, acting.now, stored.post
    known = gather(
        post,
        acting.playbook,
        acting.services,
        now,
        case=case,
        author=author,
        stored=stored,
        given=acting.given,
        person_in_conversation=case.holder is not None,  # that the branch itself spoke is no reason to be silent
    )
    told = updates.update(kind, post, case.language, acting.branch, known, acting.playbook, now, acting.given)
    if told.by == "nobody" or told.text is None:
        acting.trail(f"{kind}_not_told", told.why, about=post.key)
        return None
    of = f"{acting.given.id}-{now:%Y%m%dT%H%M%S}" if kind in updates.MORE_THAN_ONCE else acting.given.id
    name = f"{kind}-{of}" if latest else f"{kind}-{of}-{post.key}"
    words = an_answer(name, case, stored, told.text, "robot", post.visibility == "public", acting.playbook, now)
    words = words.model_copy(update={"kind": "update", "says": kind, "handoff": acting.given.id})
    if told.by == "robot":
        acting.case = case.flying(words.id)
        acting.messages += emit.nudge(words, now, acting.services)
    else:
        words = words.ready(told.text, told.why)
        acting.agent(f"tell the customer: {kind.replace('_', ' ')} (ready to send)")
    acting.records.append(words)
    return told.wording
