"""Mail a handoff to its branch (R46): lease, mail, record, then let the customer's answer go. Each mail once.

SES has no idempotency key. After an unclear call its SEND event tells what became of the mail; when none comes in ten
minutes, a person decides. The robot never sends a mail a second time on a guess. Later mails (an update, a reminder,
an escalation, the first one again to the fallback) are records of their own and go the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from ..decide import branch_clock
from ..model.case import Case
from ..model.errors import AccountDown, LostRace, NotSent, Outcome, Retry, Unclear, Wait
from ..model.handoff import Action, BranchMail, Handoff, MailKind
from ..model.records import BranchMailbox, StoredPost
from ..model.reply import Reply
from ..outward.links import Link
from ..outward.mail import MailEvent
from ..outward.mailbox import reply_to
from ..outward.mailtext import handoff_mail, handoff_of, handoff_tag
from ..outward.queues import LONGEST_DELAY
from ..playbook import Branch, Playbook
from ..table import Record, keys
from . import emit
from .audit import line
from .branch_act import Acting, tell
from .digest import DIGEST, send_digest
from .digest import stop as stop_digest
from .mail_view import view
from .record import record_outcome
from .services import GRACE, LEASE, Services
from .snapshot import Snapshot
from .work import need_agent

PATIENCE = timedelta(minutes=10)
"""How long after an unclear call SES's own event is waited for."""
MOST_ATTEMPTS = 30
FRESH_LINKS_EVERY = timedelta(hours=1)
TURN_HOLDS = 2 * GRACE
"""Who comes later than this at its turn (an outage) asks for another one, so that not all go at once then."""


@dataclass
class Mailing:
    """One try to send one mail of a handoff: what was read for it. ``mail`` is the handoff itself or a later mail."""

    services: Services
    snapshot: Snapshot
    playbook: Playbook
    given: Handoff
    mail: Handoff | BranchMail
    now: datetime

    def commit(self, *records: Record | None) -> None:
        """Commit at the moment of reading."""
        self.snapshot.commit(list(records), self.now)

    @property
    def first(self) -> bool:
        """Whether it is the handoff's first mail."""
        return isinstance(self.mail, Handoff)

    @property
    def tag(self) -> str:
        """The message tag by which SES's events name it."""
        return handoff_tag(self.given.case_id, self.mail.id)


def hand_over(case_id: str, mail_id: str, services: Services) -> None:
    """Do what can be done for a handoff (``mail_id`` is its id) or one of its later mails (``leeds+reminder1``), or mail
    a digest (of no case: ``digest``, ``branch-leeds``).

    Raises `Retry` to be nudged again.
    """
    try:
        if case_id == DIGEST:
            send_digest(mail_id, services)
            return
        _hand_over(case_id, mail_id, services)
    except LostRace as error:
        raise Retry("contended") from error


def _hand_over(case_id: str, mail_id: str, services: Services) -> None:
    mailing = _read(case_id, mail_id, services)
    if mailing is None:
        return
    mail, now = mailing.mail, mailing.now
    if mail.state == "sending":
        if mail.lease_until is None or mail.lease_until <= now:
            mailing.commit(mail.became_unclear(now, PATIENCE))
    elif mail.state == "unclear":
        if mail.due_at is None or mail.due_at <= now:
            _give_up(mailing, "nobody can tell whether the branch's mail went out")
    elif mail.state == "pending":
        _in_turn(mailing)
    elif mail is mailing.given:
        tend_handoff(mailing.given, services)


def _read(case_id: str, mail_id: str, services: Services) -> Mailing | None:
    snapshot = Snapshot(services.table)
    branch_id = mail_id.partition("+")[0]
    later = keys.branch_mail(case_id, mail_id) if mail_id != branch_id else None
    snapshot.fetch([keys.case(case_id), keys.handoff(case_id, branch_id), keys.branch_mailbox(branch_id), later])
    given = snapshot.get(Handoff, keys.handoff(case_id, branch_id))
    mail = snapshot.get(BranchMail, later) if later else given
    if given is None or mail is None:
        return None
    return Mailing(services, snapshot, services.playbooks.active(), given, mail, services.clock())


