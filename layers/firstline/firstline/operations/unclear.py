"""A reply of which nobody knows whether it went out: the platform is asked before anything is sent again (R26)."""

from __future__ import annotations

from datetime import timedelta

from .. import channels
from ..model.errors import (
    Outcome,
    Permanent,
)
from ..model.reply import LOOKS_NEEDED, MOST_ATTEMPTS
from . import emit
from .aftermath import pause, record_sent, to_agent
from .record import record_outcome
from .sending import Sending, outgoing, read_unsent
from .services import GRACE

ECHO_PATIENCE = timedelta(minutes=10)
"""Where a platform cannot be asked, so long its own echo may come; then a person looks."""
ASKING_PATIENCE = timedelta(hours=6)
"""So long a platform that does not answer is asked again; then a person looks."""


def lease_over(sending: Sending) -> None:
    """Whoever sent it died or lost the answer: after the lease nobody knows."""
    reply = sending.reply
    if reply.lease_until is not None and reply.lease_until > sending.now:
        return
    sending.commit(reply.became_unclear(sending.now, sending.services.settling))


def look(sending: Sending) -> None:
    """Ask the platform whether it has the reply; not found counts after two looks a settling time apart (R26)."""
    reply, services, now = sending.reply, sending.services, sending.now
    if reply.due_at is not None and reply.due_at > now:
        return
    adapter = channels.adapter(reply.channel)
    credentials = services.tokens.credentials(reply.channel, reply.account)
    try:
        found = adapter.find_sent(services.http, credentials, outgoing(sending))
    except Permanent as outcome:
        to_agent(sending, reply.refused(outcome.reason, now), "nobody can tell whether the answer went out: look first")
        return
    except Outcome as outcome:
        patience = ECHO_PATIENCE if outcome.reason == "cannot_be_asked" else ASKING_PATIENCE
        if now - (reply.unclear_since or now) < patience:
            sending.commit(reply.became_unclear(now, pause(outcome, services)))
            return
        to_agent(sending, reply.refused("unclear", now), "nobody can tell whether the answer went out: look first")
        return
    sending.now = services.clock()
    if found is not None:
        record_outcome(sending, lambda: read_unsent(sending), lambda present: record_sent(present, found), services)
        return
    looked = reply.looked(sending.now, services.settling)
    if looked.looks < LOOKS_NEEDED:
        sending.commit(looked)
        return
    if reply.attempt >= MOST_ATTEMPTS:
        to_agent(
            sending, reply.refused("unclear", sending.now), "nobody can tell whether the answer went out: look first"
        )
        return
    again = reply.again(sending.now + GRACE, "unclear_not_found", sending.now)
    sending.commit(again)
    services.queues.send(emit.nudge(again, sending.now, services))
