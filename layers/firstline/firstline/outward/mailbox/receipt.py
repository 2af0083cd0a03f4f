"""What SES says about a mail that it received and put in S3: its notification of the S3 action."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from firstline.model.base import Instant, Value

MOST_RECIPIENTS, MOST_HEADERS = 100, 50
_NAME = re.compile(r"[A-Za-z0-9._=@+/-]{1,500}")
"""SES's ids, and keys made of them under a prefix of ours."""


class Receipt(Value):
    """A received mail as SES tells of it; nothing in here is the sender's own claim but ``froms`` and ``signatures``.

    ``sender`` is the envelope's MAIL FROM, "" for the null sender; ``recipients`` the envelope's RCPT TO. The verdicts
    are PASS, FAIL, GRAY, PROCESSING_FAILED or "" (not told). ``froms`` and ``signatures`` are the values of all From
    and DKIM-Signature headers as SES itself read them (empty where it cut the headers at 10 KB). The mail lies at
    ``key`` in ``bucket``.
    """

    mail_id: str
    at: Instant
    sender: str
    recipients: tuple[str, ...]
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    spam: str = ""
    virus: str = ""
    froms: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    bucket: str
    key: str


def read_receipt(sns_message: str) -> Receipt | None:
    """The receipt in an SNS message (its ``Message``, or the whole notification); None for anything else. Never raises.

    docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html, read 2026-11-24.
    """
    try:
        body = json.loads(sns_message)
        if body.get("Type") == "Notification":
            body = json.loads(body["Message"])
        if body["notificationType"] != "Received" or body["receipt"]["action"]["type"] != "S3":
            return None
        receipt, mail = body["receipt"], body["mail"]
        mail_id, key = mail["messageId"], receipt["action"]["objectKey"]
        if not _NAME.fullmatch(mail_id) or not _NAME.fullmatch(key):
            return None
        return Receipt(
            mail_id=mail_id,
            at=datetime.fromisoformat(mail["timestamp"]),
            sender=(mail.get("source") or "").strip().removeprefix("<").removesuffix(">"),
            recipients=tuple(str(each) for each in (receipt.get("recipients") or ())[:MOST_RECIPIENTS]),
            **{name: _verdict(receipt.get(f"{name}Verdict")) for name in ("spf", "dkim", "dmarc", "spam", "virus")},
            froms=_headers(mail, "from"),
            signatures=_headers(mail, "dkim-signature"),
            bucket=receipt["action"]["bucketName"],
            key=key,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def _verdict(told: Any) -> str:
    status = told.get("status") if isinstance(told, dict) else None
    return status if isinstance(status, str) else ""


def _headers(mail: dict[str, Any], name: str) -> tuple[str, ...]:
    headers = mail.get("headers") or ()
    return tuple(str(each["value"]) for each in headers if str(each["name"]).lower() == name)[:MOST_HEADERS]
