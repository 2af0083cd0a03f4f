"""`firstline rotate`: a channel's signing secret exchanged without losing a delivery (R3, R62).

The new secret goes in front of the old one, both are proven at the door, and only ``--finish`` drops the old one.
"""

from __future__ import annotations

import secrets as random
import sys
from collections.abc import Mapping
from typing import IO, Any

import click

from firstline import channels
from firstline.outward.secrets import REREAD

from .connect import CONNECTIONS, answers_in, connection, setup_of
from .connect.door import source_secret
from .connect.setup import Person, Setup, newest
from .findings import Finding, bad, ok, show
from .output import say
from .stack import record

MADE_HERE = "verify_token"
"""The one secret that is ours to make; a platform makes those that sign."""


@click.command()
@click.argument("channel", type=click.Choice(CONNECTIONS))
@click.option("--finish", is_flag=True, help="Drop the old secret, once the platform uses the new one.")
@click.option("--account", default=None, help="Of generic: the source's name.")
@click.option("--what", type=click.Choice(("signing", MADE_HERE)), default="signing", show_default=True)
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.option("--input", "given", type=click.File(), default=None, help='{"new_secret": "…"}; - reads standard input.')
@click.option("--yes", is_flag=True, help="Yes to every question.")
def rotate(
    channel: str, finish: bool, account: str | None, what: str, stack: str, given: IO[str] | None, yes: bool
) -> None:
    """Exchange a secret of CHANNEL: first the new one beside the old one, then --finish."""
    person = Person(answers_in(given), interactive=given is None and sys.stdin.isatty(), always=yes)
    setup = setup_of(channel, stack, person, wanted=account)
    record(setup.services, f"{what}_rotation_{'finished' if finish else 'begun'}", setup.source or channel)
    if not show([finished(setup, what) if finish else begun(setup, what)]):
        sys.exit(1)


def begun(setup: Setup, what: str = "signing") -> Finding:
    """The new secret in front, the old one behind it, both accepted."""
    old = _live(setup, what)
    if not old:
        return bad("rotation", f"{setup.channel} has no secret yet", f"firstline connect {setup.channel}")
    if len(old) > 1:
        return bad("rotation", "two secrets are live already", f"firstline rotate {setup.channel} --finish")
    if setup.source:
        new = source_secret()
        say("the source's new secret, shown once:", f"  {new}")
    elif what == MADE_HERE:
        new = random.token_urlsafe(32)
    else:
        new = setup.person.ask("new_secret", "The new secret, as the platform shows it")
    if not new or new == old[0]:
        return bad("rotation", "that is the secret that is live already", "")
    for channel in _sharing(setup, what, old[0]):
        part = setup.part if setup.source else setup.part_of(channel)
        setup.store({what: [new, old[0]], **_accounts(part, old[0], new)}, channel)
    setup.pause(REREAD)  # a process at the door that read a moment ago reads again no sooner
    if not _accepts(setup, what, (new, old[0])):
        return bad("rotation", f"{setup.url} does not accept both secrets yet", "wait a minute, then firstline doctor")
    return Finding(
        "rotation",
        "ok",
        "the new secret and the old one are accepted",
        f"once the platform uses the new one: firstline rotate {setup.channel} --finish",
    )


def finished(setup: Setup, what: str = "signing") -> Finding:
    """The newest secret alone; the older one is refused from now on."""
    live = _live(setup, what)
    if len(live) < 2:
        return ok("rotation", "one secret is live, there is nothing to drop")
    if not setup.person.agrees("Deliveries signed with the old secret will be refused. Drop it?"):
        return bad("rotation", "two secrets are live", f"firstline rotate {setup.channel} --finish")
    for channel in _sharing(setup, what, live[0]):
        setup.store({what: live[:1]}, channel)
    if not _accepts(setup, what, live[:1]):
        return bad("rotation", f"{setup.url} does not accept the secret that is left", "firstline doctor")
    return ok("rotation", "the old secret is dropped")


def _live(setup: Setup, what: str) -> list[str]:
    values = setup.part.get(what) or []
    return [values] if isinstance(values, str) else list(values)


def _sharing(setup: Setup, what: str, secret: str) -> list[str]:
    """The channels whose newest secret it is: one app of Meta serves several."""
    if setup.source:
        return [setup.channel]
    family = dict.fromkeys((setup.channel, *channels.family(setup.channel)))
    return [each for each in family if newest(setup.services.secrets.channel(each), what) == secret]


def _accounts(part: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """X signs calls with the same secret: the accounts' copies of it change with it."""
    accounts = part.get("accounts", {})
    changed = {
        account: {**each, "consumer_secret": new}
        for account, each in accounts.items()
        if each.get("consumer_secret") == old
    }
    return {"accounts": changed} if changed else {}


def _accepts(setup: Setup, what: str, live: tuple[str, ...] | list[str]) -> bool:
    door = setup.door(connection(setup.channel).STYLE)
    proof = door.takes if what == "signing" else door.knows
    return setup.until(lambda: all(proof(each) for each in live))
