"""`firstline person`: everything that is kept of a person, and its erasure, over all channels (R65)."""

from __future__ import annotations

import secrets

import click

from firstline.model.errors import LostRace, Refused
from firstline.operations import person as operations
from firstline.operations.erase import ask, erase
from firstline.operations.services import Services
from firstline.outward import safe

from .output import say, show_json
from .stack import services_of, whoami

WHO = click.argument("who", metavar="REFERENCE|CHANNEL:AUTHOR_ID|CONTACT")
TRIES = 5


@click.group()
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.pass_context
def person(context: click.Context, stack: str) -> None:
    """Export or erase a person: named by one of their cases (FL-7K3M-9QX2), by an account (x:1450000000000000042) or by
    a verified contact (phone:+441632960961, email:anna@example.org, customer_number:4711)."""
    context.obj = services_of(stack)


@person.command()
@WHO
@click.option("--out", type=click.File("w", encoding="utf-8"), default="-", help="A file; else it is printed.")
@click.pass_obj
def export(services: Services, who: str, out: click.utils.LazyFile) -> None:
    """All that is kept, as JSON. It holds what the person wrote: mind where you put it."""
    content = operations.export(_named(who, services), services)
    out.write(safe.as_json(content) + "\n")


@person.command("erase")
@WHO
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def erase_person(services: Services, who: str, yes: bool, as_json: bool) -> None:
    """Erase texts, names and ids over all channels. The trail keeps that it happened. This can't be undone."""
    found = _named(who, services)
    if not yes:
        click.confirm(f"Erase {len(found.authors)} identities and {len(found.cases)} cases for good?", abort=True)
    code = secrets.token_hex(16)
    wish = ask(code, f"person:{whoami()}", found.authors, services, cases=found.cases)
    for _ in range(TRIES):
        try:
            wish = erase(wish.code, services) or wish
            break
        except LostRace:
            continue  # somebody wrote on a case meanwhile; what is left the diary does within minutes
    if as_json:
        show_json(wish.model_dump(mode="json", exclude={"subjects"}))
    elif wish.state == "done":
        say(f"erased: {wish.cases} cases ({wish.code})")
    else:
        say(f"under way: an answer or a mail is just going out; done by itself within minutes ({wish.code})")


def _named(who: str, services: Services) -> operations.Person:
    try:
        return operations.named(who, services)
    except Refused as error:
        raise click.ClickException(error.reason) from None
