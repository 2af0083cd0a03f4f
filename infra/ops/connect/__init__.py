"""`firstline connect`: a platform's accounts to this deployment (R62). A channel's steps are a module of its name here.

Safe to repeat: what is right already is left as it is. Secrets are typed (not shown), or come from the environment or
standard input, never from the command line.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from typing import IO, cast

import click
import requests

from ..findings import Finding, bad, ok, show
from ..output import say
from ..stack import outputs, parameters, record, services_of
from .setup import Connection, Person, Setup

CONNECTIONS = ("x", "facebook", "messenger", "whatsapp", "instagram", "generic")


def connection(channel: str) -> Connection:
    """The channel's module."""
    return cast("Connection", import_module(f"{__name__}.{channel}"))


def setup_of(channel: str, stack: str, person: Person | None = None, **more: object) -> Setup:
    """One channel of a deployed stack."""
    base = parameters(stack).get("PublicBaseUrl") or outputs(stack)["HttpApiUrl"]
    web = requests.Session()
    web.trust_env = False
    return Setup(
        channel=channel,
        services=services_of(stack),
        base=base,
        web=web,
        person=person or Person(interactive=False),
        pause=time.sleep,
        **more,  # type: ignore[arg-type]
    )


class _Channels(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return sorted((*CONNECTIONS, "mail"))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name == "mail":
            from .mail import mail

            return mail
        return _command(name) if name in CONNECTIONS else None


@click.command(cls=_Channels)
def connect() -> None:
    """Register webhooks, subscribe accounts and store secrets, and say what is missing."""


STACK = click.option(
    "--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack."
)


def _command(channel: str) -> click.Command:
    @click.command(channel, help=f"Connect accounts on {channel}; again to look, to renew, or to add one.")
    @STACK
    @click.option("--account", default=None, help="Only this account of the brand; asks for its tokens.")
    @click.option("--renew", is_flag=True, help="Ask again for what is there.")
    @click.option("--check", "only_check", is_flag=True, help="Change nothing, say how it stands.")
    @click.option(
        "--input", "given", type=click.File(), default=None, help="Answers as a JSON object; - reads standard input."
    )
    @click.option("--yes", is_flag=True, help="Yes to every question.")
    @click.option("--test-post/--no-test-post", default=None, help="Without asking.")
    def command(
        stack: str,
        account: str | None,
        renew: bool,
        only_check: bool,
        given: IO[str] | None,
        yes: bool,
        test_post: bool | None,
        **options: str,
    ) -> None:
        person = Person(answers_in(given), interactive=given is None and sys.stdin.isatty(), always=yes)
        chosen = {name: str(value) for name, value in options.items() if value}
        setup = setup_of(channel, stack, person, wanted=account, anew=renew, options=chosen)
        if not only_check:
            record(setup.services, "channel_connected", f"{channel}:{account}" if account else channel)
        fine = show(connection(channel).check(setup)) if only_check else connected(setup, test_post)
        if not fine:
            sys.exit(1)

    if channel == "x":
        kinds = click.Choice(("aaa", "xaa"))
        command = click.option("--events", type=kinds, default=None, help="Which of X's activity APIs tells.")(command)
        command = click.option(
            "--oauth2", is_flag=True, help="Tokens by agreement in the browser, renewed by the diary."
        )(command)
    return command


def answers_in(given: IO[str] | None) -> dict[str, str]:
    """Answers that came beforehand, as one JSON object."""
    if given is None:
        return {}
    try:
        told = json.load(given)
        return {str(name): str(value) for name, value in told.items()}
    except (ValueError, AttributeError):
        raise click.ClickException("--input wants one JSON object of names and texts") from None


def connected(setup: Setup, test_post: bool | None = None) -> bool:
    """Ask, store, register, look; whether all is well. The secret is stored first: the platform knocks at once."""
    module = connection(setup.channel)
    setup.store(module.gather(setup))
    door = setup.door(module.STYLE)
    if not setup.until(lambda: door.shakes(setup.part)):
        show([_closed(setup)])
        return False
    fine = show([ok("door", f"{setup.url} answers the handshake"), *module.register(setup)])
    fine = show(module.check(setup)) and fine
    if fine and test_post is not False:
        for account in setup.part.get("accounts", {}):
            if test_post or setup.person.agrees(f"Send a test post as {account}?"):
                fine = show([module.try_out(setup, account)]) and fine
    say("connected" if fine else "not all is well: see above")
    return fine


def _closed(setup: Setup) -> Finding:
    return bad(
        "door",
        f"{setup.url} does not answer the handshake",
        "is it the public address? is the stack deployed? firstline doctor",
    )
