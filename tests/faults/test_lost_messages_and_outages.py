"""Messages vanish, services are away for an hour: nothing is lost, everything is caught up without a hand (R70)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from tests.world import World, a_world

from .deployment import a_deployment
from .outcomes import differences
from .recorder import Fault, Recorder
from .stories import (
    STORIES,
    a_branch_passes_it_on,
    an_unreadable_delivery,
    field_level_comment,
    one_mention,
    platform_delivers,
    rest,
)

HOUR = 3600
QUEUES = {"replies": "reply_id", "handoffs": "handoff_id", "lookups": "event_key", "standard": "work_id",
          "urgent": "work_id"}  # fmt: skip
"""The queues whose messages are hints, and what each of their messages is about."""


class Losing:
    """Between a world and its queues: whatever is sent to one of them is lost once; sent again it gets through."""

    def __init__(self, world: World, queue: str) -> None:
        self.over = False
        self.lost: set[str] = set()
        """What the lost messages were about."""
        self._url, self._about = world.urls[queue], QUEUES[queue]
        self._send, self._send_many = world.sqs.send_message, world.sqs.send_message_batch
        world.sqs.send_message, world.sqs.send_message_batch = self.send_message, self.send_message_batch

    def send_message(self, *, QueueUrl: str, MessageBody: str, **more: Any) -> Any:
        if not self._loses(QueueUrl, MessageBody):
            return self._send(QueueUrl=QueueUrl, MessageBody=MessageBody, **more)
        return {}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> Any:
        left = [each for each in Entries if not self._loses(QueueUrl, each["MessageBody"])]
        return self._send_many(QueueUrl=QueueUrl, Entries=left)

    def _loses(self, url: str, text: str) -> bool:
        about = json.loads(text).get(self._about) if url == self._url else None
        if about is None or about in self.lost or self.over:
            return False
        self.lost.add(about)
        return True


def tell(story: Callable[[World], None], queue: str) -> tuple[int, list[str]]:
    """The story without the queue's messages: how many were lost, and what is not as it must be."""
    with a_deployment() as world:
        losing = Losing(world, queue)
        story(world)
        world.pass_time(2 * HOUR, step=600)
        losing.over = True
        world.pass_time(600, step=600)  # what was sent and lost in the very last minute is seen by the next one
        return len(losing.lost), differences(world)


@cache
def queues_of(story: Callable[[World], None]) -> tuple[str, ...]:
    """The queues to which the story sends by itself."""
    used: set[str] = set()
    with a_deployment() as world:
        names = {url: name for name, url in world.urls.items()}
        for method in ("send_message", "send_message_batch"):
            send = getattr(world.sqs, method)

            def noted(*, QueueUrl: str, send: Any = send, **content: Any) -> Any:
                used.add(names[QueueUrl])
                return send(QueueUrl=QueueUrl, **content)

            setattr(world.sqs, method, noted)
        story(world)
    return tuple(sorted(used & QUEUES.keys()))


@pytest.mark.faults
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_every_message_of_one_queue_is_lost_once_and_the_diary_repairs_it(story: Callable[[World], None]) -> None:
    for queue in queues_of(story):
        lost, problems = tell(story, queue)
        assert lost > 0, queue
        assert problems == [], queue


@pytest.mark.faults
def test_each_queue_is_one_to_which_several_stories_send() -> None:
    for queue in QUEUES:
        assert len([story for story in STORIES if queue in queues_of(story)]) > 1, queue


@dataclass
class Away(Recorder):
    """Refuses every call to one service for an hour."""

    service: str = ""
    back: datetime | None = None
    refused: list[str] = field(default_factory=list)

    def fault(self, name: str) -> Fault | None:
        assert self.world is not None
        self.back = self.back or self.world.now + timedelta(seconds=HOUR)
        if not name.startswith(self.service) or self.world.now >= self.back:
            return None
        self.refused.append(name)
        return Fault("refused")


# What each service is needed for: a mention is answered, a comment is mailed to a branch, which reads another language.
AWAY = [
    *((away, one_mention) for away in ("sqs", "dynamodb", "platform", "secrets-manager", "appconfigdata", "s3")),
    *((away, field_level_comment) for away in ("sqs", "dynamodb", "platform", "sesv2", "secrets-manager")),
    ("appconfigdata", field_level_comment),
    ("translate", a_branch_passes_it_on),
    *((away, an_unreadable_delivery) for away in ("sqs", "dynamodb", "s3")),
]


@pytest.mark.faults
@pytest.mark.parametrize(("away", "story"), AWAY, ids=lambda each: getattr(each, "__name__", each))
def test_a_service_is_away_for_an_hour_and_everything_is_caught_up(away: str, story: Callable[[World], None]) -> None:
    with a_deployment() as world:
        recorder = Away(service=away)
        for secret in (world.door.secrets, world.services.secrets):
            secret.value()  # who has read it goes on with it; who has not cannot even open the door
        recorder.watch(world)
        story(world)
        world.pass_time(HOUR, step=600)
        rest(world)
        assert differences(world) == []
    assert recorder.refused != []


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
