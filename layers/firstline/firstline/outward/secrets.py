"""The channels' secrets: one Secrets Manager secret, cached with an expiry (needs nothing beyond botocore's errors)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..model.errors import Retry

FRESH = 60.0
"""Seconds for which a read is used without asking again."""
REREAD = 10.0
"""At most so often, in seconds, a misfit (no signature fits, a token is refused) makes it read again."""


class ChannelSecrets:
    """``{"x": {"signing": [...], "verify_token": [...], "accounts": {id: {...}}}, ...}``.

    ``monotonic`` gives seconds. When Secrets Manager cannot be reached the last read goes on serving; with none yet,
    `Retry` is raised.
    """

    def __init__(self, client: Callable[[], Any], arn: str, monotonic: Callable[[], float]) -> None:
        self._client = client
        self._arn = arn
        self._monotonic = monotonic
        self._value: Mapping[str, Any] | None = None
        self._read_at = 0.0

    def forget(self) -> None:
        """Read anew at the next need (after a snapshot was restored)."""
        self._value = None

    def channel(self, name: str) -> Mapping[str, Any]:
        """A channel's part; empty if the secret has none."""
        now = self._monotonic()
        if self._value is None or now - self._read_at >= FRESH:
            self._read(now)
        found = (self._value or {}).get(name, {})
        return found if isinstance(found, dict) else {}

    def reread(self) -> bool:
        """Read again after a misfit; False if that was done less than `REREAD` seconds ago."""
        now = self._monotonic()
        if self._value is not None and now - self._read_at < REREAD:
            return False
        self._read(now)
        return True

    def credentials(self, channel: str, account: str) -> Mapping[str, Any]:
        """An account's tokens; empty if there are none."""
        found = self.channel(channel).get("accounts", {}).get(account, {})
        return found if isinstance(found, dict) else {}

    def _read(self, now: float) -> None:
        try:
            text = self._client().get_secret_value(SecretId=self._arn)["SecretString"]
            value = json.loads(text)
            if not isinstance(value, dict):
                raise ValueError("the channel secret is no JSON object")
        except (BotoCoreError, ClientError, ValueError, KeyError) as error:
            if self._value is None:
                raise Retry("secrets_not_read") from error
            self._read_at = now - FRESH + REREAD
            return
        self._value = value
        self._read_at = now


def fingerprint(credentials: Mapping[str, Any]) -> str:
    """A short hash by which renewed credentials are told from those that failed; reveals nothing of them."""
    return hashlib.sha256(json.dumps(credentials, sort_keys=True).encode()).hexdigest()[:16]
