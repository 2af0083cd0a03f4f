"""Work for people: bring a case to an agent, or bring it up again."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..model.case import Case
from ..model.decision import Lane
from ..playbook import Playbook

RANK: dict[str | None, int] = {None: 0, "email": 1, "standard": 2, "urgent": 3}


def better(first: Lane | None, second: Lane | None) -> Lane | None:
    """The more urgent of two lanes."""
    return first if RANK[first] >= RANK[second] else second


def requeue(playbook: Playbook) -> timedelta:
    """After how long unclaimed work is issued again."""
    return timedelta(minutes=playbook.case.requeue_minutes)


def need_agent(case: Case, reason: str, now: datetime, playbook: Playbook, *, lane: Lane = "standard") -> Case:
    """A person must act: the holder sees it on the case; else there is a live work item with this reason.

    A case that had no human target is due at once. No queue brings the cause again, so the diary announces the item.
    """
    if case.holder is not None:
        return case
    case = case if case.human_due is not None else case.model_copy(update={"human_due": now})
    return case.queued(better(case.lane, lane) or lane, reason, now, requeue(playbook), announced=False)
