"""The consumer that docs/desktop.md shows, so that it cannot rot."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

from firstline.model.case import Case
from firstline.operations.agents import reply, wait_for_customer
from tests.contract.path.test_main_job import comments, posts
from tests.world import a_world

EXAMPLE = Path(__file__).parents[3] / "docs/examples/desktop.py"
ALL = frozenset({"language:en", "channel:x", "channel:facebook"})


def test_another_desktop_takes_live_work_once_and_leaves_what_does_not_fit() -> None:
    next_case: Callable[..., Case | None] = runpy.run_path(str(EXAMPLE))["next_case"]
    with a_world() as world:
        posts(world, "@AcmeCare my oven is broken")
        comments(world, "my fridge is broken")
        world.pass_time(60)
        only_x = frozenset({"language:en", "channel:x"})
        taken = next_case(world.sqs, world.services, "joe", only_x)
        assert taken is not None and taken.channel == "x" and taken.holder == "joe"
        assert next_case(world.sqs, world.services, "joe", only_x) is None
        world.pass_time(60)
        other = next_case(world.sqs, world.services, "maria", ALL)
        assert other is not None and other.channel == "facebook"
        world.pass_time(60)
        assert next_case(world.sqs, world.services, "eve", ALL) is None


def test_another_desktop_leaves_an_answer_that_is_kept_for_who_asked_in_the_lane() -> None:
    next_case: Callable[..., Case | None] = runpy.run_path(str(EXAMPLE))["next_case"]
    with a_world() as world:
        posts(world, "@AcmeCare my oven is broken")
        world.pass_time(60)
        mine = next_case(world.sqs, world.services, "maria", ALL)
        assert mine is not None
        reply(mine.id, "maria", "Which model is it?", world.services)
        world.pass_time(60)
        wait_for_customer(mine.id, "maria", world.services)
        posts(world, "@AcmeCare it is a KB-7")
        world.pass_time(60)
        assert next_case(world.sqs, world.services, "joe", ALL) is None
        world.pass_time(60)  # the message is visible again
        back = next_case(world.sqs, world.services, "maria", ALL)
        assert back is not None and (back.id, back.holder) == (mine.id, "maria")
