"""What an agent does with a case: take, give back, answer, note, hand to a branch, wait, resolve.

An agent's action is redelivered by no queue, so each leaves a due entry in the same transaction: a reply its
``due_at``, a handoff its ``due_at``, a new work item that is not ``announced``. All are recorded as that person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Literal, TypeVar

from ..decide import check_words
from ..decide.targets import contact_by
from ..model.case import ERASED, Case
from ..model.decision import Lane
from ..model.errors import LostRace, NotFound, Refused, Retry, UnknownForm
from ..model.handoff import ASKED, Handoff
from ..model.records import AuthorRecord, Note, Seen, StoredPost
from ..model.reply import Reply
from ..model.work import WorkItem
from ..outward.queues import Received
from ..table import Record, keys
from . import emit, identity
from .answering import an_answer, in_place_of_robot
from .audit import ROBOT, line
from .services import GRACE, Services
from .snapshot import Snapshot
from .work import requeue

LANES: tuple[Lane, ...] = ("urgent", "standard", "email")
MOST_LOOKED_AT = 500
AT_ONCE = 25
RACES = 5
MOST_TEXT = 10_000
T = TypeVar("T")


@dataclass
class Acting:
    """One action of an agent: what was read for it."""

    services: Services
    snapshot: Snapshot
    agent: str
    case: Case
    now: datetime

    def commit(self, *records: Record | None) -> None:
        """Commit at the moment of reading."""
        self.snapshot.commit(list(records), self.now)

    def held(self) -> Case:
        """The case, if this agent holds it; who waits for its customer takes it with whatever they do next."""
        if self.case.kept_for != self.agent or self.case.done:
            return self.case.held_by(self.agent)
        lease = timedelta(minutes=self.services.playbooks.active().case.claim_minutes)
        return self.case.claimed(self.agent, self.now, lease)

    def reason(self, what: str, why: str) -> tuple[Note, ...]:
        """A person's reason is a text of its own, which the trail points to and an erasure takes; none without words."""
        words = why.strip()[:MOST_TEXT]
        note_id = f"{self.now:%Y%m%dT%H%M%S%f}-{what}"
        return (Note(case_id=self.case.id, id=note_id, by=self.agent, at=self.now, text=words),) if words else ()


def _ids(notes: tuple[Note, ...]) -> tuple[str, ...]:
    return tuple(each.id for each in notes)


def _acting(case_id: str, agent: str, services: Services, action: Callable[[Acting], T]) -> T:
    """Read, act, and when somebody was faster read and act again. Raises `Retry` when that never ends."""
    for _ in range(RACES):
        snapshot = Snapshot(services.table)
        case = snapshot.get(Case, keys.case(case_id))
        if case is None:
            raise NotFound(f"there is no case {case_id}")
        if case.disposition == ERASED:
            raise Refused(f"{case.ref} was erased: nothing is written on it any more")
        try:
            return action(Acting(services, snapshot, agent, case, services.clock()))
        except LostRace:
            continue
    raise Retry("contended")


def claim(case_id: str, agent: str, services: Services, *, work_id: str | None = None) -> Case:
    """Take this case. With ``work_id`` only while that item is live; refused while another person holds the case."""

    def act(acting: Acting) -> Case:
        case = acting.case
        if work_id is not None and case.work_id != work_id:
            raise Refused(f"{case.ref}: this work item is not live any more")
        if case.holder == agent:
            return case
        lease = timedelta(minutes=services.playbooks.active().case.claim_minutes)
        taken = case.claimed(agent, acting.now, lease)
        acting.commit(taken, line(case.id, acting.now, "claimed", by=agent))
        return taken

    return _acting(case_id, agent, services, act)


def watched(services: Services, most: int = 50) -> list[tuple[Case, StoredPost]]:
    """What is watched among the latest open cases (R31), with the post that it is about, the latest first."""
    found = [case for case in services.table.cases("open", MOST_LOOKED_AT) if case.status == "watching"][:most]
    posts = ((case, services.table.of_case(case.id, "post#")) for case in found)
    return [(case, each) for case, records in posts for each in records[:1] if isinstance(each, StoredPost)]


