"""`firstline doctor`: the whole deployment, in plain words, with what to do (R62). It changes nothing.

A check is a function that takes the deployment and yields findings; a new one is a function and its place in `CHECKS`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import boto3
import click
import requests
from botocore.exceptions import BotoCoreError, ClientError

from firstline.model.errors import FirstlineError

from ..findings import Finding, bad, show
from ..output import show_json
from ..stack import outputs, parameters, services_of
from . import aws, law, platforms, work
from .deployment import Deployment

Check = Callable[[Deployment], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    platforms.doors,
    platforms.connections,
    work.playbook,
    work.secrets,
    law.requirements,
    work.robots,
    work.parked_accounts,
    work.parked_deliveries,
    work.unclaimed_work,
    work.quarantine,
    work.reconciliation,
    aws.dead_letters,
    aws.alarms,
    aws.mail_sending,
    aws.mail_receiving,
    aws.concurrency,
    aws.clock,
)


def examine(deployment: Deployment) -> Iterator[Finding]:
    """Every check's findings; one that cannot be made is a finding itself."""
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            yield from check(deployment)
        except (BotoCoreError, ClientError) as error:
            yield bad(
                name, f"cannot be looked at: {error}", "your credentials need the right to read it (docs/connect.md)"
            )
        except (FirstlineError, click.ClickException) as error:
            yield bad(name, f"cannot be looked at: {error}", "try again in a minute")


def deployment_of(stack: str) -> Deployment:
    """A deployed stack, by the caller's credentials."""
    web = requests.Session()
    web.trust_env = False
    session = boto3.session.Session()
    return Deployment(
        stack=stack,
        outputs=outputs(stack),
        parameters=parameters(stack),
        services=services_of(stack),
        client=session.client,
        web=web,
        now=lambda: datetime.now(UTC),
    )


@click.command()
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.option("--json", "as_json", is_flag=True, help='[{"check", "state": ok|warn|bad, "says", "do"}]')
def doctor(stack: str, as_json: bool) -> None:
    """Look at everything that must hold, and say what to do; exit 1 when something is bad."""
    findings = examine(deployment_of(stack))
    if as_json:
        found = list(findings)
        show_json([asdict(each) for each in found])
        fine = all(each.state != "bad" for each in found)
    else:
        fine = show(findings)
    if not fine:
        sys.exit(1)
