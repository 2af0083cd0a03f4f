"""What can never be taken in is quarantined at once: no message comes back for ever (R8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from firstline.channels import reading
from firstline.model.records import Quarantined
from firstline.table import keys
from infra.local.simulators.wire import sign
from tests.builders import PAGE
from tests.world import World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


def a_comment(text: str, number: int = 1, **more: Any) -> dict[str, Any]:
    said = {"item": "comment", "verb": "add", "comment_id": f"9_{number}", "post_id": f"{PAGE}_9", "message": text}
    return {"field": "feed", "value": {**said, "from": {"id": "777", "name": "Ben"}, **more}}


def delivers(world: World, *changes: Any) -> None:
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "time": 1795428900, "changes": changes}]}).encode()
    secret = world.secrets_value["facebook"]["signing"][0]
    assert world.knock("facebook", body, sign("facebook", secret, body)) == 200


def in_quarantine(world: World) -> list[str]:
    listed = world.services.table.listed(keys.quarantine_partition())
    return [each.reason for each in listed if isinstance(each, Quarantined)]


def test_words_longer_than_any_platform_allows_cost_only_themselves(world: World) -> None:
    delivers(world, a_comment("x" * 500_000), a_comment("my oven is broken", 2))
    assert world.work("intake") == 1 and world.work("intake") == 0
    assert in_quarantine(world) == ["too_large"]
    assert [case.posts for case in world.cases()] == [1]


def test_what_the_table_will_never_hold_is_quarantined_and_not_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST", 10**9)
    delivers(world, a_comment("x" * 500_000), a_comment("my oven is broken", 2))
    assert world.work("intake") == 1
    world.pass_time(600)
    assert in_quarantine(world) == ["not_storable"]
    assert [case.posts for case in world.cases()] == [1]


def test_a_delivery_of_more_events_than_could_ever_be_handled_is_quarantined_as_a_whole(world: World) -> None:
    delivers(world, *(a_comment("hello", number) for number in range(10_100)))
    assert world.work("intake") == 1 and world.work("intake") == 0
    assert in_quarantine(world) == ["too_many_events"]
