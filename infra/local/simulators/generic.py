"""Generic sources: a review site, a contact centre, a forum. They push signed events and take signed answers.

Both directions after Standard Webhooks; the shape of events is docs/schemas/generic-event.schema.json. Each source is an
account of the channel, with a webhook and a callback of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .faults import Fault
from .platform import Platform
from .store import Entry, Person
from .wire import Delivery, Response, answer, body_of, iso, standard_webhook, webhook_key

CALLBACK = re.compile(r"/sources/(?P<source>[a-z0-9_-]+)")
TOLERANCE = timedelta(minutes=5)
PRIVATE_KINDS = ("message", "email", "call")
LIMITS = {"generic:callbacks": (600, 60)}  # calls, seconds; per source


def refused(status: int, error: str, **headers: str) -> Response:
    return answer(status, {"error": error}, {name.replace("_", "-"): value for name, value in headers.items()})


REFUSALS = {
    "rate_limit": refused(429, "too many requests"),
    "duplicate": refused(409, "duplicate_text"),
    "expired_token": refused(401, "signature"),
    "window_closed": refused(422, "window_closed"),
    "deleted": refused(404, "gone"),
    "blocked": refused(422, "blocked"),
    "not_summoned": refused(422, "not_summoned"),
    "no_credits": refused(402, "credits"),
    "policy": refused(410, "this callback is closed for good"),
    "server_error": refused(503, "try again"),
    "cut": Response(503, cut=True),
}


class GenericPlatform(Platform):
    """The sources. A token's ``token`` is the secret by which the brand signs its answers to that source."""

    channels = ("generic",)
    default_limits = LIMITS

    def post(
        self,
        author: Person,
        text: str,
        now: datetime,
        *,
        account: str | None = None,
        parent_id: str | None = None,
        kind: str = "post",
        private: bool = False,
        native: bool = False,
        keep: bool = True,
        contact: Mapping[str, str] | None = None,
        addressed: bool = True,
        language: str | None = None,
    ) -> tuple[Entry, list[Delivery]]:
        """Somebody writes or calls. ``contact``: what the source verified of the person. Deliveries are made, not sent."""
        source = self.settings.account("generic", account)
        parent = self.store.get(parent_id)
        private = private or kind in PRIVATE_KINDS or bool(parent and parent.private)
        to = None
        if private:
            to = (parent.to if parent.by_brand else parent.author.id) if native and parent else source.id
        entry = Entry(
            id=f"g-{self.store.number(now)}",
            channel="generic",
            kind=kind,
            account=source.id,
            author=author,
            text=text,
            at=now,
            writer="native" if native else "customer",
            parent_id=parent.id if parent else None,
            root_id=(parent.root_id or parent.id) if parent else None,
            to=to,
            language=language,
            contact=dict(contact or {}),
        )
        if keep:
            self.store.put(entry)
        more: dict[str, Any] = {} if addressed else {"addressed": False}
        return entry, self.told(entry, now, contact=contact, **more)

    def edit(self, post_id: str, text: str, now: datetime) -> tuple[Entry, list[Delivery]]:
        """The same post in other words. Raises LookupError."""
        entry = self.store.change(self._existing(post_id), text=text, edited_at=now)
        return entry, [self._event("post.updated", entry, {"id": entry.id, "text": text, "at": iso(now)}, now)]

    def delete(self, post_id: str, now: datetime) -> tuple[Entry, list[Delivery]]:
        """The post is gone. Raises LookupError."""
        entry = self.store.change(self._existing(post_id), deleted=True)
        return entry, [self._event("post.deleted", entry, {"id": entry.id, "at": iso(now)}, now)]

    def hide(self, post_id: str, hidden: bool, now: datetime) -> tuple[Entry, list[Delivery]]:
        """The post is hidden from view, or shown again. Raises LookupError."""
        entry = self.store.change(self._existing(post_id), hidden=hidden)
        name = "post.hidden" if hidden else "post.restored"
        return entry, [self._event(name, entry, {"id": entry.id, "at": iso(now)}, now)]

    def told(
        self, entry: Entry, now: datetime, after: float = 0, contact: Mapping[str, str] | None = None, **more: Any
    ) -> list[Delivery]:
        """The delivery that tells the brand of a post, or of its own words."""
        data: dict[str, Any] = {"id": entry.id, "text": entry.text, "at": iso(entry.at), "parent_id": entry.parent_id}
        if entry.by_brand:
            data |= {"recipient_id": entry.to, "reply_id": entry.metadata}
            return [self._event("own.posted", entry, _without_nothing(data), now, after)]
        who = entry.author
        author = {"id": who.id, "name": who.name, "handle": who.handle, "followers": who.followers or None}
        author["verified_contact"] = dict(contact) if contact else None
        data |= {
            "kind": entry.kind,
            "visibility": "private" if entry.private else "public",
            "author": _without_nothing(author),
            "language": entry.language,
            **more,
        }
        return [self._event("post.created", entry, _without_nothing(data), now, after)]

    def _event(self, name: str, entry: Entry, data: dict[str, Any], now: datetime, after: float = 0) -> Delivery:
        content = {"type": name, "timestamp": iso(now), "data": data}
        return self.delivery("generic", content, [entry.id], now, after, source=entry.account)

    def delivery(  # type: ignore[override]
        self,
        channel: str,
        content: object,
        post_ids: Any,
        now: datetime,
        after: float = 0,
        source: str = "generic",
    ) -> Delivery:
        """A signed delivery of a source: every attempt bears its own time, all bear one id."""
        body, number = body_of("generic", content), next(self._numbers)
        secret = self.settings.source_secret(source)
        webhook_id = f"msg_{hashlib.sha256(f'{number} {source}'.encode() + body).hexdigest()[:24]}"

        def attempt(at: datetime) -> dict[str, str]:
            return {"content-type": "application/json", **standard_webhook(secret, webhook_id, at, body)}

        return Delivery(
            id=f"generic-{number}",
            channel="generic",
            headers=attempt(now),
            body=body,
            post_ids=tuple(post_ids),
            not_before=now + timedelta(seconds=after),
            door=source,
            attempt=attempt,
        )

    def _existing(self, post_id: str) -> Entry:
        entry = self.store.get(post_id)
        if entry is None or entry.channel != "generic":
            raise LookupError(f"no post {post_id} at a source")
        return entry

    # The callback

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
    ) -> Response:
        """Takes one signed answer; the same ``webhook-id`` again changes nothing."""
        found = CALLBACK.fullmatch(path)
        source = found["source"] if found else ""
        token = self.tokens["generic"].get(source)
        if token is None:
            return refused(404, "no such source")
        if method != "POST":
            return refused(405, "POST only", allow="POST")
        lowered = {name.lower(): value for name, value in headers.items()}
        if not signed(lowered, body, token.token or "", now):
            return refused(401, "signature")
        with self.store.lock:
            return self._take(source, json.loads(body)["data"], lowered["webhook-id"], body, path, now)

    def _take(
        self, source: str, data: dict[str, Any], webhook_id: str, body: bytes, path: str, now: datetime
    ) -> Response:
        said = self.said(data, path, data.get("in_reply_to"), data.get("recipient_id"))
        refusal, effects = self.faults.take("generic", "send", said, now)
        if refusal is not None:
            return self._refusal(refusal)
        if not self.windows.take(source, "generic:callbacks", now).allowed:
            return refused(429, "too many requests", retry_after="60")
        entry = next((each for each in self.store.of("generic") if each.quoted_id == webhook_id), None)
        if entry is None:
            # A client may sign events of its own; what it knows is as good as what was written here.
            parent = self.store.get(data.get("in_reply_to"))
            if parent is not None and (parent.deleted or parent.account != source):
                return refused(404, "gone")
            entry = self._added(source, data, webhook_id, parent, now, effects)
        taken = answer(200, {"id": entry.id})
        return Response(taken.status, taken.headers, taken.body, cut="unclear" in effects)

    def _refusal(self, fault: Fault) -> Response:
        given = REFUSALS[fault.kind]
        if fault.kind != "rate_limit":
            return given
        return Response(given.status, {**given.headers, "retry-after": str(fault.seconds or 60)}, given.body)

    def _added(
        self,
        source: str,
        data: dict[str, Any],
        webhook_id: str,
        parent: Entry | None,
        now: datetime,
        effects: Mapping[str, Fault],
    ) -> Entry:
        """The brand's words at the source. ``quoted_id`` holds the id of the delivery that brought them."""
        entry = Entry(
            id=f"g-{self.store.number(now)}",
            channel="generic",
            kind="message" if data["visibility"] == "private" else "reply",
            account=source,
            author=self.brand(self.settings.account("generic", source)),
            text=data["text"],
            at=now,
            writer="app",
            parent_id=data["in_reply_to"],
            root_id=(parent.root_id or parent.id) if parent else data["in_reply_to"],
            to=data["recipient_id"] if data["visibility"] == "private" else None,
            quoted_id=webhook_id,
            metadata=data["reply_id"],
        )
        self.store.put(entry)
        if "no_echo" not in effects:
            late = effects.get("delayed_visibility")
            for delivery in self.told(entry, now, late.seconds if late else 0):
                self.emit(delivery)
        return entry


def signed(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
    """Whether a delivery is signed after Standard Webhooks: as its own library checks it, five minutes both ways."""
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not webhook_id or not timestamp.isdecimal():
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    message = f"{webhook_id}.{timestamp}.".encode() + body
    right = base64.b64encode(hmac.new(webhook_key(secret), message, hashlib.sha256).digest()).decode()
    entries = (entry.split(",", 1) for entry in headers.get("webhook-signature", "").split(" ") if "," in entry)
    return any(version == "v1" and hmac.compare_digest(value, right) for version, value in entries)


def _without_nothing(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}
