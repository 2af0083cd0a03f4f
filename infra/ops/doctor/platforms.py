"""The way from the platforms to us and back, looked at from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from firstline.channels import SOURCED
from firstline.channels.answer import live

from ..connect import CONNECTIONS, connection
from ..connect.setup import Setup
from ..findings import Finding, bad, ok, warn
from .deployment import Deployment


def connected(deployment: Deployment) -> list[Setup]:
    """The channels that have secrets."""
    named = {SOURCED: deployment.services.secrets.channel(SOURCED).get("sources", {})}
    setups = [deployment.setup(channel, each) for channel in CONNECTIONS for each in (None, *named.get(channel, ()))]
    return [setup for setup in setups if live(setup.part, "signing")]


def doors(deployment: Deployment) -> Iterator[Finding]:
    """Each door as its platform and as a stranger meets it. A test delivery tells of nothing."""
    found = connected(deployment)
    if not found:
        yield warn("doors", "no platform is connected", "firstline connect CHANNEL")
    for setup in found:
        yield _door(setup)


def _door(setup: Setup) -> Finding:
    check, style = f"door of {setup.source or setup.channel}", connection(setup.channel).STYLE
    door, signing = setup.door(style), live(setup.part, "signing")
    if not door.shakes(setup.part):
        return bad(
            check,
            f"{setup.url} does not answer the handshake",
            "is the address public and the stack deployed? docs/runbook.md#door",
        )
    if not door.refuses_strangers():
        return bad(
            check,
            f"{setup.url} lets through what nobody signed",
            "something stands in front of it, or it is not ours: take it away at once",
        )
    refused = [number for number, secret in enumerate(signing, 1) if not door.takes(secret.decode())]
    if refused:
        return bad(
            check,
            f"deliveries signed with secret {refused[0]} of {len(signing)} are refused",
            "wait a minute and look again; receive's log",
        )
    if len(signing) > 1:
        return warn(
            check,
            "answers; two secrets are live",
            f"when the platform uses the new one: firstline rotate {setup.channel} --finish",
        )
    return ok(check, "answers the platform, refuses strangers")


def connections(deployment: Deployment) -> Iterator[Finding]:
    """Webhooks, subscriptions, tokens and scopes, as the platforms say."""
    found = connected(deployment)
    for setup in found:
        for each in connection(setup.channel).check(setup):
            yield replace(each, check=f"{setup.channel}: {each.check}")
    if not found:
        yield warn("connections", "no platform is connected", "firstline connect CHANNEL")
