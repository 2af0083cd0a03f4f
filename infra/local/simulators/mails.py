"""The branches' mail: what the embedded AWS accepted for sending, as a mail client would list it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

import requests

from .wire import iso

TIMEOUT = 5
SHOWN = 500
SNIPPET = 140

Mail = dict[str, Any]


class MailboxDown(Exception):
    """The embedded AWS does not answer, or is not configured; the text says which."""


def fetch(aws_endpoint: str | None) -> list[Mail]:
    """The mails that SES accepted, newest first. Raises MailboxDown."""
    if not aws_endpoint:
        raise MailboxDown("No address of the embedded AWS is set (aws_endpoint).")
    try:
        response = requests.get(f"{aws_endpoint.rstrip('/')}/_ministack/ses/messages", timeout=TIMEOUT)
        response.raise_for_status()
        return read(response.json())
    except (requests.RequestException, ValueError) as error:
        raise MailboxDown(f"The embedded AWS at {aws_endpoint} does not answer ({type(error).__name__}).") from error


def read(listing: Mail) -> list[Mail]:
    """The emulator's listing (``{"messages": {account: [record]}}``) as mails, newest first.

    The emulator keeps the parts of a raw mail, not its source: of the headers only those that it recorded exist.
    """
    records = [record for account in listing.get("messages", {}).values() for record in account]
    newest = sorted(records, key=lambda record: record["Timestamp"], reverse=True)
    return [_mail(record) for record in newest[:SHOWN]]


def _mail(record: Mail) -> Mail:
    at = iso(datetime.fromtimestamp(record["Timestamp"], UTC))
    text, html = record.get("BodyText") or "", record.get("BodyHtml") or ""
    to = [*record.get("To", []), *record.get("CC", []), *record.get("BCC", [])]
    headers = {
        "From": record.get("Source", ""),
        "To": ", ".join(record.get("To", [])),
        "Cc": ", ".join(record.get("CC", [])),
        "Date": at,
        "Subject": record.get("Subject", ""),
        "Message-ID": f"<{record['MessageId']}>",
    }
    return {
        "id": record["MessageId"],
        "from": _named(record.get("Source", "")),
        "to": [_named(address) for address in to],
        "subject": record.get("Subject", "") or "(no subject)",
        "at": at,
        "snippet": " ".join(text.split())[:SNIPPET],
        "text": text,
        "html": html,
        "headers": {name: value for name, value in headers.items() if value},
    }


def _named(address: str) -> dict[str, str]:
    name, plain = parseaddr(address)
    plain = plain or address
    return {"name": name or plain.split("@")[0], "address": plain}
