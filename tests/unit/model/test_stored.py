"""What another release stored or sent is read: keys that this one does not know are ignored, what it cannot read is named
without its content."""

from __future__ import annotations

import json
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest

from firstline.model.case import Case
from firstline.model.errors import Retry, UnknownForm
from firstline.model.post import Author, Post
from firstline.model.records import Lookup, StoredPost
from firstline.model.work import WorkAuthor
from firstline.playbook import Playbook, compiled
from firstline.table.items import from_item, to_item
from tests.builders import a_playbook

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
A_NAME, A_TEXT = "Ada Example", "my oven is broken"


def a_post() -> Post:
    return Post(
        channel="x",
        account="1",
        post_id="2",
        author=Author(id="3", name=A_NAME),
        text=A_TEXT,
        at=NOW,
        thread_id="2",
    )


def a_case(**changes: Any) -> Case:
    given = {"channel": "x", "account": "1", "author_key": "x:3", "author": WorkAuthor(id="3", name=A_NAME)}
    return Case(
        **{"id": "7K3M9QX2", "language": "en", "opened_at": NOW, "last_post_at": NOW, "playbook_version": "1", **given}
        | changes
    )


def with_unknown_keys(content: Any) -> Any:
    """The content with a key that nobody knows beside those of every object in it; names of maps are not touched."""
    if isinstance(content, list):
        return [with_unknown_keys(each) for each in content]
    if isinstance(content, dict):
        return {**{name: with_unknown_keys(value) for name, value in content.items()}, "from_another_release": "x"}
    return content


def test_an_item_with_unknown_keys_at_every_depth_is_the_record_that_it_was() -> None:
    stored = StoredPost(
        case_id="7K3M9QX2",
        post=a_post(),
        delivery_id="d",
        decided_at=NOW,
        playbook_version="1",
        situation="first",
    )
    item = to_item(stored, NOW, 4)
    item["later"] = {"S": "x"}
    item["post"]["M"]["later"] = {"M": {"deep": {"S": "x"}}}
    item["post"]["M"]["author"]["M"]["later"] = {"N": "1"}
    assert from_item(item) == stored.model_copy(update={"version": 1})


def test_a_compiled_playbook_with_unknown_and_retired_keys_is_the_playbook_that_it_was() -> None:
    content = json.loads(compiled(a_playbook()))
    content |= {"objectives": {"acknowledged": 0.99}, "later": [1]}
    content["case"] |= {"walk_away_days": 14, "later": 1}
    content["rules"]["abuse"]["later"] = {"a": 1}
    content["branches"][0]["hours"]["later"] = "x"
    content["brand"] = with_unknown_keys(content["brand"])
    assert Playbook.stored(json.dumps(content)) == a_playbook()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": {"S": "asleep"}}, "status"),
        ({"posts": {"S": A_TEXT}}, "posts"),
        ({"author": {"M": {"id": {"S": "3"}, "name": {"L": [{"S": A_NAME}]}}}}, "author"),
    ],
)
def test_an_item_that_cannot_be_read_says_which_field_and_nothing_of_its_content(
    changes: dict[str, Any], why: str
) -> None:
    item = {**to_item(a_case(), NOW, 4), **changes}
    with pytest.raises(UnknownForm) as caught:
        from_item(item)
    said = "".join(traceback.format_exception(caught.value)) + str(caught.value.why)
    assert caught.value.what == "Case" and caught.value.why.startswith(why)
    assert not any(word in said for word in ("asleep", A_NAME, A_TEXT, "x:3"))


def test_a_kind_of_row_that_a_later_release_added_is_a_row_that_cannot_be_read() -> None:
    item = {**to_item(a_case(), NOW, 4), "entity": {"S": "incident"}}
    with pytest.raises(UnknownForm, match="unreadable_incident"):
        from_item(item)
    with pytest.raises(UnknownForm):
        from_item({"pk": {"S": "pace#mail"}, "sk": {"S": "pace"}, "free_at": {"N": "1"}})


def test_what_cannot_be_read_is_left_to_the_queue_like_all_that_may_be_tried_again() -> None:
    assert issubclass(UnknownForm, Retry)


def test_a_mistake_in_our_own_code_prints_no_content_either() -> None:
    with pytest.raises(ValueError) as caught:
        Lookup.model_validate({"key": A_TEXT, "tries": A_NAME})
    said = "".join(traceback.format_exception(caught.value))
    assert A_NAME not in said and A_TEXT not in said


def test_code_cannot_build_a_value_with_a_field_that_it_does_not_have() -> None:
    with pytest.raises(ValueError, match="statsu"):
        a_case(statsu="new")
