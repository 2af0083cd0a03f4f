"""What can be said soon, what waits, when it is through, what will be late (R25)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from firstline.decide.capacity import InLine, capacity
from firstline.model.budget import SLACK, Budget

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def a_budget(limit: int = 10, left: int = 10) -> Budget:
    budget = Budget(channel="x", account="1", endpoint="posts").rolled({"window": (limit, QUARTER)}, NOW)
    return budget.told("window", limit, left, NOW + QUARTER, QUARTER, NOW)


def waiting(count: int, severity: int = 1, *, target: timedelta | None = QUARTER) -> list[InLine]:
    return [InLine(severity, NOW, NOW + target if target is not None else None) for _ in range(count)]


def test_nothing_waits_and_all_calls_are_there() -> None:
    found = capacity(a_budget(), [], NOW)
    assert (found.soon, found.waits, found.through_at, found.late) == (10, 0, None, 0)


def test_what_fits_goes_at_once() -> None:
    found = capacity(a_budget(left=4), waiting(4), NOW)
    assert (found.soon, found.through_at, found.late) == (4, NOW, 0)


def test_what_does_not_fit_waits_for_the_next_windows_and_its_lateness_is_told() -> None:
    found = capacity(a_budget(left=4), [*waiting(2, 3), *waiting(22, 1)], NOW)
    second = NOW + QUARTER + SLACK
    assert found.waiting == {"3": 2, "1": 22}
    assert found.through_at == second + QUARTER + SLACK
    assert found.late == 20 and found.latest_seconds == int((second + QUARTER + SLACK - NOW - QUARTER).total_seconds())


def test_words_without_a_target_are_never_late() -> None:
    assert capacity(a_budget(left=0), waiting(5, 3, target=None), NOW).late == 0


def test_what_is_held_back_is_not_counted_as_gone_before_it_may_go() -> None:
    held = [InLine(1, NOW + timedelta(minutes=3), NOW + QUARTER)]
    assert capacity(a_budget(), held, NOW).through_at == NOW + timedelta(minutes=3)


def test_an_account_that_is_stopped_says_from_when_on_it_can_go_on() -> None:
    found = capacity(a_budget(left=0), waiting(1), NOW)
    assert found.opens_at == NOW + QUARTER + SLACK and found.soon == 0
