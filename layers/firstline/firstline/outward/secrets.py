"""Secrets in Secrets Manager, each a JSON object, cached with an expiry (needs nothing beyond botocore's errors)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..model.errors import Retry

FRESH = 60.0
"""Seconds for which a read is used without asking again."""
REREAD = 10.0
"""At most so often, in seconds, a misfit (no signature fits, a token is refused) makes it read again."""
WRITING = "channel-secrets"
"""The lease that whoever changes the channels' secret holds, so that no change undoes another."""


class Secret:
    """One secret's JSON object.

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

    def value(self) -> Mapping[str, Any]:
        """The object, read at most `FRESH` seconds ago."""
        now = self._monotonic()
        if self._value is None or now - self._read_at >= FRESH:
            self._read(now)
        return self._value or {}

    def reread(self) -> bool:
        """Read again after a misfit; False if that was done less than `REREAD` seconds ago."""
        now = self._monotonic()
        if self._value is not None and now - self._read_at < REREAD:
            return False
        self._read(now)
        return True

    def _read(self, now: float) -> None:
        try:
            self._fetch(now)
        except Retry:
            if self._value is None:
                raise
            self._read_at = now - FRESH + REREAD

    def _fetch(self, now: float) -> None:
        try:
            text = self._client().get_secret_value(SecretId=self._arn)["SecretString"]
            value = json.loads(text)
            if not isinstance(value, dict):
                raise ValueError("the secret is no JSON object")
        except (BotoCoreError, ClientError, ValueError, KeyError) as error:
            raise Retry("secrets_not_read") from error
        self._value = value
        self._read_at = now


class ChannelSecrets(Secret):
    """``{"x": {"signing": [...], "verify_token": [...], "accounts": {id: {...}}}, ..., "generic": {"signing": [...],
    "callback": {...}, "sources": {name: {"signing": [...], "callback": {...}}}}}``."""

    def channel(self, name: str) -> Mapping[str, Any]:
        """A channel's part; empty if the secret has none."""
        found = self.value().get(name, {})
        return found if isinstance(found, dict) else {}

    def source(self, channel: str, name: str) -> Mapping[str, Any]:
        """A named source's part of a channel (``{"signing": [...], "callback": {...}}``); the channel's own part for
        the source that has its name. Empty if there is none."""
        part = self.channel(channel)
        found = part if name == channel else _part(part, "sources", name)
        return found if isinstance(found, dict) else {}

    def credentials(self, channel: str, account: str) -> Mapping[str, Any]:
        """An account's tokens, or its source's callback; empty if there are none."""
        found = _part(self.channel(channel), "accounts", account) or self.source(channel, account).get("callback")
        return found if isinstance(found, dict) else {}

    def accounts(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """``(channel, account, credentials)`` of all accounts of all channels."""
        for name in self.value():
            accounts = self.channel(name).get("accounts", {})
            for account in accounts if isinstance(accounts, dict) else ():
                yield name, account, self.credentials(name, account)

    def present(self, channel: str, account: str) -> Mapping[str, Any]:
        """An account's tokens as they are at this moment, whatever was read before. Raises `Retry`."""
        self._fetch(self._monotonic())
        return self.credentials(channel, account)

    def renewed(self, channel: str, account: str, than: str) -> bool:
        """Whether the account has other tokens by now than those of that fingerprint; False when nobody can tell."""
        try:
            return fingerprint(self.present(channel, account)) != than
        except Retry:
            return False

    def merge(self, channel: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Put what ``change`` makes of a channel's part in its place; all else stays as it is at this moment.

        Whoever calls holds the lease `WRITING`: Secrets Manager itself stores without a condition. Raises `Retry` when
        it is not known to be stored.
        """
        self._fetch(self._monotonic())
        value = {**(self._value or {}), channel: dict(change(self.channel(channel)))}
        try:
            self._client().put_secret_value(SecretId=self._arn, SecretString=json.dumps(value))
        except (BotoCoreError, ClientError) as error:
            raise Retry("secrets_not_stored") from error
        self._value = value


def _part(part: Mapping[str, Any], group: str, name: str) -> Any:
    members = part.get(group)
    return members.get(name) if isinstance(members, dict) else None


class LinkKeys(Secret):
    """``{"current": "...", "previous": "..."}``: what signs the links and the reply addresses of branches' mails."""

    def keys(self) -> list[str]:
        """The live keys, the newest first: that one signs, the others still check. `Retry` when there is none."""
        value = self.value()
        found = [key for name in ("current", "previous") if isinstance(key := value.get(name), str) and key]
        if not found:
            raise Retry("no_link_key")
        return found


def fingerprint(credentials: Mapping[str, Any]) -> str:
    """A short hash by which renewed credentials are told from those that failed; reveals nothing of them."""
    return hashlib.sha256(json.dumps(credentials, sort_keys=True).encode()).hexdigest()[:16]
