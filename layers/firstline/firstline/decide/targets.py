"""The three clocks of a post: acknowledged, answered by a person, resolved (R19).

Why: the robot works round the clock, so its clock does too; people's clocks run in opening hours. All start when the
customer wrote, not when we noticed, so that a late delivery is honestly late. Only what is older than a day (a
replay, a reconnected page) starts anew, or a thousand old posts would claim to be due at once.

Examples: X, 12:00 -> acknowledged by 12:15; Friday 17:30 with a human target of 60 minutes -> Monday 8:30.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from firstline.model.decision import Known
from firstline.model.post import Post
from firstline.playbook import Branch, Playbook

from .hours import plus_open_minutes

LONG_PAST = timedelta(days=1)
SHORTEST_MARGIN = timedelta(seconds=60)


class Clocks(NamedTuple):
    """When what is due, and the earliest moment at which a robot speaks (all UTC)."""

    not_before: datetime
    ack_due: datetime
    human_due: datetime
    last_wait: datetime
    """Until then the answer may wait for the branch's mail."""


def clocks(post: Post, priority: int, known: Known, playbook: Playbook, now: datetime) -> Clocks:
    """The clocks of a post. ``not_before`` is the hold-back (R21), in private the pause that ends a burst (R11a)."""
    written = min(post.at, now)  # a platform's clock may be ahead of ours

    def minutes(kind: str) -> int:
        return playbook.target(kind, post.channel, post.visibility, priority, written, post.account)  # type: ignore[arg-type]

    allowed = timedelta(minutes=minutes("acknowledge"))
    start = now if now - written > LONG_PAST else written
    ack_due = start + allowed
    if post.visibility == "private":
        pause = playbook.chat_pause_seconds if known.chat_pause_override is None else known.chat_pause_override
        not_before = now + timedelta(seconds=pause)
    else:
        held = playbook.hold_back_seconds if known.hold_back_override is None else known.hold_back_override
        not_before = written + timedelta(seconds=held)
    margin = max(allowed / 4, SHORTEST_MARGIN)
    return Clocks(
        not_before=min(not_before, ack_due),
        ack_due=ack_due,
        human_due=plus_open_minutes(playbook.hours, start, minutes("human")),
        last_wait=ack_due - margin,
    )


def contact_by(branch: Branch, playbook: Playbook, now: datetime) -> datetime:
    """By when a branch is asked to have contacted the customer: counted in its own opening hours (UTC)."""
    return plus_open_minutes(branch.hours, now, playbook.handoff.contact_minutes)
