"""X's management of an app: tokens, webhooks with their check, subscriptions of both activity APIs, and replay.

After xdevplatform/docs webhooks/quickstart, account-activity/quickstart, activity/quickstart (Aug 2026). Which posts are
told does not depend on it: the simulated webhooks go out, subscribed or not.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .faults import Fault
from .platform import Refusal, parsed
from .settings import Token
from .wire import Response, answer, crc_token, iso
from .x_auth import caller
from .x_oauth import XOAuth
from .x_problems import INVALID, REFUSALS, UNAUTHORIZED, problem

if TYPE_CHECKING:
    from .x import XPlatform

MOST_WEBHOOKS = 1  # pay per use [webhooks/introduction]
LOOPBACK = ("127.0.0.1", "localhost")
ROUTES = [
    ("POST", r"/2/webhooks/replay", "app", "replay"),
    ("POST", r"/2/webhooks", "app", "register"),
    ("GET", r"/2/webhooks", "app", "webhooks_of_app"),
    ("PUT", r"/2/webhooks/(?P<webhook_id>\d+)", "app", "validate"),
    ("DELETE", r"/2/webhooks/(?P<webhook_id>\d+)", "app", "remove"),
    ("POST", r"/2/account_activity/webhooks/(?P<webhook_id>\d+)/subscriptions/all", "user", "subscribe"),
    ("GET", r"/2/account_activity/webhooks/(?P<webhook_id>\d+)/subscriptions/all", "user", "subscribed"),
    ("GET", r"/2/activity/subscriptions", "any", "activities"),
    ("POST", r"/2/activity/subscriptions", "any", "add_activity"),
]
PRIVATE = ("dm.", "chat.")
"""Events that want the account's own OAuth 2.0 token [activity/introduction]."""


def failed(reason: str, status: int = 400) -> Response:
    return problem(status, reason, reason)


