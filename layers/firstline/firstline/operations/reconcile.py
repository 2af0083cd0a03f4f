"""Reconcile what the door accepted with what became of it, on two levels (R8a).

Deliveries: each id in receive's log has a record, or is queued, parked or younger than a quarter of an hour.
Events: each event that a delivery's record names has left its own record in the table; this side is read from there,
not counted where it was written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..model.base import Value, moment
from ..model.errors import Retry, UnknownForm
from ..model.records import Delivery, EventLine, Lookup, Quarantined, Seen, StoredPost
from ..table import Table, keys

YOUNG = timedelta(minutes=15)
DAY = timedelta(hours=24)


class Accepted(Value):
    """A delivery as the door's log tells of it."""

    id: str
    channel: str
    at: str


class Report(Value):
    """What was compared. ``missing_deliveries`` and ``missing_events`` are the differences, by id and key."""

    since: str
    until: str
    deliveries: int = 0
    waiting: tuple[str, ...] = ()
    """Without a record yet, but parked or younger than a quarter of an hour."""
    missing_deliveries: tuple[str, ...] = ()
    events: dict[str, int] = {}
    missing_events: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing_deliveries and not self.missing_events


def accepted(logs: Any, group: str, since: datetime, until: datetime) -> Iterator[Accepted]:
    """The accepted deliveries in receive's log. Raises `Retry` when the log cannot be read."""
    pages = {
        "logGroupName": group,
        "startTime": int(since.timestamp() * 1000),
        "endTime": int(until.timestamp() * 1000),
        "filterPattern": '"accepted"',
    }
    while True:
        try:
            answer = logs.filter_log_events(**pages)
        except (BotoCoreError, ClientError) as error:
            raise Retry("log_not_read") from error
        for event in answer.get("events", ()):
            line = _line(event.get("message", ""))
            if line is not None:
                yield line
        if not answer.get("nextToken"):
            return
        pages["nextToken"] = answer["nextToken"]


def _line(text: str) -> Accepted | None:
    try:
        line = json.loads(text[text.index("{") :])
        if line.get("message") != "accepted":
            return None
        return Accepted(id=line["delivery_id"], channel=line["channel"], at=line["timestamp"])
    except (ValueError, KeyError, AttributeError):
        return None


def reconcile(
    table: Table, logged: Iterable[Accepted], parked: Iterable[str], since: datetime, until: datetime
) -> Report:
    """Compare the log's deliveries with the table's records. ``parked``: keys of parked bodies."""
    parked_names = list(parked)
    lines = {line.id: line for line in logged}
    records = table.read(keys.delivery(each) for each in lines)
    deliveries = {record.id: record for record in records.values() if isinstance(record, Delivery)}
    parts = _parts(table, deliveries.values())
    unreadable = 0
    waiting, missing = [], [f"{name} (a part)" for name, part in parts.items() if part is None]
    for name, line in lines.items():
        if name in deliveries:
            continue
        if keys.delivery(name) in records:
            unreadable += 1  # it is there, and written by another release
            continue
        if until - moment(line.at) < YOUNG or any(key.endswith(name) for key in parked_names):
            waiting.append(name)
        else:
            missing.append(name)
    everything = [*deliveries.values(), *(part for part in parts.values() if part is not None)]
    counted, lost = _events(table, everything, until)
    if unreadable:
        counted["unreadable"] = counted.get("unreadable", 0) + unreadable
    return Report(
        since=since.isoformat(),
        until=until.isoformat(),
        deliveries=len(lines),
        waiting=tuple(waiting),
        missing_deliveries=tuple(missing),
        events=counted,
        missing_events=tuple(lost),
    )


def _parts(table: Table, deliveries: Iterable[Delivery]) -> dict[str, Delivery | None]:
    names = [f"{each.id}.{number}" for each in deliveries for number in range(each.parts)]
    found = table.read(keys.delivery(name) for name in names)
    by_name = {name: found.get(keys.delivery(name)) for name in names if keys.delivery(name) not in found.unknown}
    return {name: record if isinstance(record, Delivery) else None for name, record in by_name.items()}


def _events(table: Table, deliveries: list[Delivery], until: datetime) -> tuple[dict[str, int], list[str]]:
    seen = table.read(keys.seen(line.key) for each in deliveries for line in each.events if line.type != "ignored")
    counted: dict[str, int] = {}
    lost: list[str] = []
    for delivery in deliveries:
        for line in delivery.events:
            try:
                outcome = _outcome(table, line, seen.get(keys.seen(line.key)), delivery)
            except UnknownForm:
                outcome = "unreadable"
            if outcome is None:
                if until - delivery.received_at >= YOUNG:
                    lost.append(f"{line.key} (delivery {delivery.id})")
                continue
            counted[outcome] = counted.get(outcome, 0) + 1
    return counted, lost


def _outcome(table: Table, line: EventLine, mark: object, delivery: Delivery) -> str | None:
    """What became of an event, by its own record; None: nothing did."""
    if line.type == "ignored":
        return "ignored" if line.reason else None
    if not isinstance(mark, Seen) or mark.kind == "awaited":
        return None
    if mark.delivery_id not in ("", delivery.id):
        return "duplicates"
    if mark.kind == "post":
        stored = table.get(keys.post(mark.case_id or "", mark.key))
        return ("watched" if mark.outcome == "watched" else "posts") if isinstance(stored, StoredPost) else None
    if mark.kind == "lookup":
        lookup = table.get(keys.lookup(mark.key))
        if not isinstance(lookup, Lookup):
            return None
        if lookup.state == "pending":
            return "waiting_for_lookup"
        became = table.get(keys.seen(f"{lookup.outcome}#own"))
        return "looked_up" if isinstance(became, Seen) and became.kind == "own" else None
    if mark.kind == "quarantined":
        return _of_quarantine(table, mark.key)
    return {"own": "own_words", "change": "changes", "notice": "notices", "status": "statuses"}[mark.kind]


def _of_quarantine(table: Table, key: str) -> str | None:
    """In quarantine still; or replayed, if every event that was found in it is there."""
    kept = table.get(keys.quarantined(key))
    if not isinstance(kept, Quarantined):
        return None
    if kept.state != "replayed":
        return "quarantined"
    return "replayed" if all(table.get(keys.seen(each)) is not None for each in kept.became) else None


def reconcile_and_tell(services: Any) -> dict[str, Any]:
    """The daily run: the last day against the log; a difference is counted, which rings the alarm."""
    import boto3

    until = services.clock()
    since = until - DAY
    lines = list(accepted(boto3.client("logs"), services.settings.receive_log_group, since, until))
    report = reconcile(services.table, lines, services.bodies.parked(), since, until)
    services.count("ReconcileDifferences", value=len(report.missing_deliveries) + len(report.missing_events))
    services.tell("reconciled", **report.model_dump(exclude={"waiting"}))
    services.count("ReconcileRuns")  # the beat: an alarm rings when it stays away
    return report.model_dump()
