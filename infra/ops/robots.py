"""`firstline robots`: the switch of all automatic words, for one account or all."""

from __future__ import annotations

import click

from firstline.model.errors import Refused, Retry
from firstline.model.records import RobotSwitch
from firstline.operations import robots as operations
from firstline.operations.services import Services

from .output import say
from .stack import services_of, whoami

WHY = click.option("--why", required=True, help="The reason, for the record. It is never erased: name no customer.")
ACCOUNT = click.argument("account", required=False)


@click.group(invoke_without_command=True)
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.pass_context
def robots(context: click.Context, stack: str) -> None:
    """Stop and start all automatic words; without a command, say how the switch stands."""
    context.obj = services_of(stack)
    if context.invoked_subcommand is None:
        found = operations.switches(context.obj)
        say(*(map(line, found) if found else ("robots are on for all accounts",)))


def line(switch: RobotSwitch) -> str:
    """A switch in plain words."""
    where = "all accounts" if switch.about == operations.ALL else switch.about
    return f"{switch.at:%Y-%m-%d %H:%M}Z  {'off' if switch.off else 'on'} for {where}, by {switch.by}: {switch.why}"


@robots.command()
@ACCOUNT
@WHY
@click.pass_obj
def off(services: Services, account: str | None, why: str) -> None:
    """Say nothing by robot over ACCOUNT (id, handle, or channel:id), or over any; what waits goes to agents."""
    changed = _switched(True, account, why, services)
    say(f"off for {', '.join(changed)}" if changed else "they were off already: nothing changes")
    try:
        operations.hand_over_what_waits(services)
    except Retry as error:
        say(f"what waits goes to agents within minutes ({error.reason})", err=True)


@robots.command()
@ACCOUNT
@WHY
@click.pass_obj
def on(services: Services, account: str | None, why: str) -> None:
    """Let robots speak again over ACCOUNT, or over all. What went to agents stays theirs."""
    changed = _switched(False, account, why, services)
    say(f"on for {', '.join(changed)}" if changed else "they were on already: nothing changes")


def _switched(off: bool, account: str | None, why: str, services: Services) -> list[str]:
    try:
        return operations.switch(off, account, whoami(), why, services)
    except Refused as refusal:
        raise click.ClickException(refusal.reason) from None
    except Retry as error:
        raise click.ClickException(f"not done, try again ({error.reason})") from None
