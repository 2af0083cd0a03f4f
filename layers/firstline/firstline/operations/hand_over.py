"""Mail a handoff to its branch, once (R46): lease, mail, record, then let the customer's answer go.

SES has no idempotency key. After an unclear call its SEND event tells what became of the mail; when none comes in ten
minutes, a person decides. The robot never mails a handoff a second time on a guess.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..decide import mask
from ..model.case import Case
from ..model.errors import AccountDown, LostRace, NotSent, Outcome, Retry, Unclear, Wait
from ..model.handoff import Handoff
from ..model.records import StoredPost
from ..model.reply import Reply
from ..outward.mail import MailEvent
from ..outward.mailtext import Customer, HandoffMail, Words, handoff_mail, handoff_of, handoff_tag, thread_root
from ..playbook import Branch, Playbook
from ..table import keys
from . import emit
from .audit import line
from .services import GRACE, LEASE, Services
from .snapshot import Snapshot
from .work import need_agent

PATIENCE = timedelta(minutes=10)
"""How long after an unclear call SES's own event is waited for."""
MOST_ATTEMPTS = 30
CHANNEL_NAMES = {"x": "X", "facebook": "Facebook", "messenger": "Messenger"}


def hand_over(case_id: str, handoff_id: str, services: Services) -> None:
    """Do what can be done for the handoff. Raises `Retry` to be nudged again."""
    try:
        _hand_over(case_id, handoff_id, services)
    except LostRace as error:
        raise Retry("contended") from error


def _hand_over(case_id: str, handoff_id: str, services: Services) -> None:
    snapshot = Snapshot(services.table)
    given = snapshot.get(Handoff, keys.handoff(case_id, handoff_id))
    if given is None or not given.open:
        return
    now = services.clock()
    playbook = services.playbooks.active()
    if given.state == "sending":
        if given.lease_until is None or given.lease_until <= now:
            snapshot.commit([given.became_unclear(now, PATIENCE)], now)
        return
    if given.state == "unclear":
        if given.due_at is None or given.due_at <= now:
            _give_back(given, "nobody can tell whether the branch's mail went out", snapshot, services, now)
        return
    case = snapshot.get(Case, keys.case(case_id))
    branch = playbook.branch(handoff_id)
    if case is None:
        return
    if branch is None:
        _give_back(given, f"no branch {handoff_id} in the playbook", snapshot, services, now)
        return
    snapshot.fetch(keys.post(case_id, key) for key in given.post_keys)
    posts = [snapshot.get(StoredPost, keys.post(case_id, key)) for key in given.post_keys]
    standing = [post for post in posts if post is not None and post.state == "standing"]
    if not standing:
        _give_back(given, "the post was deleted before the branch's mail went out", snapshot, services, now)
        return
    mail = handoff_mail(view(given, case, standing, branch, playbook, services))
    snapshot.commit([given.taken(now, LEASE)], now)
    given = snapshot.get(Handoff, keys.handoff(case_id, handoff_id)) or given
    try:
        mail_id = services.mailer.send(mail, to=branch.email, handoff_tag=handoff_tag(case_id, handoff_id))
    except Outcome as outcome:
        _not_mailed(given, outcome, snapshot, services, services.clock())
        return
    _mailed(given, mail_id, branch.email, snapshot, services, services.clock())


def view(
    given: Handoff, case: Case, posts: list[StoredPost], branch: Branch, playbook: Playbook, services: Services
) -> HandoffMail:
    """The mail's contents: only what the branch needs, other personal data masked (R46)."""
    first = posts[0].post
    sender = services.settings.mail_from
    return HandoffMail(
        case_ref=case.ref,
        branch=branch.name,
        language=branch.language,
        time_zone=branch.time_zone,
        sender=sender,
        to=branch.email,
        brand=playbook.brand.name,
        customer=Customer(
            channel=CHANNEL_NAMES.get(case.channel, case.channel),
            name=case.author.name,
            handle=case.author.handle,
            post_url=first.url,
        ),
        posts=tuple(
            Words(
                text=mask(stored.post.text, playbook),
                at=stored.post.at,
                language=None if case.language == "und" else case.language,
            )
            for stored in posts
        ),
        asked=given.reason,
        contact_by=given.contact_by,
        visibility=first.visibility,
        note=given.note,
        thread_root=thread_root(case.id, branch.id, sender.rpartition("@")[2]),
        handoff_tag=handoff_tag(case.id, branch.id),
    )


def _mailed(given: Handoff, mail_id: str, to: str, snapshot: Snapshot, services: Services, now: datetime) -> None:
    mailed = given.mailed(mail_id, now).model_copy(update={"to": to})
    about = (given.id, *given.post_keys)
    snapshot.commit([mailed, line(given.case_id, now, "handoff_mailed", about=about)], now)
    services.count("HandoffMailed")
    _wake(mailed, snapshot, services, now)


def _not_mailed(given: Handoff, outcome: Outcome, snapshot: Snapshot, services: Services, now: datetime) -> None:
    if isinstance(outcome, Unclear):
        snapshot.commit([given.became_unclear(now, PATIENCE)], now)
    elif isinstance(outcome, Wait | NotSent | AccountDown) and given.attempt < MOST_ATTEMPTS:
        pause = timedelta(seconds=outcome.after) if outcome.after else GRACE * min(given.attempt, 10)
        snapshot.commit([given.again(now + pause, outcome.reason)], now)
        if isinstance(outcome, AccountDown):
            services.tell("mail_down", reason=outcome.reason, metric="MailDown")
    else:
        _give_back(given, f"the branch's mail was refused: {outcome.reason}", snapshot, services, now)


def _give_back(given: Handoff, why: str, snapshot: Snapshot, services: Services, now: datetime) -> None:
    """A person decides; the customer's answer goes without claiming that the branch has it."""
    case = snapshot.get(Case, keys.case(given.case_id))
    refused = given.refused(why)
    if case is None or case.done:
        snapshot.commit([refused], now)
    else:
        changed = need_agent(case, why, now, services.playbooks.active())
        snapshot.commit([refused, changed, line(case.id, now, "handoff_given_back", about=(given.id,), why=why)], now)
        if changed.work_id != case.work_id:
            services.queues.send(emit.work(changed, services))
    _wake(refused, snapshot, services, now)


def _wake(given: Handoff, snapshot: Snapshot, services: Services, now: datetime) -> None:
    """The replies that waited for the mail may go. If this is lost, their own due time brings them up."""
    for reply_id in given.replies_waiting:
        reply = snapshot.get(Reply, keys.reply(given.case_id, reply_id))
        if reply is not None and reply.state == "pending":
            services.queues.send(emit.nudge(reply, now, services))


def hear_of_mail(event: MailEvent, services: Services) -> None:
    """An event of SES about a handoff's mail: SEND settles an unclear one; a bounce or complaint brings a person in."""
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


def _hear(event: MailEvent, case_id: str, branch: str, services: Services) -> None:
    snapshot = Snapshot(services.table)
    given = snapshot.get(Handoff, keys.handoff(case_id, branch))
    now = services.clock()
    if given is None:
        return
    if event.kind in ("send", "delivery") and given.state in ("sending", "unclear"):
        _mailed(given, event.mail_id, ", ".join(event.recipients), snapshot, services, now)
    final = event.kind in ("complaint", "reject") or (event.kind == "bounce" and event.permanent)
    if final and given.state in ("mailed", "sending", "unclear"):
        _give_back(given, f"the branch's mail came back: {event.kind}", snapshot, services, now)
