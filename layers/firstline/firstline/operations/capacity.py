"""How much the platforms let us say, beside what waits to be said (R25). Reads by index, bounded, no scan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from .. import channels
from ..decide.capacity import SOON, Capacity, InLine, capacity
from ..model.budget import Budget
from ..model.errors import LostRace
from ..model.reply import Reply
from ..table import keys
from . import emit
from .services import Services
from .turns import windows_of

PAGE = 1000
MOST = 5000
"""Of one outbox so many replies are looked at: seven hours of X's posts."""


def capacities(services: Services, account: str | None = None) -> list[Capacity]:
    """Every account's endpoints (or those of one account, by id or handle), busy or not."""
    return [_of(budget, services)[0] for budget in _budgets(services, account)]


def measure_capacity(services: Services) -> None:
    """Tell where what waits cannot be sent in time, set the count of the waiting right, and wake the head of the line
    where there is room again: those whose turn it was may have been answered by people (the diary's minute).

    Where no limit presses, nothing is read but the budgets.
    """
    now, at_risk, pressed = services.clock(), 0, False
    for budget in _budgets(services):
        if budget.version == 0 or not budget.pressed(now):
            continue
        pressed = True
        found, ready = _of(budget, services)
        if ready and budget.opens_at(now) is None:
            _wake_head(budget, services)
        if not found.more:
            try:
                services.table.learn(budget, lambda present, ready=ready: present.counted(ready), now)
            except LostRace:
                pass
        at_risk += found.late
        if found.late:
            services.tell("capacity_at_risk", **found.model_dump(mode="json", exclude={"at"}))
    if pressed:
        services.count("RepliesAtRisk", value=at_risk)


def _wake_head(budget: Budget, services: Services) -> None:
    now = services.clock()
    row = next(services.table.outbox(budget.channel, budget.account, budget.endpoint, now), None)
    head = services.table.hint(row.key) if row is not None else None
    if isinstance(head, Reply) and head.in_line:
        services.queues.send(emit.nudge(head, now, services))


def _budgets(services: Services, account: str | None = None) -> Iterator[Budget]:
    """As they stand in the table, or as they would begin."""
    now = services.clock()
    wanted = [
        Budget(channel=each.channel, account=each.id, endpoint=endpoint)
        for each in services.playbooks.active().accounts
        if account in (None, each.id, each.handle)
        for endpoint in channels.adapter(each.channel).limits
    ]
    known = services.table.read(keys.budget(each.channel, each.account, each.endpoint) for each in wanted)
    for each in wanted:
        key = keys.budget(each.channel, each.account, each.endpoint)
        if key in known.unknown:
            continue
        found = known.get(key)
        present = found if isinstance(found, Budget) else each
        yield present.rolled(windows_of(each.channel, each.endpoint), now)


def _of(budget: Budget, services: Services) -> tuple[Capacity, int]:
    """The forecast, and how many of the waiting are past their hold-back."""
    now = services.clock()
    outbox = services.table.outbox(budget.channel, budget.account, budget.endpoint, now + SOON, page=PAGE)
    rows = list(islice(outbox, MOST + 1))
    line = [InLine(row.severity, row.not_before, row.target) for row in rows[:MOST]]
    ready = sum(each.not_before <= now for each in line)
    return capacity(budget, line, now, more=len(rows) > MOST), ready
