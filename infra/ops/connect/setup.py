"""What connecting a channel works with: a deployment, its secret, and the person who answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import click
import requests

from firstline.channels import SOURCED
from firstline.model.errors import Outcome, Retry
from firstline.operations.leases import holding
from firstline.operations.services import Services
from firstline.outward import safe
from firstline.outward.http import Http
from firstline.outward.secrets import WRITING

from ..findings import Finding
from .door import Door, Style

KNOWN_WITHIN = timedelta(seconds=75)
"""After so long every process at the door has read a changed secret (`firstline.outward.secrets.FRESH`)."""
PAUSE = 5.0
LEASE = timedelta(seconds=60)


class Connection(Protocol):
    """What a channel contributes: a module of this folder, named as the channel."""

    STYLE: Style
    """How the platform knocks at the door."""

    def gather(self, setup: Setup) -> dict[str, Any]:
        """The channel's part of the secret, completed by asking, and checked with the platform. Stores nothing."""

    def register(self, setup: Setup) -> Iterator[Finding]:
        """Webhook and subscriptions as they should be; nothing is done that is done already."""

    def check(self, setup: Setup) -> Iterator[Finding]:
        """How the connection stands: webhook, subscriptions, tokens and scopes. Changes nothing."""

    def try_out(self, setup: Setup, account: str) -> Finding:
        """A test post that goes away again, or why there is none on this platform."""


@dataclass(frozen=True)
class Person:
    """Who answers. ``given`` are answers that came beforehand, by name."""

    given: Mapping[str, str] = field(default_factory=dict)
    interactive: bool = True
    always: bool = False
    """Yes to everything."""

    def ask(self, name: str, prompt: str, *, secret: bool = True, default: str = "", optional: bool = False) -> str:
        """An answer: given beforehand (standard input, or ``FIRSTLINE_`` and the name in capitals in the environment),
        the default, else typed; what is secret is not shown. Never on the command line, where others could read it."""
        told = self.given.get(name) or os.environ.get(f"FIRSTLINE_{name.upper()}") or ""
        if told or default:
            return (told or default).strip()
        if not self.interactive and optional:
            return ""
        if not self.interactive:
            raise click.ClickException(
                f"{name} is missing ({prompt}): give it as FIRSTLINE_{name.upper()}, or as JSON by --input"
            )
        typed: str = click.prompt(safe.entry(prompt), hide_input=secret, default="", show_default=False)
        return typed.strip()

    def agrees(self, question: str) -> bool:
        """Whether the person wants that; without anybody to ask, no."""
        return self.always or (self.interactive and click.confirm(safe.entry(question)))


