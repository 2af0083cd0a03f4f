"""What became of a call: sent, refused, to be tried again, parked, or an agent's (R25, R26)."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..channels.contract import Sent
from ..decide.updates import AN_AGENTS_TURN
from ..model.case import ERASED, Case
from ..model.errors import (
    POST_GONE,
    AccountDown,
    NotSent,
    Outcome,
    Permanent,
    Reword,
    Unclear,
    Wait,
)
from ..model.records import Account, AuthorRecord, Seen
from ..model.reply import Reply
from ..table import keys
from . import emit
from .audit import line
from .removal import relieved, without_text
from .sending import PARKED_PAUSE, Sending
from .services import GRACE, Services
from .settle import landed
from .turns import give_back, wait_over
from .work import need_agent

MOST_REWORDS = 3
ROBOTS_OFF = "robots_off"


def record_sent(sending: Sending, sent: Sent) -> None:
    """The platform has it; its echo will be known by its id."""
    reply = sending.reply.sent(sent.platform_id, sending.now)
    if reply.kind == "private_reply" and sent.recipient_id:
        reply = reply.model_copy(update={"reached": f"{sent.channel or reply.channel}:{sent.recipient_id}"})
    records = landed(reply, sending.case, sending.snapshot, sending.now)
    records.append(_echo_mark(sending, sent))
    if reply.reached is not None:
        records.append(_linked(sending, reply.reached))
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
    if key == sending.case.author_key or sending.case.disposition == ERASED:
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


def not_sent(sending: Sending, outcome: Outcome, credentials: str) -> None:
    """What the platform's answer asks for; ``credentials`` is the fingerprint of those that the call was made with."""
    reply, now = sending.reply, sending.now
    match outcome:
        case Unclear():
            sending.commit(reply.became_unclear(now, pause(outcome, sending.services)))
        case Reword() if reply.robot and reply.rewords < MOST_REWORDS:
            again = reply.again(now + GRACE, outcome.reason, now, reword=True)
            sending.commit(again)
            sending.services.queues.send(emit.nudge(again, now, sending.services))
        case Wait():
            sending.commit(reply.again(wait_over(outcome, now), outcome.reason, now, in_line=outcome.account_wide))
        case AccountDown():
            _park(sending, outcome, credentials)
        case NotSent():
            sending.commit(reply.again(now + GRACE, outcome.reason, now))
            give_back(sending)
        case Permanent() if outcome.reason == POST_GONE and reply.robot:
            _post_gone(sending)
        case _:
            to_agent(sending, reply.refused(outcome.reason, now), f"the platform refused the answer: {outcome.reason}")


def _post_gone(sending: Sending) -> None:
    """The platform says that the post does not exist any more, which X tells in no other way: its text goes (R65)."""
    reply, now, last = sending.reply, sending.now, sending.last
    case = relieved(sending.case.landed(reply.id), last.key, now, sending.playbook, gone=True)
    trail = line(case.id, now, "post_deleted", by="platform", about=(last.key, reply.id))
    sending.commit(reply.refused(POST_GONE, now), without_text(last), case, trail)


def pause(outcome: Outcome, services: Services) -> timedelta:
    """How long to wait before asking (again): the settling time, and as long as the platform asks for."""
    return max(services.settling, timedelta(seconds=outcome.after or 0))


def _park(sending: Sending, outcome: Outcome, credentials: str) -> None:
    """Nothing goes out over this account until its credentials were renewed; the work waits, the alarm rings."""
    reply, now = sending.reply, sending.now
    if sending.services.tokens.renewed(reply.channel, reply.account, credentials):
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


def cancel(sending: Sending, reason: str) -> None:
    """It will not be said: the reason stands on the post as its outcome."""
    reply, now = sending.reply, sending.now
    silent = [
        stored.model_copy(update={"silence": reason})
        for stored in sending.posts
        if stored.silence is None and reply.kind != "private_reply"
    ]
    case = sending.case.landed(reply.id)
    before = case.work_id
    if reason == ROBOTS_OFF and not case.done:
        case = _waits_for_agent(case, reply, now)
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


def _waits_for_agent(case: Case, reply: Reply, now: datetime) -> Case:
    """Whatever the robot would have said there, an agent decides now, by the time by which the robot had to."""
    missing = tuple(key for key in reply.post_keys if key not in case.unanswered)
    due = case.human_due or (max(reply.target, now) if reply.target is not None else None)
    return case.model_copy(update={"unanswered": (*case.unanswered, *missing), "human_due": due})


def to_agent(sending: Sending, reply: Reply, why: str) -> None:
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
