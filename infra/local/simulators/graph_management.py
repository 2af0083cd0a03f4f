"""What an app's owner sets up at Meta: webhooks by object, accounts that are subscribed, and what a token is good for.

After Meta's graph-api reference (app/subscriptions, page/subscribed_apps, debug_token), 2026. Which posts are told does
not depend on it: the simulated webhooks go out, subscribed or not.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .platform import Platform, parsed
from .settings import Token
from .whatsapp_bodies import WABA
from .wire import Response, answer

if TYPE_CHECKING:
    from .graph import GraphPlatform

SCOPES = (
    "pages_manage_engagement", "pages_read_engagement", "pages_read_user_content", "pages_manage_metadata",
    "pages_messaging", "pages_manage_posts", "instagram_basic", "instagram_business_basic", "instagram_business_manage_comments",
    "instagram_business_manage_messages", "instagram_manage_comments", "instagram_manage_messages",
    "whatsapp_business_messaging", "whatsapp_business_management",
)  # fmt: skip
"""What a token is good for where its settings name no scope."""


META = ("facebook", "messenger", "instagram", "whatsapp")


class GraphManagement:
    """``webhooks`` by object, ``subscribed`` fields by account."""

    def __init__(self, platform: GraphPlatform) -> None:
        self.platform = platform
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.subscribed: dict[str, list[str]] = {}
        self.unseen: set[str] = set()
        self.published = True
        self.sisters: tuple[Platform, ...] = ()
        """Meta's other products: their accounts' tokens are told of here, too."""

    def handle(
        self,
        method: str,
        parts: list[str],
        headers: Mapping[str, str],
        query: Mapping[str, str],
        body: bytes,
        now: datetime,
    ) -> Response | None:
        """Answers a call of the management, None for any other. ``parts`` of the path after the version."""
        try:
            content = {**query, **parsed(headers, body)}
        except ValueError:
            return None
        given = _bearer(headers)
        match method, parts:
            case "GET", ["debug_token"]:
                return self._debug(given, content, now) if self._is_app(given) else self._expired()
            case _, [app, "subscriptions"] if app == self.platform.settings.app_id:
                return self._webhooks(method, content) if self._is_app(given) else self._expired()
            case _, [account, "subscribed_apps"]:
                owner, token = self._owner(given, now)
                allowed = owner and account in (owner, "me", WABA, token.page_id)
                return self._accounts(method, account, content) if allowed else self._expired()
            case "GET", [account] if content.get("fields") == "is_published" and self._owns(given, account, now):
                return answer(200, {"id": account, "is_published": self.published})
            case "GET", [account] if self._number(account) and self._owns(given, account, now):
                return self._number(account)
            case "POST", [account, "feed"] if str(content.get("published")).lower() == "false":
                return self._unseen(account) if self._owns(given, account, now) else self._expired()
            case "DELETE", [post] if post in self.unseen:
                self.unseen.discard(post)
                return answer(200, {"success": True})
        return None

    def _expired(self) -> Response:
        from .graph import EXPIRED

        return EXPIRED

    def _is_app(self, given: str) -> bool:
        settings = self.platform.settings
        secrets = {secret for channel, secret in settings.signing.items() if channel in META}
        return given in {f"{settings.app_id}|{secret}" for secret in secrets}

    def _tokens(self) -> list[tuple[str, Token]]:
        tokens = [each for platform in (self.platform, *self.sisters) for each in platform.tokens.values()]
        return [(account, each) for known in tokens for account, each in known.items()]

    def _owner(self, given: str, now: datetime) -> tuple[str, Token]:
        found = ((owner, each) for owner, each in self._tokens() if each.token == given and each.lives(now))
        return next(found, ("", Token()))

    def _number(self, account: str) -> Response | None:
        """A number of WhatsApp's as it is read."""
        for each in self.platform.settings.accounts.get("whatsapp", []):
            if each.id == account:
                shown = {"verified_name": each.name, "display_phone_number": each.handle or each.name}
                return answer(200, {"id": each.id, **shown})
        return None

    def _owns(self, given: str, account: str, now: datetime) -> bool:
        return any(
            each.token == given and account in (owner, "me") and each.lives(now) for owner, each in self._tokens()
        )

    def _debug(self, given: str, content: Mapping[str, Any], now: datetime) -> Response:
        asked = content.get("input_token")
        account, token = next(((id, each) for id, each in self._tokens() if each.token == asked), ("", Token()))
        ends = {
            name: int(end.timestamp()) if end else 0
            for name, end in (
                ("expires_at", token.expires_at),
                ("data_access_expires_at", token.data_access_expires_at),
            )
        }
        data = {
            "app_id": self.platform.settings.app_id,
            "type": "PAGE",
            "is_valid": bool(account) and token.lives(now),
            "scopes": token.scope.split() if token.scope is not None else list(SCOPES),
            "profile_id": account,
            **ends,
        }
        return answer(200, {"data": data})

    def _webhooks(self, method: str, content: Mapping[str, Any]) -> Response:
        from .graph import bad_parameter

        if method == "GET":
            return answer(200, {"data": [*self.webhooks.values()]})
        subject = str(content.get("object"))
        if method == "DELETE":
            self.webhooks.pop(subject, None)
            return answer(200, {"success": True})
        url, challenge = str(content.get("callback_url")), secrets.token_hex(8)
        shake = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": str(content.get("verify_token")),
        }
        status, text = self.platform.visit(url, shake)
        if status != 200 or text != challenge:
            return bad_parameter("The URL couldn't be validated. Response does not match challenge")
        self.webhooks[subject] = {
            "object": subject,
            "callback_url": url,
            "active": True,
            "fields": [{"name": each, "version": "v25.0"} for each in str(content.get("fields")).split(",")],
        }
        return answer(200, {"success": True})

    def _accounts(self, method: str, account: str, content: Mapping[str, Any]) -> Response:
        if method == "GET":
            app = {"id": self.platform.settings.app_id, "name": "Firstline"}
            there = account in self.subscribed
            if account == WABA:
                return answer(200, {"data": [{"whatsapp_business_api_data": app}] if there else []})
            told = [{**app, "subscribed_fields": self.subscribed[account]}] if there else []
            return answer(200, {"data": told})
        if method == "DELETE":
            self.subscribed.pop(account, None)
        else:
            self.subscribed[account] = str(content.get("subscribed_fields", "")).split(",")
        return answer(200, {"success": True})

    def _unseen(self, account: str) -> Response:
        post = f"{account}_{secrets.randbelow(10**12)}"
        self.unseen.add(post)
        return answer(200, {"id": post})


def _bearer(headers: Mapping[str, str]) -> str:
    lowered = {name.lower(): value for name, value in headers.items()}
    scheme, _, given = lowered.get("authorization", "").partition(" ")
    return given if scheme.lower() in ("bearer", "oauth") else ""
