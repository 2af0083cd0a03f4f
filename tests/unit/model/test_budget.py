"""The budget: several windows at once, learned from what platforms say (R25)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from firstline.model.budget import PAUSE, SLACK, Budget

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
QUARTER, DAY = timedelta(minutes=15), timedelta(hours=24)
X = {"window": (100, QUARTER), "day": (10_000, DAY)}


def a_budget(**limits: tuple[int, timedelta]) -> Budget:
    return Budget(channel="x", account="1", endpoint="posts").rolled(limits or X, NOW)


def after(calls: int, budget: Budget) -> Budget:
    for _ in range(calls):
        budget = budget.taken()
    return budget


def test_every_call_counts_in_every_window() -> None:
    budget = after(40, a_budget())
    assert {name: each.remaining for name, each in budget.windows.items()} == {"window": 60, "day": 9960}
    assert budget.remaining == 60 and budget.opens_at(NOW) is None


def test_the_window_that_ends_last_of_those_used_up_decides() -> None:
    budget = after(100, a_budget())
    assert budget.opens_at(NOW) == NOW + QUARTER + SLACK
    budget = budget.told("day", 10_000, 0, NOW + timedelta(hours=3), DAY, NOW)
    assert budget.opens_at(NOW) == NOW + timedelta(hours=3) + SLACK / 2


def test_the_platforms_word_replaces_the_documentation_and_outlives_the_window() -> None:
    later = NOW + QUARTER + SLACK * 2
    budget = a_budget().told("window", 200, 180, NOW + QUARTER, QUARTER, NOW)
    assert (budget.windows["window"].limit, budget.windows["window"].remaining) == (200, 180)
    assert budget.rolled(X, later).windows["window"].remaining == 200


def test_calls_under_way_are_not_given_twice_by_a_header_that_does_not_know_them() -> None:
    budget = after(10, a_budget())
    assert budget.told("window", 100, 95, NOW + QUARTER, QUARTER, NOW).windows["window"].remaining == 90
    assert budget.told("window", 100, 20, NOW + QUARTER, QUARTER, NOW).windows["window"].remaining == 20


def test_news_of_a_window_that_is_over_is_no_news() -> None:
    budget = a_budget()
    assert budget.told("window", 100, 0, NOW - QUARTER, QUARTER, NOW) == budget


@pytest.mark.parametrize(("percent", "seconds"), [(80, 3), (90, 33), (99, 60)])
def test_from_eighty_percent_on_calls_come_further_apart(percent: int, seconds: int) -> None:
    budget = a_budget().used(percent, None, NOW)
    assert budget.opens_at(NOW) == NOW + timedelta(seconds=seconds)
    later = NOW + timedelta(seconds=seconds)
    assert budget.rolled(X, later).taken().opens_at(later) == later + timedelta(seconds=seconds)


def test_below_eighty_percent_nothing_slows_down() -> None:
    assert a_budget().used(79, None, NOW) == a_budget()
    assert a_budget().used(90, None, NOW).used(79, None, NOW) == a_budget()


def test_at_a_hundred_percent_all_stops_until_the_platform_expects_to_go_on() -> None:
    assert a_budget().used(100, NOW + timedelta(minutes=19), NOW).opens_at(NOW) == NOW + timedelta(minutes=19)
    assert a_budget().used(120, None, NOW).opens_at(NOW) == NOW + timedelta(minutes=5)


def test_after_a_refusal_one_call_asks_how_things_stand() -> None:
    later = NOW + timedelta(seconds=60)
    stopped = a_budget().stopped(later, NOW)
    assert stopped.opens_at(NOW) == later
    asked = stopped.rolled(X, later).taken()
    assert asked.opens_at(later) is not None, "one only"
    assert PAUSE not in asked.resumed().windows and asked.resumed().opens_at(later) is None


def test_a_refusal_that_the_windows_explain_needs_no_pause() -> None:
    used_up = a_budget().told("window", 100, 0, NOW + QUARTER, QUARTER, NOW)
    assert used_up.stopped(NOW + QUARTER, NOW) == used_up


def test_a_long_line_comes_back_window_by_window() -> None:
    budget = after(100, a_budget())
    first, last = (budget.counted(number).turn(NOW) for number in (1, 100))
    assert first == last == NOW + QUARTER + SLACK
    assert budget.counted(101).turn(NOW) > last + QUARTER


def test_the_line_is_served_by_all_windows_that_passed() -> None:
    budget = after(100, a_budget()).counted(450)
    assert budget.rolled(X, NOW + timedelta(minutes=20)).waiting == 350
    assert budget.rolled(X, NOW + timedelta(minutes=50)).waiting == 150


def test_order_matters_while_somebody_waits_and_in_the_window_that_serves_the_last() -> None:
    assert not a_budget().pressed(NOW)
    assert after(51, a_budget()).pressed(NOW)
    last = after(100, a_budget()).counted(20).rolled(X, NOW + timedelta(minutes=20))
    assert last.waiting == 0 and last.pressed(NOW + timedelta(minutes=20))


def test_the_calls_to_come_follow_from_the_windows() -> None:
    budget = after(60, a_budget(window=(100, QUARTER), day=(150, DAY)))
    assert [calls for _, calls in islice(budget.calls(NOW), 4)] == [40, 50, 100, 50]
    moments = [at for at, _ in islice(budget.calls(NOW), 3)]
    assert moments == [NOW, NOW + QUARTER + SLACK, NOW + DAY + SLACK]
