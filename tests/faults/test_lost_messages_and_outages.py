"""Messages vanish, services are away for an hour: nothing is lost, everything is caught up without a hand (R70)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import World, a_world

from .outcomes import differences
from .recorder import Recorder
from .stories import STORIES, an_unreadable_delivery, field_level_comment, one_mention, platform_delivers, rest

HOUR = 3600


@pytest.mark.faults
@pytest.mark.parametrize("queue", ["replies", "handoffs", "lookups", "standard", "urgent"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_every_message_of_one_queue_is_lost_and_the_diary_repairs_it(
    story: Callable[[World], None], queue: str
) -> None:
    with a_world(shards=1, mails_per_second=1) as world:
        lost = 0
        for method in ("send_message", "send_message_batch"):
            send = getattr(world.sqs, method)

            def perhaps(QueueUrl: str, send: Callable[..., Any] = send, **content: Any) -> Any:
                nonlocal lost
                # Each message is lost the first time; what is sent again gets through.
                if QueueUrl == world.urls[queue] and lost < 1:
                    lost += 1
                    return {}
                return send(QueueUrl=QueueUrl, **content)

            setattr(world.sqs, method, perhaps)
        story(world)
        world.pass_time(2 * HOUR, step=600)
        assert differences(world) == []


@dataclass
class Away(Recorder):
    """Refuses every call to one service for an hour."""

    service: str = ""
    back: datetime | None = None

    def disturbs(self, name: str) -> bool:
        assert self.world is not None
        self.back = self.back or self.world.now + timedelta(seconds=HOUR)
        return name.startswith(self.service) and self.world.now < self.back


@pytest.mark.faults
@pytest.mark.parametrize("story", [one_mention, field_level_comment, an_unreadable_delivery], ids=lambda s: s.__name__)
@pytest.mark.parametrize("away", ["sqs", "dynamodb", "ses", "platform"])
def test_a_service_is_away_for_an_hour_and_everything_is_caught_up(story: Callable[[World], None], away: str) -> None:
    with a_world(shards=1, mails_per_second=1) as world:
        Away(service=away).watch(world)
        story(world)
        world.pass_time(HOUR, step=600)
        rest(world)
        assert differences(world) == []


def test_a_delivery_that_is_lost_before_intake_is_named_by_reconciliation() -> None:
    from firstline.operations.reconcile import Accepted, reconcile

    with a_world() as world:
        from infra.local.simulators.store import Person

        anna = Person(id="501", name="Anna Ross", handle="anna")
        _, kept = world.x.post(anna, "@AcmeCare my oven is broken", world.now)
        platform_delivers(world, kept)
        world.settle()
        _, gone = world.x.post(anna, "@AcmeCare and it is cold", world.now)
        platform_delivers(world, gone)
        world.sqs.purge_queue(QueueUrl=world.urls["intake"])
        since, world.now = world.now - timedelta(hours=1), world.now + timedelta(hours=1)
        told = [line for line in world.log if line["message"] == "accepted"]
        lines = [Accepted(id=line["delivery_id"], channel=line["channel"], at=line["timestamp"]) for line in told]
        report = reconcile(world.services.table, lines, [], since, world.now)
        assert report.missing_deliveries == tuple(line.id for line in lines[len(kept) :])
        assert not report.whole and report.missing_events == ()
