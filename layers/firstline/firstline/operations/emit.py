"""The messages that committed records cause. The same records cause the same messages, however often they are sent."""

from __future__ import annotations

from datetime import datetime

from ..model.case import Case
from ..model.handoff import BranchMail, Handoff
from ..model.reply import Reply
from ..outward.messages import handoff_nudge, reply_nudge
from ..outward.queues import LONGEST_DELAY, Message
from .services import Services


def nudge(reply: Reply, now: datetime, services: Services, *, until: datetime | None = None) -> list[Message]:
    """Wake the reply when its hold-back is over (or at ``until``); what waits longer than a queue can is left to the
    diary."""
    if not reply.open:
        return []
    delay = int(((until or reply.not_before) - now).total_seconds() + 0.999)
    if delay > LONGEST_DELAY:
        return []
    text = reply_nudge(reply.case_id, reply.id)
    return [Message(services.settings.replies_queue_url, text, max(delay, 0))]


def work(case: Case, services: Services) -> list[Message]:
    """The case's live work item, in its lane."""
    item = case.work_item()
    if item is None or case.lane is None:
        return []
    return [Message(services.lane_url(case.lane), item.model_dump_json())]


def handoff(given: Handoff, services: Services) -> list[Message]:
    """Mail this handoff."""
    if not given.open:
        return []
    return [Message(services.settings.handoffs_queue_url, handoff_nudge(given.case_id, given.id))]


def turn(mail: Handoff | BranchMail, now: datetime, services: Services) -> list[Message]:
    """Wake the mail when its turn has come; what waits longer than a queue can is left to the diary."""
    delay = int(((mail.turn_at or now) - now).total_seconds() + 0.999)
    if delay > LONGEST_DELAY:
        return []
    text = handoff_nudge(mail.case_id, mail.id)
    return [Message(services.settings.handoffs_queue_url, text, max(delay, 0))]


def mail(later: BranchMail, services: Services) -> list[Message]:
    """Send this later mail of a handoff."""
    if not later.open:
        return []
    return [Message(services.settings.handoffs_queue_url, handoff_nudge(later.case_id, later.id))]
