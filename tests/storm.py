"""A storm on one account of X: a thousand posts in minutes, under X's real limits, on a clock that only tests move.

The whole path in one process: signed webhooks, intake, the outbox, the simulated X with its own windows, the diary.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from firstline.model.reply import Reply
from firstline.operations.capacity import capacities
from infra.local.simulators.store import Person

from .builders import CARE
from .world import START, World, a_world

TEXTS = {
    3: "@AcmeCare there is smoke coming out of my oven",
    2: "@AcmeCare my washing machine leaks all over the floor",
    1: "@AcmeCare my oven is broken since Monday",
    0: "@AcmeCare how long does the oven take to arrive",
}
"""By the severity that the tests' playbook sees in them."""
SHARES = (1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 1, 0, 1, 2, 1, 0, 1, 3, 1)
"""Severities of the posts in turn: one of twenty tells of danger."""


@dataclass
class Storm:
    """What came in and what went out. ``answers`` are X's own records of our replies, in the order in which it got them."""

    world: World
    posts: dict[str, int] = field(default_factory=dict)
    """Post id to severity, in the order in which they were written."""
    refused: list[datetime] = field(default_factory=list)
    """When X said 429."""
    foretold: Any = None
    """What `firstline capacity` said of it when all had come in."""

    def minutes(self, at: datetime) -> float:
        """How long after the first post that was."""
        return (at - START).total_seconds() / 60

    @property
    def answers(self) -> list[Any]:
        """All that the platform took."""
        return [each for each in self.world.sent("x") if each.parent_id in self.posts]

    @property
    def replies(self) -> list[Reply]:
        """Our records of the answers."""
        cases = self.world.services.table.cases("open", 10 * len(self.posts))
        found = [each for case in cases for each in self.world.records(case.id, "reply#")]
        return [each for each in found if isinstance(each, Reply)]


@contextmanager
def a_storm(posts: int, seconds: float = 300) -> Iterator[Storm]:
    """So many posts by as many people within so many seconds, none answered yet."""
    with a_world() as world:
        storm = Storm(world)
        handle = world.x.handle

        def watched(*words: Any, **named: Any) -> Any:
            response = handle(*words, **named)
            if response.status == 429:
                storm.refused.append(world.now)
            return response

        world.x.handle = watched  # type: ignore[method-assign]
        for number in range(posts):
            severity = SHARES[number % len(SHARES)]
            author = Person(id=str(900_000 + number), name=f"User {number}", handle=f"user{number}")
            post, deliveries = world.x.post(author, TEXTS[severity], world.now, account=CARE)
            storm.posts[post.id] = severity
            for each in deliveries:
                assert world.deliver(each) == 200
            if number % 10 == 9:
                world.settle()
                world.now += timedelta(seconds=seconds * 10 / posts)
        world.settle()
        storm.foretold = forecast(storm)
        yield storm


def through(storm: Storm, hours: float = 6) -> int:
    """Let time pass until all is answered; how many minutes that took."""
    minutes = 0
    while len(storm.world.x.sent()) < len(storm.posts) and minutes < hours * 60:
        storm.world.pass_time(60)
        minutes += 1
    return minutes


def forecast(storm: Storm) -> Any:
    """What `firstline capacity` says of the account's public answers."""
    return next(each for each in capacities(storm.world.services, CARE) if each.endpoint == "posts")
