"""Send a reply, once (R25, R26): decide again with present facts, reserve the budget, lease, send, record.

A message on the replies queue is a nudge. What cannot go now gets a ``due_at`` on its record, and its message is gone;
what is unclear is looked for at the platform before anything is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .. import channels
from ..channels.contract import Outgoing, Sent, Usage
from ..decide import decide, updates
from ..decide.updates import AN_AGENTS_TURN
from ..model.budget import PAUSE, UNSAID, Budget
from ..model.case import Case
from ..model.decision import Decision
from ..model.errors import (
    POST_GONE,
    AccountDown,
    LostRace,
    Malformed,
    NotSent,
    Outcome,
    Permanent,
    Refused,
    Retry,
    Reword,
    Unclear,
    Wait,
)
from ..model.handoff import Handoff
from ..model.records import Account, AuthorRecord, Seen, StoredPost
from ..model.reply import LOOKS_NEEDED, MOST_ATTEMPTS, Reply
from ..outward.secrets import fingerprint
from ..playbook import Playbook
from ..table import Record, keys, outbox_order
from . import emit, identity
from .audit import line
from .facts import gather
from .removal import relieved, without_text
from .services import GRACE, LEASE, Services
from .settle import landed, spoken_to
from .snapshot import Snapshot
from .work import need_agent

RACES = 12
"""Many senders may want the same head of an outbox at the same moment: whoever loses takes the next one."""
MOST_STALE = 25
"""So many rows of an outbox may turn out to be stale hints before a sender does what it was woken for."""
MOST_REWORDS = 3
PARKED_PAUSE = timedelta(minutes=5)
ECHO_PATIENCE = timedelta(minutes=10)
"""Where a platform cannot be asked, so long its own echo may come; then a person looks."""
ASKING_PATIENCE = timedelta(hours=6)
"""So long a platform that does not answer is asked again; then a person looks."""
DAY = timedelta(hours=24)


@dataclass
class Sending:
    """One try to send one reply: what was read for it."""

    services: Services
    snapshot: Snapshot
    playbook: Playbook
    reply: Reply
    case: Case
    author: AuthorRecord
    posts: list[StoredPost]
    handoff: Handoff | None
    account: Account | None
    now: datetime
    budget: Budget | None = None
    """The account's budget as it was last seen."""
    called: bool = False
    """Whether the platform took the reply: there may be room for the next one."""

    @property
    def last(self) -> StoredPost:
        """The post that the reply is attached to."""
        return self.posts[-1]

    def commit(self, *records: Record | None) -> None:
        """Commit at the moment of reading."""
        self.snapshot.commit(list(records), self.now)


def send_reply(case_id: str, reply_id: str, services: Services) -> None:
    """Do what can be done for the reply (or for one that must go before it). Raises `Retry` to be nudged again."""
    for race in range(RACES):
        try:
            _send(case_id, reply_id, services)
            return
        except LostRace as error:
            if race == RACES - 1:
                raise Retry("contended") from error


def _send(case_id: str, reply_id: str, services: Services) -> None:
    nudged = services.table.get(keys.reply(case_id, reply_id))
    if not isinstance(nudged, Reply) or not nudged.open:
        return
    now = services.clock()
    if nudged.state == "pending" and nudged.not_before > now:
        services.queues.send(emit.nudge(nudged, now, services))
        return
    first, budget = _before(nudged, services, now)
    if first.id != nudged.id and _done_first(first, budget, services):
        services.queues.send(emit.nudge(nudged, now, services))
        return
    done = _do(nudged, budget, services)
    if done is not None and done.called:
        _carry_on(done)


def _done_first(reply: Reply, budget: Budget | None, services: Services) -> bool:
    """Do another one first. One that cannot be handled must not stand before all others: False, and go on."""
    try:
        if _do(reply, budget, services) is not None:
            return True
        reason = "case_gone"
    except (Malformed, Refused) as error:
        reason = str(error)[:80]
    services.tell("head_of_outbox_failed", reply_id=reply.id, reason=reason)
    return False


def _do(reply: Reply, budget: Budget | None, services: Services) -> Sending | None:
    """What its state asks for; None when its case or post is gone."""
    sending = _read(reply, services)
    if sending is None:
        return None
    sending.budget = budget
    match reply.state:
        case "sending":
            _lease_over(sending)
        case "unclear":
            _look(sending)
        case _:
            _try(sending)
    return sending


