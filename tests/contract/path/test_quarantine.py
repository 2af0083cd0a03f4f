"""What was not understood is kept, and taken in by a replay once it is; repeating the replay changes nothing (R8, R63)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from firstline import channels
from firstline.channels import reading
from firstline.model.errors import Refused
from firstline.operations import quarantine, take_post
from infra.local.simulators.wire import Delivery
from infra.ops import quarantine as commands
from tests.builders import CARE, PAGE
from tests.contract.path.test_look_ups import reconciled
from tests.contract.path.test_main_job import ANNA, BEN
from tests.world import World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


def mention(world: World, text: str = "@AcmeCare my oven is broken") -> Delivery:
    _, (delivery,) = world.x.post(ANNA, text, world.now, account=CARE)
    return delivery


def delivered_while_unknown(world: World, delivery: Delivery, patch: pytest.MonkeyPatch) -> None:
    """It comes in before its channel has learnt to read it."""
    adapter = channels.adapter(delivery.channel)
    with patch.context() as before:
        unknown = reading.unreadable(delivery.channel, "unknown_shape", delivery.body.decode())
        before.setattr(adapter, "parse", lambda body, accounts: [unknown])
        assert world.deliver(delivery) == 200
        world.settle()
    assert world.cases() == []


def replayed(world: World) -> None:
    for kept in quarantine.waiting(world.services):
        quarantine.replay(kept, world.services)
    world.settle()


def test_what_a_channel_has_learnt_since_is_taken_in_answered_and_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered_while_unknown(world, mention(world), monkeypatch)
    assert reconciled(world).events == {"quarantined": 1}
    replayed(world)
    world.pass_time(180)
    assert [case.posts for case in world.cases()] == [1] and len(world.sent()) == 1
    assert quarantine.waiting(world.services) == []
    assert reconciled(world).whole and reconciled(world).events["replayed"] == 1


def test_a_replay_may_be_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    delivered_while_unknown(world, mention(world), monkeypatch)
    (kept,) = quarantine.waiting(world.services)
    for _ in range(3):
        quarantine.replay(kept, world.services)
    world.pass_time(300)
    assert [case.posts for case in world.cases()] == [1] and len(world.sent()) == 1


def test_what_is_still_not_understood_stays(world: World) -> None:
    world.deliver(world.x.delivery("x", {"something": {"new": 1}}, (), world.now))
    world.settle()
    before = quarantine.waiting(world.services)
    replayed(world)
    assert quarantine.waiting(world.services) == before and before[0].size > 0
    assert reconciled(world).events == {"quarantined": 1}


def test_what_a_bug_kept_out_is_taken_in_once_it_is_mended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(take_post, "take", fails)
        world.deliver(mention(world))
        world.settle()
    (kept,) = quarantine.waiting(world.services)
    assert kept.reason == "bug:ZeroDivisionError"
    replayed(world)
    assert [case.posts for case in world.cases()] == [1]
    assert quarantine.waiting(world.services) == [] and reconciled(world).events == {"posts": 1}


def test_known_events_beside_it_are_not_taken_in_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, (delivery,) = world.graph.post(BEN, "my oven is broken", world.now, account=PAGE)
    content = json.loads(delivery.body)
    content["entry"][0]["changes"].append({"field": "brand_new", "value": {"text": "hello"}})
    world.deliver(world.graph.delivery("facebook", content, (), world.now))
    world.pass_time(180)
    replayed(world)
    world.pass_time(180)
    assert [case.posts for case in world.cases()] == [1] and len(world.sent()) == 1
    assert len(quarantine.waiting(world.services)) == 1 and reconciled(world).whole


def test_a_message_whose_body_was_gone_is_read_once_it_is_back(world: World) -> None:
    delivery = mention(world)
    key = "oversized/gone"
    text = {"v": 1, "channel": "x", "delivery_id": "gone", "received_at": "2026-11-23T10:00:00.000Z", "body_key": key}
    world.sqs.send_message(QueueUrl=world.urls["intake"], MessageBody=json.dumps(text))
    world.settle()
    replayed(world)
    assert [each.reason for each in quarantine.waiting(world.services)] == ["body_missing"]
    world.services.bodies.put(key, delivery.body)
    replayed(world)
    assert len(world.cases()) == 1 and quarantine.waiting(world.services) == []


def test_what_is_no_message_of_ours_is_refused(world: World) -> None:
    world.sqs.send_message(QueueUrl=world.urls["intake"], MessageBody="hello")
    world.settle()
    (kept,) = quarantine.waiting(world.services)
    with pytest.raises(Refused):
        quarantine.replay(kept, world.services)


# -- the command --------------------------------------------------------------------------------------------------


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(commands, "services_of", lambda stack: world.services)
    return lambda *words: CliRunner().invoke(commands.quarantine, words)


def test_the_list_names_reason_channel_and_size_but_shows_no_body(world: World, run: Any) -> None:
    world.deliver(world.x.delivery("x", {"secret": {"words": "of a customer"}}, (), world.now))
    world.settle()
    (kept,) = quarantine.waiting(world.services)
    told = run("list").output
    assert kept.key in told and kept.reason in told and f"{kept.size} B" in told and "of a customer" not in told
    assert "of a customer" not in run("list", "--json").output
    assert json.loads(run("show", kept.key).output) == {"secret": {"words": "of a customer"}}
    assert run("list", "--reason", "another").output == "0 in quarantine\n"


def test_the_replay_is_told_and_what_cannot_be_replayed_is_named(
    world: World, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered_while_unknown(world, mention(world), monkeypatch)
    assert json.loads(run("replay", "--all", "--json").output)["refused"] == {}
    world.settle()
    assert len(world.cases()) == 1
    refused = run("replay", "x~nothing")
    assert refused.exit_code == 1 and "there is no x~nothing" in refused.output
    assert run("replay").exit_code == 2
