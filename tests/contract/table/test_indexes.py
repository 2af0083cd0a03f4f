"""The three indexes: sharded where a storm writes, merged in order when read, and sparse."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from firstline.model.errors import LostRace
from firstline.model.handoff import BranchMail, Handoff
from firstline.model.records import Delivery
from firstline.table import Table, keys
from firstline.table.store import LANE_PAGE
from tests.builders import CARE
from tests.memory import MemoryTable

from .records import NOW, a_case, a_reply, minutes, waiting
from .test_reads import calls_of


def due_ids(table: Table, minute: float) -> list[str]:
    """What the diary finds in all its shards up to a minute: sort keys, per shard in order."""
    return [row.key.sk for shard in keys.all_shards(table.shards) for row in table.due(shard, NOW + minutes(minute))]


def test_the_diary_finds_what_is_due_and_nothing_that_is_not(table: Table) -> None:
    for number in range(20):
        table.commit([a_reply(f"r{number}", not_before=NOW + minutes(number))], NOW)
    assert sorted(due_ids(table, 10)) == sorted(f"reply#r{number}" for number in range(10))
    assert due_ids(table, 0.5) == []


def test_a_promise_is_due_at_its_very_moment(table: Table) -> None:
    table.commit([a_reply("r", not_before=NOW)], NOW)
    assert due_ids(table, 0.999) == [] and due_ids(table, 1) == ["reply#r"]


def test_each_shard_of_the_diary_gives_the_oldest_first(table: Table) -> None:
    for number in reversed(range(40)):
        table.commit([a_reply(f"r{number}", not_before=NOW + minutes(number % 7))], NOW)
    shards = [[row.due for row in table.due(shard, NOW + minutes(60))] for shard in keys.all_shards(table.shards)]
    assert all(shards), "a shard is empty: nothing is spread"
    assert all(shard == sorted(shard) for shard in shards) and sum(map(len, shards)) == 40


def test_a_row_of_the_diary_names_the_record_and_its_kind(table: Table) -> None:
    table.commit([a_reply("r")], NOW)
    (row,) = [row for shard in keys.all_shards(table.shards) for row in table.due(shard, NOW + minutes(1))]
    assert row.entity == "reply" and row.key == keys.reply("case-r", "r")


def test_what_was_promised_and_kept_is_not_due_any_more(table: Table) -> None:
    reply = a_reply("r")
    table.commit([reply], NOW)
    table.commit([reply.model_copy(update={"version": 1, "state": "sent", "due_at": None})], NOW)
    assert due_ids(table, 9999) == []


def test_a_diary_that_is_read_in_part_gives_the_first_part(table: Table) -> None:
    one_shard = Table(table._client, table.name, shards=1)
    for number in range(10):
        one_shard.commit([a_reply(f"r{number}", not_before=NOW + minutes(number))], NOW)
    rows = list(one_shard.due("00", NOW + minutes(60), most=3))
    assert [row.key.sk for row in rows] == ["reply#r0", "reply#r1", "reply#r2"]


def test_a_lane_gives_the_most_severe_first_then_the_earliest_due_over_all_shards(table: Table) -> None:
    expected = []
    for number in range(30):
        priority, due = (number * 37) % 100, NOW + minutes((number * 13) % 60)
        table.commit([waiting(f"C{number}", priority=priority, due=due)], NOW)
        expected.append((-priority, due, f"C{number}"))
    assert [case_id for _, case_id in table.best_in_lane("standard")] == [name for _, _, name in sorted(expected)]


def test_lanes_do_not_mix_and_whoever_is_taken_leaves_the_lane(table: Table) -> None:
    urgent, standard = waiting("U", "urgent"), waiting("S")
    table.commit([urgent], NOW)
    table.commit([standard], NOW)
    assert [case_id for _, case_id in table.best_in_lane("urgent")] == ["U"]
    taken = standard.model_copy(update={"version": 1}).claimed("maria", NOW, minutes(15))
    table.commit([taken], NOW)
    assert list(table.best_in_lane("standard")) == []


def test_the_head_of_a_lane_is_read_without_the_rest(dynamodb: Any, table: Table) -> None:
    table = Table(dynamodb, table.name, shards=1)
    for number in range(LANE_PAGE + 5):
        table.commit([waiting(f"C{number:02d}", priority=number)], NOW)
    pages = calls_of(dynamodb, "Query")
    assert [case_id for _, case_id in islice(table.best_in_lane("standard"), 2)] == ["C29", "C28"]
    assert [page["Count"] for page in pages] == [LANE_PAGE]
    assert len(list(table.best_in_lane("standard"))) == LANE_PAGE + 5


def test_the_earliest_due_of_a_lane_is_found_whatever_its_priority(table: Table) -> None:
    assert table.oldest_due_in_lane("standard") is None
    for number in range(30):
        case = waiting(f"C{number}", priority=10 * (number % 4), due=NOW + minutes((number * 7 + 3) % 31))
        table.commit([case], NOW)
    earliest = min(NOW + minutes((number * 7 + 3) % 31) for number in range(30))
    assert table.oldest_due_in_lane("standard") == earliest


def head(table: Table, minute: float = 0) -> str | None:
    """The reply that the care account should send next."""
    row = next(table.outbox("x", CARE, "posts", NOW + minutes(minute)), None)
    return row.key.sk.removeprefix("reply#") if row else None


def test_the_outbox_gives_the_most_severe_then_the_oldest_past_its_hold_back(table: Table) -> None:
    assert head(table) is None
    for name, severity, minute in (("mild", 1, -9), ("grave-new", 3, 5), ("grave-old", 3, 2), ("urgent", 2, -1)):
        table.commit([a_reply(name, severity=severity, not_before=NOW + minutes(minute))], NOW)
    assert [head(table, minute) for minute in (-10, -5, 0, 3, 9)] == [
        None,
        "mild",
        "urgent",
        "grave-old",
        "grave-old",
    ]


@pytest.mark.parametrize("name", ["account", "endpoint", "channel"])
def test_outboxes_of_other_accounts_and_endpoints_are_others(table: Table, name: str) -> None:
    table.commit([a_reply("theirs", **{name: "other"})], NOW)
    assert head(table, 60) is None


def test_a_reply_that_is_on_its_way_is_in_no_outbox(table: Table) -> None:
    reply = a_reply("r")
    table.commit([reply], NOW)
    assert head(table) == "r"
    table.commit([reply.model_copy(update={"version": 1}).taken("words", NOW, minutes(1))], NOW)
    assert head(table) is None


def test_cases_are_listed_by_their_latest_post_over_all_shards(table: Table) -> None:
    for number in range(25):
        table.commit([a_case(f"C{number}", last_post_at=NOW + minutes((number * 11) % 25))], NOW)
    newest = sorted(range(25), key=lambda number: (number * 11) % 25, reverse=True)
    assert [case.id for case in table.cases("open", 7)] == [f"C{number}" for number in newest[:7]]
    assert [case.id for case in table.cases("open", 100)] == [f"C{number}" for number in newest]


def test_a_case_that_is_closed_moves_to_the_other_list(table: Table) -> None:
    case = a_case("A")
    table.commit([case], NOW)
    table.commit([case.model_copy(update={"version": 1}).closed("spam")], NOW)
    assert table.cases("open", 9) == [] and [case.id for case in table.cases("done", 9)] == ["A"]


def test_deliveries_are_found_by_their_hour(table: Table) -> None:
    for minute in (0, 59, 60):
        made = Delivery(id=f"d{minute}", channel="x", received_at=NOW + minutes(minute), message_id="m")
        table.commit([made], NOW)
    shards = list(keys.all_shards(table.shards))
    found = [one.id for shard in shards for one in table.listed(keys.deliveries_partition("2026-11-23T10", shard))]  # type: ignore[union-attr]
    assert sorted(found) == ["d0", "d59"]


def a_handoff(case_id: str, hours: int, **changes: Any) -> Handoff:
    """A handoff to Leeds that waits to be mailed."""
    due = NOW + minutes(60 * hours)
    given = Handoff(id="leeds", case_id=case_id, reason="onsite", post_keys=("x:1",), created_at=NOW, contact_by=due)
    return given.model_copy(update=changes)


def test_of_the_mails_that_wait_the_one_to_the_region_goes_first_then_the_one_that_is_due_first(table: Table) -> None:
    table.commit([a_handoff("later", 9)], NOW)
    table.commit([a_handoff("sooner", 5)], NOW)
    table.commit([a_handoff("refused", 1, attempt=1)], NOW)
    table.commit([a_handoff("gone", 1, state="mailed")], NOW)
    told = {"branch": "leeds", "address": "r@acme.example", "created_at": NOW}
    table.commit([BranchMail(id="leeds+reminder1", case_id="reminded", kind="reminder", **told)], NOW)
    assert table.first_mail() == keys.handoff("sooner", "leeds")
    table.commit([BranchMail(id="leeds+fallback1", case_id="bounced", kind="fallback", **told)], NOW)
    assert table.first_mail() == keys.branch_mail("bounced", "leeds+fallback1")


def test_turns_come_one_by_one_at_the_rate_and_at_once_when_nobody_waits(table: Table) -> None:
    turns = [table.take_turn("mail", 10, NOW) for _ in range(25)]
    assert turns == [NOW + timedelta(milliseconds=100 * number) for number in range(25)]
    later = NOW + minutes(1)
    assert table.take_turn("mail", 10, later) == later
    assert table.take_turn("mail", 10, later) == later + timedelta(milliseconds=100)


def test_the_double_in_memory_gives_the_same_turns_and_the_same_order(table: Table) -> None:
    double = MemoryTable()
    for each in (table, double):
        for number in (7, 3, 5):
            each.commit([a_handoff(f"c{number}", number)], NOW)
    assert double.first_mail() == table.first_mail()
    for moment in (NOW, NOW, NOW + minutes(0.001), NOW + minutes(5)):
        assert double.take_turn("mail", 3, moment) == table.take_turn("mail", 3, moment)
    with pytest.raises(LostRace):
        double.commit([a_handoff("c7", 7)], NOW)