def _before(nudged: Reply, services: Services, now: datetime) -> tuple[Reply, Budget | None]:
    """The reply that goes first, with the budget: under pressure the head of the account's outbox, whichever message
    woke us. What another sender has taken meanwhile is passed over."""
    if nudged.state != "pending":
        return nudged, None
    budget_key = keys.budget(nudged.channel, nudged.account, nudged.endpoint)
    account_key = keys.account(nudged.channel, nudged.account)
    read = services.table.read([budget_key, account_key])
    budget, account = read.get(budget_key), read.get(account_key)
    if not isinstance(budget, Budget):
        return nudged, None
    parked = isinstance(account, Account) and account.parked_at is not None
    if parked or not budget.pressed(now) or budget.opens_at(now) is not None:
        return nudged, budget
    return _head(nudged, services, now) or nudged, budget


def _head(nudged: Reply, services: Services, now: datetime, *, after: bool = False) -> Reply | None:
    """The first of the nudged reply's outbox that may go now and stands before it (``after``: any but itself)."""
    own = outbox_order(nudged)
    for looked, row in enumerate(services.table.outbox(nudged.channel, nudged.account, nudged.endpoint, now)):
        if looked >= MOST_STALE or (row.place >= own and not after):
            return None
        record = services.table.get(row.key)
        if isinstance(record, Reply) and record.in_line and record.not_before <= now and record.id != nudged.id:
            return record
    return None


def _carry_on(sending: Sending) -> None:
    """Others wait and there is room: wake the next one, whose own time may be a window away (some did not need theirs)."""
    budget, now, services = sending.budget, sending.now, sending.services
    if budget is None or not (budget.waiting or budget.crowded or PAUSE in budget.windows):
        return
    opens = budget.opens_at(now)
    if opens is not None and opens - now > GRACE:
        return
    following = _head(sending.reply, services, now, after=True)
    if following is not None:
        services.queues.send(emit.nudge(following, now, services, until=opens))


def _read(reply: Reply, services: Services) -> Sending | None:
    snapshot = Snapshot(services.table)
    snapshot.fetch(
        [
            keys.case(reply.case_id),
            keys.author(reply.author_key),
            keys.account(reply.channel, reply.account),
            keys.handoff(reply.case_id, reply.handoff) if reply.handoff else None,
            *(keys.post(reply.case_id, key) for key in reply.post_keys),
        ]
    )
    case = snapshot.get(Case, keys.case(reply.case_id))
    posts = [snapshot.get(StoredPost, keys.post(reply.case_id, key)) for key in reply.post_keys]
    author = identity.present(reply.author_key, snapshot)
    if case is None or not posts or posts[-1] is None:
        return None
    return Sending(
        services=services,
        snapshot=snapshot,
        playbook=services.playbooks.active(),
        reply=reply,
        case=case,
        author=author or AuthorRecord(key=reply.author_key),
        posts=[post for post in posts if post is not None],
        handoff=snapshot.get(Handoff, keys.handoff(reply.case_id, reply.handoff)) if reply.handoff else None,
        account=snapshot.get(Account, keys.account(reply.channel, reply.account)),
        now=services.clock(),
    )


# -- a pending reply ---------------------------------------------------------------------------------------------


def _try(sending: Sending) -> None:
    reply, services, now = sending.reply, sending.services, sending.now
    credentials = services.secrets.credentials(reply.channel, reply.account)
    if _parked(sending, fingerprint(credentials)):
        sending.commit(reply.deferred(now + PARKED_PAUSE, "account_parked", now))
        return
    worded = _words(sending)
    if worded is None:
        return
    text, decision = worded
    if not _reserved(sending):
        return
    taken = reply.taken(
        text,
        now,
        LEASE,
        wording=_wording(reply, decision),
        promised_until=decision.promised_until if decision and reply.kind == "acknowledgement" else None,
    )
    taken = taken.model_copy(update={"credentials": fingerprint(credentials)})
    author = spoken_to(sending.author, taken.wording, now) if reply.robot else None
    released = _released(sending)
    try:
        sending.commit(taken, author, released)
    except LostRace:
        _give_back(sending)
        raise
    sending.reply = _fresh(sending, taken)
    try:
        sent = channels.adapter(reply.channel).send(services.http, credentials, _outgoing(sending))
    except Outcome as outcome:
        sending.now = services.clock()
        _learn(sending, outcome.usage, outcome)
        _not_sent(sending, outcome, fingerprint(credentials))
        return
    sending.now = services.clock()
    _learn(sending, sent.usage)
    _record_sent(sending, sent)
    sending.called = True


