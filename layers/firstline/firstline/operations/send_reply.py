"""Send a reply, once (R25, R26): decide again with present facts, reserve the budget, lease, send, record.

A message on the replies queue is a nudge. What cannot go now gets a ``due_at`` on its record, and its message is gone;
what is unclear is looked for at the platform before anything is sent again.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .. import channels
from ..decide import decide, updates
from ..model.budget import Budget
from ..model.decision import Decision
from ..model.errors import (
    LostRace,
    Malformed,
    Outcome,
    Refused,
    Retry,
)
from ..model.records import Account
from ..model.reply import Reply
from ..outward.account_secrets import fingerprint
from ..table import keys
from . import emit
from .aftermath import cancel, not_sent, record_sent, to_agent
from .facts import gather
from .record import record_outcome
from .sending import PARKED_PAUSE, Sending, outgoing, read_attempt, read_for, read_unsent
from .services import LEASE, Services
from .settle import spoken_to
from .turns import carry_on, first_in_line, give_back, learn, reserved
from .unclear import lease_over, look
from .work import need_agent

RACES = 12
"""Many senders may want the same head of an outbox at the same moment: whoever loses takes the next one."""


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
    first, budget = first_in_line(nudged, services, now)
    if first.id != nudged.id and _done_first(first, budget, services):
        services.queues.send(emit.nudge(nudged, now, services))
        return
    done = _do(nudged, budget, services)
    if done is not None and done.called:
        carry_on(done)


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
    sending = read_for(reply, services)
    if sending is None:
        return None
    sending.budget = budget
    match reply.state:
        case "sending":
            lease_over(sending)
        case "unclear":
            look(sending)
        case _:
            _try(sending)
    return sending


def _try(sending: Sending) -> None:
    reply, services, now = sending.reply, sending.services, sending.now
    credentials = services.tokens.credentials(reply.channel, reply.account)
    silenced = reply.robot and sending.robots_off  # then it goes to an agent at once, whatever it waits for
    if not silenced and _parked(sending, fingerprint(credentials)):
        sending.commit(reply.deferred(now + PARKED_PAUSE, "account_parked", now))
        return
    worded = _words(sending)
    if worded is None:
        return
    if not reserved(sending):
        return
    taken = reply.taken(worded.text, now, LEASE, wording=worded.wording, promised_until=worded.promised_until)
    taken = taken.model_copy(update={"credentials": fingerprint(credentials)})
    spoken = (sending.author, sending.counted) if reply.robot else ()
    heard = [spoken_to(each, taken.wording, now) for each in spoken if each is not None]
    released = _released(sending)
    try:
        sending.commit(taken, *heard, released)
    except LostRace:
        give_back(sending)
        raise
    sending.reply = _fresh(sending, taken)
    try:
        sent = channels.adapter(reply.channel).send(services.http, credentials, outgoing(sending))
    except Outcome as outcome:
        sending.now = services.clock()
        learn(sending, outcome.usage, outcome)
        refusal = outcome
        record_outcome(
            sending,
            lambda: read_attempt(sending),
            lambda present: not_sent(present, refusal, fingerprint(credentials)),
            services,
        )
        return
    sending.now = services.clock()
    learn(sending, sent.usage)
    record_outcome(sending, lambda: read_unsent(sending), lambda present: record_sent(present, sent), services)
    sending.called = True


def _fresh(sending: Sending, reply: Reply) -> Reply:
    """The reply as it lies in the table now, its version carried forward."""
    return sending.snapshot.get(Reply, keys.reply(reply.case_id, reply.id)) or reply


def _parked(sending: Sending, present: str) -> bool:
    account = sending.account
    return account is not None and account.parked_at is not None and account.credentials == present


def _released(sending: Sending) -> Account | None:
    """The account was parked, and its credentials were renewed since: work goes on."""
    account = sending.account
    if account is None or account.parked_at is None:
        return None
    return account.model_copy(update={"parked_at": None, "parked_because": None, "credentials": None})


class Worded(NamedTuple):
    """What is said now: the text, the id of the robot's wording, and the time that it promises."""

    text: str
    wording: str | None = None
    promised_until: datetime | None = None


def _words(sending: Sending) -> Worded | None:
    """The text to be sent now; None when it was cancelled, deferred or given to an agent instead."""
    reply, case, now = sending.reply, sending.case, sending.now
    if not reply.robot:
        if reply.endpoint != "dms" and sending.last.state == "deleted":
            to_agent(sending, reply.refused("post_deleted", now), "the post was deleted before the answer went out")
            return None
        return Worded(reply.text or "")
    if reply.kind == "update":
        return _update(sending)
    if reply.kind == "opt_out" and sending.author.opted_out_at is None:
        cancel(sending, "opted_in")
        return None
    decision = _decide_again(sending)
    if decision.silence == "person_in_conversation":
        until = case.human_due if case.human_due is not None and case.human_due > now else None
        if until is None or not case.unanswered:
            cancel(sending, "answered_by_person")
        else:
            sending.commit(reply.deferred(until, "person_in_conversation", now))
        return None
    if decision.silence is not None:
        cancel(sending, decision.silence)
        return None
    private = reply.kind == "private_reply"
    text = decision.private_answer if private else decision.answer
    if text is None:
        cancel(sending, "nothing_to_say")
        return None
    if reply.kind == "acknowledgement" and decision.wait_for_handoff and _mail_may_come(sending):
        until = decision.wait_until or now
        if until > now:
            waiting = reply.deferred(until, "mail", now)
            sending.commit(waiting)
            sending.services.queues.send(emit.nudge(waiting, now, sending.services, until=until))
            return None
    wording = decision.private_wording if private else decision.wording
    return Worded(text, wording, decision.promised_until if reply.kind == "acknowledgement" else None)


def _update(sending: Sending) -> Worded | None:
    """Later words about a handoff, if the robot may still say them; else an agent's ready words, or nothing."""
    reply, now = sending.reply, sending.now
    branch = sending.playbook.branch(reply.handoff or "")
    if branch is None or reply.says is None:
        cancel(sending, "no_such_branch")
        return None
    known = gather(
        sending.last.post,
        sending.playbook,
        sending.services,
        now,
        case=sending.case,
        author=sending.author,
        counted=sending.counted,
        stored=sending.last,
        given=sending.handoff,
        attempt=reply.rewords,
        robots_off=sending.robots_off,
        person_in_conversation=sending.case.holder is not None,
    )
    language = sending.case.language
    told = updates.update(
        reply.says, sending.last.post, language, branch, known, sending.playbook, now, sending.handoff
    )  # type: ignore[arg-type]
    if told.by == "robot" and told.text is not None:
        return Worded(told.text, told.wording)
    if told.by == "agent" and told.text is not None:
        why = f"tell the customer: {reply.says.replace('_', ' ')} (ready to send)"
        before = sending.case.work_id
        changed = need_agent(sending.case.landed(reply.id), why, now, sending.playbook)
        sending.commit(reply.ready(told.text, told.why), changed)
        if changed.work_id != before:
            sending.services.queues.send(emit.work(changed, sending.services))
        return None
    cancel(sending, told.why)
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
            counted=sending.counted,
            stored=sending.last,
            given=sending.handoff,
            earlier_posts=sending.posts[0].earlier_posts,
            burst=tuple(each.post.text for each in sending.posts[:-1] if each.state == "standing"),
            attempt=reply.rewords,
            robots_off=sending.robots_off,
            branch=reply.handoff,
        ),
        sending.playbook,
        sending.now,
    )
