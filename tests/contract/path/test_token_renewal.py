"""Tokens of two hours: renewed by one, before they end, stored before anybody uses them, and never twice with one
refresh token."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from firstline.model.base import stamp
from firstline.model.records import Account, TokenRenewal
from firstline.operations.renew_tokens import renew_tokens
from firstline.outward.secrets import WRITING
from firstline.table import keys
from tests.builders import CARE, MAIN, PAGE
from tests.contract.path.test_main_job import posts
from tests.world import World, a_world

TOKEN_ENDPOINT = "/2/oauth2/token"


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        world.short_tokens(CARE)
        yield world


def later(world: World, **time: float) -> None:
    world.now += timedelta(**time)


def tokens(world: World) -> dict[str, Any]:
    return world.tokens_of("x", CARE)


def parked(world: World) -> str | None:
    account = world.services.table.get(keys.account("x", CARE))
    return account.parked_because if isinstance(account, Account) and account.parked_at else None


def renewal(world: World) -> TokenRenewal:
    found = world.services.table.get(keys.token_renewal("x", CARE))
    assert isinstance(found, TokenRenewal)
    return found


def alarms(world: World) -> list[str]:
    return [line["metric"] for line in world.log if line.get("metric") in ("AccountParked", "TokenNotRenewed")]


def test_a_day_of_posts_is_answered_with_tokens_of_two_hours(world: World) -> None:
    for number in range(6):
        posts(world, f"@AcmeCare my oven is broken, day {number}")
        world.pass_time(2 * 3600, step=600)
    assert len(world.sent()) == 6
    assert world.x.management.oauth.grants == 8  # every ninety minutes, not every run
    assert tokens(world)["bearer"] == world.x.tokens["x"][CARE].bearer
    assert parked(world) is None and alarms(world) == []


def test_a_token_is_not_renewed_before_it_is_due(world: World) -> None:
    later(world, minutes=89)
    world.tick()
    assert tokens(world)["refresh_token"] == "r-0"
    later(world, minutes=2)
    world.tick()
    assert tokens(world)["refresh_token"] != "r-0"


def test_renewing_keeps_everything_else_in_the_secret(world: World) -> None:
    before, others = tokens(world), (world.secret(), world.tokens_of("x", MAIN))
    later(world, minutes=95)
    world.tick()
    after = tokens(world)
    assert {**after, **before} == before | {"scope": after["scope"]}
    assert (world.secret(), world.tokens_of("x", MAIN)) == others


def test_two_diaries_at_once_use_a_refresh_token_once(world: World) -> None:
    later(world, minutes=95)
    both = [threading.Thread(target=renew_tokens, args=(world.services,)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert world.x.management.oauth.grants == 1
    assert tokens(world)["bearer"] == world.x.tokens["x"][CARE].bearer


def test_while_somebody_else_writes_the_secret_nobody_renews(world: World) -> None:
    from firstline.operations.leases import holding

    later(world, minutes=95)
    with holding(WRITING, timedelta(seconds=60), world.services) as held:
        assert held
        world.tick()
        assert world.x.management.oauth.grants == 0
    world.tick()
    assert world.x.management.oauth.grants == 1


def test_an_answer_on_its_way_with_the_old_token_parks_nothing(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    later(world, minutes=95)
    assert world.services.tokens.credentials("x", CARE)["bearer"] == "b-0"
    elsewhere = world.another_process()
    renew_tokens(elsewhere)  # the sender still has the old one in its cache
    world.settle()
    world.settle()
    assert len(world.sent()) == 1 and parked(world) is None and alarms(world) == []


def test_a_crash_between_refresh_and_store_parks_the_account_and_is_not_tried_again(world: World) -> None:
    later(world, minutes=95)

    def refuse(request: Any, **_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=request.url)

    world.secretsmanager.meta.events.register_first("before-send.secretsmanager.PutSecretValue", refuse)
    world.tick()
    world.secretsmanager.meta.events.unregister("before-send.secretsmanager.PutSecretValue", refuse)
    assert parked(world) is None  # it might be in the middle of it
    world.pass_time(600)
    assert parked(world) == "token_renewal_lost" and alarms(world) == ["AccountParked"]
    assert world.x.management.oauth.grants == 1 and renewal(world).state == "lost"

    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(600)
    assert world.sent() == []
    fresh = {"client_id": "app", "client_secret": "app-secret", "bearer": "b-9", "refresh_token": "r-9"}
    world.has_tokens(CARE, {**fresh, "expires_at": stamp(world.now + timedelta(hours=2))})
    world.pass_time(600)
    assert len(world.sent()) == 1 and parked(world) is None
    world.pass_time(2 * 3600, step=600)
    assert world.x.management.oauth.grants == 2


@pytest.mark.parametrize("kind", ["unclear", "server_error", "cut"])
def test_an_unclear_answer_is_never_asked_for_again(world: World, kind: Any) -> None:
    world.x.faults.plan("x", kind, world.now, times=1, match=TOKEN_ENDPOINT)
    later(world, minutes=95)
    world.pass_time(600)
    assert world.x.management.oauth.grants == (1 if kind == "unclear" else 0)
    assert parked(world) == "token_renewal_lost" and tokens(world)["refresh_token"] == "r-0"


def test_a_limit_is_waited_for(world: World) -> None:
    world.x.faults.plan("x", "rate_limit", world.now, times=2, match=TOKEN_ENDPOINT)
    later(world, minutes=95)
    world.pass_time(600)
    assert world.x.management.oauth.grants == 1 and parked(world) is None


def test_a_refused_renewal_rings_at_once_and_parks_only_when_the_token_has_ended(world: World) -> None:
    world.x.tokens["x"][CARE] = world.x.tokens["x"][CARE].model_copy(update={"refresh_token": "another"})
    later(world, minutes=95)
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(300)
    assert alarms(world) == ["TokenNotRenewed"] and parked(world) is None and len(world.sent()) == 1
    posts(world, "@AcmeCare it is still broken")
    later(world, minutes=30)
    world.pass_time(300)
    assert parked(world) == "token_refused" and world.x.management.oauth.grants == 0


def test_tokens_that_do_not_end_are_left_alone(world: World) -> None:
    world.pass_time(6 * 3600, step=1800)
    assert world.tokens_of("x", MAIN) == world.secrets_value["x"]["accounts"][MAIN]


def test_the_days_until_a_persons_token_ends_are_counted(world: World) -> None:
    value = {"token": "page", "expires_at": stamp(world.now + timedelta(days=10))}
    world.services.tokens.put("facebook", PAGE, value)
    world.tick()
    assert [told["value"] for name, told in world.metrics if name == "TokenDaysLeft"] == [10.0]
