"""A client that knows .local/stack.json and the platforms' webhooks, and asks the simulators for nothing but `GET /sent`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import requests


def number(digits: int) -> str:
    """An id that nobody has used."""
    return str(uuid.uuid4().int)[:digits]


def comment(stack: dict[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    """A comment on the page's post: its id and the delivery that tells of it."""
    page, post = stack["accounts"]["facebook"], number(12)
    comment_id = f"{post}_{number(12)}"
    value = {
        "item": "comment",
        "verb": "add",
        "post_id": f"{page}_{post}",
        "parent_id": f"{page}_{post}",
        "comment_id": comment_id,
        "from": {"id": number(16), "name": "Ben Hill"},
        "message": text,
        "created_time": int(time.time()),
    }
    change = {"field": "feed", "value": value}
    return comment_id, {"object": "page", "entry": [{"id": page, "time": int(time.time()), "changes": [change]}]}


def message(stack: dict[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    """A private message to the page: the person and the delivery."""
    page, person, now = stack["accounts"]["messenger"], number(16), int(time.time() * 1000)
    item = {
        "sender": {"id": person},
        "recipient": {"id": page},
        "timestamp": now,
        "message": {"mid": f"m_{uuid.uuid4().hex}", "text": text},
    }
    return person, {"object": "page", "entry": [{"id": page, "time": now, "messaging": [item]}]}


def whatsapp(stack: dict[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    """A message to the brand's number: the person and the delivery."""
    person = f"49151{number(8)}"
    told = {"from": person, "id": f"wamid.{uuid.uuid4().hex}", "timestamp": str(int(time.time())), "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "4930901820", "phone_number_id": stack["accounts"]["whatsapp"]},
        "contacts": [{"profile": {"name": "Carla Rey"}, "wa_id": person}],
        "messages": [{**told, "text": {"body": text}}],
    }
    change = {"field": "messages", "value": value}
    return person, {"object": "whatsapp_business_account", "entry": [{"id": number(15), "changes": [change]}]}


def instagram(stack: dict[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    """A comment on the account's media: its id and the delivery."""
    account, comment_id = stack["accounts"]["instagram"], number(17)
    value = {
        "id": comment_id,
        "text": text,
        "from": {"id": number(16), "username": "ben.hill"},
        "media": {"id": number(17), "media_product_type": "FEED"},
    }
    change = {"field": "comments", "value": value}
    entry = {"id": account, "time": int(time.time()), "changes": [change]}
    return comment_id, {"object": "instagram", "entry": [entry]}


def mention(stack: dict[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    """A mention elsewhere on Instagram, by its ids only: the platform does not show what it says."""
    account, comment_id = stack["accounts"]["instagram"], number(17)
    change = {"field": "mentions", "value": {"comment_id": comment_id, "media_id": number(17)}}
    entry = {"id": account, "time": int(time.time()), "changes": [change]}
    return comment_id, {"object": "instagram", "entry": [entry]}


def review(stack: dict[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    """A review that a generic source tells of: its id as answers name it, and the delivery."""
    event = _created(text, kind="review")
    return event["data"]["id"], event


def _created(text: str, **data: Any) -> dict[str, Any]:
    told = {"id": number(12), "text": text, "author": {"id": number(9), "name": "Dana Wu"}, **data}
    return {"type": "post.created", "timestamp": datetime.now(UTC).isoformat(), "data": told}


WAYS = {
    "facebook": comment,
    "messenger": message,
    "whatsapp": whatsapp,
    "instagram": instagram,
    "reviews": review,
}
"""By door: what somebody writes, as (where the answer goes, the delivery)."""


def headers(stack: dict[str, Any], door: str, body: bytes, *, signed: bool = True) -> dict[str, str]:
    """The signature that the door's platform would send with these bytes; a wrong one when not ``signed``."""
    key = stack["signing"][door][0] if signed else "whsec_bm90IHRoZSBzZWNyZXQ="
    if door in ("facebook", "messenger", "whatsapp", "instagram"):
        return {"x-hub-signature-256": "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}
    if door == "x":
        digest = hmac.new(key.encode(), body, hashlib.sha256).digest()
        return {"x-twitter-webhooks-signature": "sha256=" + base64.b64encode(digest).decode()}
    name, at = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
    digest = hmac.new(base64.b64decode(key.removeprefix("whsec_")), f"{name}.{at}.".encode() + body, hashlib.sha256)
    signature = "v1," + base64.b64encode(digest.digest()).decode()
    return {"webhook-id": name, "webhook-timestamp": at, "webhook-signature": signature}


def deliver(stack: dict[str, Any], door: str, content: Any, *, signed: bool = True) -> int:
    """A webhook; returns the status."""
    body = json.dumps(content).encode()
    answer = requests.post(
        f"{stack['http']}/webhooks/{door}",
        data=body,
        headers={**headers(stack, door, body, signed=signed), "content-type": "application/json"},
        allow_redirects=False,
        timeout=30,
    )
    return answer.status_code
