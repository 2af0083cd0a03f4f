"""Builders: mails that a deployment sent, and a cloud that keeps what SES tells it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from infra.local.simulators.mails import Mail

MAIL = {"topic_arn": "arn:aws:sns:eu-central-1:000000000000:mail", "bucket": "bodies", "region": "eu-central-1"}
BRANCH, SENDER, REPLY_TO = "manchester@acme.example", "care@acme.example", "case+7k3m9qx2-abc@acme.example"
ROOT = "<handoff.7K3M9QX2.manchester@acme.example>"


@dataclass
class ACloud:
    """Keeps what is published (parsed) and put (by key)."""

    told: list[dict[str, Any]] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)

    def publish(self, topic: str, message: str) -> None:
        self.told.append(json.loads(message))

    def put(self, bucket: str, key: str, body: bytes) -> None:
        self.bodies[key] = body


def a_mail(
    number: int = 1,
    *,
    to: str = BRANCH,
    name: str = "Acme Manchester",
    subject: str | None = None,
    text: str = "Please contact Emma.",
    html: str | None = "<p>Please contact <b>Emma</b>.</p>",
    root: str | None = None,
    reply_to: str | None = REPLY_TO,
) -> Mail:
    """A mail to a branch, a thread of its own unless ``root`` is given."""
    message = EmailMessage()
    message["From"] = f"Acme Care <{SENDER}>"
    message["To"] = f"{name} <{to}>" if name else to
    message["Subject"] = subject or f"Mail {number}"
    if reply_to:
        message["Reply-To"] = reply_to
    message["References"] = root or f"<handoff.{number}@acme.example>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    at = datetime(2026, 11, 23, 10, 0, tzinfo=UTC) + timedelta(minutes=number)
    tags = {"handoff": "7K3M9QX2-manchester"}
    return Mail(f"m{number}@email.amazonses.com", at, SENDER, (to,), message.as_bytes(), tags, "mail")