def _in_turn(mailing: Mailing) -> None:
    """Send at the rate that SES allows: who cannot go now is put back for its turn. At each turn the mail goes that is
    due first, whichever message woke us; the one that gives way gets the other's turn."""
    services, mail, now = mailing.services, mailing.mail, mailing.now
    rate = services.settings.mails_per_second
    if not rate:
        _send(mailing)
        return
    if mail.turn_at is None or mail.turn_at + TURN_HOLDS <= now:
        turn = services.table.take_turn("mail", rate, now)
        if turn > now:
            _waits(mailing, turn)
        else:  # nobody waits
            _send(mailing)
        return
    if mail.turn_at > now + timedelta(seconds=1):
        return  # woken twice: its turn has a message of its own, and a due time
    _send(_given_way(mailing))


def _waits(mailing: Mailing, turn: datetime, *more: Record) -> None:
    """Put it back until its turn, with the diary behind the message."""
    far = turn - mailing.now > timedelta(seconds=LONGEST_DELAY)
    waiting = mailing.mail.in_turn(turn, turn if far else turn + GRACE)
    mailing.commit(waiting, *more)
    mailing.services.queues.send(emit.turn(waiting, mailing.now, mailing.services))


def _given_way(mailing: Mailing) -> Mailing:
    """Who goes at this mail's turn: itself, or one that is due before it."""
    services, now, turn = mailing.services, mailing.now, mailing.mail.turn_at
    head = services.table.first_mail()
    record = services.table.hint(head) if head is not None else None
    if not isinstance(record, Handoff | BranchMail) or not record.in_order or turn is None:
        return mailing
    if (record.case_id, record.id) == (mailing.mail.case_id, mailing.mail.id):
        return mailing
    theirs = record.turn_at or services.table.take_turn("mail", services.settings.mails_per_second, now)
    _waits(mailing, theirs, record.in_turn(turn, turn + GRACE))
    return _read(record.case_id, record.id, services) or mailing


def _send(mailing: Mailing) -> None:
    given, services, playbook = mailing.given, mailing.services, mailing.playbook
    case = mailing.snapshot.get(Case, keys.case(given.case_id))
    branch = playbook.branch(given.id)
    if case is None:
        return
    if branch is None:
        _give_up(mailing, f"no branch {given.id} in the playbook")
        return
    if not mailing.first and not given.with_branch:
        mailing.commit(mailing.mail.refused(f"the handoff is {given.stage}"))
        return
    mailing.snapshot.fetch(keys.post(case.id, key) for key in given.post_keys)
    posts = [mailing.snapshot.get(StoredPost, keys.post(case.id, key)) for key in given.post_keys]
    standing = [post for post in posts if post is not None and post.state == "standing"]
    if not standing:
        _give_up(mailing, "the post was deleted before the branch's mail went out")
        return
    to = _address(mailing, branch)
    later = mailing.mail if isinstance(mailing.mail, BranchMail) else None
    links = _links(mailing)
    answers = _reply_to(mailing)
    shown = view(given, case, standing, branch, playbook, services, later=later, to=to, links=links, reply_to=answers)
    message = handoff_mail(shown)
    mailing.commit(mailing.mail.taken(mailing.now, LEASE))
    mailing.mail = _fresh(mailing)
    try:
        mail_id = services.mailer.send(message, to=to, handoff_tag=mailing.tag)
    except Outcome as outcome:
        mailing.now = services.clock()
        refusal, attempt = outcome, mailing.mail.attempt
        record_outcome(
            mailing, lambda: _attempt(mailing, attempt), lambda present: _not_mailed(present, refusal), services
        )
        return
    mailing.now = services.clock()
    record_outcome(mailing, lambda: _unmailed(mailing), lambda present: _mailed(present, mail_id, to), services)


def _unmailed(mailing: Mailing) -> Mailing | None:
    """The same mail as it is now; None once it is recorded as mailed."""
    present = _read(mailing.mail.case_id, mailing.mail.id, mailing.services)
    return None if present is None or present.mail.state == "mailed" else present


def _attempt(mailing: Mailing, attempt: int) -> Mailing | None:
    """The same attempt as it is now; None when somebody has settled it, or another one was begun."""
    present = _unmailed(mailing)
    if present is None or present.mail.state not in ("sending", "unclear") or present.mail.attempt != attempt:
        return None
    return present


def _links(mailing: Mailing) -> dict[Action, str]:
    """An address for each action, good for the playbook's days from now; none where there are no pages."""
    if not mailing.services.settings.public_base_url:
        return {}
    expires = mailing.now + timedelta(days=mailing.playbook.handoff.link_days)
    link = Link(case_id=mailing.given.case_id, branch=mailing.given.id, action="page", expires_at=expires)
    return {action: mailing.services.links.url(link.for_action(action)) for action in get_args(Action)}


