"""Connecting a generic source: a secret is made here, and shown once for the sender; the callback is where answers go.

``--account reviews`` is the source of that name, at ``/webhooks/reviews``; without it the default one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from firstline.channels.answer import live
from firstline.model.errors import Retry

from ..findings import Finding, bad, ok
from ..output import say
from . import door
from .setup import Setup

STYLE = door.STANDARD


def gather(setup: Setup) -> dict[str, Any]:
    """See `Connection.gather`. Two secrets: the sender's, and the one that our answers are signed with."""
    part, callback = setup.part, setup.part.get("callback", {})
    made: dict[str, Any] = {"signing": list(part.get("signing") or [])}
    if not made["signing"]:
        made["signing"] = [door.source_secret()]
        say(f"for the sender to {setup.url}, shown once:", f"  {made['signing'][0]}")
    default = "" if setup.anew else callback.get("url", "")
    prompt = "Where answers are sent to (https://…; empty: nowhere, people answer elsewhere)"
    url = setup.person.ask("callback_url", prompt, secret=False, default=default, optional=True)
    if url and not url.startswith("https://"):
        raise click.ClickException("the callback wants https")
    if url:
        signing = callback.get("signing") or []
        if not signing:
            signing = [door.source_secret()]
            say(f"for the receiver at {url}, to check our answers by, shown once:", f"  {signing[0]}")
        made["callback"] = {"url": url, "signing": signing}
    return made


def register(setup: Setup) -> Iterator[Finding]:
    """Nothing is registered anywhere: the sender is told address and secret."""
    yield ok("webhook", f"events go to {setup.url}, signed by Standard Webhooks (docs/channels.md)")


def check(setup: Setup) -> Iterator[Finding]:
    """See `Connection.check`."""
    name, again = f"source {setup.source}", f"firstline connect generic --account {setup.source}"
    if not live(setup.part, "signing"):
        yield bad(name, "it has no secret", again)
        return
    if setup.part.get("callback", {}).get("url"):
        yield ok(name, f"answers go to {setup.part['callback']['url']}")
    elif _people_only(setup):
        yield ok(name, "people answer elsewhere, as the playbook says")
    else:
        yield bad(name, "there is nowhere to send answers to", f"{again}, or plan: people_only in the playbook")


def _people_only(setup: Setup) -> bool:
    try:
        accounts = setup.services.playbooks.active().accounts_on("generic")
    except Retry:
        return False
    return any(each.id == setup.source and each.plan == "people_only" for each in accounts)


def try_out(setup: Setup, account: str) -> Finding:
    """None: what an event starts is real."""
    return ok("test post", "none: send a post.created of your own")
