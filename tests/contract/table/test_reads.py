"""Reads: more keys than a call takes, more bytes than an answer holds."""

from __future__ import annotations

from typing import Any

import pytest

from firstline.model.errors import Retry
from firstline.table import Table, keys
from firstline.table.keys import Key

from .records import NOW, a_case, a_stored_post, an_author

BIG = "x" * 300_000
"""56 of these are more than the 16 MB of one BatchGetItem answer, 4 more than the 1 MB of a Query page."""


def calls_of(dynamodb: Any, operation: str) -> list[dict[str, Any]]:
    """A list to which every answer to this operation is added from now on."""
    answers: list[dict[str, Any]] = []
    dynamodb.meta.events.register(f"after-call.dynamodb.{operation}", lambda parsed, **_: answers.append(parsed))
    return answers


def test_a_read_takes_any_number_of_keys_in_calls_of_a_hundred(table: Table, dynamodb: Any) -> None:
    for start in range(0, 230, 100):
        table.commit([an_author(str(number)) for number in range(start, min(start + 100, 230))], NOW)
    answers = calls_of(dynamodb, "BatchGetItem")
    found = table.read(keys.author(f"x:{number}") for number in range(250))
    assert sorted(found) == sorted(keys.author(f"x:{number}") for number in range(230))
    assert len(answers) == 3


def test_a_key_that_is_wanted_twice_is_read_once(table: Table) -> None:
    table.commit([an_author("501")], NOW)
    assert len(table.read([keys.author("x:501"), keys.case("none"), keys.author("x:501")])) == 1


def test_nothing_wanted_is_no_call(table: Table, dynamodb: Any) -> None:
    answers = calls_of(dynamodb, "BatchGetItem")
    assert table.read([]) == {} and answers == []


def test_what_an_answer_could_not_hold_is_asked_for_again(table: Table, dynamodb: Any) -> None:
    posts = [a_stored_post("A", str(number), BIG) for number in range(60)]
    for start in range(0, 60, 10):
        table.commit(posts[start : start + 10], NOW)
    answers = calls_of(dynamodb, "BatchGetItem")
    found = table.read(keys.post("A", post.key) for post in posts)
    assert len(found) == 60
    assert any(answer["UnprocessedKeys"] for answer in answers), "all came at once: nothing was shown"


def test_a_table_that_leaves_keys_unprocessed_for_ever_is_tried_again_later() -> None:
    class Throttled:
        def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
            return {"Responses": {}, "UnprocessedKeys": RequestItems}

    with pytest.raises(Retry):
        Table(Throttled(), "cases").read([Key("case#A", "case")])


def test_every_read_that_a_decision_may_rest_on_is_strongly_consistent() -> None:
    asked: list[bool] = []

    class Noting:
        def get_item(self, *, ConsistentRead: bool = False, **_: Any) -> dict[str, Any]:
            asked.append(ConsistentRead)
            return {}

        def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
            asked.extend(each.get("ConsistentRead", False) for each in RequestItems.values())
            return {"Responses": {}}

        def query(self, *, ConsistentRead: bool = False, **_: Any) -> dict[str, Any]:
            asked.append(ConsistentRead)
            return {"Items": []}

    table = Table(Noting(), "cases")
    table.get(keys.case("A"))
    table.read([keys.case("A")])
    table.of_case("A")
    table.of_author("x:501")
    assert asked == [True] * 4


def test_a_case_with_more_than_a_page_is_read_whole_in_the_order_of_its_keys(table: Table, dynamodb: Any) -> None:
    table.commit([a_case("A"), *(a_stored_post("A", str(number), BIG) for number in range(9))], NOW)
    table.commit([a_stored_post("B", "1", "another case's")], NOW)
    answers = calls_of(dynamodb, "Query")
    timeline = table.of_case("A")
    assert len(answers) > 1
    assert timeline[0] == a_case("A", version=1)
    assert [post.post.post_id for post in timeline[1:]] == [str(number) for number in range(9)]  # type: ignore[union-attr]


def test_a_part_of_a_case_is_read_by_its_prefix(table: Table) -> None:
    table.commit([a_case("A"), a_stored_post("A", "1", "one"), a_stored_post("A", "2", "two")], NOW)
    assert len(table.of_case("A", "post#")) == 2 and len(table.of_case("A")) == 3