def _reply_to(mailing: Mailing) -> str | None:
    """Where an answer by mail lands on the case; None where no mail is received."""
    services, given = mailing.services, mailing.given
    if not services.settings.reply_address:
        return None
    return reply_to(services.settings.reply_address, given.case_id, given.id, services.links.keys())


def _address(mailing: Mailing, branch: Branch) -> str:
    """Where the mail goes: not to an address that bounced, until somebody confirmed it (R48)."""
    if isinstance(mailing.mail, BranchMail) and mailing.mail.kind in ("escalation", "fallback"):
        return mailing.mail.address
    mailbox = mailing.snapshot.get(BranchMailbox, keys.branch_mailbox(branch.id))
    return branch.escalation_email if mailbox is not None and mailbox.closed(branch.email) else branch.email


def _fresh(mailing: Mailing) -> Handoff | BranchMail:
    """The mail's record as it lies in the table now, its version carried forward."""
    mail = mailing.mail
    if isinstance(mail, BranchMail):
        return mailing.snapshot.get(BranchMail, keys.branch_mail(mail.case_id, mail.id)) or mail
    mailing.given = mailing.snapshot.get(Handoff, keys.handoff(mail.case_id, mail.id)) or mail
    return mailing.given


def _mailed(mailing: Mailing, mail_id: str, to: str) -> None:
    """SES has it. With the first mail the branch's clock begins to run and the customer's answer may go."""
    mail, now = mailing.mail, mailing.now
    mailed = mail.mailed(mail_id, to, now)
    what = "handoff_mailed"
    if isinstance(mailed, Handoff):
        mailed = running(mailed, mailing.playbook, now)
    else:
        what = f"{mailed.kind}_mailed"
    told = _told_of_the_next(mailing, mailed) if isinstance(mailed, Handoff) else None
    trail = line(mail.case_id, now, what, about=(mail.id, *mailing.given.post_keys))
    mailing.commit(mailed, trail, *([told.case, *told.records] if told else []))
    if told:
        mailing.services.queues.send(told.messages)
    mailing.services.count("HandoffMailed" if mailing.first else "BranchMailed")
    if isinstance(mailed, Handoff):
        _wake(mailed, mailing.snapshot, mailing.services, now)


def _told_of_the_next(mailing: Mailing, mailed: Handoff) -> Acting | None:
    """Where our words named a branch that sent the handoff on, the customer is told of this one: its mail is out."""
    snapshot, playbook = mailing.snapshot, mailing.playbook
    case, branch = snapshot.get(Case, keys.case(mailed.case_id)), playbook.branch(mailed.id)
    before = playbook.branch(mailed.by.removeprefix("branch:")) if mailed.by.startswith("branch:") else None
    if case is None or branch is None or before is None:
        return None
    acting = Acting(mailing.services, snapshot, "robot", case, mailed, branch, playbook, mailing.now)
    said = [snapshot.get(Reply, keys.reply(case.id, each.reply_id)) for each in acting.posts if each.reply_id]
    if any(each is not None and each.state != "cancelled" and before.name in (each.text or "") for each in said):
        tell(acting, "branch_moved")
    return acting if acting.records else None


def running(given: Handoff, playbook: Playbook, now: datetime) -> Handoff:
    """The handoff with the branch's clock running: what was mailed is told, the time to accept begins."""
    branch = playbook.branch(given.id)
    if branch is None or not given.with_branch:
        return given.ticking()
    clock = branch_clock.to_accept(branch, playbook, now)
    return given.done_by("robot", "mailed", now).ticking(
        told_at=now,
        told_posts=len(given.post_keys),
        accept_by=clock.target,
        reminders=clock.reminders,
        escalate_at=clock.escalate_at,
    )


def _not_mailed(mailing: Mailing, outcome: Outcome) -> None:
    mail, now = mailing.mail, mailing.now
    if isinstance(outcome, Unclear):
        mailing.commit(mail.became_unclear(now, PATIENCE))
    elif isinstance(outcome, Wait | NotSent | AccountDown) and _may_try_again(mailing, outcome):
        pause = timedelta(seconds=outcome.after) if outcome.after else GRACE * min(mail.attempt, 10)
        mailing.commit(mail.again(now + pause, outcome.reason))
        if isinstance(outcome, AccountDown):
            mailing.services.tell("mail_down", reason=outcome.reason, metric="MailDown")
    else:
        _give_up(mailing, f"the branch's mail was refused: {outcome.reason}")


