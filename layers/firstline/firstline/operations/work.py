"""Work for people: bring a case to an agent, or bring it up again."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..decide.hours import plus_open_minutes
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


def back_to_holder(case: Case, now: datetime, playbook: Playbook, *, danger: bool = False) -> datetime | None:
    """Until when new work on the case is for the person who waits for the customer: so many opening minutes from the
    first answer on, but not beyond the target of a person's answer. None: for all at once, as where somebody is at risk."""
    if case.kept_for is None or danger:
        return None
    if case.kept_for_until is not None:
        return case.kept_for_until if case.kept_for_until > now else None
    until = plus_open_minutes(playbook.hours, now, playbook.case.back_to_holder_minutes)
    due = case.human_due
    return min(until, due) if due is not None and due > now else until


def need_agent(case: Case, reason: str, now: datetime, playbook: Playbook, *, lane: Lane = "standard") -> Case:
    """A person must act: the holder sees it on the case; else there is a live work item with this reason.

    Who waits for the customer has it first. A case that had no human target is due at once. No queue brings the cause again, so the diary announces the item.
    """
    if case.holder is not None:
        return case
    case = case if case.human_due is not None else case.model_copy(update={"human_due": now})
    kept = back_to_holder(case, now, playbook)
    pause = requeue(playbook)
    return case.queued(better(case.lane, lane) or lane, reason, now, pause, announced=False, kept_for_until=kept)
