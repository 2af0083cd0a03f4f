"""Whose turn it is under a platform's limits, and what the platform says of them (R25; docs/decisions/order-under-a-limit.md)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .. import channels
from ..channels.contract import Usage
from ..model.budget import PAUSE, UNSAID, Budget
from ..model.errors import (
    LostRace,
    Outcome,
    Wait,
)
from ..model.records import Account
from ..model.reply import Reply
from ..table import keys, outbox_order
from . import emit
from .sending import Sending
from .services import GRACE, Services

MOST_STALE = 25
"""So many rows of an outbox may turn out to be stale hints before a sender does what it was woken for."""
DAY = timedelta(hours=24)


def first_in_line(nudged: Reply, services: Services, now: datetime) -> tuple[Reply, Budget | None]:
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
        record = services.table.hint(row.key)
        if isinstance(record, Reply) and record.in_line and record.not_before <= now and record.id != nudged.id:
            return record
    return None


def carry_on(sending: Sending) -> None:
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


def reserved(sending: Sending) -> bool:
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


def give_back(sending: Sending) -> None:
    """The reserved call was certainly not made."""
    if sending.budget is not None:
        sending.services.table.give_back(sending.budget, sending.now)


def wait_over(outcome: Outcome, now: datetime) -> datetime:
    """When a limit is over, as the platform says or as long as one is taken to last."""
    return now + (timedelta(seconds=outcome.after) if outcome.after is not None else UNSAID)


def learn(sending: Sending, usage: object | None, outcome: Outcome | None = None) -> None:
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
            return budget.stopped(wait_over(outcome, now), now)
        if outcome is None and (said is None or said.percent is None):
            return budget.resumed()
        return budget

    try:
        sending.budget = sending.services.table.learn(sending.budget, change, now)
    except LostRace:
        if isinstance(outcome, Wait):
            sending.services.tell("limit_not_shared", channel=sending.reply.channel, account=sending.reply.account)
