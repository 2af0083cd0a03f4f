"""A thousand posts in five minutes on one account of X, which lets 100 answers through in 15 minutes (R25).

The whole path on stores in memory; told once (25 s of CPU), looked at by every test here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.storm import Storm, a_storm, through


@pytest.fixture(scope="module")
def storm() -> Iterator[Storm]:
    """From the first post to two minutes after the last answer."""
    with a_storm(1000) as storm:
        through(storm)
        storm.world.pass_time(120)
        yield storm


def test_in_a_storm_every_post_is_answered_once_and_nothing_is_dropped(storm: Storm) -> None:
    assert Counter(each.parent_id for each in storm.answers) == Counter(list(storm.posts))
    assert Counter(each.state for each in storm.replies) == {"sent": 1000}


def test_in_a_storm_x_never_has_to_refuse_a_call(storm: Storm) -> None:
    assert storm.refused == []


def test_in_a_storm_the_most_severe_go_first_then_the_oldest(storm: Storm) -> None:
    written = {post: number for number, post in enumerate(storm.posts)}
    first_window = storm.answers[:100]
    order = [(-storm.posts[each.parent_id], written[each.parent_id]) for each in storm.answers[100:]]
    assert order == sorted(order), "once calls are scarce, the order is exact"
    assert {written[each.parent_id] for each in first_window} == set(range(100)), "before, nobody waited"


def test_in_a_storm_each_answer_keeps_why_and_by_how_much_it_was_late(storm: Storm) -> None:
    for each in storm.replies:
        assert each.settled_at is not None and each.target is not None
        over = int((each.settled_at - each.target).total_seconds())
        assert each.late_seconds == (over if over > 0 else None)
        assert bool(each.waited) == (each.late_because == "budget")
        if each.late_seconds:
            assert each.lateness is not None and each.lateness.endswith("late: budget")


def test_a_storms_end_was_foretold_to_the_quarter_of_an_hour(storm: Storm) -> None:
    foretold, last = storm.foretold, storm.answers[-1].at
    assert foretold.waits == 900 and foretold.soon == 100
    assert abs(last - foretold.through_at) < timedelta(minutes=15)
    late = sum(1 for each in storm.replies if each.late_seconds)
    assert abs(late - foretold.late) <= 100


def test_in_a_storm_the_alarm_counts_what_will_be_late(storm: Storm) -> None:
    counted = [fields["value"] for name, fields in storm.world.metrics if name == "RepliesAtRisk"]
    assert max(counted) > 700 and counted[-1] == 0


def test_in_a_storm_nobody_is_woken_in_vain_again_and_again(storm: Storm) -> None:
    times = [wait.times for each in storm.replies for wait in each.waited]
    assert sum(times) < 2 * len(times)
