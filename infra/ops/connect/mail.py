"""`firstline connect mail`: SES hands branches' replies to us, beside whatever else it receives.

CloudFormation cannot activate a set of receipt rules, and only one is active in an account and region. Ours is activated
where none is; else our rule is added in front of the active set's own, which all stay (ours stops nothing).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from ..findings import Finding, bad, ok, show
from ..stack import parameters, record, services_of
from .setup import Person

RULE = "replies"
"""The rule's name in our own set (infra/mail.yaml)."""


@click.command()
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.option("--yes", is_flag=True, help="Yes to every question.")
def mail(stack: str, yes: bool) -> None:
    """Receive branches' replies by SES, displacing nothing."""
    if parameters(stack).get("InboundMail") != "true":
        raise click.ClickException("this deployment receives no mail: deploy it with InboundMail=true first")
    person = Person(interactive=sys.stdin.isatty(), always=yes)
    record(services_of(stack), "channel_connected", "mail")
    try:
        found = place(boto3.client("ses"), stack, person)
    except (BotoCoreError, ClientError) as error:
        raise click.ClickException(f"SES said no: {error}") from None
    if not show([found]):
        sys.exit(1)


def set_name(stack: str) -> str:
    """Our own set of rules."""
    return f"{stack}-mail"


def rule_name(stack: str) -> str:
    """Our rule's name in another's set."""
    return f"{stack}-{RULE}"


def place(ses: Any, stack: str, person: Person) -> Finding:
    """Our rule where SES obeys it; nothing is done that is done already, or that the person does not want."""
    check = "mail receiving"
    rule = _own_rule(ses, stack)
    if rule is None:
        return bad(check, f"there is no rule {RULE} in {set_name(stack)}", "deploy the stack again")
    active = active_rules(ses)
    if active is None:
        if not person.agrees(f"No set of receipt rules is active. Activate {set_name(stack)}?"):
            return bad(check, "no set of receipt rules is active", "firstline connect mail")
        ses.set_active_receipt_rule_set(RuleSetName=set_name(stack))
        return ok(check, f"{set_name(stack)} is active")
    name, rules = active
    if name == set_name(stack):
        return ok(check, f"{name} is active")
    ours = {**rule, "Name": rule_name(stack)}
    there = next((each for each in rules if each["Name"] == ours["Name"]), None)
    if there is not None and _same(there, ours):
        return ok(check, f"our rule is in {name}, which is active")
    if not person.agrees(f"{name} is active, with {len(rules)} rules of its own. Add ours to it?"):
        return bad(check, f"our rule is not in {name}, which is active", "firstline connect mail")
    if there is None:
        ses.create_receipt_rule(RuleSetName=name, Rule=ours)  # in front of the others
    else:
        ses.update_receipt_rule(RuleSetName=name, Rule=ours)
    return ok(check, f"our rule is in {name}, which is active; its own {len(rules) - (there is not None)} stay")


def look(ses: Any, stack: str) -> Finding:
    """Whether SES hands branches' replies to us; changes nothing."""
    return place(ses, stack, Person(interactive=False))


def active_rules(ses: Any) -> tuple[str, list[dict[str, Any]]] | None:
    """The active set's name and rules."""
    try:
        found = ses.describe_active_receipt_rule_set()
    except ClientError as error:
        if error.response["Error"]["Code"] != "RuleSetDoesNotExist":
            raise
        return None
    name = found.get("Metadata", {}).get("Name")
    return (name, list(found.get("Rules", ()))) if name else None


def _own_rule(ses: Any, stack: str) -> dict[str, Any] | None:
    try:
        rules = ses.describe_receipt_rule_set(RuleSetName=set_name(stack)).get("Rules", ())
    except ClientError as error:
        if error.response["Error"]["Code"] != "RuleSetDoesNotExist":
            raise
        return None
    return next((dict(each) for each in rules if each["Name"] == RULE), None)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    names = ("Enabled", "ScanEnabled", "TlsPolicy", "Recipients", "Actions")
    return all(one.get(name) == other.get(name) for name in names)
