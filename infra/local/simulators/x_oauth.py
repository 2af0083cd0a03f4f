"""OAuth at X: app-only bearer tokens, and OAuth 2.0 user tokens that live two hours and are refreshed once each.

After xdevplatform/docs authentication/oauth-2-0 (authorization-code, application-only), Aug 2026.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from .settings import Token
from .wire import Response, answer

if TYPE_CHECKING:
    from .x import XPlatform

LIFE = timedelta(hours=2)
SCOPES = "tweet.read tweet.write users.read dm.read dm.write offline.access"


def refused(error: str, status: int = 400) -> Response:
    return answer(status, {"error": error, "error_description": "Value passed for the token was invalid."})


class XOAuth:
    """Grants and tokens. ``grants`` counts the uses of the token endpoint that X took."""

    def __init__(self, platform: XPlatform) -> None:
        self.platform = platform
        self.codes: dict[str, tuple[str, str, str]] = {}
        self.grants = 0

    @property
    def tokens(self) -> dict[str, Token]:
        return self.platform.tokens["x"]

    def app_bearer(self, key: str) -> str:
        """The app-only token of an app; it does not end by itself."""
        return "app-" + hashlib.sha256(key.encode()).hexdigest()[:32]

    def is_app(self, headers: Mapping[str, str]) -> bool:
        """Whether the call carries an app-only token."""
        given = headers.get("authorization", "").partition(" ")[2]
        return given in {self.app_bearer(key) for key, _ in self._apps()}

    def _apps(self) -> set[tuple[str, str]]:
        settings = self.platform.settings
        told = {(each.consumer_key, each.consumer_secret) for each in self.tokens.values()}
        own = {(settings.consumer_key, settings.signing.get("x"))}
        return {(key, secret) for key, secret in told | own if key and secret}

    def authorize(self, account: str, client_id: str, challenge: str, redirect_uri: str = "") -> str:
        """Somebody at the account agrees: the code that the app gets (S256)."""
        code = secrets.token_hex(16)
        self.codes[code] = (account, client_id, challenge)
        return code

    def app_only(self, headers: Mapping[str, str], body: bytes) -> Response:
        """``POST /oauth2/token``: consumer key and secret for an app-only token."""
        form = dict(parse_qsl(body.decode()))
        if form.get("grant_type") != "client_credentials" or _basic(headers) not in self._apps():
            return answer(403, {"errors": [{"code": 99, "message": "Unable to verify your credentials"}]})
        return answer(200, {"token_type": "bearer", "access_token": self.app_bearer(_basic(headers)[0])})

    def token(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Response:
        """``POST /2/oauth2/token``: a code, or a refresh token that has not been used, for new tokens."""
        form = dict(parse_qsl(body.decode()))
        name, secret = _basic(headers) if "authorization" in headers else (form.get("client_id", ""), "")
        if form.get("grant_type") == "refresh_token":
            account = next(
                (id for id, each in self.tokens.items() if form.get("refresh_token") == each.refresh_token), None
            )
            known = self.tokens.get(account or "")
            if known is None or not known.refresh_token or known.client_id != name:
                return refused("invalid_request")
            if (known.client_secret or "") != secret:
                return answer(401, {"error": "unauthorized_client", "error_description": "Missing valid header"})
            return self._granted(str(account), known, now)
        account, client_id, challenge = self.codes.pop(form.get("code", ""), ("", "", ""))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if not account or client_id != name or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
            return refused("invalid_request")
        return self._granted(account, Token(client_id=client_id, client_secret=secret or None), now)

    def _granted(self, account: str, known: Token, now: datetime) -> Response:
        fresh = {
            "bearer": secrets.token_hex(16),
            "refresh_token": secrets.token_hex(16),
            "expires_at": now + LIFE,
            "scope": known.scope or SCOPES,
        }
        self.tokens[account] = known.model_copy(update=fresh)
        self.grants += 1
        told = {"token_type": "bearer", "expires_in": int(LIFE.total_seconds()), "scope": fresh["scope"]}
        return answer(200, {**told, "access_token": fresh["bearer"], "refresh_token": fresh["refresh_token"]})


def _basic(headers: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (unquote(name), unquote(secret)) if scheme.lower() == "basic" else ("", "")
