"""A bridge between Mastodon and Firstline: mentions go in as signed events, signed answers come out as statuses.

It keeps nothing but the id of the last notification. Both sides make that safe: Firstline knows a post by its id, however
often it is told of it, and an answer by its `webhook-id`, which goes to Mastodon as `Idempotency-Key`.

Source of the API: mastodon/documentation (notifications, statuses, rate limits; August 2026).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import requests

TIMEOUT = (3.05, 10)
Answer = tuple[int, dict[str, str], dict[str, str]]
"""Status, headers and JSON that the callback answers."""


@dataclass(frozen=True)
class Bridge:
    """One Mastodon account and one source of Firstline. `now` gives epoch seconds."""

    instance: str  # https://mastodon.example
    token: str  # scopes read:notifications read:statuses write:statuses
    webhook: str  # https://…/webhooks/mastodon
    secret: str  # signs events: channel secret, generic.sources.mastodon.signing
    callback_secret: str  # checks answers: generic.sources.mastodon.callback.signing
    session: requests.Session = field(default_factory=requests.Session)
    now: Callable[[], float] = time.time

    # -- in ------------------------------------------------------------------------------------------------------

    def poll(self, since: str | None = None) -> str | None:
        """Tell Firstline of every mention since that notification. Returns the id to go on from: keep it only then."""
        query = {"types[]": "mention", "min_id": since or "0", "limit": "40"}
        found = self._call("GET", "/api/v1/notifications", params=query)
        found.raise_for_status()
        notifications = sorted(found.json(), key=lambda each: int(each["id"]))
        events = [event for each in notifications for event in events_of(each["status"])]
        if events:
            self._push({"events": events}, f"mastodon-{notifications[0]['id']}-{notifications[-1]['id']}")
        return notifications[-1]["id"] if notifications else since

    def own(self, status: Mapping[str, Any]) -> None:
        """Tell Firstline what somebody wrote by hand with the brand's account (from the account's own statuses)."""
        data = {"id": status["id"], "text": text_of(status["content"]), "parent_id": status["in_reply_to_id"]}
        if status["visibility"] in ("direct", "private"):
            data = {"id": data["id"], "text": data["text"], "recipient_id": status["in_reply_to_account_id"]}
        event = {"type": "own.posted", "timestamp": status["created_at"], "data": data}
        self._push(event, f"mastodon-own-{status['id']}")

    def _push(self, content: Mapping[str, Any], webhook_id: str) -> None:
        body = json.dumps(content).encode()
        timestamp = str(int(self.now()))
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{signature(self.secret, webhook_id, timestamp, body)}",
        }
        told = self.session.post(self.webhook, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        if told.status_code != 200:
            raise requests.HTTPError(f"Firstline answered {told.status_code}")  # polled again from the same id

    # -- out -----------------------------------------------------------------------------------------------------

    def reply(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """What the callback does with a request (header names in lower case). Firstline comes again for any 5xx or 429
        under the same `webhook-id`; what it makes of the rest is in docs/channels.md."""
        if not self._is_signed(headers, body):
            return 401, {}, {"error": "signature"}
        data = json.loads(body)["data"]
        parent = self._call("GET", f"/api/v1/statuses/{data['in_reply_to']}")
        if parent.status_code != 200:
            return self._refused(parent)
        post = parent.json()
        words = f"@{post['account']['acct']} {data['text']}"
        said = self._said_already(post["id"], words)
        if said is not None:
            return 200, {}, {"id": said}
        status = {
            "status": words,
            "in_reply_to_id": post["id"],
            "visibility": "direct" if data["visibility"] == "private" else post["visibility"],
        }
        # Mastodon keeps the key for an hour; what is asked again later is found among the answers above.
        key = {"Idempotency-Key": headers["webhook-id"]}
        made = self._call("POST", "/api/v1/statuses", json=status, headers=key)
        return (200, {}, {"id": made.json()["id"]}) if made.status_code == 200 else self._refused(made)

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not timestamp.isdecimal() or abs(self.now() - int(timestamp)) > 300:
            return False
        right = f"v1,{signature(self.callback_secret, webhook_id, timestamp, body)}"
        return any(hmac.compare_digest(each, right) for each in headers.get("webhook-signature", "").split(" "))

    def _said_already(self, status_id: str, words: str) -> str | None:
        thread = self._call("GET", f"/api/v1/statuses/{status_id}/context")
        below = thread.json().get("descendants", []) if thread.status_code == 200 else []
        same = (each["id"] for each in below if each["in_reply_to_id"] == status_id and _same(each["content"], words))
        return next(same, None)

    def _refused(self, answer: requests.Response) -> Answer:
        match answer.status_code:
            case 404:
                return 404, {}, {"error": "gone"}
            case 401 | 403:
                return 422, {}, {"error": "account"}
            case 422:
                return 422, {}, {"error": "refused"}
            case 429:
                return 429, {"retry-after": "300"}, {}  # the longest that a window of Mastodon lasts
            case _:
                return 502, {}, {}

    def _call(self, method: str, path: str, headers: Mapping[str, str] | None = None, **content: Any) -> Any:
        given = {"authorization": f"Bearer {self.token}", **(headers or {})}
        return self.session.request(method, self.instance + path, headers=given, timeout=TIMEOUT, **content)


def signature(secret: str, webhook_id: str, timestamp: str, body: bytes) -> str:
    """Standard Webhooks: base64 of HMAC-SHA256 over `id.timestamp.body`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message = f"{webhook_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def events_of(status: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A status as Firstline's events: the post, and its present words if it was edited."""
    who = status["account"]
    private = status["visibility"] in ("direct", "private")
    data: dict[str, Any] = {
        "id": status["id"],
        "kind": "message" if private else "mention",
        "visibility": "private" if private else "public",
        "author": {
            "id": who["id"],
            "handle": who["acct"],
            "name": who["display_name"],
            "followers": who["followers_count"],
        },
        "text": text_of(status["content"]),
        "at": status["created_at"],
        "language": status["language"],
        "url": status["url"],
        "media": [{"kind": each["type"], "url": each["url"]} for each in status["media_attachments"]],
    }
    if status["in_reply_to_id"]:
        data["parent_id"] = status["in_reply_to_id"]
    yield {"type": "post.created", "timestamp": status["created_at"], "data": data}
    if status["edited_at"]:
        changed = {"id": status["id"], "text": data["text"]}
        yield {"type": "post.updated", "timestamp": status["edited_at"], "data": changed}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "br" or (tag == "p" and self.parts):
            self.parts.append("\n")


def text_of(content: str) -> str:
    """A status's HTML as plain text: Firstline takes no markup."""
    reader = _Text()
    reader.feed(content)
    reader.close()
    return "".join(reader.parts).strip()


def _same(content: str, words: str) -> bool:
    return " ".join(text_of(content).split()) == " ".join(words.split())
