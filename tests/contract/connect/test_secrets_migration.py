"""An earlier release's secret holds every account's tokens: it works as it is, and is taken apart without losing one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from moto.core.models import botocore_stubber

from firstline.operations.leases import holding
from firstline.operations.renew_tokens import renew_tokens
from firstline.outward.secrets import WRITING
from infra.ops.account_secrets import migrate, old_accounts
from infra.ops.connect import connected
from infra.ops.connect.setup import newest, without_accounts
from infra.ops.rotate import begun
from tests.builders import CARE, GRAM, MAIN, NUMBER, PAGE
from tests.contract.path.test_main_job import posts
from tests.world import Died, World, a_world

from .setups import a_setup, channels_secret

ACCOUNTS = [
    *(("x", account) for account in (MAIN, CARE)),
    *(("facebook", PAGE), ("messenger", PAGE), ("whatsapp", NUMBER), ("instagram", GRAM)),
    *(("generic", source) for source in ("generic", "reviews", "contact-centre")),
]


FEW = [("x", MAIN), ("x", CARE), ("generic", "reviews")]


@contextmanager
def a_small_world() -> Iterator[World]:
    """A few accounts, for the tests that stop at every call."""
    with a_world(shards=1, old_secrets=True, in_memory=False) as world:
        value = world.secret()
        for channel, account in set(ACCOUNTS) - set(FEW):
            value[channel] = without_accounts(value[channel], [account])
        arn = world.settings.channel_secrets_arn
        world.secretsmanager.put_secret_value(SecretId=arn, SecretString=json.dumps(value))
        yield world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1, old_secrets=True) as world:
        yield world


def migrated(world: World) -> list[str]:
    """Migrate in a process of its own; what it says of what went wrong."""

    def passes(seconds: float) -> None:
        world.now += timedelta(seconds=seconds)

    return [each.says for each in migrate(world.another_process(), passes) if each.state == "bad"]


def all_tokens(world: World) -> dict[tuple[str, str], Any]:
    return {each: world.tokens_of(*each) for each in ACCOUNTS}


def is_taken_apart(world: World) -> bool:
    own = world.another_process().tokens
    return old_accounts(world.secret()) == [] and all(own.own(*each) for each in FEW)


def test_the_earlier_form_works_as_it_is(world: World) -> None:
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(600)
    assert len(world.sent()) == 1


def test_each_account_gets_a_secret_of_its_own_and_the_door_keeps_what_it_verifies_with(world: World) -> None:
    before, signing = all_tokens(world), world.secret()
    assert migrated(world) == []
    assert all_tokens(world) == before and is_taken_apart(world)
    after = world.secret()
    for channel in signing:
        for name in ("signing", "verify_token", "app_id", "consumer_key"):
            assert after[channel].get(name) == signing[channel].get(name)
    sources = after["generic"]["sources"]
    assert {name: each["signing"] for name, each in sources.items()} == {
        name: each["signing"] for name, each in signing["generic"]["sources"].items()
    }
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(600)
    assert len(world.sent()) == 1


def test_the_version_before_holds_no_tokens_either(world: World) -> None:
    migrated(world)
    arn = world.settings.channel_secrets_arn
    text = world.secretsmanager.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")["SecretString"]
    assert old_accounts(json.loads(text)) == []


def test_to_migrate_again_changes_nothing(world: World) -> None:
    migrated(world)
    before = all_tokens(world), world.secret()
    assert migrated(world) == [] and (all_tokens(world), world.secret()) == before


def _refused(request: Any) -> None:
    raise EndpointConnectionError(endpoint_url=request.url)


def _lost(request: Any, event_name: str) -> None:
    botocore_stubber(event_name=event_name, request=request)
    raise ReadTimeoutError(endpoint_url=request.url)


def _died(request: Any, event_name: str) -> None:
    botocore_stubber(event_name=event_name, request=request)
    raise Died


FAULTS: dict[str, Callable[[Any, str], None]] = {
    "refused": lambda request, _: _refused(request),
    "answer lost": _lost,
    "died after": _died,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_wherever_it_ends_all_accounts_work_and_the_next_run_does_the_rest(fault: str) -> None:
    disturbed = True
    for number in count():
        if not disturbed:
            break
        with a_small_world() as world:
            before, made = all_tokens(world), []

            def disturb(request: Any, event_name: str, made: list[str] = made, at: int = number, **_: Any) -> None:
                made.append(event_name)
                if len(made) == at + 1:
                    FAULTS[fault](request, event_name)

            world.secretsmanager.meta.events.register_first("before-send.secretsmanager", disturb)
            try:
                migrated(world)
            except Died:
                world.now += timedelta(seconds=61)  # its lease ends by itself
            world.secretsmanager.meta.events.unregister("before-send.secretsmanager", disturb)
            disturbed = len(made) > number
            assert all_tokens(world) == before
            assert migrated(world) == [] and is_taken_apart(world) and all_tokens(world) == before
    assert number > 3 * len(FEW)


def test_a_token_that_is_renewed_between_any_two_calls_is_the_one_that_stays() -> None:
    disturbed = True
    for number in count():
        if not disturbed:
            break
        with a_small_world() as world:
            world.short_tokens(CARE)
            world.now += timedelta(minutes=95)
            diary, made, busy = world.another_process(), [], []

            def look(
                at: int = number, diary: Any = diary, made: list[int] = made, busy: list[int] = busy, **_: Any
            ) -> None:
                if busy:
                    return
                made.append(1)
                if len(made) == at + 1:
                    busy.append(1)
                    renew_tokens(diary)
                    busy.clear()

            world.secretsmanager.meta.events.register_first("before-send.secretsmanager", look)
            assert migrated(world) == []
            world.secretsmanager.meta.events.unregister("before-send.secretsmanager", look)
            disturbed = len(made) > number
            renew_tokens(world.another_process())  # it waits while the lease is held
            assert world.tokens_of("x", CARE)["bearer"] == world.x.tokens["x"][CARE].bearer
            assert world.x.management.oauth.grants == 1 and is_taken_apart(world)
    assert number > 3 * len(FEW)


def test_while_somebody_renews_nothing_moves(world: World) -> None:
    with holding(WRITING, timedelta(minutes=5), world.services) as held:
        assert held
        assert migrated(world) == ["not done (somebody_else_writes_the_secrets)"]
        assert not world.another_process().tokens.own("x", CARE)
    assert migrated(world) == []


def test_tokens_that_stayed_behind_are_never_used(world: World) -> None:
    migrated(world)
    value = world.secret()
    value["x"]["accounts"] = {CARE: {"token": "stale"}}
    arn = world.settings.channel_secrets_arn
    world.secretsmanager.put_secret_value(SecretId=arn, SecretString=json.dumps(value))
    right = world.tokens_of("x", CARE)
    assert right != {"token": "stale"}
    assert migrated(world) == [] and world.tokens_of("x", CARE) == right and is_taken_apart(world)


def test_a_sender_that_looks_while_tokens_move_finds_them(world: World) -> None:
    """It saw no secret of the account's own before, and finds the channels' secret without tokens after."""
    sender = world.another_process()
    assert sender.tokens.credentials("x", CARE)
    before = world.tokens_of("x", CARE)
    sender.secrets.forget()
    migrated(world)
    assert sender.tokens.credentials("x", CARE) == before


def test_a_token_renewed_for_an_account_that_moved_meanwhile_is_stored_where_it_is_read(world: World) -> None:
    """The renewal's lease had ended: it found the tokens in the channels' secret, and stores after they have moved."""
    slow, moved = world.another_process(), []

    def move(**_: Any) -> None:
        if not moved:
            moved.append(1)
            migrated(world)

    world.secretsmanager.meta.events.register_first("before-send.secretsmanager.PutSecretValue", move)
    slow.tokens.update("x", CARE, {"bearer": "new"})
    assert moved and world.tokens_of("x", CARE)["bearer"] == "new"


def test_connecting_an_account_moves_its_tokens(world: World) -> None:
    assert connected(a_setup(world, "facebook"), test_post=False)
    assert ("facebook", PAGE) not in old_accounts(channels_secret(world))
    assert ("messenger", PAGE) in old_accounts(channels_secret(world))
    assert world.another_process().tokens.own("facebook", PAGE)["token"] == "page"


def test_a_rotation_moves_the_tokens_that_it_changes(world: World) -> None:
    tokens = {"consumer_key": "ck", "consumer_secret": newest(world.secret()["x"], "signing"), "token": "t"}
    world.has_tokens(CARE, {**tokens, "token_secret": "ts"})
    assert begun(a_setup(world, "x", {"new_secret": "two"})).state == "ok"
    assert world.tokens_of("x", CARE)["consumer_secret"] == "two"
    assert ("x", CARE) not in old_accounts(channels_secret(world))


def test_fifty_accounts_renew_each_in_a_secret_of_its_own(world: World) -> None:
    """A secret's versions are counted by Secrets Manager: the channels' secret gets none from renewals."""
    migrated(world)
    world.short_tokens(CARE)
    arn, stored = world.settings.channel_secrets_arn, []
    world.secretsmanager.meta.events.register(
        "before-parameter-build.secretsmanager.PutSecretValue", lambda params, **_: stored.append(params["SecretId"])
    )
    world.pass_time(4 * 3600, step=600)
    assert stored and arn not in stored and set(stored) == {f"firstline/account/x/{CARE}"}