class XManagement:
    """What an app's owner sets up. ``webhooks`` by id, ``subscribed`` accounts by webhook id (AAA), ``activity`` (XAA)."""

    def __init__(self, platform: XPlatform) -> None:
        self.platform = platform
        self.oauth = XOAuth(platform)
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.subscribed: dict[str, set[str]] = {}
        self.activity: dict[str, dict[str, Any]] = {}
        self.bio = "Answers are automated; people read along."
        self.replays: list[dict[str, Any]] = []
        self._ids = count(1976325569252868096)

    def living(self, now: datetime) -> dict[str, Token]:
        """The tokens that have not ended by themselves."""
        return {account: each for account, each in self.platform.tokens["x"].items() if each.lives(now)}

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
    ) -> Response | None:
        """Answers a call of the management, None for any other."""
        lowered = {name.lower(): value for name, value in headers.items()}
        if (method, path) in (("POST", "/2/oauth2/token"), ("POST", "/oauth2/token")):
            return self._faulty(path, now, lambda: self._token(path, lowered, body, now))
        found = [(each, match) for each in ROUTES if each[0] == method and (match := re.fullmatch(each[1], path))]
        if not found:
            return None
        (_, _, who, operation), match = found[0]
        account = caller(self.living(now), method, path, headers, query)
        if (who == "user" and account is None) or (account is None and not self.oauth.is_app(lowered)):
            return UNAUTHORIZED
        if who == "app" and account is not None:
            return problem(403, "Unsupported Authentication", "Only app-only authentication is supported here.")
        try:
            asked = {"account": account, "content": parsed(headers, body), "now": now, **match.groupdict()}
        except ValueError:
            return INVALID

        def done() -> Response:
            try:
                given: Response = getattr(self, f"_{operation}")(**asked)
                return given
            except Refusal as refused:
                return refused.response

        return self._faulty(path, now, done)

    def _faulty(self, path: str, now: datetime, act: Callable[[], Response]) -> Response:
        """Planned faults that name this path come first."""
        refusal, effects = self._planned(path, now)
        if refusal is not None:
            return REFUSALS[refusal.kind]
        response = act()
        return Response(response.status, response.headers, response.body, response.cut or "unclear" in effects)

    def _planned(self, path: str, now: datetime) -> tuple[Fault | None, dict[str, Fault]]:
        if not any(each.match and each.match in path for each in self.platform.faults.planned):
            return None, {}
        return self.platform.faults.take("x", "send", path, now)

    def _token(self, path: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Response:
        return self.oauth.app_only(headers, body) if path == "/oauth2/token" else self.oauth.token(headers, body, now)

    # Webhooks

    def _register(self, *, content: dict[str, Any], now: datetime, **_: Any) -> Response:
        url = content.get("url")
        address = urlsplit(url) if isinstance(url, str) else urlsplit("")
        public = address.scheme == "https" and address.port is None
        if not isinstance(url, str) or not (public or address.hostname in LOOPBACK):
            return failed("UrlValidationFailed")
        if any(each["url"] == url for each in self.webhooks.values()):
            return failed("DuplicateUrlFailed")
        if len(self.webhooks) >= MOST_WEBHOOKS:
            return failed("WebhookLimitExceeded")
        if not self._answers(url):
            return failed("CrcValidationFailed")
        webhook = {"id": str(next(self._ids)), "url": url, "valid": True, "created_at": iso(now)}
        self.webhooks[webhook["id"]] = webhook
        return answer(200, {"data": webhook})

    def _webhooks_of_app(self, **_: Any) -> Response:
        return answer(200, {"data": [*self.webhooks.values()], "meta": {"result_count": len(self.webhooks)}})

    def _validate(self, *, webhook_id: str, **_: Any) -> Response:
        webhook = self._webhook(webhook_id)
        webhook["valid"] = self._answers(webhook["url"])
        return answer(200, {"data": {"valid": True}}) if webhook["valid"] else failed("CrcValidationFailed")

    def _remove(self, *, webhook_id: str, **_: Any) -> Response:
        self._webhook(webhook_id)
        del self.webhooks[webhook_id]
        self.subscribed.pop(webhook_id, None)
        return answer(200, {"data": {"deleted": True}})

    def _webhook(self, webhook_id: str) -> dict[str, Any]:
        if webhook_id not in self.webhooks:
            raise Refusal(failed("WebhookIdInvalid"))
        return self.webhooks[webhook_id]

    def _answers(self, url: str) -> bool:
        """The challenge-response check."""
        token = crc_token()
        status, text = self.platform.visit(url, {"crc_token": token, "nonce": secrets.token_urlsafe(10)})
        digest = hmac.new(self.platform.settings.signing["x"].encode(), token.encode(), hashlib.sha256).digest()
        return status == 200 and f'"sha256={base64.b64encode(digest).decode()}"' in text

    # Subscriptions

    def _subscribe(self, *, webhook_id: str, account: str, **_: Any) -> Response:
        self._webhook(webhook_id)
        if account in self.subscribed.setdefault(webhook_id, set()):
            return failed("DuplicateSubscriptionFailed")
        self.subscribed[webhook_id].add(account)
        return answer(200, {"data": {"subscribed": True}})

    def _subscribed(self, *, webhook_id: str, account: str, **_: Any) -> Response:
        self._webhook(webhook_id)
        return answer(200, {"data": {"subscribed": account in self.subscribed.get(webhook_id, set())}})

    def _activities(self, **_: Any) -> Response:
        return answer(200, {"data": [*self.activity.values()], "meta": {"total_subscriptions": len(self.activity)}})

    def _add_activity(self, *, account: str | None, content: dict[str, Any], now: datetime, **_: Any) -> Response:
        kind, wanted = content.get("event_type"), content.get("filter")
        user = wanted.get("user_id") if isinstance(wanted, dict) else None
        if not isinstance(kind, str) or not isinstance(user, str):
            return INVALID
        token = self.platform.tokens["x"].get(account or "")
        if kind.startswith(PRIVATE) and (account != user or token is None or not token.bearer):
            return problem(403, "Forbidden", "This event needs the OAuth 2.0 user token of the account.")
        same = [each for each in self.activity.values() if (each["event_type"], each["filter"]) == (kind, wanted)]
        if same:
            return problem(409, "Conflict", "DuplicateSubscriptionFailed")
        made = {
            "subscription_id": str(next(self._ids)),
            "event_type": kind,
            "filter": {"user_id": user},
            "webhook_id": content.get("webhook_id"),
            "tag": content.get("tag"),
            "created_at": iso(now),
            "updated_at": iso(now),
        }
        self.activity[made["subscription_id"]] = made
        return answer(200, {"data": [made], "meta": {"total_subscriptions": len(self.activity)}})

    # Replay

    def _replay(self, *, content: dict[str, Any], now: datetime, **_: Any) -> Response:
        """Everything of that time again, then the job's end, over the webhook."""
        webhook = self._webhook(str(content.get("webhook_id")))
        begin, end = _minute(content.get("from_date")), _minute(content.get("to_date"))
        if begin is None or end is None or begin >= end:
            return failed("QueryParamInvalid")
        young = begin > now - timedelta(minutes=31) or end > now - timedelta(minutes=10)
        if begin < now - timedelta(hours=24) or young:
            return failed("QueryParamInvalid")
        if not self._answers(webhook["url"]):
            return failed("CrcValidationFailed")
        job = str(next(self._ids))
        self.replays.append({"job_id": job, "from": begin, "to": end})
        for entry in self.platform.store.of("x"):
            if begin <= entry.at < end:
                for delivery in self.platform.told(entry, None, now):
                    self.platform.emit(delivery)
        state = {"webhook_id": webhook["id"], "job_state": "Complete", "job_id": job}
        state["job_state_description"] = "Job completed successfully"
        self.platform.emit(self.platform.delivery("x", {"replay_job_status": state}, (), now))
        return answer(200, {"data": {"job_id": job, "created_at": iso(now)}})


def _minute(text: object) -> datetime | None:
    try:
        return datetime.strptime(str(text), "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