def intervene(post_key: str, agent: str, services: Services) -> Case:
    """Make a case of a watched post, held by this agent: it waits for an answer from now on."""
    seen = services.table.get(keys.seen(post_key))
    if not isinstance(seen, Seen) or seen.case_id is None:
        raise NotFound(f"{post_key} is not watched")

    def act(acting: Acting) -> Case:
        if acting.case.status != "watching":
            raise Refused(f"{post_key} is not watched: {acting.case.ref} is {acting.case.status}")
        lease = timedelta(minutes=services.playbooks.active().case.claim_minutes)
        taken = acting.case.claimed(agent, acting.now, lease).model_copy(update={"unanswered": (post_key,)})
        acting.commit(taken, line(taken.id, acting.now, "intervened", by=agent, about=(post_key,)))
        return taken

    return _acting(seen.case_id, agent, services, act)


def take_next(agent: str, skills: frozenset[str], services: Services) -> Case | None:
    """Claim the best case that fits: urgent before standard, then by priority and due time; None if there is none.

    ``skills`` are ``language:xx`` and ``channel:xx``; an empty set fits everything. A lane's messages and its index are
    looked at together, since each may lag behind the other. Stale messages are dropped on the way, so that the lanes
    are drained; what is not taken becomes visible again. Of a lane the best `MOST_LOOKED_AT` cases are looked at.
    """
    for lane in LANES:
        received = services.queues.receive(services.lane_url(lane))
        live, stale = _sorted_out(received, services)
        try:
            for case in _waiting(lane, live.values(), services):
                if not _fits(case, agent, skills) or case.is_kept_from(agent, services.clock()):
                    continue
                try:
                    return claim(case.id, agent, services, work_id=case.work_id)
                except Refused:
                    continue
        finally:
            services.queues.tidy(stale, [message for message in received if message not in stale])
    return None


def _sorted_out(received: list[Received], services: Services) -> tuple[dict[Received, Case], list[Received]]:
    """Lane messages whose item is live, with their cases; and those that are stale or no item at all."""
    named: dict[Received, WorkItem] = {}
    for message in received:
        try:
            named[message] = WorkItem.stored(message.text)
        except UnknownForm:
            continue
    found = services.table.read(keys.case(item.case_id) for item in named.values())
    live: dict[Received, Case] = {}
    for message, item in named.items():
        case = found.readable.get(keys.case(item.case_id))
        if isinstance(case, Case) and case.work_id == item.work_id:
            live[message] = case
    kept = {message for message, item in named.items() if keys.case(item.case_id) in found.unknown}
    return live, [message for message in received if message not in live and message not in kept]


def _waiting(lane: Lane, live: Iterable[Case], services: Services) -> Iterator[Case]:
    """The lane's live cases, best first: what its index lists, and what only its messages tell yet."""
    told = sorted((case for case in live if case.lane == lane), key=_order)
    seen: set[str] = set()
    for case in merge(told, _listed(lane, services), key=_order):
        if case.id not in seen:
            seen.add(case.id)
            yield case


def _listed(lane: Lane, services: Services) -> Iterator[Case]:
    """The best cases of the lane's index, read consistently."""
    ids = (case_id for _, case_id in islice(services.table.best_in_lane(lane), MOST_LOOKED_AT))
    while chunk := list(islice(ids, AT_ONCE)):
        found = services.table.read(keys.case(case_id) for case_id in chunk).readable
        cases = [case for case in found.values() if isinstance(case, Case)]
        yield from sorted((case for case in cases if case.lane == lane and case.work_id), key=_order)


def _order(case: Case) -> tuple[int, datetime, str]:
    return case.work_order


def _fits(case: Case, agent: str, skills: frozenset[str]) -> bool:
    if not skills or case.kept_for == agent:
        return True
    return all(
        not any(skill.startswith(kind) for skill in skills) or f"{kind}{value}" in skills
        for kind, value in (("language:", case.language), ("channel:", case.channel))
    )


