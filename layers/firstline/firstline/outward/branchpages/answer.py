"""HTTP at the branches' door: what came in, bounded; what goes out, with headers that leave nothing open."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

from firstline.model.errors import Malformed

MOST_BYTES = 64 * 1024
"""Of a form: 4,000 characters of any script, percent-encoded, and its other fields."""
MOST_FIELDS = 20


@dataclass(frozen=True)
class Request:
    """A request for a page. ``form`` holds the last value of each field, as text; ``method`` HEAD is a GET."""

    method: str
    token: str
    form: Mapping[str, str] = field(default_factory=dict)


def read_request(event: Mapping[str, Any]) -> Request:
    """The request in an HTTP API event (payload 2.0). Raises `Malformed` when its body is too large."""
    method = str(event.get("requestContext", {}).get("http", {}).get("method", "")).upper()
    token = str((event.get("pathParameters") or {}).get("token") or "")
    text = event.get("body") or ""
    if method != "POST" or not text:
        return Request(method, token)
    try:
        body = (
            base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode("utf-8", "replace")
        )
    except (binascii.Error, ValueError):
        body = b""
    if len(body) > MOST_BYTES:
        raise Malformed("too_large")
    try:
        fields = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS
        )
    except ValueError:  # more fields than any form of ours has
        fields = []
    return Request(method, token, dict(fields))


@cache
def style() -> str:
    """The pages' style sheet, which stands in each page."""
    return (files(__package__ or __name__) / "style.css").read_text("utf-8")


@cache
def _headers() -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, nofollow, noarchive",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "strict-transport-security": "max-age=31536000",
    }


def answer(status: int, html: str, **more: str) -> dict[str, Any]:
    """The page as Lambda gives it to the HTTP API. ``more`` headers are written with ``_`` for ``-``."""
    headers = {**_headers(), **{name.replace("_", "-"): value for name, value in more.items()}}
    return {"statusCode": status, "headers": headers, "body": html}
