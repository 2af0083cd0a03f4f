"""Take a platform's request at the door: handshake, or verify and hand over. Standard library only (R2 to R4, R8b).

A verified delivery is durable before the answer: one SQS send on the usual path, S3 first for what is too large,
S3 alone ("parked") while the queue is out of reach. 503 only when both fail or no secret can be read, so that the
platform delivers again.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .. import channels
from ..model.errors import Forged, Retry
from ..outward.bodies import OVERSIZED, PARKED, Bodies
from ..outward.messages import MOST_BYTES, Intake, delivery_id
from ..outward.queues import Message, Queues
from ..outward.secrets import ChannelSecrets

LARGEST = 5_500_000
"""Bytes of a body; more does not fit into a synchronous Lambda call once base64 has made it grow."""
GENERIC_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Door:
    """What receive works with. ``tell`` takes one structured log line as keyword arguments."""

    secrets: ChannelSecrets
    queues: Queues
    bodies: Callable[[], Bodies]
    intake_queue_url: str
    clock: Callable[[], datetime]
    tell: Callable[..., None]


class Webhook(NamedTuple):
    """Which door is knocked at: a platform's, or a named source's. ``name`` stands in the path, logs and metrics."""

    name: str
    channel: str
    source: str | None


def receive(event: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """Answer one HTTP API event (payload 2.0). Never raises for anything that a sender can send."""
    name = (event.get("pathParameters") or {}).get("channel", "")
    method = event.get("requestContext", {}).get("http", {}).get("method", "")
    try:
        channel, source = channels.route(name)
    except KeyError:
        return _answer(404, "unknown channel")
    at = Webhook(name, channel, source)
    try:
        # A stranger's guess costs no read of its own: a source that was just added is known within `FRESH` seconds.
        if name not in channels.CHANNELS and not door.secrets.source(channel, name):
            return _answer(404, "unknown channel")
        if method == "GET":
            return _handshake(at, event, door)
        if method == "POST":
            return _delivery(at, event, door)
    except Retry as error:
        door.tell("not_durable", channel=name, reason=error.reason, metric="NotDurable")
        return _answer(503, "try again", {"retry-after": "5"})
    return _answer(405, "GET or POST", {"allow": "GET, POST"})


def _secrets(at: Webhook, door: Door) -> Mapping[str, Any]:
    return door.secrets.channel(at.channel) if at.source is None else door.secrets.source(at.channel, at.source)


def _handshake(at: Webhook, event: Mapping[str, Any], door: Door) -> dict[str, Any]:
    from urllib.parse import parse_qsl

    text = event.get("rawQueryString", "")
    pairs = parse_qsl(text, keep_blank_values=True, errors="replace")
    query = dict(pairs)
    answer = channels.door(at.channel).handshake(query, _secrets(at, door))
    if answer is not None and answer.status == 403 and door.secrets.reread():
        answer = channels.door(at.channel).handshake(query, _secrets(at, door))
    if answer is None:
        return _answer(400, "no handshake")
    if answer.status == 400 or len(query) < len(pairs):  # no platform's challenge, or a parameter comes twice
        door.tell("refused", channel=at.name, reason="handshake", query_length=len(text), metric="HandshakeRefused")
        return _answer(400, "no handshake of this platform")
    door.tell("handshake", channel=at.name, status=answer.status, query_length=len(text))
    return _answer(answer.status, answer.body, {"content-type": answer.content_type})


def _delivery(at: Webhook, event: Mapping[str, Any], door: Door) -> dict[str, Any]:
    try:
        body = _body(event)
    except (binascii.Error, ValueError):
        door.tell("refused", channel=at.name, reason="body_not_base64", metric="Refused")
        return _answer(400, "malformed body")
    if len(body) > LARGEST:
        door.tell("refused", channel=at.name, reason="too_large", bytes=len(body), metric="TooLarge")
        return _answer(413, "too large")
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    now = door.clock()
    try:
        _verify(at, headers, body, now, door)
    except Forged:
        door.tell("refused", channel=at.name, reason="signature", bytes=len(body), metric="Forged")
        return _answer(401, "signature missing or wrong")
    name = delivery_id(at.name, body)
    how = _keep(Intake(at.channel, name, _stamp(now), body=body, source=at.source), len(body), door)
    door.tell("accepted", channel=at.name, delivery_id=name, bytes=len(body), how=how)
    return _answer(200, "ok")


def _verify(at: Webhook, headers: Mapping[str, str], body: bytes, now: datetime, door: Door) -> None:
    verify = channels.door(at.channel).verify
    try:
        verify(headers, body, _secrets(at, door), now)
    except Forged:
        # The secret may just have been rotated: read it again, but at most every ten seconds.
        if not door.secrets.reread():
            raise
        verify(headers, body, _secrets(at, door), now)


def _keep(delivery: Intake, size: int, door: Door) -> str:
    """Make it durable; says how. Raises `Retry` when neither queue nor bucket takes it."""
    how = "queued"
    text = delivery.text() if size <= MOST_BYTES else ""
    if not text or len(text) > MOST_BYTES:
        key = f"{OVERSIZED}{delivery.delivery_id}"
        door.bodies().put(key, delivery.body or b"")
        text = replace(delivery, body=None, body_key=key).text()
        how = "oversized"
    try:
        door.queues.send([Message(door.intake_queue_url, text)])
        return how
    except Retry:
        door.bodies().put(f"{PARKED}{delivery.received_at}-{delivery.delivery_id}", text.encode("ascii"))
        return "parked"


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    return (
        base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode("utf-8", "surrogatepass")
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _answer(status: int, body: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {
            "content-type": GENERIC_TEXT,
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            **(headers or {}),
        },
        "body": body,
    }


def log_line(
    write: Callable[[str], Any], clock: Callable[[], datetime], service: str = "receive", namespace: str = "Firstline"
) -> Callable[..., None]:
    """A ``tell`` that writes one JSON line; ``metric`` makes it an embedded CloudWatch metric of count one as well."""

    def tell(message: str, *, metric: str | None = None, **fields: Any) -> None:
        now = clock()
        line: dict[str, Any] = {
            "level": "INFO",
            "message": message,
            "service": service,
            "timestamp": _stamp(now),
            **fields,
        }
        if metric is not None:
            line["level"] = "WARNING"
            line[metric] = 1
            line["_aws"] = {
                "Timestamp": int(now.timestamp() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": namespace,
                        "Dimensions": [["channel"]],
                        "Metrics": [{"Name": metric, "Unit": "Count"}],
                    }
                ],
            }
        write(json.dumps(line, separators=(",", ":")) + "\n")

    return tell