def give_back(case_id: str, agent: str, services: Services, *, why: str = "") -> Case:
    """Let somebody else take it; the reason is for colleagues."""

    def act(acting: Acting) -> Case:
        case = acting.held()
        pause = requeue(services.playbooks.active())
        queued = case.queued(case.lane or "standard", "given back", acting.now, pause, announced=False)
        reason = acting.reason("given-back", why)
        acting.commit(queued, *reason, line(case.id, acting.now, "given_back", by=agent, about=_ids(reason)))
        services.queues.send(emit.work(queued, services))
        return queued

    return _acting(case_id, agent, services, act)


def reply(
    case_id: str,
    agent: str,
    text: str,
    services: Services,
    *,
    to: str | None = None,
    how: Literal["public", "private"] | None = None,
    asked_for_number: bool = False,
    ready: str | None = None,
) -> Reply:
    """Answer a post of the case in its own thread (``to`` is a post key; default: the oldest unanswered one).

    ``how`` private answers a public post by the platform's private way. Refused with the reasons when the words break
    the voice check or hold personal data in public. The robot's acknowledgement of that post is cancelled. ``ready``
    is the id of the ready reply that these words are (as they were, or edited): it is done with.
    """
    words = text.strip()
    if not words or len(words) > MOST_TEXT:
        raise Refused("an answer needs words, at most 10,000 characters")

    def act(acting: Acting) -> Reply:
        case = acting.held()
        target = to or (case.unanswered[0] if case.unanswered else None) or _latest(acting)
        stored = acting.snapshot.get(StoredPost, keys.post(case.id, target))
        if stored is None:
            raise NotFound(f"{case.ref} has no post {target}")
        if stored.state == "deleted":
            raise Refused("the post was deleted: there is nothing to answer")
        post = stored.post
        public = (how or post.visibility) == "public"
        playbook = services.playbooks.active()
        reasons = check_words(words, playbook, public=public, asked_for_number=asked_for_number)
        if reasons:
            raise Refused("; ".join(reasons))
        said = [each for each in services.table.of_case(case.id, "reply#") if isinstance(each, Reply)]
        number = sum(1 for each in said if each.id.startswith("agent-")) + 1
        identity = f"agent-{case.id}-{number:04d}"
        answer = an_answer(identity, case, stored, words, agent, public, playbook, acting.now, said)
        lease = timedelta(minutes=playbook.case.claim_minutes)
        case, cancelled = in_place_of_robot(case, answer, stored, acting.snapshot, acting.now)
        case = case.model_copy(update={"claimed_until": acting.now + lease})
        records: list[Record | None] = [answer, *cancelled]
        privately = [each for each in said if answer.endpoint == each.endpoint == "private_replies" and each.robot]
        for each in privately:
            if each.state == "pending" and post.key in each.post_keys:
                records.append(each.cancelled("answered_by_person", acting.now))
                case = case.landed(each.id)
        waiting = acting.snapshot.get(Reply, keys.reply(case.id, ready)) if ready else None
        if waiting is not None and waiting.state == "ready":
            records.append(waiting.cancelled("said_by_person", acting.now))
        records += [case, line(case.id, acting.now, "answered", by=agent, about=(answer.id, post.key))]
        acting.commit(*records)
        services.queues.send(emit.nudge(answer, acting.now, services))
        return answer

    return _acting(case_id, agent, services, act)


def send_ready(case_id: str, agent: str, reply_id: str, services: Services) -> Reply:
    """Say the words that wait for an agent as they are; a branch's stay the branch's. Refused when they were said
    already."""
    words = _waiting_words(services.table.get(keys.reply(case_id, reply_id)), reply_id)
    if words.by != ROBOT:
        return _approve(case_id, agent, reply_id, services)
    assert words.text is not None
    how: Literal["public", "private"] = "private" if words.recipient else "public"
    return reply(case_id, agent, words.text, services, to=words.post_keys[-1], how=how, ready=reply_id)


