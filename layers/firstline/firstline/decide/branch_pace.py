"""How a branch keeps up with its handoffs: what is open, what is late, how fast it moves (in its own opening hours)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from statistics import median
from typing import NamedTuple

from firstline.model.handoff import Handoff
from firstline.playbook import Hours

from .hours import open_minutes_between

TAKEN_ON = frozenset({"accepted", "contacted", "done"})
REACHED = frozenset({"contacted", "done"})
"""Steps that show that the branch has it, and that it spoke with the customer: who calls at once need not accept."""


class Pace(NamedTuple):
    """Figures of some handoffs of one branch. Medians in opening minutes since the mail; None when there is none yet."""

    open: int
    late: int
    done: int
    accept_minutes: int | None
    contact_minutes: int | None
    helped: int
    not_helped: int
    """What customers said when they were asked."""


def is_late(given: Handoff, now: datetime) -> bool:
    """Whether the branch has to act and its present target is past (the region heard of it, or is about to)."""
    if given.stage == "waiting":
        return given.escalated_at is not None or (given.accept_by is not None and given.accept_by < now)
    return given.stage == "accepted" and given.contact_by < now


def pace(handoffs: Iterable[Handoff], hours: Hours, now: datetime) -> Pace:
    """The figures of these handoffs."""
    found = list(handoffs)
    return Pace(
        open=sum(given.with_branch for given in found),
        late=sum(is_late(given, now) for given in found),
        done=sum(given.stage == "done" for given in found),
        accept_minutes=_median(_minutes(given, TAKEN_ON, hours) for given in found),
        contact_minutes=_median(_minutes(given, REACHED, hours) for given in found),
        helped=sum(given.helped is True for given in found),
        not_helped=sum(given.helped is False for given in found),
    )


def _minutes(given: Handoff, steps: frozenset[str], hours: Hours) -> int | None:
    """Opening minutes from the mail to the first of these steps."""
    at = next((step.at for step in given.steps if step.what in steps), None)
    if given.mailed_at is None or at is None:
        return None
    return open_minutes_between(hours, given.mailed_at, at)


def _median(minutes: Iterable[int | None]) -> int | None:
    known = [each for each in minutes if each is not None]
    return round(median(known)) if known else None
