"""``python -m infra.local up|down|status``"""

from __future__ import annotations

import json
import sys

import click

from .stack import Failed, down, status, up


@click.command()
@click.argument("verb", type=click.Choice(["up", "down", "status"]))
def main(verb: str) -> None:
    """Start, stop or describe the local stack."""

    def say(text: str) -> None:
        click.echo(f"· {text}", err=True)

    if verb == "down":
        down(say)
        return
    try:
        told = up(say) if verb == "up" else status()
    except Failed as failure:
        click.echo(str(failure), err=True)
        sys.exit(1)
    if told is None:
        click.echo("the local stack does not run", err=True)
        sys.exit(1)
    click.echo(json.dumps(told["pages"] if verb == "up" else told, indent=2))


main()