def _may_try_again(mailing: Mailing, outcome: Outcome) -> bool:
    """A limit of SES is nobody's failure: its mail is tried until it would come too late to be of use."""
    return mailing.mail.attempt < MOST_ATTEMPTS or (
        isinstance(outcome, Wait) and mailing.now < mailing.given.contact_by
    )


def _give_up(mailing: Mailing, why: str) -> None:
    """A person decides; the customer's answer goes without claiming that the branch has it."""
    mail, now = mailing.mail, mailing.now
    refused = mail.refused(why)
    if isinstance(refused, Handoff) and refused.with_branch:
        refused = refused.moved("returned", "robot", now)
    _to_agents(mailing.given, why, [refused], mailing.snapshot, mailing.services, now)
    if isinstance(refused, Handoff):
        _wake(refused, mailing.snapshot, mailing.services, now)


def _to_agents(
    given: Handoff, why: str, changed: list[Record | None], snapshot: Snapshot, services: Services, now: datetime
) -> None:
    """Commit, and bring a person in: the holder sees it, else there is a live work item."""
    case = snapshot.get(Case, keys.case(given.case_id))
    if case is None or case.done:
        snapshot.commit(changed, now)
        return
    worked = need_agent(case, why, now, services.playbooks.active())
    trail = line(case.id, now, "handoff_given_back", about=(given.id,), why=why)
    snapshot.commit([*changed, worked, trail], now)
    if worked.work_id != case.work_id:
        services.queues.send(emit.work(worked, services))


def _wake(given: Handoff, snapshot: Snapshot, services: Services, now: datetime) -> None:
    """The replies that waited for the mail may go. If this is lost, their own due time brings them up."""
    for reply_id in given.replies_waiting:
        reply = snapshot.get(Reply, keys.reply(given.case_id, reply_id))
        if reply is not None and reply.state == "pending":
            services.queues.send(emit.nudge(reply, now, services))


# -- the branch's clock ------------------------------------------------------------------------------------------


def tend_handoff(given: Handoff, services: Services) -> None:
    """Remind, escalate, return to the agents, tell of later posts: what the branch's clock says is due (R48)."""
    now, playbook = services.clock(), services.playbooks.active()
    snapshot = Snapshot(services.table)
    fresh = snapshot.get(Handoff, keys.handoff(given.case_id, given.id))
    if fresh is None or fresh.open or not fresh.with_branch or fresh.next_due is None or fresh.next_due > now:
        return
    branch, case = playbook.branch(fresh.id), snapshot.get(Case, keys.case(fresh.case_id))
    if case is not None and case.done:
        snapshot.commit([fresh.at_rest()], now)
    elif branch is None:
        _to_agents(fresh, f"no branch {fresh.id} in the playbook", [fresh.moved("returned", "robot", now)],
                   snapshot, services, now)  # fmt: skip
    elif fresh.return_at is not None and fresh.return_at <= now and fresh.stage == "contacted":
        # The branch keeps it: it spoke with the customer, and only it can say that it is done.
        _to_agents(fresh, f"{branch.name} contacted the customer and does not say whether it is done",
                   [fresh.at_rest()], snapshot, services, now)  # fmt: skip
    elif fresh.return_at is not None and fresh.return_at <= now:
        _to_agents(fresh, f"{branch.name} and its region did not move", [fresh.moved("returned", "robot", now)],
                   snapshot, services, now)  # fmt: skip
    elif fresh.escalate_at is not None and fresh.escalate_at <= now:
        escalate(fresh, "nobody moved", branch, snapshot, services, now)
    elif fresh.reminders and fresh.reminders[0] <= now:
        left = tuple(moment for moment in fresh.reminders if moment > now)
        post_by_mail("reminder", fresh.ticking(reminders=left), branch.email, snapshot, services, now)
    else:
        told = fresh.ticking(update_at=None, told_at=now, told_posts=len(fresh.post_keys))
        post_by_mail("update", told, branch.email, snapshot, services, now, since=fresh.told_at)


def escalate(
    given: Handoff,
    why: str,
    branch: Branch,
    snapshot: Snapshot,
    services: Services,
    now: datetime,
    *more: Record | None,
) -> Handoff:
    """The region hears that the branch does not move; agents take it back when the region does not either."""
    clocked = given.done_by("robot", "escalated", now).ticking(
        reminders=(),
        escalate_at=None,
        escalated_at=now,
        return_at=branch_clock.to_return(branch, services.playbooks.active(), now),
    )
    return post_by_mail("escalation", clocked, branch.escalation_email, snapshot, services, now, *more, why=why)