def _reserved(sending: Sending) -> bool:
    """Whether a call was taken out of the budget; if there is none, the reply stands in line for a later window."""
    reply, table, now = sending.reply, sending.services.table, sending.now
    limits = windows_of(reply.channel, reply.endpoint)
    if not limits:
        return True
    reserved = table.reserve(reply.channel, reply.account, reply.endpoint, limits, now, known=sending.budget)
    sending.budget = reserved.budget
    if reserved.until is None:
        return True
    if not reply.in_turn:
        line = table.line_up(reserved.budget)
        sending.commit(reply.lined_up(line.turn(now), now))
    elif reply.due_at is None or reply.due_at <= now:
        # Its turn came, and others took the calls. It is taken when it is the head, whoever is woken then; its own
        # wake goes to the end of the line.
        sending.commit(reply.lined_up(reserved.budget.turn(now), now))
    return False


def windows_of(channel: str, endpoint: str) -> dict[str, tuple[int, timedelta]]:
    """The windows that a platform documents for an endpoint, as the table takes them; empty: none is known."""
    limit = channels.adapter(channel).limits.get(endpoint)
    if limit is None:
        return {}
    day = {"day": (limit.day, DAY)} if limit.day is not None else {}
    return {"window": (limit.calls, timedelta(seconds=limit.seconds)), **day}


def _give_back(sending: Sending) -> None:
    """The reserved call was certainly not made."""
    if sending.budget is not None:
        sending.services.table.give_back(sending.budget, sending.now)


def _fresh(sending: Sending, reply: Reply) -> Reply:
    """The reply as it lies in the table now, its version carried forward."""
    return sending.snapshot.get(Reply, keys.reply(reply.case_id, reply.id)) or reply


def _wording(reply: Reply, decision: Decision | None) -> str | None:
    if decision is None:
        return None
    return decision.private_wording if reply.kind == "private_reply" else decision.wording


def _parked(sending: Sending, present: str) -> bool:
    account = sending.account
    return account is not None and account.parked_at is not None and account.credentials == present


def _released(sending: Sending) -> Account | None:
    """The account was parked, and its credentials were renewed since: work goes on."""
    account = sending.account
    if account is None or account.parked_at is None:
        return None
    return account.model_copy(update={"parked_at": None, "parked_because": None, "credentials": None})


def _words(sending: Sending) -> tuple[str, Decision | None] | None:
    """The text to be sent now; None when it was cancelled, deferred or given to an agent instead."""
    reply, case, now = sending.reply, sending.case, sending.now
    if not reply.robot:
        if reply.endpoint != "dms" and sending.last.state == "deleted":
            _to_agent(sending, reply.refused("post_deleted", now), "the post was deleted before the answer went out")
            return None
        return reply.text or "", None
    if reply.kind == "update":
        return _update(sending)
    if reply.kind == "opt_out" and sending.author.opted_out_at is None:
        _cancel(sending, "opted_in")
        return None
    decision = _decide_again(sending)
    if decision.silence == "person_in_conversation":
        until = case.human_due if case.human_due is not None and case.human_due > now else None
        if until is None or not case.unanswered:
            _cancel(sending, "answered_by_person")
        else:
            sending.commit(reply.deferred(until, "person_in_conversation", now))
        return None
    if decision.silence is not None:
        _cancel(sending, decision.silence)
        return None
    text = decision.private_answer if reply.kind == "private_reply" else decision.answer
    if text is None:
        _cancel(sending, "nothing_to_say")
        return None
    if reply.kind == "acknowledgement" and decision.wait_for_handoff and _mail_may_come(sending):
        until = decision.wait_until or now
        if until > now:
            sending.commit(reply.deferred(until, "mail", now))
            return None
    return text, decision


