"""`firstline capacity`: what the platforms let us say in the next 15 minutes, and what waits (R25)."""

from __future__ import annotations

import click

from firstline.decide.capacity import Capacity
from firstline.operations.capacity import capacities
from firstline.operations.robots import switches

from .output import say, show_json
from .robots import line
from .stack import services_of

WHO = {"3": "agents and danger", "2": "severe", "1": "usual", "0": "mild"}


@click.command()
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.option("--account", help="Only this account, by its id or handle.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def capacity(stack: str, account: str | None, as_json: bool) -> None:
    """Per account and endpoint: calls in the next 15 minutes, what waits, when it is through, what will be late.

    It assumes that nothing else comes in.
    """
    services = services_of(stack)
    found = capacities(services, account)
    if not found:
        raise click.ClickException(f"the playbook knows no account {account}")
    if as_json:
        show_json([each.model_dump(mode="json") for each in found])
        return
    for switch in switches(services):
        say(f"robots: {line(switch)}")
    for each in found:
        say(describe(each))


def describe(one: Capacity) -> str:
    """A forecast in a few plain words."""
    more = "more than " if one.more else ""
    said = f"{one.channel}:{one.account} {one.endpoint}: {one.soon} in the next 15 minutes"
    if one.opens_at is not None:
        said += f" (from {one.opens_at:%H:%M:%S}Z)"
    if not one.waits:
        return f"{said}; nothing waits"
    parts = ", ".join(f"{one.waiting[key]} {WHO[key]}" for key in sorted(one.waiting, reverse=True))
    said += f"; {more}{one.waits} wait ({parts}), through at {one.through_at:%Y-%m-%d %H:%M}Z"
    if one.late:
        said += f"; {more}{one.late} will be late, by up to {(one.latest_seconds + 59) // 60} min"
    return said
