"""Something of the person comes in fully between any two calls of the erasure: it is erased, too, or belongs to a new
case that an export and a second erasure find."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from firstline.model.errors import NotFound
from firstline.operations.person import export, named
from tests.erasing import COMES, Customer, erased, places
from tests.world import World, a_world

CALLS = (
    *("get_item", "batch_get_item", "query", "put_item", "transact_write_items", "update_item"),
    *("delete_object", "head_object"),
)


class Interrupted:
    """A client of AWS before whose n-th call something else happens, whole and by itself."""

    def __init__(self, client: Any, turn: Turn) -> None:
        self._client, self._turn = client, turn

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)
        return self._turn.before(call) if name in CALLS else call


@dataclass
class Turn:
    """Whose turn it is: after ``at`` calls of the erasure the other one comes in."""

    other: Callable[[], None] | None = None
    at: int = 0
    calls: int = 0
    came: bool = False

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(**told: Any) -> Any:
            other = self.other
            if other is not None:
                self.calls += 1
                if self.calls == self.at:
                    self.other = None
                    other()
                    self.came = True
            return call(**told)

        return called


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with a_world(in_memory=True) as world:
        yield world


@pytest.mark.parametrize("comes", COMES, ids=lambda comes: comes.__name__)
def test_whatever_comes_in_during_an_erasure_is_erased_or_found(
    comes: Callable[[Customer], None], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = Turn()
    table, bodies = world.services.table, world.services.bodies
    monkeypatch.setattr(table, "_client", Interrupted(table._client, turn))
    monkeypatch.setattr(bodies, "_client", Interrupted(bodies._client, turn))
    first = 1000 * (1 + COMES.index(comes))
    came = 0
    for at in range(1, 400):
        customer = Customer(world, first + at)
        customer.begins()
        turn.at, turn.calls, turn.came = at, 0, False
        turn.other = lambda customer=customer: comes(customer)  # type: ignore[misc]
        erased(customer.key, f"{first + at:032d}", world)
        world.settle()
        turn.other = None
        if not turn.came:
            break
        came += 1
        left = places(world, customer.mark) + places(world, customer.id)
        try:
            fresh = named(customer.key, world.services)
        except NotFound:
            assert left == [], (at, left)
            continue
        told = json.dumps(export(fresh, world.services))
        old, new = places(world, customer.mark), [case for case in fresh.cases if case != customer.case_id]
        assert not any(customer.case_id in place for place in left), (at, left)
        assert not old or (new and customer.mark in told), (at, old)
        erased(customer.key, f"{first + at + 500:032d}", world)
        again = places(world, customer.mark) + places(world, customer.id)
        assert again == [], (at, again)
    assert came > 20
