"""What passes between a platform and whoever calls it or is called by it, free of sockets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Response:
    """A platform's answer. ``cut`` means that the call took its course, but the caller never hears of it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False

    def json(self) -> Any:
        return json.loads(self.body)


def answer(status: int, content: object, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer with the given status."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, {"content-type": "application/json; charset=utf-8", **(headers or {})}, body)


@dataclass(frozen=True)
class Delivery:
    """One webhook body as it goes over the wire. ``headers`` hold the signature over exactly these bytes.

    ``post_ids`` are the posts that the body tells of; ``not_before`` is the earliest moment to send it. ``door`` is a
    named source's; ``attempt`` gives an attempt's headers where its time is signed.
    """

    id: str
    channel: str
    headers: Mapping[str, str]
    body: bytes
    post_ids: tuple[str, ...]
    not_before: datetime
    door: str | None = None
    attempt: Callable[[datetime], Mapping[str, str]] | None = None

    @property
    def path(self) -> str:
        """Below the webhook base: ``/webhooks/<channel or source>``."""
        return f"/webhooks/{self.door or self.channel}"

    def headers_at(self, now: datetime) -> Mapping[str, str]:
        """The headers of an attempt at this moment."""
        return self.attempt(now) if self.attempt else self.headers


def sign(channel: str, secret: str, body: bytes, now: datetime | None = None) -> dict[str, str]:
    """The signature header of a channel: X base64, Meta lower-case hex, both HMAC-SHA256 over the raw bytes. A generic
    source signs an id and the time ``now`` as well."""
    if channel == "generic":
        webhook_id = f"msg_{hashlib.sha256(body).hexdigest()[:24]}"
        return standard_webhook(secret, webhook_id, now or datetime.now(UTC), body)
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    if channel == "x":
        return {"x-twitter-webhooks-signature": "sha256=" + base64.b64encode(digest).decode()}
    return {"X-Hub-Signature-256": "sha256=" + digest.hex()}


def crc_token() -> str:
    """A challenge as X writes it: base64url of a UUID."""
    return base64.urlsafe_b64encode(str(uuid.uuid4()).encode()).decode()


def standard_webhook(secret: str, webhook_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks: ``v1`` over id, time and body, under the key after ``whsec_``."""
    timestamp = str(int(now.timestamp()))
    digest = hmac.new(webhook_key(secret), f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def webhook_key(secret: str) -> bytes:
    """What a secret of Standard Webhooks stands for; text without ``whsec_`` stands for itself."""
    text = secret.removeprefix("whsec_")
    return base64.b64decode(text + "=" * (-len(text) % 4)) if text != secret else secret.encode()


def body_of(channel: str, content: object) -> bytes:
    """JSON text as the platform writes it: Meta escapes non-ASCII as lower-case ``\\u00e4`` and slashes as ``\\/``."""
    if channel in ("x", "generic"):
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode()


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as X and `GET /sent` write times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)