def _update(sending: Sending) -> tuple[str, None] | None:
    """Later words about a handoff, if the robot may still say them; else an agent's ready words, or nothing."""
    reply, now = sending.reply, sending.now
    branch = sending.playbook.branch(reply.handoff or "")
    if branch is None or reply.says is None:
        _cancel(sending, "no_such_branch")
        return None
    known = gather(
        sending.last.post,
        sending.playbook,
        sending.services,
        now,
        case=sending.case,
        author=sending.author,
        stored=sending.last,
        given=sending.handoff,
        attempt=reply.rewords,
        person_in_conversation=sending.case.holder is not None,
    )
    language = sending.case.language
    told = updates.update(reply.says, sending.last.post, language, branch, known, sending.playbook, now)  # type: ignore[arg-type]
    if told.by == "robot" and told.text is not None:
        return told.text, None
    if told.by == "agent" and told.text is not None:
        why = f"tell the customer: {reply.says.replace('_', ' ')} (ready to send)"
        before = sending.case.work_id
        changed = need_agent(sending.case.landed(reply.id), why, now, sending.playbook)
        sending.commit(reply.ready(told.text, told.why), changed)
        if changed.work_id != before:
            sending.services.queues.send(emit.work(changed, sending.services))
        return None
    _cancel(sending, told.why)
    return None


def _mail_may_come(sending: Sending) -> bool:
    return sending.handoff is not None and sending.handoff.state in ("pending", "sending")


def _decide_again(sending: Sending) -> Decision:
    """The same pure decision as at intake, with what is known now: mail accepted? answered? promise past? window?"""
    reply, case = sending.reply, sending.case
    post, author = sending.last.post, sending.author
    if reply.kind == "opt_out" and author.opted_out_at is not None:
        author = author.model_copy(update={"opted_out_at": None})
    return decide(
        post,
        gather(
            post,
            sending.playbook,
            sending.services,
            sending.now,
            case=case,
            author=author,
            stored=sending.last,
            given=sending.handoff,
            earlier_posts=sending.posts[0].earlier_posts,
            burst=tuple(each.post.text for each in sending.posts[:-1] if each.state == "standing"),
            attempt=reply.rewords,
            branch=reply.handoff,
        ),
        sending.playbook,
        sending.now,
    )


def _outgoing(sending: Sending) -> Outgoing:
    reply, post = sending.reply, sending.last.post
    return Outgoing(
        reply_id=reply.id,
        account=reply.account,
        endpoint=reply.endpoint,
        text=reply.text or "",
        in_reply_to=reply.in_reply_to,
        recipient=reply.recipient,
        human=not reply.robot,
        since=reply.first_tried_at or reply.created_at,
        attempt=reply.attempt,
        thread_id=post.thread_id,
        parent_id=post.parent_id,
    )


# -- what became of it -------------------------------------------------------------------------------------------


def _record_sent(sending: Sending, sent: Sent) -> None:
    """The platform has it; its echo will be known by its id."""
    reply = sending.reply.sent(sent.platform_id, sending.now)
    records = landed(reply, sending.case, sending.snapshot, sending.now)
    records.append(_echo_mark(sending, sent))
    if reply.kind == "private_reply" and sent.recipient_id:
        records.append(_linked(sending, f"{sent.channel or reply.channel}:{sent.recipient_id}"))
    sending.commit(*records)
    sending.services.count("Sent", channel=reply.channel, reply=reply.kind)


def _echo_mark(sending: Sending, sent: Sent) -> Seen | None:
    """The event by which the platform will tell us of our own words: seen, and nothing to be done."""
    key = f"{sent.channel or sending.reply.channel}:{sent.platform_id}#own"
    if sending.snapshot.get(Seen, keys.seen(key)) is not None:
        return None
    return Seen(
        key=key,
        kind="own",
        outcome="echo",
        delivery_id="",
        message_id="",
        case_id=sending.case.id,
        reply_id=sending.reply.id,
        at=sending.now,
    )


