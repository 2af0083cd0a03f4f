"""`firstline acts`: what people did to the deployment by command. What they did to a case is in the case's own trail."""

from __future__ import annotations

import click

from firstline.operations import audit

from .output import say, show_json
from .stack import services_of


@click.command()
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.option("--most", default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def acts(stack: str, most: int, as_json: bool) -> None:
    """Who did what, when and why, the latest first."""
    found = audit.acts(services_of(stack), most)
    if as_json:
        show_json([each.model_dump(mode="json") for each in found])
        return
    for each in found:
        about, why = (f" {each.about}" if each.about else ""), (f": {each.why}" if each.why else "")
        say(f"{each.at:%Y-%m-%d %H:%M}Z  {each.what}{about}, by {each.by}{why}")