def _waiting_words(found: object, reply_id: str) -> Reply:
    if not isinstance(found, Reply):
        raise NotFound(f"there is no reply {reply_id}")
    if found.state != "ready" or not found.text:
        raise Refused(f"these words are {found.state}")
    return found


def _approve(case_id: str, agent: str, reply_id: str, services: Services) -> Reply:
    """A branch's words go out: a person of the team has read them."""

    def act(acting: Acting) -> Reply:
        case = acting.held()
        words = _waiting_words(acting.snapshot.get(Reply, keys.reply(case.id, reply_id)), reply_id)
        stored = acting.snapshot.get(StoredPost, keys.post(case.id, words.post_keys[-1]))
        if stored is None or stored.state == "deleted":
            raise Refused("the post was deleted: there is nothing to answer; refuse the words")
        playbook = services.playbooks.active()
        public = stored.post.visibility == "public"
        if reasons := check_words(words.text or "", playbook, public=public):
            raise Refused("; ".join(reasons))
        approved = words.approved(acting.now, GRACE)
        case, cancelled = in_place_of_robot(case, approved, stored, acting.snapshot, acting.now)
        lease = timedelta(minutes=playbook.case.claim_minutes)
        case = case.model_copy(update={"claimed_until": acting.now + lease})
        given = acting.snapshot.get(Handoff, keys.handoff(case.id, words.handoff)) if words.handoff else None
        let = given.model_copy(update={"words_approved_at": acting.now}) if given else None
        trail = line(case.id, acting.now, "branch_words_approved", by=agent, about=(approved.id,))
        acting.commit(approved, case, let, *cancelled, trail)
        services.queues.send(emit.nudge(approved, acting.now, services))
        return approved

    return _acting(case_id, agent, services, act)


def refuse_ready(case_id: str, agent: str, reply_id: str, services: Services, *, why: str = "") -> Reply:
    """Words that wait for an agent are not said. A branch sees that its own were not, and ``why``."""

    def act(acting: Acting) -> Reply:
        case = acting.held()
        words = _waiting_words(acting.snapshot.get(Reply, keys.reply(case.id, reply_id)), reply_id)
        refused = words.cancelled("refused_by_agent", acting.now)
        text = why.strip()[:MOST_TEXT]
        reason = (
            Note(case_id=case.id, id=f"{acting.now:%Y%m%dT%H%M%S%f}-refused", by=agent, at=acting.now, text=text)
            if text
            else None
        )
        branchs = words.handoff if words.by != ROBOT else None
        given = acting.snapshot.get(Handoff, keys.handoff(case.id, branchs)) if branchs else None
        told = given.done_by(agent, "words_refused", acting.now, reason.id if reason else None) if given else None
        trail = line(case.id, acting.now, "words_refused", by=agent, about=(refused.id,))
        acting.commit(refused, reason, told, case, trail)
        return refused

    return _acting(case_id, agent, services, act)


def _latest(acting: Acting) -> str:
    posts = [each for each in acting.services.table.of_case(acting.case.id, "post#") if isinstance(each, StoredPost)]
    standing = [each for each in posts if each.state == "standing"]
    if not standing:
        raise Refused(f"{acting.case.ref} has no post that can be answered")
    return max(standing, key=lambda each: each.post.at).key


def note(case_id: str, agent: str, text: str, services: Services) -> Note:
    """Write something down for colleagues."""
    words = text.strip()
    if not words or len(words) > MOST_TEXT:
        raise Refused("a note needs words, at most 10,000 characters")

    def act(acting: Acting) -> Note:
        case = acting.case
        written = Note(case_id=case.id, id=f"{acting.now:%Y%m%dT%H%M%S%f}", by=agent, at=acting.now, text=words)
        lease = timedelta(minutes=services.playbooks.active().case.claim_minutes)
        held = case.model_copy(update={"claimed_until": acting.now + lease}) if case.holder == agent else None
        acting.commit(written, held, line(case.id, acting.now, "noted", by=agent, about=(written.id,)))
        return written

    return _acting(case_id, agent, services, act)