def _linked(sending: Sending, key: str) -> AuthorRecord | None:
    """Who the person is in private messages, told by the private reply: their next one belongs to this case."""
    if key == sending.case.author_key:
        return None
    known = sending.snapshot.get(AuthorRecord, keys.author(key))
    if known is not None and known.open_case == sending.case.id:
        return None
    record = known or AuthorRecord(key=key)
    return record.model_copy(
        update={
            "open_case": sending.case.id,
            "last_case": sending.case.id,
            "linked_from": f"{sending.case.author_key} (private reply to their comment)",
        }
    )


def _not_sent(sending: Sending, outcome: Outcome, credentials: str) -> None:
    reply, now = sending.reply, sending.now
    match outcome:
        case Unclear():
            sending.commit(reply.became_unclear(now, _pause(outcome, sending.services)))
        case Reword() if reply.robot and reply.rewords < MOST_REWORDS:
            again = reply.again(now + GRACE, outcome.reason, now, reword=True)
            sending.commit(again)
            sending.services.queues.send(emit.nudge(again, now, sending.services))
        case Wait():
            sending.commit(reply.again(_wait_over(outcome, now), outcome.reason, now, in_line=outcome.account_wide))
        case AccountDown():
            _park(sending, outcome, credentials)
        case NotSent():
            _give_back(sending)
            sending.commit(reply.again(now + GRACE, outcome.reason, now))
        case Permanent() if outcome.reason == POST_GONE and reply.robot:
            _post_gone(sending)
        case _:
            _to_agent(sending, reply.refused(outcome.reason, now), f"the platform refused the answer: {outcome.reason}")


def _post_gone(sending: Sending) -> None:
    """The platform says that the post does not exist any more, which X tells in no other way: its text goes (R65)."""
    reply, now, last = sending.reply, sending.now, sending.last
    case = relieved(sending.case.landed(reply.id), last.key, now, sending.playbook, gone=True)
    trail = line(case.id, now, "post_deleted", by="platform", about=(last.key, reply.id))
    sending.commit(reply.refused(POST_GONE, now), without_text(last), case, trail)


def _pause(outcome: Outcome, services: Services) -> timedelta:
    """How long to wait before asking (again): the settling time, and as long as the platform asks for."""
    return max(services.settling, timedelta(seconds=outcome.after or 0))


def _park(sending: Sending, outcome: Outcome, credentials: str) -> None:
    """Nothing goes out over this account until its credentials were renewed; the work waits, the alarm rings."""
    reply, now = sending.reply, sending.now
    if sending.services.secrets.renewed(reply.channel, reply.account, credentials):
        # Meanwhile, by the diary or a person: no reason to park.
        again = reply.again(now, "token_renewed", now, in_line=True)
        sending.commit(again)
        sending.services.queues.send(emit.nudge(again, now, sending.services))
        return
    account = sending.account or Account(channel=reply.channel, id=reply.account)
    account = sending.snapshot.get(Account, keys.account(reply.channel, reply.account)) or account
    parked = account.model_copy(update={"parked_at": now, "parked_because": outcome.reason, "credentials": credentials})
    sending.commit(reply.again(now + PARKED_PAUSE, "account_parked", now), parked)
    sending.services.tell(
        "account_parked", channel=reply.channel, account=reply.account, reason=outcome.reason, metric="AccountParked"
    )


def _cancel(sending: Sending, reason: str) -> None:
    """It will not be said: the reason stands on the post as its outcome."""
    reply, now = sending.reply, sending.now
    silent = [
        stored.model_copy(update={"silence": reason})
        for stored in sending.posts
        if stored.silence is None and reply.kind != "private_reply"
    ]
    case = sending.case.landed(reply.id)
    before = case.work_id
    waits = any(key in case.unanswered for key in reply.post_keys)
    if reason in AN_AGENTS_TURN and waits and before is None and not case.done:
        case = need_agent(case, f"no robot may answer any more: {reason.replace('_', ' ')}", now, sending.playbook)
    sending.commit(
        reply.cancelled(reason, now),
        case,
        *silent,
        line(sending.case.id, now, f"{reply.kind}_cancelled", about=(reply.id,), why=reason),
    )
    if case.work_id != before:
        sending.services.queues.send(emit.work(case, sending.services))


