"""`firstline quarantine`: what no channel understood, and another try once it does (R8, R63)."""

from __future__ import annotations

import click

from firstline.model.errors import Refused, Retry
from firstline.operations import quarantine as operations
from firstline.operations.services import Services

from .output import exact, say, show_json
from .stack import record, services_of


@click.group()
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.pass_context
def quarantine(context: click.Context, stack: str) -> None:
    """List, show and replay what lies in quarantine."""
    context.obj = services_of(stack)


REASON = click.option("--reason", default=None, help="Only what lies there for this reason.")
JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@quarantine.command("list")
@REASON
@JSON
@click.pass_obj
def list_quarantine(services: Services, reason: str | None, as_json: bool) -> None:
    """What waits, the oldest first: id, reason, channel, time, size. Bodies are not shown."""
    found = operations.waiting(services, reason)
    if as_json:
        show_json([each.model_dump(mode="json") for each in found])
        return
    for each in found:
        say(f"{each.at:%Y-%m-%d %H:%M}Z  {each.channel:<9}  {each.size:>8} B  {each.reason:<28}  {each.key}")
    say(f"{len(found)} in quarantine")


@quarantine.command()
@click.argument("key", metavar="ID")
@click.option("--raw", is_flag=True, help="The bytes as they came, for a file or a program.")
@click.pass_obj
def show(services: Services, key: str, raw: bool) -> None:
    """Print the body, safe for a terminal. It may hold what customers wrote: mind where you put it."""
    try:
        body = operations.body_of(operations.named(key, services), services)
    except (Refused, Retry) as error:
        raise click.ClickException(error.reason) from None
    if raw:
        exact(body)
    else:
        say(body.decode("utf-8", "replace"))


@quarantine.command()
@click.argument("keys", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that waits.")
@REASON
@JSON
@click.pass_obj
def replay(services: Services, keys: tuple[str, ...], everything: bool, reason: str | None, as_json: bool) -> None:
    """Give it to intake again; safe to repeat. What is still not understood stays in quarantine."""
    if bool(keys) == (everything or reason is not None):
        raise click.UsageError("name ids, or say --all or --reason")
    record(services, "quarantine_replayed", ", ".join(keys[:5]) or "all", reason or "")
    done: list[str] = []
    refused: dict[str, str] = {}
    for key in keys or [each.key for each in operations.waiting(services, reason)]:
        try:
            operations.replay(operations.named(key, services), services)
            done.append(key)
        except (Refused, Retry) as error:
            refused[key] = error.reason
    if as_json:
        show_json({"replayed": done, "refused": refused})
    else:
        say(f"{len(done)} given to intake; `firstline quarantine list` shows what it still does not understand")
        for key, why in refused.items():
            say(f"NOT {key}: {why}")
    if refused:
        raise SystemExit(1)
