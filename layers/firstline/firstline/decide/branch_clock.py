"""When a branch that does not move is reminded, when its region hears of it, when agents take it back (R48).

Why in its own opening hours: nobody can act in a closed shop, and a reminder that waits in a mailbox over Sunday is no
reminder. Why the desk's hours for the way back: then it is the region's turn.

Examples (open 9-17, accept within 4 hours, reminders at 50 and 90 %): mailed at 9:00 -> reminded at 11:00 and 12:36,
due at 13:00, with the region at 14:00; mailed on Saturday evening -> the same on Monday.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from firstline.playbook import Branch, Playbook

from .hours import next_opening, open_minutes_between, plus_open_minutes


class BranchClock(NamedTuple):
    """The moments (UTC) of one target: when it must be met, and what happens before and after."""

    target: datetime
    reminders: tuple[datetime, ...]
    escalate_at: datetime


def to_accept(branch: Branch, playbook: Playbook, now: datetime) -> BranchClock:
    """The clock that runs from the mail until the branch accepted."""
    return _until(plus_open_minutes(branch.hours, now, playbook.handoff.accept_minutes), branch, playbook, now)


def to_contact(branch: Branch, playbook: Playbook, contact_by: datetime, now: datetime) -> BranchClock:
    """The clock that runs from accepting until the customer was contacted; a target that is past gets the same grace
    as one that is missed now."""
    return _until(max(contact_by, now), branch, playbook, now)


def to_finish(branch: Branch, playbook: Playbook, now: datetime) -> BranchClock:
    """The clock that runs from contacting the customer until the branch says that it is done."""
    return _until(plus_open_minutes(branch.hours, now, playbook.handoff.done_minutes), branch, playbook, now)


def to_try_again(branch: Branch, playbook: Playbook, now: datetime, on: date | None) -> BranchClock:
    """The clock of another try: on a day, as soon as the branch opens, else after a time of opening hours."""
    minutes = playbook.handoff.retry_minutes
    target = _opening(branch, on, now) if on else plus_open_minutes(branch.hours, now, minutes)
    return BranchClock(target, (target,), plus_open_minutes(branch.hours, target, minutes))


def after_the_day(branch: Branch, playbook: Playbook, on: date, now: datetime) -> BranchClock:
    """The clock of something agreed for a day: when the branch opens after it, it is asked whether it is done."""
    asked = _opening(branch, on + timedelta(days=1), now)
    target = plus_open_minutes(branch.hours, asked, playbook.handoff.accept_minutes)
    late = plus_open_minutes(branch.hours, target, playbook.handoff.escalate_after_accept_minutes)
    return BranchClock(target, (asked,), late)


def _opening(branch: Branch, on: date, now: datetime) -> datetime:
    midnight = datetime.combine(on, time(), ZoneInfo(branch.time_zone))
    return next_opening(branch.hours, max(midnight, now))


def to_return(branch: Branch, playbook: Playbook, now: datetime) -> datetime:
    """When agents take back what the region was told of now."""
    region = playbook.region(branch.region)
    desk = (playbook.branch(region.desk) if region else None) or branch
    return plus_open_minutes(desk.hours, now, playbook.handoff.return_to_agents_after_minutes)


def _until(target: datetime, branch: Branch, playbook: Playbook, now: datetime) -> BranchClock:
    rules = playbook.handoff
    minutes = open_minutes_between(branch.hours, now, target)
    reminders = (plus_open_minutes(branch.hours, now, int(minutes * share)) for share in sorted(rules.remind_after))
    return BranchClock(
        target=target,
        reminders=tuple(moment for moment in reminders if now < moment < target),
        escalate_at=plus_open_minutes(branch.hours, target, rules.escalate_after_accept_minutes),
    )
