"""`firstline reconcile`: what the door accepted against what became of it (R8a)."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import boto3
import click

from firstline.operations.reconcile import accepted
from firstline.operations.reconcile import reconcile as compare

from .output import say, show_json
from .stack import outputs, services_of


@click.command()
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.option("--since", default=None, help="ISO time; default: a day ago.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def reconcile(stack: str, since: str | None, as_json: bool) -> None:
    """Compare deliveries and events on both levels; exit 1 and the ids when something is missing."""
    until = datetime.now(UTC)
    try:
        start = datetime.fromisoformat(since) if since else until - timedelta(days=1)
    except ValueError:
        raise click.BadParameter(f"{since!r} is no ISO time; write 2026-08-01T06:00", param_hint="--since") from None
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    services = services_of(stack)
    lines = list(accepted(boto3.client("logs"), outputs(stack)["ReceiveLogGroup"], start, until))
    report = compare(services.table, lines, services.bodies.parked(), start, until)
    if as_json:
        show_json(report.model_dump(mode="json"))
    else:
        say(f"{report.deliveries} deliveries accepted, {len(report.waiting)} still on their way")
        say("events: " + (", ".join(f"{n} {name}" for name, n in sorted(report.events.items())) or "none"))
        for missing in (*report.missing_deliveries, *report.missing_events):
            say(f"MISSING {missing}")
    if not report.whole:
        sys.exit(1)
