"""Notices that carry ids only are completed by a read of the platform, and become a case whatever it says (R8c)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from firstline.model.records import Delivery, StoredPost
from firstline.operations.reconcile import Accepted, Report, reconcile
from infra.local.simulators.store import Person
from tests.builders import PAGE
from tests.world import World, a_world

BEN = Person(id="777000001", name="Ben Hill")


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        yield world


def announced(world: World, text: str = "my oven is broken", author: Person = BEN, **how: Any) -> Any:
    """A comment of which the platform's notice names the id alone."""
    post, deliveries = world.graph.post(author, text, world.now, account=PAGE, **how)
    for each in deliveries:
        assert world.deliver(world.ids_only(each)) == 200
    return post


def the_post(world: World) -> StoredPost:
    (case,) = world.cases()
    (stored,) = [each for each in world.records(case.id, "post#") if isinstance(each, StoredPost)]
    return stored


def reconciled(world: World) -> Report:
    told = [line for line in world.log if line["message"] == "accepted"]
    lines = [Accepted(id=line["delivery_id"], channel=line["channel"], at=line["timestamp"]) for line in told]
    later = world.now + timedelta(hours=1)
    return reconcile(world.services.table, lines, [], world.now - timedelta(hours=1), later)


def test_a_notice_with_ids_only_becomes_a_case_with_author_and_words_and_is_answered(world: World) -> None:
    post = announced(world)
    world.pass_time(300)
    stored = the_post(world)
    assert (stored.post.author.id, stored.post.text, stored.post.incomplete) == (BEN.id, "my oven is broken", None)
    assert [each.parent_id for each in world.sent("facebook")] == [post.id]
    assert reconciled(world).whole


def test_a_refused_read_opens_the_case_with_what_is_known_and_says_so(world: World) -> None:
    announced(world, keep=False)
    world.pass_time(300)
    assert "refused to show" in (the_post(world).post.incomplete or "")
    assert reconciled(world).whole


def test_the_brands_own_comment_makes_no_case(world: World) -> None:
    announced(world, "Come and see our new ovens", Person(id=PAGE, name="Acme"))
    world.pass_time(300)
    assert world.cases() == [] and world.sent() == []
    assert reconciled(world).whole and reconciled(world).events == {"looked_up": 1}


def test_an_edit_that_comes_before_the_notice_is_applied(world: World) -> None:
    post, notices = world.graph.post(BEN, "my oven is broken", world.now, account=PAGE)
    _, edits = world.graph.edit(post.id, "my oven works again", world.now)
    for each in (*edits, *(world.ids_only(each) for each in notices)):
        world.deliver(each)
        world.settle()
    world.pass_time(300)
    assert the_post(world).post.text == "my oven works again"


def test_a_deletion_while_the_notice_waits_for_its_read_leaves_no_words(world: World) -> None:
    post = announced(world)
    world.work("intake")
    _, deletions = world.graph.delete(post.id, world.now)
    for each in deletions:
        world.deliver(each)
    world.work("intake")
    world.pass_time(300)
    assert the_post(world).erased and world.sent() == []


def test_a_completed_post_that_is_lost_on_its_way_is_named(world: World) -> None:
    announced(world)
    world.work("intake", "lookups")
    world.sqs.purge_queue(QueueUrl=world.urls["intake"])
    world.pass_time(300)
    (delivery,) = world.services.table.listed(f"deliveries#{world.now:%Y-%m-%dT%H}#00")
    assert isinstance(delivery, Delivery)
    assert reconciled(world).missing_events == (f"{delivery.events[0].key} (delivery {delivery.id})",)