def mail_fresh_links(given: Handoff, branch: Branch, snapshot: Snapshot, services: Services, now: datetime) -> None:
    """The mail again, with links that hold, to the branch's own address; at most once an hour."""
    if given.links_at is not None and now - given.links_at < FRESH_LINKS_EVERY:
        return
    asked = given.model_copy(update={"links_at": now})
    post_by_mail("links", asked, branch.email, snapshot, services, now)


def post_by_mail(
    kind: MailKind,
    given: Handoff,
    address: str,
    snapshot: Snapshot,
    services: Services,
    now: datetime,
    *more: Record | None,
    why: str | None = None,
    since: datetime | None = None,
) -> Handoff:
    """Commit the handoff as it is handed in with one more mail to be sent, and wake who sends it.

    ``since``: an update tells of what came in after it.
    """
    mail = BranchMail(
        id=f"{given.id}+{kind}{given.mails + 1}",
        case_id=given.case_id,
        kind=kind,
        branch=given.id,
        address=address,
        created_at=now,
        due_at=now + GRACE,
        since=since,
    )
    counted = given.model_copy(update={"mails": given.mails + 1})
    trail = line(given.case_id, now, kind, about=(mail.id,), why=why)
    snapshot.commit([counted, mail, trail, *more], now)
    services.queues.send(emit.mail(mail, services))
    return counted


# -- what became of a mail ---------------------------------------------------------------------------------------


def hear_of_mail(event: MailEvent, services: Services) -> None:
    """An event of SES about a mail: SEND settles an unclear one; what does not arrive goes to the fallback address
    and to an agent at once."""
    named = handoff_of(event.handoff or "")
    if named is None:
        services.tell("mail_event_unknown", kind=event.kind)
        return
    for _ in range(5):
        try:
            _hear(event, *named, services)
            return
        except LostRace:
            continue
    raise Retry("contended")


def _hear(event: MailEvent, case_id: str, mail_id: str, services: Services) -> None:
    if case_id == DIGEST:
        if event.closes:
            stop_digest(mail_id, event.kind, services)
        return
    mailing = _read(case_id, mail_id, services)
    if mailing is None:
        return
    if event.kind in ("send", "delivery"):
        if mailing.mail.state in ("sending", "unclear"):
            _mailed(mailing, event.mail_id, ", ".join(event.recipients))
        return
    if not (event.lost or event.kind == "delay") or mailing.mail.failure == event.kind:
        return
    _did_not_arrive(mailing, event, closed=event.closes)


def _did_not_arrive(mailing: Mailing, event: MailEvent, *, closed: bool) -> None:
    """The fallback gets the handoff, an agent hears of it; an address that bounced is not used again until somebody
    confirmed it."""
    given, mail, snapshot, now = mailing.given, mailing.mail, mailing.snapshot, mailing.now
    services, why = mailing.services, f"the branch's mail came back: {event.kind}"
    branch = mailing.playbook.branch(given.id)
    case = snapshot.get(Case, keys.case(given.case_id))
    failed = mail.model_copy(update={"failure": event.kind})
    if mail.state != "mailed":
        failed = failed.mailed(event.mail_id, ", ".join(event.recipients), now)
    if isinstance(failed, Handoff) and mail.state != "mailed":
        failed = running(failed, mailing.playbook, now)
    worked = need_agent(case, why, now, mailing.playbook) if case is not None and not case.done else None
    closed_box: BranchMailbox | None = None
    reached = mail.to or (branch.email if branch else "")
    if branch is not None and closed and reached == branch.email:
        box = snapshot.get(BranchMailbox, keys.branch_mailbox(branch.id)) or BranchMailbox(branch=branch.id)
        closed_box = box.model_copy(update={"address": branch.email, "closed_at": now, "because": event.kind})
    records: list[Record | None] = [worked, closed_box]
    trail = line(given.case_id, now, "mail_lost", about=(mail.id,), why=event.kind)
    if branch is not None and reached != branch.escalation_email and given.with_branch and not given.fallback_at:
        handoff = (failed if isinstance(failed, Handoff) else given).model_copy(update={"fallback_at": now})
        later = failed if isinstance(failed, BranchMail) else None
        post_by_mail("fallback", handoff, branch.escalation_email, snapshot, services, now, later, *records, trail)
    else:
        snapshot.commit([failed, *records, trail], now)
    if case is not None and worked is not None and worked.work_id != case.work_id:
        services.queues.send(emit.work(worked, services))
    if mailing.first and mail.state in ("sending", "unclear"):
        _wake(given, snapshot, services, now)
