"""What a branch does with a handoff (R47): accept, contacted, done, not ours, write to the customer, ask, out of office.

Each is idempotent: doing it again changes nothing and shows what there is. No queue redelivers a click, so whatever
must follow leaves a due entry in the same transaction. All are recorded as ``branch:<id>`` or the person signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from ..decide import branch_clock, branch_words, check_words, updates
from ..decide.targets import contact_by
from ..model.case import ERASED, Case
from ..model.errors import LostRace, NotFound, Refused, Retry
from ..model.handoff import Handoff
from ..model.records import AuthorRecord, Note, StoredPost
from ..model.reply import Reply
from ..outward.queues import Message
from ..playbook import Branch, Playbook
from ..table import Record, keys
from . import emit, identity
from .answering import an_answer, in_place_of_robot
from .audit import line
from .facts import gather
from .hand_over import escalate
from .services import GRACE, Services
from .snapshot import Snapshot
from .work import need_agent

RACES = 5
MOST_TEXT = 4000
WAITS = "approval"
"""Why a branch's words are ready and not on their way."""
How = Literal["phone", "mail", "message", "visit", "other"]
"""How the customer was contacted."""


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


def _acting(
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


def accept(case_id: str, branch_id: str, services: Services, *, who: str | None = None) -> Handoff:
    """The branch has it. Late (after its target, or when the region had to ask) the customer is told so."""

    def act(acting: Acting) -> Handoff:
        given, now = acting.given, acting.now
        if given.stage in ("accepted", "contacted", "done"):
            return given
        late = given.escalated_at is not None or (given.accept_by is not None and given.accept_by < now)
        clock = branch_clock.to_contact(acting.branch, acting.playbook, given.contact_by, now)
        acting.given = given.moved(
            "accepted",
            acting.who,
            now,
            reminders=clock.reminders,
            escalate_at=clock.escalate_at,
            update_at=given.update_at,
        )
        acting.trail("branch_accepted")
        if late:
            _tell(acting, "branch_accepted")
        return acting.commit()

    return _acting(case_id, branch_id, who, services, act)


def contacted(
    case_id: str, branch_id: str, services: Services, *, how: How, note: str = "", who: str | None = None
) -> Handoff:
    """The branch spoke with the customer: a person answered; the customer sees in the thread that we know."""

    def act(acting: Acting) -> Handoff:
        if acting.given.stage in ("contacted", "done"):
            return acting.given
        written = acting.note("contacted", note)
        acting.given = acting.given.moved("contacted", acting.who, acting.now, written)
        _answered(acting)
        acting.trail("branch_contacted", how)
        _tell(acting, "branch_contacted")
        return acting.commit()

    return _acting(case_id, branch_id, who, services, act)


def done(case_id: str, branch_id: str, services: Services, *, note: str = "", who: str | None = None) -> Handoff:
    """It is solved: the customer is told in the thread, and asked whether it helped."""

    def act(acting: Acting) -> Handoff:
        if acting.given.stage == "done":
            return acting.given
        written = acting.note("done", note)
        acting.given = acting.given.moved("done", acting.who, acting.now, written)
        _answered(acting)
        acting.trail("branch_done")
        acting.case = acting.case.asking_whether_it_helped(branch_id)
        _tell(acting, "branch_done")
        return acting.commit()

    return _acting(case_id, branch_id, who, services, act)


def not_ours(
    case_id: str, branch_id: str, services: Services, *, note: str = "", belongs_to: str = "", who: str | None = None
) -> Handoff:
    """Another branch must act: it gets the handoff; one that nobody names or that had it already goes to the agents.

    ``belongs_to`` is a branch's id or empty. Refused when there is no such branch.
    """

    def act(acting: Acting) -> Handoff:
        given, case, now = acting.given, acting.case, acting.now
        if given.stage == "not_ours":
            return given
        other = acting.playbook.branch(belongs_to) if belongs_to else None
        if belongs_to and (other is None or other.id == branch_id):
            raise Refused("there is no other branch of that name")
        if links := branch_words.foreign_links(note, acting.playbook):
            raise Refused(f"the next branch is mailed this note: no links to {', '.join(links)}")
        written = acting.note("not-ours", note)
        moves = other is not None and other.id not in case.handoffs
        acting.given = given.moved("not_ours", acting.who, now, written, moved_to=other.id if other and moves else None)
        acting.trail("not_ours", other.id if other else None)
        if other is not None and moves:
            passed = Handoff(
                id=other.id,
                case_id=case.id,
                by=acting.who,
                reason=given.reason,
                asked=given.asks,
                note=note.strip()[:MOST_TEXT] or None,
                post_keys=given.post_keys,
                created_at=now,
                contact_by=contact_by(other, acting.playbook, now),
                due_at=now + GRACE,
                playbook_version=acting.playbook.version,
            )
            acting.case = case.model_copy(update={"handoffs": (*case.handoffs, other.id)})
            acting.records.append(passed)
            acting.messages += emit.handoff(passed, acting.services)
        else:
            acting.agent(f"{acting.branch.name} says it is not theirs")
        return acting.commit()

    return _acting(case_id, branch_id, who, services, act)


def write_to_customer(
    case_id: str, branch_id: str, text: str, services: Services, *, key: str = "", who: str | None = None
) -> Handoff:
    """The branch's words to the customer, in the customer's channel; the first public ones wait for an agent.

    Refused with the reasons when they break the voice check, lead to other pages than the brand's, hold personal data in
    public, or the platform has no way; and when the handoff had enough words for an hour. ``key`` makes a repeated click
    the same.
    """
    words = text.strip()
    if not words or len(words) > MOST_TEXT:
        raise Refused("an answer needs words, at most 4,000 characters")

    def act(acting: Acting) -> Handoff:
        stored = acting.post
        if stored is None:
            raise Refused("the post was deleted: there is nothing to answer")
        public = stored.post.visibility == "public"
        reasons = check_words(words, acting.playbook, public=public)
        links = branch_words.foreign_links(words, acting.playbook, stored.post)
        reasons += [f"“{each}” leads away from the brand's own pages" for each in links]
        if reasons:
            raise Refused("; ".join(reasons))
        identity = f"branch-{branch_id}-{key or format(acting.now, '%Y%m%dT%H%M%S%f')}"
        if acting.snapshot.get(Reply, keys.reply(acting.case.id, identity)) is not None:
            return acting.given
        if not acting.given.with_branch or acting.case.done:
            raise Refused(f"the handoff is {acting.given.stage}, the case {acting.case.status}")
        acting.expect_pace(words=True)
        answer = an_answer(identity, acting.case, stored, words, acting.who, public, acting.playbook, acting.now)
        answer = answer.model_copy(update={"handoff": branch_id})
        waits = branch_words.needs_approval(acting.given, acting.playbook, public=public)
        acting.given = acting.given.done_by(acting.who, "wrote", acting.now, answer.id)
        acting.trail("branch_wrote", about=answer.id)
        if waits:
            acting.records.append(answer.ready(words, WAITS))
            acting.agent(f"{acting.branch.name} wrote to the customer: read it, then send or refuse it")
            return acting.commit()
        acting.records.append(answer)
        acting.case, cancelled = in_place_of_robot(acting.case, answer, stored, acting.snapshot, acting.now)
        acting.records += cancelled
        acting.messages += emit.nudge(answer, acting.now, acting.services)
        return acting.commit()

    return _acting(case_id, branch_id, who, services, act)


def more_information(
    case_id: str, branch_id: str, question: str, services: Services, *, who: str | None = None
) -> Handoff:
    """The branch asks the agents something. Asking the same again at once changes nothing."""
    if not question.strip():
        raise Refused("a question needs words")

    def act(acting: Acting) -> Handoff:
        if not acting.given.with_branch:
            raise Refused(f"the handoff is {acting.given.stage}")
        last = acting.given.steps[-1] if acting.given.steps else None
        if last is not None and last.what == "asked" and last.note is not None:
            before = acting.snapshot.get(Note, keys.note(acting.case.id, last.note))
            if before is not None and before.text == question.strip()[:MOST_TEXT]:
                return acting.given
        acting.expect_pace()
        written = acting.note("asked", question)
        acting.given = acting.given.done_by(acting.who, "asked", acting.now, written)
        acting.trail("branch_asked")
        acting.agent(f"{acting.branch.name} asks for more information")
        return acting.commit()

    return _acting(case_id, branch_id, who, services, act)


def out_of_office(
    case_id: str, branch_id: str, services: Services, *, note: str = "", who: str | None = None
) -> Handoff:
    """Nobody there can act now: the region hears of it at once."""

    def act(acting: Acting) -> Handoff:
        given = acting.given
        if not given.with_branch:
            raise Refused(f"the handoff is {given.stage}")
        if any(step.what == "out_of_office" for step in given.steps):
            return given
        written = acting.note("out-of-office", note)
        away = given.done_by(acting.who, "out_of_office", acting.now, written)
        acting.trail("branch_out_of_office")
        if given.escalated_at is not None or given.open:
            acting.given = away
            acting.agent(f"{acting.branch.name} is out of office")
            return acting.commit()
        return escalate(
            away,
            "out of office",
            acting.branch,
            acting.snapshot,
            acting.services,
            acting.now,
            *acting.records,
        )

    return _acting(case_id, branch_id, who, services, act)


def _answered(acting: Acting) -> None:
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


def _tell(acting: Acting, kind: updates.UpdateKind) -> None:
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
    told = updates.update(kind, post, case.language, acting.branch, known, acting.playbook, now)
    if told.by == "nobody" or told.text is None:
        acting.trail(f"{kind}_not_told", told.why, about=post.key)
        return None
    name = f"{kind}-{acting.given.id}" if latest else f"{kind}-{acting.given.id}-{post.key}"
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