def _to_agent(sending: Sending, reply: Reply, why: str) -> None:
    """Refused: a person must act, with a live work item unless somebody holds the case."""
    case = sending.case.landed(reply.id)
    if sending.last.state != "deleted":
        missing = tuple(key for key in reply.post_keys if key not in case.unanswered)
        case = case.model_copy(update={"unanswered": (*case.unanswered, *missing)})
    before = case.work_id
    if reply.robot and sending.last.silence in ("spam", "house_rules"):
        changed = case
    else:
        changed = need_agent(case, why, sending.now, sending.playbook)
    sending.commit(
        reply,
        changed,
        line(case.id, sending.now, f"{reply.kind}_refused", by=reply.by, about=(reply.id,), why=reply.reason),
    )
    sending.services.count("Refused", channel=reply.channel, reason=(reply.reason or "").partition(":")[0])
    if changed.work_id != before:
        sending.services.queues.send(emit.work(changed, sending.services))


def _wait_over(outcome: Outcome, now: datetime) -> datetime:
    return now + (timedelta(seconds=outcome.after) if outcome.after is not None else UNSAID)


def _learn(sending: Sending, usage: object | None, outcome: Outcome | None = None) -> None:
    """Keep the budget as the platform says it, for all who send on that account's endpoint.

    What a success says is a hint: a lost race does not matter. A limit that was hit must be heard by all.
    """
    if sending.budget is None:
        return
    said = usage if isinstance(usage, Usage) else None
    now, lengths = sending.now, windows_of(sending.reply.channel, sending.reply.endpoint)

    def change(budget: Budget) -> Budget:
        for told in (said, *said.also) if said is not None else ():
            resets_at = datetime.fromtimestamp(told.resets_at, UTC) if told.resets_at is not None else None
            if told.remaining is not None and resets_at is not None:
                length = lengths.get(told.name, (0, DAY))[1]
                budget = budget.told(told.name, told.limit, told.remaining, resets_at, length, now)
            if told.percent is not None:
                budget = budget.used(told.percent, resets_at, now)
        if isinstance(outcome, Wait) and outcome.account_wide:
            return budget.stopped(_wait_over(outcome, now), now)
        if outcome is None and (said is None or said.percent is None):
            return budget.resumed()
        return budget

    try:
        sending.budget = sending.services.table.learn(sending.budget, change, now)
    except LostRace:
        if isinstance(outcome, Wait):
            sending.services.tell("limit_not_shared", channel=sending.reply.channel, account=sending.reply.account)


# -- an unsettled reply ------------------------------------------------------------------------------------------


def _lease_over(sending: Sending) -> None:
    """Whoever sent it died or lost the answer: after the lease nobody knows."""
    reply = sending.reply
    if reply.lease_until is not None and reply.lease_until > sending.now:
        return
    sending.commit(reply.became_unclear(sending.now, sending.services.settling))


def _look(sending: Sending) -> None:
    """Ask the platform whether it has the reply; not found counts after two looks a settling time apart (R26)."""
    reply, services, now = sending.reply, sending.services, sending.now
    if reply.due_at is not None and reply.due_at > now:
        return
    adapter = channels.adapter(reply.channel)
    credentials = services.secrets.credentials(reply.channel, reply.account)
    try:
        found = adapter.find_sent(services.http, credentials, _outgoing(sending))
    except Permanent as outcome:
        _to_agent(
            sending, reply.refused(outcome.reason, now), "nobody can tell whether the answer went out: look first"
        )
        return
    except Outcome as outcome:
        patience = ECHO_PATIENCE if outcome.reason == "cannot_be_asked" else ASKING_PATIENCE
        if now - (reply.unclear_since or now) < patience:
            sending.commit(reply.became_unclear(now, _pause(outcome, services)))
            return
        _to_agent(sending, reply.refused("unclear", now), "nobody can tell whether the answer went out: look first")
        return
    sending.now = services.clock()
    if found is not None:
        _record_sent(sending, found)
        return
    looked = reply.looked(sending.now, services.settling)
    if looked.looks < LOOKS_NEEDED:
        sending.commit(looked)
        return
    if reply.attempt >= MOST_ATTEMPTS:
        _to_agent(
            sending, reply.refused("unclear", sending.now), "nobody can tell whether the answer went out: look first"
        )
        return
    again = reply.again(sending.now + GRACE, "unclear_not_found", sending.now)
    sending.commit(again)
    services.queues.send(emit.nudge(again, sending.now, services))
