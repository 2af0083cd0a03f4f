"""What the table and the logs say: what is stuck, and what is not accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from firstline.model.errors import Retry
from firstline.model.records import Account
from firstline.operations import quarantine as kept
from firstline.operations.robots import switches
from firstline.playbook import Playbook
from firstline.table import keys

from ..account_secrets import old_accounts
from ..connect import CONNECTIONS
from ..findings import Finding, bad, ok, warn
from ..robots import line
from .deployment import Deployment

DAILY = timedelta(hours=26)
"""The daily reconciliation, and some hours of grace."""
LATE = {"urgent": 900, "standard": 14400, "email": 28800}
"""Seconds past due from which unclaimed work rings (infra/observability.yaml)."""


def parked_accounts(deployment: Deployment) -> Iterator[Finding]:
    """Accounts over which nothing goes out."""
    found = [each for each in deployment.services.table.listed(keys.parked_partition()) if isinstance(each, Account)]
    for each in found:
        since = f"{each.parked_at:%Y-%m-%d %H:%M}Z" if each.parked_at else ""
        again = (
            f"firstline connect {each.channel} --account {each.id}"
            if each.channel in CONNECTIONS
            else "docs/runbook.md#parked-accounts"
        )
        yield bad("parked accounts", f"{each.id} on {each.channel} since {since}: {each.parked_because}", again)
    if not found:
        yield ok("parked accounts", "none")


def robots(deployment: Deployment) -> Iterator[Finding]:
    """Whether somebody switched automatic words off."""
    found = switches(deployment.services)
    for each in found:
        yield warn("robots", f"since {line(each)}", "docs/runbook.md#stop-the-robots")
    if not found:
        yield ok("robots", "on for all accounts")


def parked_deliveries(deployment: Deployment) -> Iterator[Finding]:
    """Deliveries that found the intake queue out of reach; the diary collects them within minutes."""
    found = len(list(deployment.services.bodies.parked()))
    if found:
        yield warn(
            "parked deliveries", f"{found} wait for the diary", "look again in five minutes, then docs/runbook.md#door"
        )
    else:
        yield ok("parked deliveries", "none")


def unclaimed_work(deployment: Deployment) -> Iterator[Finding]:
    """Work that is due and that nobody takes."""
    late = {}
    for lane, limit in LATE.items():
        due = deployment.services.table.oldest_due_in_lane(lane)
        seconds = 0.0 if due is None else (deployment.services.clock() - due).total_seconds()
        if seconds > limit:
            late[lane] = seconds
    for lane, seconds in late.items():
        yield warn("unclaimed work", f"in {lane}, {seconds / 60:.0f} minutes past due", "docs/runbook.md#lanes")
    if not late:
        yield ok("unclaimed work", "nothing is late")


def quarantine(deployment: Deployment) -> Iterator[Finding]:
    """What no channel understood."""
    found = list(kept.waiting(deployment.services, None))
    if found:
        reasons = ", ".join(sorted({each.reason for each in found})[:5])
        yield bad(
            "quarantine",
            f"{len(found)} not understood: {reasons}",
            "firstline quarantine list; docs/runbook.md#quarantine",
        )
    else:
        yield ok("quarantine", "empty")


def playbook(deployment: Deployment) -> Iterator[Finding]:
    """The active playbook, and whether its accounts are connected."""
    try:
        active: Playbook = deployment.services.playbooks.active()
    except (Retry, ValueError) as error:
        yield bad("playbook", f"none can be read: {str(error)[:200]}", "firstline playbook publish FILE")
        return
    yield ok("playbook", f"version {active.version} is active")
    tokens = deployment.services.tokens
    lacking = [
        each for each in active.accounts if not tokens.credentials(each.channel, each.id) and each.plan != "people_only"
    ]
    for each in lacking:
        yield bad(
            "playbook accounts",
            f"{each.handle or each.name} on {each.channel} has no tokens",
            f"firstline connect {each.channel}",
        )
    if not lacking:
        yield ok("playbook accounts", f"all {len(active.accounts)} have tokens")


def secrets(deployment: Deployment) -> Iterator[Finding]:
    """Whether accounts' tokens lie where only those read them who use them."""
    old = old_accounts(deployment.services.secrets.value())
    if old:
        yield warn(
            "secrets",
            f"tokens of {len(old)} accounts lie in the channels' secret, as an earlier release kept them",
            "firstline secrets migrate",
        )
    else:
        yield ok("secrets", "the channels' secret holds no tokens")


def reconciliation(deployment: Deployment) -> Iterator[Finding]:
    """The last daily comparison of what the door accepted with what became of it."""
    now = deployment.services.clock()
    said = _latest(deployment, int((now - DAILY).timestamp() * 1000))
    if said is None:
        yield warn("reconciliation", "none within a day", "firstline reconcile; is the diary's schedule on?")
        return
    missing = [*said.get("missing_deliveries", ()), *said.get("missing_events", ())]
    if missing:
        yield bad(
            "reconciliation",
            f"{len(missing)} without an outcome",
            "firstline reconcile --json; docs/runbook.md#reconcile",
        )
    else:
        yield ok("reconciliation", f"{said.get('deliveries', 0)} deliveries of the last day are accounted for")


def _latest(deployment: Deployment, since: int) -> dict[str, Any] | None:
    pages = (
        deployment.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=f"/firstline/{deployment.stack}/diary", startTime=since, filterPattern='"reconciled"')
    )
    latest: tuple[int, dict[str, Any]] | None = None
    for page in pages:
        for event in page.get("events", ()):
            text = event["message"]
            try:
                line = json.loads(text[text.index("{") :])
            except ValueError:
                continue
            if line.get("message") == "reconciled" and (latest is None or event["timestamp"] >= latest[0]):
                latest = (event["timestamp"], line)
    return latest[1] if latest else None
