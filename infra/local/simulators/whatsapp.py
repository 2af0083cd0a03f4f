"""WhatsApp's Cloud API: messages to the brand's numbers, its answers, and the statuses that tell what became of them.

Calls and refusals after Meta's documentation: cloud-api reference/messages, support/error-codes, webhooks; what is
accepted is not delivered, so a closed window shows as a status ``failed`` as it does there (2026).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .faults import Budget, Fault
from .graph import VERSION, error
from .platform import Emit, Platform, Refusal, parsed
from .settings import Settings
from .store import Entry, Person, Store
from .whatsapp_bodies import SCOPED, WhatsAppBodies
from .wire import Delivery, Response, answer

WINDOW = timedelta(hours=24)
LONGEST = 4096
MOST_CARRIED = 512
"""Characters of ``biz_opaque_callback_data``."""
LIMITS = {"whatsapp:calls": (80, 1)}  # messages, seconds; per number


def refused(code: int, message: str, status: int = 400) -> Response:
    return error(code, f"(#{code}) {message}", status=status)


EXPIRED = error(190, "Error validating access token: The session has been invalidated.", 460, 401)
THROUGHPUT = refused(130429, "Rate limit hit")
CLOSED = refused(131047, "Re-engagement message")
REFUSALS = {
    "rate_limit": THROUGHPUT,
    "pair_limit": refused(131056, "(Business Account, Consumer Account) pair rate limit hit"),
    "duplicate": refused(131048, "Spam rate limit hit"),
    "expired_token": EXPIRED,
    "window_closed": CLOSED,
    "deleted": refused(131026, "Message undeliverable"),
    "blocked": refused(131026, "Message undeliverable"),
    "not_summoned": refused(131005, "Access denied", 403),
    "no_credits": refused(131042, "Business eligibility payment issue"),
    "policy": refused(368, "Temporarily blocked for policies violations", 403),
    "server_error": refused(131000, "Something went wrong", 500),
    "cut": Response(503, cut=True),
}
UNDELIVERABLE, REENGAGE = 131026, 131047


class WhatsAppPlatform(Platform):
    """The brand's numbers with their chats."""

    channels = ("whatsapp",)
    default_limits = LIMITS

    def __init__(self, settings: Settings, store: Store | None = None, emit: Emit | None = None) -> None:
        super().__init__(settings, store, emit)
        self.bodies = WhatsAppBodies(settings, self.store)

    def owns(self, path: str) -> bool:
        """Whether a call of the Graph API is about one of these numbers."""
        versioned = VERSION.fullmatch(path)
        first = versioned["rest"].strip("/").split("/")[0] if versioned else ""
        return any(account.id == first for account in self.settings.accounts.get("whatsapp", []))

    # What customers and the brand's people do in the app

    def post(
        self,
        author: Person,
        text: str,
        now: datetime,
        *,
        account: str | None = None,
        parent_id: str | None = None,
        native: bool = False,
        keep: bool = True,
        **_: Any,
    ) -> tuple[Entry, list[Delivery]]:
        """Somebody writes to a number, or one of the brand's people in the app. Deliveries are made, not emitted.
        ``keep`` false: the message is not added (a forgery tells of what never was)."""
        number = self.settings.account("whatsapp", account)
        parent = self.store.get(parent_id)
        to = number.id
        if native:
            to = (parent.to if parent and parent.by_brand else parent.author.id if parent else None) or ""
        entry = Entry(
            id=_wamid(self.store.number(now)),
            channel="whatsapp",
            kind="message",
            account=number.id,
            author=author,
            text=text,
            at=now,
            writer="native" if native else "customer",
            parent_id=parent.id if parent and not native else None,
            to=to,
        )
        if keep:
            self.store.put(entry)
        return entry, self.told(entry, now)

    def edit(self, post_id: str, text: str, now: datetime) -> tuple[Entry, list[Delivery]]:
        """The same message in other words. Raises LookupError."""
        old = self._existing(post_id)
        entry = self.store.change(
            old, text=text, edited_at=now, versions=(*old.versions, _wamid(self.store.number(now)))
        )
        return entry, [self._notice(self.bodies.edited(entry, now), entry, now)]

    def delete(self, post_id: str, now: datetime) -> tuple[Entry, list[Delivery]]:
        """The message is deleted for everybody. Raises LookupError."""
        entry = self.store.change(self._existing(post_id), deleted=True)
        revoked = self.bodies.revoked(entry, _wamid(self.store.number(now)), now)
        return entry, [self._notice(revoked, entry, now)]

    def told(self, entry: Entry, now: datetime, after: float = 0) -> list[Delivery]:
        """The webhook body that tells of a message; of one over the API no message tells but its statuses."""
        if entry.writer == "app":
            return [self.status(entry, name, now, after) for name in ("sent", "delivered")]
        return [self._notice(self.bodies.message(entry), entry, now, after)]

    def status(self, entry: Entry, status: str, now: datetime, after: float = 0, code: int | None = None) -> Delivery:
        """The webhook body of one status of a message that came in over the API."""
        return self._notice(self.bodies.status(entry, status, now, code), entry, now, after)

    def statuses(
        self, post_id: str, status: str, now: datetime, code: int | None = None
    ) -> tuple[Entry, list[Delivery]]:
        """What becomes of the brand's message, on demand. Raises LookupError."""
        entry = self._existing(post_id)
        if entry.writer != "app":
            raise LookupError(f"{post_id} was not sent over the API")
        failed = UNDELIVERABLE if status == "failed" and code is None else code
        entry = self.store.change(entry, status="read" if status == "played" else status)
        return entry, [self.status(entry, status, now, code=failed)]

    def _notice(self, content: object, entry: Entry, now: datetime, after: float = 0) -> Delivery:
        return self.delivery("whatsapp", content, [entry.id], now, after)

    def _existing(self, post_id: str) -> Entry:
        entry = self.store.get(post_id)
        if entry is None or entry.channel != "whatsapp":
            raise LookupError(f"no message {post_id} on WhatsApp")
        return entry

    # The API

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
    ) -> Response:
        """Answers one API call; see `Platform.handle`."""
        versioned = VERSION.fullmatch(path)
        parts = versioned["rest"].strip("/").split("/") if versioned else []
        with self.store.lock:
            try:
                content = parsed(headers, body)
            except ValueError:
                return refused(100, "Invalid parameter")
            number = self._number_of(headers)
            if number is None or (parts and parts[0] != number):
                return EXPIRED
            if (method, len(parts), parts[-1:]) != ("POST", 2, ["messages"]):
                return refused(100, "Unsupported request")
            person = str(content.get("to") or content.get("recipient") or "")
            said = self.said(content, path, *(each.id for each in self._written_by(person, number)))
            refusal, effects = self.faults.take("whatsapp", "send", said, now)
            budget = self.windows.take(number, "whatsapp:calls", now)
            response = self._outcome(number, person, content, now, refusal, effects, budget)
        usage = json.dumps({"call_count": round(100 * (budget.limit - budget.remaining) / budget.limit)})
        cut = response.cut or ("unclear" in effects and response.status < 300)
        return Response(response.status, {**response.headers, "x-app-usage": usage}, response.body, cut)

    def _number_of(self, headers: Mapping[str, str]) -> str | None:
        lowered = {name.lower(): value for name, value in headers.items()}
        scheme, _, given = lowered.get("authorization", "").partition(" ")
        for number, token in self.tokens["whatsapp"].items():
            if scheme.lower() == "bearer" and given and given in (token.token, token.bearer):
                return number
        return None

    def _written_by(self, person: str, number: str) -> list[Entry]:
        """The customer's messages to the number, oldest first; a person is known by either id."""
        return [
            each
            for each in self.store.of("whatsapp")
            if each.to == number and person and person in (each.author.id, each.author.also)
        ]

    def _outcome(
        self,
        number: str,
        person: str,
        content: dict[str, Any],
        now: datetime,
        refusal: Fault | None,
        effects: dict[str, Fault],
        budget: Budget,
    ) -> Response:
        if refusal:
            return REFUSALS[refusal.kind]
        if not budget.allowed:
            return THROUGHPUT
        try:
            text = self._text(content)
        except Refusal as bad:
            return bad.response
        if not person or (content.get("recipient") and not SCOPED.fullmatch(person)):
            return refused(131009, "Parameter value is not valid")
        written = self._written_by(person, number)
        entry = Entry(
            id=_wamid(self.store.number(now)),
            channel="whatsapp",
            kind="message",
            account=number,
            author=self.brand(self.settings.account("whatsapp", number)),
            text=text,
            at=now,
            writer="app",
            to=written[-1].author.id if written else person,
            metadata=content.get("biz_opaque_callback_data"),
        )
        self.store.put(entry)
        closed = now - max(each.at for each in written) > WINDOW if written else not self.settings.strangers
        self._tell(entry, REENGAGE if closed else None, now, effects)
        contact = {"input": person, ("user_id" if SCOPED.fullmatch(person) else "wa_id"): person}
        return answer(200, {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": entry.id}]})

    def _text(self, content: dict[str, Any]) -> str:
        text = content.get("text")
        body = text.get("body") if isinstance(text, dict) else None
        if content.get("messaging_product") != "whatsapp" or content.get("type") != "text":
            raise Refusal(refused(131009, "Parameter value is not valid"))
        if not isinstance(body, str) or not body.strip():
            raise Refusal(refused(131008, "Required parameter is missing"))
        if len(body) > LONGEST or len(str(content.get("biz_opaque_callback_data") or "")) > MOST_CARRIED:
            raise Refusal(refused(100, "Invalid parameter"))
        return body

    def _tell(self, entry: Entry, code: int | None, now: datetime, effects: dict[str, Fault]) -> None:
        """Tells by statuses what became of it; a planned fault keeps them back, delays them, or lets it fail."""
        if "no_echo" in effects:
            return
        delay = effects["delayed_visibility"].seconds if "delayed_visibility" in effects else 0
        if "undelivered" in effects:
            code = effects["undelivered"].code or UNDELIVERABLE
        entry = self.store.change(entry, status="delivered" if code is None else "failed")
        told = self.told(entry, now, delay) if code is None else [self.status(entry, "failed", now, delay, code)]
        for delivery in told:
            self.emit(delivery)


def _wamid(number: int) -> str:
    digest = hashlib.sha256(str(number).encode()).digest()[:24]
    return "wamid." + base64.b64encode(digest).decode()


def known_person(name: str, id: str | None, handle: str | None, also: str | None) -> Person:
    """A customer on WhatsApp: by phone number; with a username and no number given, by a business-scoped id only."""
    handle = handle.lstrip("@") if handle else None
    figure = int.from_bytes(hashlib.sha256(f"whatsapp:{(handle or name).casefold()}".encode()).digest()[:8])
    made = f"DE.{figure:020d}" if handle else f"49151{figure % 10**8:08d}"
    return Person(id or made, name, handle, 0, False, re.sub(r"\D", "", also) if also else None)
