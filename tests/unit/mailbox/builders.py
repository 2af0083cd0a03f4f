"""What tests say about received mails: a fixture's bytes, SES's notification, a mail of a few lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from firstline.outward.mailbox import Receipt, read_receipt

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "mails"
CASE, BRANCH = "7K3M9QX2", "leeds"
OURS = ("care@acme.example", "case+7k3m9qx2-abcdefghijklmnopqrstuvwxyz@reply.acme.example")


def the_mail(name: str) -> bytes:
    """A fixture, as SES puts it in the bucket."""
    return (FIXTURES / f"{name}.eml").read_bytes()


def a_mail(
    text: str = "Done.", *, sender: str = "leeds@acme.example", subject: str = "Re: FL", **headers: str
) -> bytes:
    """A plain mail; a keyword's ``_`` is a header's ``-``."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"From: {sender}\r\nSubject: {subject}\r\n{more}\r\n{text}\r\n".encode()


def a_notification(
    *, mail_id: str = "d6iitobk75ur44p8kdnnp7g2n800", recipients: tuple[str, ...] = OURS[1:],
    source: str = "leeds@acme.example", headers: list[dict[str, str]] | None = None, key: str | None = None,
    bucket: str = "bodies", **verdicts: str,
) -> str:  # fmt: skip
    """SES's notification of the S3 action, by default of a mail that passed every check."""
    passed = dict.fromkeys(("spam", "virus", "spf", "dkim", "dmarc"), "PASS") | verdicts
    told: dict[str, Any] = {
        "notificationType": "Received",
        "receipt": {
            "timestamp": "2026-11-23T11:02:12.000Z",
            "processingTimeMillis": 222,
            "recipients": list(recipients),
            **{f"{name}Verdict": {"status": status} for name, status in passed.items()},
            "action": {
                "type": "S3",
                "topicArn": "arn:aws:sns:eu-west-1:123456789012:mail",
                "bucketName": bucket,
                "objectKeyPrefix": "mail/",
                "objectKey": key or f"mail/{mail_id}",
            },
        },
        "mail": {
            "timestamp": "2026-11-23T11:02:11.000Z",
            "source": source,
            "messageId": mail_id,
            "destination": list(recipients),
            "headersTruncated": False,
            "headers": headers or [],
            "commonHeaders": {"from": [source], "to": list(recipients)},
        },
    }
    return json.dumps(told)


def a_receipt(**told: Any) -> Receipt:
    """The receipt in such a notification."""
    receipt = read_receipt(a_notification(**told))
    assert receipt is not None
    return receipt
