"""`firstline secrets`: accounts' tokens out of the channels' secret, where an earlier release kept them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from firstline.channels import SOURCED
from firstline.model.errors import Retry
from firstline.operations.leases import holding
from firstline.operations.services import LEASE, Services
from firstline.outward.secrets import WRITING, old_credentials, source_part

from .connect.setup import members, without_accounts
from .findings import Finding, bad, ok, show
from .stack import record, services_of

PAUSE, TRIES = 5.0, 15
"""Seconds between tries while somebody else writes the secrets, and how many."""
NAME = "tokens"


@click.group()
def secrets() -> None:
    """Look after the secrets of the channels and their accounts."""


@secrets.command("migrate")
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
def migrate_secrets(stack: str) -> None:
    """Give each account's tokens a secret of its own; safe to repeat, and while the deployment works."""
    services = services_of(stack)
    record(services, "secrets_migrated")
    if not show(migrate(services, time.sleep)):
        sys.exit(1)


def old_accounts(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """``(channel, account)`` of all tokens and callbacks that lie in the channels' secret."""
    parts = {channel: part for channel, part in value.items() if isinstance(part, dict)}
    found = [(channel, account) for channel, part in parts.items() for account in members(part, "accounts")]
    sources = [SOURCED, *members(parts.get(SOURCED, {}), "sources")]
    return found + [(SOURCED, name) for name in sources if source_part(value, SOURCED, name).get("callback")]


def migrate(services: Services, pause: Callable[[float], None]) -> Iterator[Finding]:
    """Move the tokens. An account's own secret is made first, and wins from then on: wherever this ends, no token is lost,
    and the next run does the rest. The lease keeps out whoever renews a token or connects an account."""
    try:
        accounts = old_accounts(services.secrets.present())
        moved = True
        for channel, account in accounts:
            found = _exclusively(lambda c=channel, a=account: _copy(c, a, services), services, pause)  # type: ignore[misc]
            moved = moved and found.state != "bad"
            yield found
        if accounts:
            yield _exclusively(lambda: _clear(services), services, pause)
        if any(old_accounts(services.secrets.previous())) and not old_accounts(services.secrets.present()):
            # Who may read the secret may also read the version before: it must hold no tokens either.
            yield _exclusively(lambda: _push_out(services), services, pause)
    except Retry as error:
        yield bad(NAME, f"not done ({error.reason})", "once more: firstline secrets migrate")
        return
    if not accounts:
        yield ok(NAME, "each account has a secret of its own")


def _exclusively(step: Callable[[], Finding], services: Services, pause: Callable[[float], None]) -> Finding:
    for _ in range(TRIES):
        with holding(WRITING, LEASE, services) as held:
            if held:
                return step()
        pause(PAUSE)
    raise Retry("somebody_else_writes_the_secrets")


def _copy(channel: str, account: str, services: Services) -> Finding:
    name = f"{channel}:{account}"
    own = services.tokens.own(channel, account)
    old = old_credentials(services.secrets.present(), channel, account)
    if own:
        return ok(NAME, f"{name} has its own secret already" + ("" if own == old else "; what it holds is newer"))
    if old:
        try:
            services.tokens.put(channel, account, old)
        except Retry as error:
            return bad(NAME, f"{name} stays where it is ({error.reason})", "may you make secrets? docs/connect.md")
    return ok(NAME, f"{name} moved to {services.tokens.name(channel, account)}")


def _clear(services: Services) -> Finding:
    """Take out of the channels' secret what has a secret of its own by now."""
    value = dict(services.secrets.present())
    old = old_accounts(value)
    gone = [each for each in old if services.tokens.own(*each) or not old_credentials(value, *each)]
    for channel in {channel for channel, _ in gone}:
        value[channel] = without_accounts(value[channel], [account for on, account in gone if on == channel])
    if gone:
        services.secrets.replace(value)
    left = [f"{channel}:{account}" for channel, account in old if (channel, account) not in gone]
    if left:
        return bad(NAME, f"{', '.join(left)} still in the channels' secret", "once more: firstline secrets migrate")
    return ok(NAME, "the channels' secret holds only what the webhooks verify with")


def _push_out(services: Services) -> Finding:
    services.secrets.replace(services.secrets.present())
    return ok(NAME, "the version of the channels' secret before holds no tokens either")
