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


def a_case(world: World, text: str = "@AcmeCare my oven in Leeds is broken since Monday") -> str:
    """The reference of a case that maria holds."""
    _, deliveries = world.x.post(ANNA, text, world.now, account=CARE)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.pass_time(120)
    (case,) = world.cases()
    assert run(world, "take", case.ref).exit_code == 0
    return case.ref


def test_a_list_says_what_the_customer_wrote_in_which_language_and_where_it_waits() -> None:
    with a_world(shards=1) as world:
        reference = a_case(world)
        assert "“@AcmeCare my oven in Leeds is broken since Monday”" in run(world, "list").output
        assert " en " in run(world, "list").output
        assert reference in run(world, "list", "--mine").output
        run(world, "back", reference)
        assert " standard " in run(world, "list").output
        assert reference in run(world, "list", "--lane", "standard").output
        assert run(world, "list", "--lane", "urgent").output == "no cases\n"
        assert run(world, "list", "--mine").output == "no cases\n"


def test_the_list_keeps_the_text_of_a_case_that_waits_for_no_answer() -> None:
    with a_world(shards=1) as world:
        reference = a_case(world)
        run(world, "reply", reference, "A colleague rings you tomorrow.")
        world.pass_time(120)
        assert "my oven in Leeds" in run(world, "list").output


def test_a_list_says_for_whom_an_answer_is_kept() -> None:
    with a_world(shards=1) as world:
        reference = a_case(world)
        run(world, "reply", reference, "Which model is it?")
        world.pass_time(60)
        run(world, "wait", reference)
        assert "asked by user/maria" in run(world, "list").output
        _, deliveries = world.x.post(ANNA, "@AcmeCare it is a KB-7", world.now, account=CARE)
        for each in deliveries:
            assert world.deliver(each) == 200
        world.pass_time(60)
        assert "kept for user/maria until " in run(world, "list", "--mine").output


def test_a_case_shows_which_answer_was_private_and_which_public() -> None:
    with a_world(shards=1) as world:
        reference = a_case(world)
        run(world, "reply", reference, "A colleague rings you tomorrow.")
        world.pass_time(120)
        shown = run(world, "show", reference).output
        assert "user/maria  (sent, public) A colleague rings you tomorrow." in shown
        run(world, "reply", reference, "She comes at ten.", "--private")
        world.pass_time(120)
        assert ", private) She comes at ten." in run(world, "show", reference).output


def test_a_case_shows_which_branch_was_mailed_and_how_far_it_is() -> None:
    with a_world(shards=1) as world:
        reference = a_case(world)
        run(world, "handoff", reference, "leeds", "--why", "please ring her")
        assert "branch leeds: " in run(world, "show", reference).output
        world.pass_time(120)
        shown = run(world, "show", reference).output
        assert "branch leeds: mailed, waiting" in shown


def test_the_trail_says_how_a_case_was_resolved() -> None:
    with a_world(shards=1) as world:
        reference = a_case(world)
        run(world, "reply", reference, "A colleague rings you tomorrow.")
        world.pass_time(120)
        assert "resolved" in run(world, "resolve", reference, "repaired").output
        assert "· resolved by user/maria (repaired)" in run(world, "show", reference).output
        assert "repaired" in run(world, "list", "--done").output


def test_a_disposition_that_the_playbook_does_not_have_is_refused_with_the_list() -> None:
    with a_world(shards=1) as world:
        reference = a_case(world)
        run(world, "reply", reference, "A colleague rings you tomorrow.")
        world.pass_time(120)
        refused = run(world, "resolve", reference, "banana")
        assert refused.exit_code == 1 and "banana" in refused.output
        assert "repaired, " in refused.output and "no_answer" in refused.output
        assert " resolved " not in run(world, "show", reference).output
        assert run(world, "resolve", reference, "Repaired").exit_code == 0
