"""What a branch does with a handoff (R47): accept, contacted, done, not ours, write to the customer, ask, out of office.

Each is idempotent: doing it again changes nothing and shows what there is. No queue redelivers a click, so whatever
must follow leaves a due entry in the same transaction. All are recorded as ``branch:<id>`` or the person signed in.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ..decide import branch_clock, branch_words, check_words
from ..decide.targets import contact_by
from ..model.errors import Refused
from ..model.handoff import Handoff
from ..model.records import Note
from ..model.reply import Reply
from ..playbook import Branch
from ..table import keys
from . import emit
from .answering import an_answer, in_place_of_robot
from .branch_act import MOST_TEXT, Acting, acting_on, answered, tell
from .hand_over import escalate
from .services import GRACE, Services

WAITS = "approval"
"""Why a branch's words are ready and not on their way."""
MOST_NAME = 40
MOST_TRIES = 3
"""After so many tries without an answer an agent hears of it."""
SAME_TRY = timedelta(minutes=5)
MOST_DAYS = timedelta(days=90)
How = Literal["phone", "mail", "message", "visit", "other"]
"""How the customer was contacted."""


def accept(
    case_id: str, branch_id: str, services: Services, *, who: str | None = None, first_name: str = ""
) -> Handoff:
    """The branch has it. Late (after its target, or when the region had to ask) the customer is told so.

    ``first_name`` is that of the person there, if they tell it.
    """

    def act(acting: Acting) -> Handoff:
        given, now = acting.given, acting.now
        if given.stage in ("accepted", "contacted", "done"):
            return given
        late = given.escalated_at is not None or (given.accept_by is not None and given.accept_by < now)
        acting.given = _taken(acting).model_copy(update={"taken_by": first_name.strip()[:MOST_NAME] or None})
        acting.trail("branch_accepted")
        if late:
            tell(acting, "branch_accepted")
        return acting.commit()

    return acting_on(case_id, branch_id, who, services, act)


def _taken(acting: Acting) -> Handoff:
    """The branch has it: the clock to contact the customer runs."""
    clock = branch_clock.to_contact(acting.branch, acting.playbook, acting.given.contact_by, acting.now)
    return acting.given.moved(
        "accepted",
        acting.who,
        acting.now,
        reminders=clock.reminders,
        escalate_at=clock.escalate_at,
        update_at=acting.given.update_at,
    )


def tried(
    case_id: str, branch_id: str, services: Services, *, note: str = "", on: date | None = None, who: str | None = None
) -> Handoff:
    """The customer did not answer: the branch tries again (``on`` that day), the customer is told; after three tries
    agents hear of it. Said again within minutes it is the same try."""

    def act(acting: Acting) -> Handoff:
        last = next((step for step in reversed(acting.given.steps) if step.what == "tried"), None)
        if acting.given.stage == "accepted" and last is not None and acting.now - last.at < SAME_TRY:
            return acting.given
        if acting.given.stage not in ("waiting", "accepted") or acting.case.done:
            raise Refused(f"the handoff is {acting.given.stage}, the case {acting.case.status}")
        _expect_day(on, acting)
        written = acting.note("tried", note)
        taken = acting.given if acting.given.stage == "accepted" else _taken(acting)
        clock = branch_clock.to_try_again(acting.branch, acting.playbook, acting.now, on)
        acting.given = taken.done_by(acting.who, "tried", acting.now, written).ticking(
            reminders=clock.reminders, escalate_at=clock.escalate_at, return_at=None, next_try=clock.target
        )
        acting.trail("branch_tried")
        tell(acting, "branch_tried")
        if acting.given.tries >= MOST_TRIES:
            acting.agent(f"{acting.branch.name} tried {acting.given.tries} times and reached nobody")
        return acting.commit()

    return acting_on(case_id, branch_id, who, services, act)


def agreed(
    case_id: str, branch_id: str, services: Services, *, on: date, note: str = "", who: str | None = None
) -> Handoff:
    """Branch and customer agreed for a day: the customer is told; after that day the branch is asked whether it is
    done."""

    def act(acting: Acting) -> Handoff:
        if acting.given.stage == "contacted" and acting.given.agreed_for == on:
            return acting.given
        if acting.case.done:
            raise Refused(f"the case is {acting.case.status}")
        _expect_day(on, acting)
        written = acting.note("agreed", note)
        clock = branch_clock.after_the_day(acting.branch, acting.playbook, on, acting.now)
        moved = acting.given.moved(
            "contacted",
            acting.who,
            acting.now,
            reminders=clock.reminders,
            escalate_at=clock.escalate_at,
            settle_by=clock.target,
            update_at=acting.given.update_at,
            agreed_for=on,
        )
        acting.given = moved.done_by(acting.who, "agreed", acting.now, written)
        answered(acting)
        acting.trail("branch_agreed", on.isoformat())
        tell(acting, "branch_agreed")
        return acting.commit()

    return acting_on(case_id, branch_id, who, services, act)


def day_holds(on: date, branch: Branch, now: datetime) -> bool:
    """Whether a branch may name this day: today at the earliest, and not too far away."""
    today = now.astimezone(ZoneInfo(branch.time_zone)).date()
    return today <= on <= today + MOST_DAYS


def _expect_day(on: date | None, acting: Acting) -> None:
    if on is not None and not day_holds(on, acting.branch, acting.now):
        raise Refused("the day is past, or too far away")


def contacted(
    case_id: str, branch_id: str, services: Services, *, how: How, note: str = "", who: str | None = None
) -> Handoff:
    """The branch spoke with the customer: a person answered; the customer sees in the thread that we know."""

    def act(acting: Acting) -> Handoff:
        if acting.given.stage in ("contacted", "done"):
            return acting.given
        written = acting.note("contacted", note)
        clock = branch_clock.to_finish(acting.branch, acting.playbook, acting.now)
        acting.given = acting.given.moved(
            "contacted",
            acting.who,
            acting.now,
            written,
            reminders=clock.reminders,
            escalate_at=clock.escalate_at,
            settle_by=clock.target,
            update_at=acting.given.update_at,
        )
        answered(acting)
        acting.trail("branch_contacted", how)
        tell(acting, "branch_contacted")
        return acting.commit()

    return acting_on(case_id, branch_id, who, services, act)


def done(case_id: str, branch_id: str, services: Services, *, note: str = "", who: str | None = None) -> Handoff:
    """It is solved: the customer is told in the thread, and asked whether it helped."""

    def act(acting: Acting) -> Handoff:
        if acting.given.stage == "done":
            return acting.given
        written = acting.note("done", note)
        acting.given = acting.given.moved("done", acting.who, acting.now, written)
        answered(acting)
        acting.trail("branch_done")
        acting.case = acting.case.branch_finished()
        tell(acting, "branch_done")
        return acting.commit()

    return acting_on(case_id, branch_id, who, services, act)


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

    return acting_on(case_id, branch_id, who, services, act)


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
        if acting.given.stage == "waiting":  # who writes to the customer has taken it
            acting.given = _taken(acting)
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

    return acting_on(case_id, branch_id, who, services, act)


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

    return acting_on(case_id, branch_id, who, services, act)


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

    return acting_on(case_id, branch_id, who, services, act)
