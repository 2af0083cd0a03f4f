"""Capacity, shown before it is needed (R25): what can be said soon, what waits, when it is through, what will be late.

Why a forecast and no average: the calls that are left and the moments at which windows begin anew are known, and so is
the order in which the waiting are taken. It assumes that nothing else comes and that every call is used.

Example: X, 40 calls left until 12:09 and 1,000 waiting -> 40 at once, 100 at 12:09, the last at 14:25.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from firstline.model.base import Instant, Value
from firstline.model.budget import Budget

SOON = timedelta(minutes=15)


class InLine(NamedTuple):
    """A reply that waits: 0 to 3, when its hold-back is over, when it must have been sent (None: no target)."""

    severity: int
    not_before: datetime
    target: datetime | None


class Capacity(Value):
    """One account's endpoint. Counts are replies; ``waiting`` is by severity, the most severe (and agents' words) first.

    ``soon`` is how many calls are possible in the next 15 minutes, ``through_at`` when the last of the waiting goes,
    ``late`` how many of them miss their target and ``latest_seconds`` by how much at most. ``more``: not all were read,
    so the true figures are higher.
    """

    channel: str
    account: str
    endpoint: str
    at: Instant
    soon: int
    opens_at: Instant | None = None
    waiting: dict[str, int] = {}
    through_at: Instant | None = None
    late: int = 0
    latest_seconds: int = 0
    next_in_line_at: Instant | None = None
    more: bool = False

    @property
    def waits(self) -> int:
        """All that wait."""
        return sum(self.waiting.values())


def capacity(budget: Budget, line: Iterable[InLine], now: datetime, *, more: bool = False) -> Capacity:
    """The forecast. ``line`` is in the order in which it is taken; ``budget`` has a window at least."""
    turns = _turns(budget, now)
    waiting: dict[str, int] = {}
    through: datetime | None = None
    late, latest = 0, 0
    for each in line:
        at = max(next(turns), each.not_before)
        through = max(through, at) if through is not None else at
        name = str(each.severity)
        waiting[name] = waiting.get(name, 0) + 1
        over = int((at - each.target).total_seconds()) if each.target is not None else 0
        if over > 0:
            late, latest = late + 1, max(latest, over)
    return Capacity(
        channel=budget.channel,
        account=budget.account,
        endpoint=budget.endpoint,
        at=now,
        soon=_until(budget, now, now + SOON),
        opens_at=budget.opens_at(now),
        waiting=waiting,
        through_at=through,
        late=late,
        latest_seconds=latest,
        next_in_line_at=next(turns),
        more=more,
    )


def _turns(budget: Budget, now: datetime) -> Iterator[datetime]:
    """The moment of each call to come."""
    for at, calls in budget.calls(now):
        for _ in range(calls):
            yield at


def _until(budget: Budget, now: datetime, end: datetime) -> int:
    possible = 0
    for at, calls in budget.calls(now):
        if at >= end:
            break
        possible += calls
    return possible
