"""`firstline case` as an agent meets it."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

from infra.local.simulators.store import Person
from infra.ops import case as commands
from infra.ops import stack
from infra.ops.cli import main
from tests.builders import CARE
from tests.world import World, a_world

ANNA = Person(id="501", name="Anna Ross", handle="anna")


def run(world: World, *arguments: str) -> Any:
    somebody = patch.object(stack, "caller", lambda: ("1", "user/maria"))
    with somebody, patch.object(commands, "services_of", lambda stack: world.services):
        return CliRunner().invoke(main, ["case", "--as", "maria", *arguments], catch_exceptions=False)


def test_an_answer_offers_the_customers_other_posts_each_in_its_own_thread() -> None:
    with a_world(shards=1) as world:
        posts = []
        for text in ("@AcmeCare my oven is broken", "@AcmeCare still broken"):
            post, deliveries = world.x.post(ANNA, text, world.now, account=CARE)
            for each in deliveries:
                assert world.deliver(each) == 200
            world.settle()
            posts.append(post.id)
        (case,) = world.cases()
        assert run(world, "take", case.ref).exit_code == 0
        told = run(world, "reply", case.ref, "We come tomorrow at ten.").output
        assert f'firstline case reply {case.ref} "…" --to x:{posts[1]}' in told and f"x:{posts[0]}" not in told
        world.settle()
        last = run(world, "reply", case.ref, "And we bring the part.", "--to", f"x:{posts[1]}").output
        assert "on its way" in last and "unanswered" not in last, last
        world.pass_time(120)
        assert [each.parent_id for each in world.sent("x")] == posts
