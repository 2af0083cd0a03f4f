"""Commits: all or nothing, on the condition that everything is as it was read, absence included."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from firstline.model.budget import Budget
from firstline.model.errors import LostRace, Malformed, Retry
from firstline.model.records import AuthorRecord, Lease
from firstline.operations.snapshot import Snapshot
from firstline.table import Table, keys
from tests.builders import CARE

from .conftest import a_table
from .records import NOW, a_case, a_stored_post, an_author, minutes

RIVALS = 8
BYTES_OF_AN_ITEM = 400 * 1024
"""DynamoDB's largest item, names and values together (Developer Guide, "Service quotas", 2026)."""


def at_once(actions: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same time; what each returned, or the exception that it raised."""
    start = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return action()
        except (LostRace, Retry) as error:
            return error

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_what_is_committed_is_read_back_with_its_new_version(table: Table) -> None:
    case, author = a_case("A", posts=3, skills=("language:en",)), an_author("501", open_case="A")
    table.commit([case, author], NOW)
    assert table.get(keys.case("A")) == case.model_copy(update={"version": 1})
    assert table.get(keys.author("x:501")) == author.model_copy(update={"version": 1})


def test_a_commit_writes_all_of_its_records_or_none(table: Table) -> None:
    table.commit([an_author("501", open_case="A")], NOW)
    with pytest.raises(LostRace):
        table.commit([a_case("B"), an_author("501", open_case="B")], NOW)
    assert table.get(keys.case("B")) is None
    assert table.get(keys.author("x:501")) == an_author("501", open_case="A", version=1)


def test_what_goes_goes_with_the_commit_or_stays_with_it(table: Table) -> None:
    case, author = a_case("A"), an_author("501", open_case="A")
    table.commit([case, author], NOW)
    stored = author.model_copy(update={"version": 1})
    with pytest.raises(LostRace):
        table.commit([case], NOW, gone=[stored])
    assert table.get(keys.author("x:501")) is not None
    with pytest.raises(LostRace):  # it changed meanwhile
        table.commit([], NOW, gone=[author.model_copy(update={"version": 7})])
    table.commit([case.model_copy(update={"version": 1})], NOW, gone=[stored])
    assert table.get(keys.author("x:501")) is None
    table.commit([author], NOW)
    assert table.get(keys.author("x:501")) == author.model_copy(update={"version": 1})


@pytest.mark.parametrize("beside", [0, 1])
def test_absence_is_a_condition(table: Table, beside: int) -> None:
    table.commit([a_case("A")], NOW)
    others = [an_author(str(number)) for number in range(beside)]
    with pytest.raises(LostRace):
        table.commit([a_case("A", posts=9), *others], NOW)
    assert table.get(keys.case("A")) == a_case("A", version=1)


@pytest.mark.parametrize("beside", [0, 1])
def test_a_record_that_was_changed_meanwhile_is_not_overwritten(table: Table, beside: int) -> None:
    table.commit([a_case("A")], NOW)
    read = table.get(keys.case("A"))
    assert read is not None
    table.commit([read.model_copy(update={"posts": 1})], NOW)
    others = [an_author(str(number)) for number in range(beside)]
    with pytest.raises(LostRace):
        table.commit([read.model_copy(update={"posts": 7}), *others], NOW)
    assert table.get(keys.case("A")) == a_case("A", posts=1, version=2)


@pytest.mark.parametrize("beside", [0, 1])
def test_a_record_that_was_read_and_is_gone_is_not_made_anew(table: Table, beside: int) -> None:
    others = [an_author(str(number)) for number in range(beside)]
    with pytest.raises(LostRace):
        table.commit([a_case("A", version=4), *others], NOW)
    assert table.get(keys.case("A")) is None


def opens_a_case(table: Table, case_id: str) -> Callable[[], str]:
    """Has read that the author has no open case; calling it opens one."""
    snapshot = Snapshot(table)
    assert snapshot.get(AuthorRecord, keys.author("x:501")) is None

    def commit() -> str:
        snapshot.commit([a_case(case_id), an_author("501", open_case=case_id)], NOW)
        return case_id

    return commit


def test_a_record_goes_with_a_commit_only_as_it_was_read(table: Table) -> None:
    author = an_author("501", open_case="A")
    table.commit([author], NOW)
    read = author.model_copy(update={"version": 1})
    table.commit([read.model_copy(update={"open_case": "B"})], NOW)
    with pytest.raises(LostRace):
        table.commit([a_case("A")], NOW, gone=[read])
    assert table.get(keys.case("A")) is None and table.get(keys.author("x:501")) is not None
    table.commit([a_case("A")], NOW, gone=[read.model_copy(update={"version": 2})])
    assert table.get(keys.case("A")) is not None and table.get(keys.author("x:501")) is None


def test_of_two_who_open_a_case_for_one_author_one_wins_and_the_other_finds_it(table: Table) -> None:
    first, second = opens_a_case(table, "A"), opens_a_case(table, "B")
    first()
    with pytest.raises(LostRace):
        second()
    assert table.get(keys.author("x:501")) == an_author("501", open_case="A", version=1)
    assert table.get(keys.case("B")) is None


def test_of_eight_at_the_same_moment_one_opens_the_case(local: Any) -> None:
    table = a_table(local)
    names = [f"C{number}" for number in range(RIVALS)]
    ends = at_once([opens_a_case(table, name) for name in names])
    winners = [end for end in ends if isinstance(end, str)]
    assert len(winners) == 1
    assert table.get(keys.author("x:501")) == an_author("501", open_case=winners[0], version=1)
    assert [name for name in names if table.get(keys.case(name))] == winners


def test_a_snapshot_carries_versions_forward_over_its_own_commits(table: Table) -> None:
    snapshot = Snapshot(table)
    for posts in (1, 2, 3):
        known = snapshot.get(type(a_case("A")), keys.case("A")) or a_case("A")
        snapshot.commit([known.model_copy(update={"posts": posts}), an_author(f"a{posts}")], NOW)
    assert table.get(keys.case("A")) == a_case("A", posts=3, version=3)


def test_a_hundred_records_fit_into_one_commit(table: Table) -> None:
    table.commit([an_author(str(number)) for number in range(100)], NOW)
    assert len(table.read(keys.author(f"x:{number}") for number in range(100))) == 100


@pytest.mark.parametrize("beside", [0, 1])
def test_a_record_near_400_kb_is_kept_whole(table: Table, beside: int) -> None:
    text = "ü" * 199_000
    others = [an_author(str(number)) for number in range(beside)]
    table.commit([a_stored_post("A", "1", text), *others], NOW)
    (stored,) = table.of_case("A", "post#")
    assert stored == a_stored_post("A", "1", text).model_copy(update={"version": 1})


@pytest.mark.parametrize("beside", [0, 1])
def test_a_record_above_400_kb_is_refused_for_good_and_nothing_is_written(table: Table, beside: int) -> None:
    others = [an_author(str(number)) for number in range(beside)]
    with pytest.raises(Malformed):
        table.commit([a_stored_post("A", "1", "x" * BYTES_OF_AN_ITEM), *others], NOW)
    assert table.of_case("A") == [] and table.read(keys.author(f"x:{number}") for number in range(beside)) == {}


# -- leases and budgets ------------------------------------------------------------------------------------------


def test_a_lease_is_taken_once_and_again_when_it_is_over(table: Table) -> None:
    table.commit([Lease(name="diary-00", until=NOW + minutes(1))], NOW)
    with pytest.raises(LostRace):
        table.commit([Lease(name="diary-00", until=NOW + minutes(1))], NOW)
    held = table.get(keys.lease("diary-00"))
    assert held is not None
    table.commit([Lease(name="diary-00", until=NOW + minutes(3), version=held.version)], NOW + minutes(2))
    with pytest.raises(LostRace):
        table.commit([Lease(name="diary-00", until=NOW + minutes(9), version=held.version)], NOW + minutes(2))
    assert table.get(keys.lease("diary-00")) == Lease(name="diary-00", until=NOW + minutes(3), version=2)


def test_of_eight_runs_at_the_same_moment_one_takes_the_lease(local: Any) -> None:
    table = a_table(local)
    leases = [Lease(name="diary-00", until=NOW + minutes(number)) for number in range(RIVALS)]
    ends = at_once([lambda lease=lease: table.commit([lease], NOW) for lease in leases])  # type: ignore[misc]
    assert ends.count(None) == 1
    winner = leases[ends.index(None)]
    assert table.get(keys.lease("diary-00")) == winner.model_copy(update={"version": 1})


def reserves(table: Table, *, at: float = 0, **limits: int) -> int:
    """Take one call out of the budget; what is left, -1 if nothing was taken."""
    named = {"window": (limits.get("window", 3), minutes(15))}
    if "day" in limits:
        named["day"] = (limits["day"], minutes(1440))
    reserved = table.reserve("x", CARE, "posts", named, NOW + minutes(at))
    return -1 if reserved.until is not None else reserved.budget.remaining


def budget_of(table: Table) -> Budget:
    """The row that all senders share."""
    known = table.get(keys.budget("x", CARE, "posts"))
    assert isinstance(known, Budget)
    return known


def test_a_budget_is_used_up_and_comes_back_with_the_next_window(table: Table) -> None:
    assert [reserves(table) for _ in range(5)] == [2, 1, 0, -1, -1]
    assert reserves(table, at=14) == -1
    assert [reserves(table, at=16) for _ in range(4)] == [2, 1, 0, -1]


def test_a_new_window_takes_the_limit_that_is_known_by_then(table: Table) -> None:
    assert reserves(table, window=3) == 2
    assert reserves(table, window=100, at=16) == 99


def test_of_several_windows_the_first_that_is_used_up_counts(table: Table) -> None:
    assert [reserves(table, window=3, day=4) for _ in range(4)] == [2, 1, 0, -1]
    assert [reserves(table, window=3, day=4, at=16) for _ in range(2)] == [0, -1]
    assert reserves(table, window=3, day=4, at=1439) == -1
    assert [reserves(table, window=3, day=4, at=1441) for _ in range(4)] == [2, 1, 0, -1]


def test_a_limit_that_is_documented_later_joins_the_others(table: Table) -> None:
    assert reserves(table, window=3) == 2
    assert [reserves(table, window=3, day=1) for _ in range(2)] == [0, -1]


def test_what_the_platform_said_counts(table: Table) -> None:
    reserves(table)
    said = budget_of(table)
    later = NOW + minutes(5)
    table.learn(said, lambda budget: budget.told("window", 2, 0, later, minutes(15), NOW), NOW)
    assert reserves(table) == -1 and reserves(table, at=6) == 1


def test_whoever_heard_a_limit_late_still_stops_the_others(table: Table) -> None:
    reserves(table)
    heard = budget_of(table)
    reserves(table)
    table.learn(heard, lambda budget: budget.stopped(NOW + minutes(5), NOW), NOW)
    assert reserves(table, at=4) == -1
    assert [reserves(table, at=5) for _ in range(2)] == [0, -1], "one asks how things stand"
    table.learn(budget_of(table), lambda budget: budget.resumed(), NOW + minutes(5))
    assert budget_of(table).remaining == 0 and "pause" not in budget_of(table).windows


def test_a_call_that_was_not_made_is_given_back_to_its_own_window_only(table: Table) -> None:
    reserves(table)
    first = budget_of(table)
    table.give_back(first, NOW)
    assert budget_of(table).remaining == 3
    reserves(table, at=16)
    table.give_back(first, NOW + minutes(16))
    assert budget_of(table).remaining == 2


def test_those_in_line_are_counted_and_leave_it_with_the_windows_that_serve_them(table: Table) -> None:
    reserves(table)
    assert [table.line_up(budget_of(table)).waiting for _ in range(7)] == [1, 2, 3, 4, 5, 6, 7]
    # A later window begins up to the diary's minute after the one before.
    assert abs(budget_of(table).turn(NOW) - (NOW + 2 * minutes(16))) < minutes(0.2)
    reserves(table, at=16)
    assert (budget_of(table).waiting, budget_of(table).crowded) == (4, True)


def test_eight_senders_at_the_same_moment_take_no_more_than_the_budget(local: Any) -> None:
    table = a_table(local)
    reserves(table, window=6)
    left = at_once([lambda: reserves(table, window=6) for _ in range(RIVALS)])
    taken = sorted(number for number in left if isinstance(number, int) and number >= 0)
    assert taken == sorted(set(taken)) and len(taken) <= 5
    assert budget_of(table).remaining == 5 - len(taken)
