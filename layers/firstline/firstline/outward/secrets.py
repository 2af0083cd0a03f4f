"""Secrets in Secrets Manager, each a JSON object, cached with an expiry (needs nothing beyond botocore's errors)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
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
        self.read_at = float("-inf")
        """When it was last read, by the same clock."""

    def forget(self) -> None:
        """Read anew at the next need (after a snapshot was restored)."""
        self._value = None

    def value(self, age: float = FRESH) -> Mapping[str, Any]:
        """The object, read at most ``age`` seconds ago."""
        now = self._monotonic()
        if self._value is None or now - self.read_at >= age:
            self._read(now)
        return self._value or {}

    def present(self) -> Mapping[str, Any]:
        """The object as it is at this moment, whatever was read before. Raises `Retry`."""
        self._fetch(self._monotonic())
        return self._value or {}

    def reread(self) -> bool:
        """Read again after a misfit; False if that was done less than `REREAD` seconds ago."""
        now = self._monotonic()
        if self._value is not None and now - self.read_at < REREAD:
            return False
        self._read(now)
        return True

    def _read(self, now: float) -> None:
        try:
            self._fetch(now)
        except Retry:
            if self._value is None:
                raise
            self.read_at = now - FRESH + REREAD

    def _fetch(self, now: float) -> None:
        try:
            text = self._client().get_secret_value(SecretId=self._arn)["SecretString"]
            value = json.loads(text)
            if not isinstance(value, dict):
                raise ValueError("the secret is no JSON object")
        except (BotoCoreError, ClientError, ValueError, KeyError) as error:
            raise Retry("secrets_not_read") from error
        self._value = value
        self.read_at = now


class ChannelSecrets(Secret):
    """What the door verifies with: ``{"x": {"signing": [...], "verify_token": [...]}, ..., "generic": {"signing": [...],
    "sources": {name: {"signing": [...]}}}}``.

    Accounts' tokens are secrets of their own (`account_secrets`). Releases before kept them here, as ``accounts`` of a
    channel and ``callback`` of a source; `old_credentials` reads them until `firstline secrets migrate` has moved them.
    """

    def channel(self, name: str) -> Mapping[str, Any]:
        """A channel's part; empty if the secret has none."""
        return channel_part(self.value(), name)

    def source(self, channel: str, name: str) -> Mapping[str, Any]:
        """A named source's part of a channel (``{"signing": [...]}``); the channel's own part for the source that has
        its name. Empty if there is none."""
        return source_part(self.value(), channel, name)

    def old_credentials(self, channel: str, account: str) -> Mapping[str, Any]:
        """An account's tokens, or its source's callback, that an earlier release stored here; empty if none are left."""
        return old_credentials(self.value(), channel, account)

    def merge(self, channel: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Put what ``change`` makes of a channel's part in its place; all else stays as it is at this moment.

        Whoever calls holds the lease `WRITING`: Secrets Manager itself stores without a condition. Raises `Retry` when
        it is not known to be stored.
        """
        now = self.present()
        self.replace({**now, channel: dict(change(channel_part(now, channel)))})

    def previous(self) -> Mapping[str, Any]:
        """What was stored before the present value, which Secrets Manager keeps; empty if there is none. For people."""
        client = self._client()
        try:
            text = client.get_secret_value(SecretId=self._arn, VersionStage="AWSPREVIOUS")["SecretString"]
            value = json.loads(text)
        except client.exceptions.ResourceNotFoundException:
            return {}
        except (BotoCoreError, ClientError, ValueError, KeyError) as error:
            raise Retry("secrets_not_read") from error
        return value if isinstance(value, dict) else {}

    def replace(self, value: Mapping[str, Any]) -> None:
        """Store the whole secret, under the same lease as `merge`."""
        try:
            self._client().put_secret_value(SecretId=self._arn, SecretString=json.dumps(value))
        except (BotoCoreError, ClientError) as error:
            raise Retry("secrets_not_stored") from error
        self._value = value


def channel_part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A channel's part of the channels' secret; empty if it has none."""
    found = value.get(name, {})
    return found if isinstance(found, dict) else {}


def source_part(value: Mapping[str, Any], channel: str, name: str) -> Mapping[str, Any]:
    """See `ChannelSecrets.source`."""
    part = channel_part(value, channel)
    found = part if name == channel else _part(part, "sources", name)
    return found if isinstance(found, dict) else {}


def old_credentials(value: Mapping[str, Any], channel: str, account: str) -> Mapping[str, Any]:
    """See `ChannelSecrets.old_credentials`."""
    part = channel_part(value, channel)
    found = _part(part, "accounts", account) or source_part(value, channel, account).get("callback")
    return found if isinstance(found, dict) else {}


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
