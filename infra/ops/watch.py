"""`firstline watch`: posts about the brand that are not addressed to it, and how they become a case (R31)."""

from __future__ import annotations

import click

from firstline.model.errors import Refused, Retry
from firstline.operations import agents
from firstline.operations.services import Services
from firstline.outward import safe

from .output import say, show_json
from .stack import services_of, whoami


@click.group()
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.pass_context
def watch(context: click.Context, stack: str) -> None:
    """See what is watched, and step in."""
    context.obj = services_of(stack)


JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@watch.command("list")
@click.option("--most", default=50, show_default=True)
@JSON
@click.pass_obj
def list_watched(services: Services, most: int, as_json: bool) -> None:
    """What is watched, the latest first: the post's id, until when, by whom."""
    found = agents.watched(services, most)
    if as_json:
        show_json([stored.model_dump(mode="json") for _, stored in found])
        return
    for case, stored in found:
        who = case.author.handle or case.author.name or case.author.id
        until = f"{case.watch_until:%Y-%m-%d %H:%M}Z" if case.watch_until else ""
        say(f"{stored.key}  until {until}  {case.language}  {safe.line(who, 60)}  “{safe.line(stored.post.text, 80)}”")
    say(f"{len(found)} watched")


@watch.command()
@click.argument("post")
@click.option(
    "--as", "agent", default=None, help="Your own name in your AWS credentials; nobody acts as somebody else."
)
@click.pass_obj
def take(services: Services, post: str, agent: str | None) -> None:
    """Make a case of a watched POST (channel:id), held by you."""
    try:
        taken = agents.intervene(post, whoami(agent), services)
    except Refused as refusal:
        raise click.ClickException(refusal.reason) from None
    except Retry as error:
        raise click.ClickException(f"not done, try again ({error.reason})") from None
    say(f"{taken.ref} is yours: firstline case show {taken.ref}")