@dataclass(frozen=True)
class Setup:
    """One channel of one deployment. ``base`` is the public address of the HTTP API, ``web`` what knocks at it."""

    channel: str
    services: Services
    base: str
    web: requests.Session
    person: Person
    wanted: str | None = None
    """The account that is meant, where the person named one."""
    anew: bool = False
    """Ask again for what is there."""
    options: Mapping[str, str] = field(default_factory=dict)
    pause: Callable[[float], None] = lambda seconds: None

    @property
    def http(self) -> Http:
        return self.services.http

    @property
    def source(self) -> str | None:
        """The named source, where the channel has such: the account that is meant, or the default one."""
        return (self.wanted or SOURCED) if self.channel == SOURCED else None

    @property
    def part(self) -> Mapping[str, Any]:
        """The channel's secrets and its accounts' tokens, or the source's secret and its callback."""
        if self.source is None:
            return self.part_of(self.channel)
        callback = self.services.tokens.credentials(self.channel, self.source)
        signing = without_tokens(self.services.secrets.source(self.channel, self.source))
        return {**signing, **({"callback": callback} if callback else {})}

    def part_of(self, channel: str) -> Mapping[str, Any]:
        """A channel's secrets, and its ``accounts`` with their tokens."""
        part, tokens = self.services.secrets.channel(channel), self.services.tokens
        known = dict.fromkeys((*members(part, "accounts"), *tokens.listed(channel)))
        found = {account: held for account in known if (held := tokens.credentials(channel, account))}
        return {**without_tokens(part), **({"accounts": found} if found else {})}

    @property
    def url(self) -> str:
        """Where the platform, or the source, delivers to."""
        return self.url_of(self.source or self.channel)

    def url_of(self, channel: str) -> str:
        return f"{self.base.rstrip('/')}/webhooks/{channel}"

    def door(self, style: Style) -> Door:
        return Door(self.url, style, self.web, lambda: self.services.clock().timestamp())

    def named(self) -> dict[str, str]:
        """The accounts that the active playbook names on this channel, id to handle; empty without a playbook."""
        try:
            return self.services.accounts(self.channel)
        except Retry:
            return {}

    def store(self, part: Mapping[str, Any], channel: str | None = None) -> None:
        """The channel's part of the secrets from now on; whatever else is in them stays. Waits for another's writing.

        Each account's tokens come first, in secrets of their own: what an earlier release left of them goes only then.
        """
        channel, signing, stored = channel or self.channel, without_tokens(part), self._tokens_in(part)
        for _ in range(int(KNOWN_WITHIN.total_seconds() / PAUSE)):
            with holding(WRITING, LEASE, self.services) as held:
                if held:
                    for account, credentials in stored.items():
                        self.services.tokens.put(channel, account, credentials)
                    self.services.secrets.merge(channel, lambda before: self._merged(before, signing, stored))
                    return
            self.pause(PAUSE)
        raise click.ClickException("somebody else is writing the secrets all the time: try again")

    def _tokens_in(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        callback = {self.source: part["callback"]} if self.source and part.get("callback") else {}
        return {**part.get("accounts", {}), **callback}

    def _merged(self, before: Mapping[str, Any], part: Mapping[str, Any], stored: Iterable[str]) -> dict[str, Any]:
        before = without_accounts(before, stored)
        if self.source in (None, SOURCED):
            return {**before, **part}
        sources = dict(before.get("sources", {}))
        return {**before, "sources": {**sources, self.source: {**sources.get(self.source, {}), **part}}}

    def until(self, holds: Callable[[], bool]) -> bool:
        """Whether it holds before every process has read the secret anew."""
        for _ in range(int(KNOWN_WITHIN.total_seconds() / PAUSE)):
            if holds():
                return True
            self.pause(PAUSE)
        return holds()


def members(part: Mapping[str, Any], group: str) -> Mapping[str, Any]:
    """A part's accounts or sources by name; empty where there are none. People fill secrets by hand, too."""
    found = part.get(group)
    return found if isinstance(found, dict) else {}


def without_tokens(part: Mapping[str, Any]) -> dict[str, Any]:
    """A channel's or a source's part of the channels' secret without what belongs to accounts."""
    return {name: value for name, value in part.items() if name not in ("accounts", "callback")}


def without_accounts(part: Mapping[str, Any], gone: Iterable[str]) -> dict[str, Any]:
    """A channel's part without what an earlier release kept there of these accounts: their tokens and callbacks."""
    gone, left = set(gone), without_tokens(part)
    if accounts := {name: value for name, value in members(part, "accounts").items() if name not in gone}:
        left["accounts"] = accounts
    if "callback" in part and SOURCED not in gone:
        left["callback"] = part["callback"]
    if sources := members(part, "sources"):
        left["sources"] = {
            name: without_tokens(value) if name in gone and isinstance(value, dict) else value
            for name, value in sources.items()
        }
    return left


def newest(part: Mapping[str, Any], name: str) -> str:
    """The newest of the secrets of that name; empty when there is none."""
    values = part.get(name) or [""]
    return str(values if isinstance(values, str) else values[0])


def in_front(part: Mapping[str, Any], name: str, value: str) -> list[str]:
    """The secrets of that name with this one first, and the one before it: two are live at a time."""
    values = part.get(name) or []
    before = [values] if isinstance(values, str) else list(values)
    return [value, *(each for each in before if each and each != value)][:2]


def why(outcome: Outcome) -> str:
    """A refusal in a few plain words."""
    return {"not_reached": "it cannot be reached", "timed_out": "it does not answer"}.get(
        outcome.reason, outcome.reason
    )