def let_robots_speak(case_id: str, agent: str, speak: bool, services: Services, *, why: str) -> AuthorRecord:
    """Record what the author wishes of robots (R25a): that they be silent, said in other words than the lists know, or
    that they may speak again. Refused without a reason, or when it is so already."""
    if not why.strip():
        raise Refused("say how the author asked for it")

    def act(acting: Acting) -> AuthorRecord:
        case, now = acting.case, acting.now
        author = identity.present(case.author_key, acting.snapshot) or AuthorRecord(key=case.author_key)
        if (author.opted_out_at is None) == speak:
            raise Refused(f"robots {'may speak to' if speak else 'are silent to'} {case.author_key} already")
        silent = {"opted_out_at": now, "opted_out_by": agent}
        spoken: dict[str, object] = {"opted_out_at": None, "opted_out_by": None, "opted_in_at": now}
        changed = author.model_copy(update=spoken if speak else silent)
        what = "opted_in" if speak else "opted_out"
        reason = acting.reason(what.replace("_", "-"), why)
        acting.commit(changed, *reason, line(case.id, now, what, by=agent, about=_ids(reason)))
        return changed

    return _acting(case_id, agent, services, act)


def hand_to_branch(
    case_id: str, agent: str, branch_id: str, services: Services, *, why: str, words: str = ""
) -> Handoff:
    """Hand the case to a branch: one mail. A second handoff to the same branch is refused, its mail went out already."""

    def act(acting: Acting) -> Handoff:
        case = acting.held()
        playbook = services.playbooks.active()
        branch = playbook.branch(branch_id)
        if branch is None:
            raise NotFound(f"the playbook has no branch {branch_id}")
        if branch_id in case.handoffs:
            raise Refused(f"{case.ref} was handed to {branch.name} already")
        posts = [each for each in services.table.of_case(case.id, "post#") if isinstance(each, StoredPost)]
        given = Handoff(
            id=branch.id,
            case_id=case.id,
            by=agent,
            reason=ASKED,
            asked=why,
            note=words or None,
            post_keys=tuple(each.key for each in posts if each.state == "standing")[-20:],
            created_at=acting.now,
            contact_by=contact_by(branch, playbook, acting.now),
            due_at=acting.now + GRACE,
            playbook_version=playbook.version,
        )
        case = case.model_copy(update={"handoffs": (*case.handoffs, branch.id)})
        acting.commit(given, case, line(case.id, acting.now, "handed_to_branch", by=agent, about=(branch.id,)))
        services.queues.send(emit.handoff(given, services))
        return given

    return _acting(case_id, agent, services, act)


def wait_for_customer(case_id: str, agent: str, services: Services) -> Case:
    """It is the customer's turn; the answer comes to this agent first."""

    def act(acting: Acting) -> Case:
        case = acting.held()
        pause = timedelta(hours=services.playbooks.active().case.window_hours)
        waiting = case.waiting_for_customer(acting.now, pause)
        acting.commit(waiting, line(case.id, acting.now, "waiting_for_customer", by=agent))
        return waiting

    return _acting(case_id, agent, services, act)


def resolve(case_id: str, agent: str, disposition: str, services: Services) -> Case:
    """Resolved, with a word of the playbook's list. Refused while an answer is on its way or a post waits for one: nobody is left without an answer."""

    def act(acting: Acting) -> Case:
        case = acting.held()
        rules = services.playbooks.active().case
        word = rules.disposition(disposition)
        if word is None:
            raise Refused(f"{disposition!r} is no disposition: write one of {', '.join(rules.dispositions)}")
        flying = [reply_id for reply_id in case.in_flight if reply_id.startswith("agent-")]
        if flying:
            raise Refused(f"{case.ref}: an answer is still on its way ({', '.join(flying)})")
        if case.unanswered:
            raise Refused(f"{case.ref}: these posts have no answer yet: {', '.join(case.unanswered)}")
        resolved = case.resolved(word, acting.now, timedelta(days=rules.reopen_days))
        acting.commit(resolved, line(case.id, acting.now, "resolved", by=agent, why=word))
        return resolved

    return _acting(case_id, agent, services, act)
