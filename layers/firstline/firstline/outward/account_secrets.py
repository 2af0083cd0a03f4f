"""The tokens of the brand's accounts: each account's are a secret of its own, ``<prefix>/<channel>/<account>``.

Secrets Manager allows only so many versions of a secret a day, and a refresh token works once: if storing its successor
were refused, the account would be lost. One secret an account stays far below that, and a function reads no more tokens
than it uses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..model.errors import Retry
from .secrets import FRESH, ChannelSecrets, Secret

ABSENT = ("ResourceNotFoundException", "AccessDeniedException", "InvalidRequestException")
"""What AWS says of a secret that does not exist: to a role whose policy names secrets by their ARN it denies access, for
without a secret there is no ARN. The last one: it is marked for deletion."""


class _Account(Secret):
    """One account's secret; an empty object while there is none."""

    def _fetch(self, now: float) -> None:
        try:
            super()._fetch(now)
        except Retry as error:
            if _code(error.__cause__) not in ABSENT:
                raise
            self._value, self.read_at = {}, now


class AccountSecrets:
    """Accounts' tokens, read when they are used.

    ``channels`` still holds the tokens of accounts that `firstline secrets migrate` has not moved. An account's own
    secret always wins: what an earlier release left behind may be stale. ``kms_key`` encrypts secrets made here.
    """

    def __init__(
        self,
        client: Callable[[], Any],
        prefix: str,
        channels: ChannelSecrets,
        monotonic: Callable[[], float],
        kms_key: str = "",
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._channels = channels
        self._monotonic = monotonic
        self._kms_key = kms_key
        self._own: dict[tuple[str, str], Secret] = {}

    def name(self, channel: str, account: str) -> str:
        """The name of an account's secret."""
        return f"{self._prefix}/{channel}/{account}"

    def forget(self) -> None:
        """Read anew at the next need."""
        self._own.clear()

    def credentials(self, channel: str, account: str, age: float = FRESH) -> Mapping[str, Any]:
        """An account's tokens, or its source's callback, read at most ``age`` seconds ago; empty if there are none."""
        own = self._secret(channel, account)
        found = own.value(age)
        if found:
            return found
        old = self._channels.old_credentials(channel, account)
        if old or own.read_at > self._channels.read_at:
            return old
        # They may have moved after the first look and before the second: an account's own secret is made first.
        return own.value(age=0)

    def present(self, channel: str, account: str) -> Mapping[str, Any]:
        """An account's tokens as they are at this moment, whatever was read before. Raises `Retry`."""
        own = self._secret(channel, account)
        if found := own.present():
            return found
        self._channels.present()
        return self._channels.old_credentials(channel, account) or own.present()

    def renewed(self, channel: str, account: str, than: str) -> bool:
        """Whether the account has other tokens by now than those of that fingerprint; False when nobody can tell."""
        try:
            return fingerprint(self.present(channel, account)) != than
        except Retry:
            return False

    def update(self, channel: str, account: str, tokens: Mapping[str, Any]) -> None:
        """Store renewed tokens where the account's are. Whoever calls holds the lease `WRITING`. Raises `Retry`."""
        own = self._secret(channel, account)
        if own.present():
            self._put(channel, account, {**own.value(), **tokens})
            return
        self._channels.merge(channel, lambda part: _with(part, account, tokens))
        if own.present():  # moved meanwhile, by somebody who took the lease when ours had ended
            self._put(channel, account, {**own.value(), **tokens})

    def put(self, channel: str, account: str, credentials: Mapping[str, Any]) -> None:
        """Store an account's tokens in its own secret, made if need be. For people: functions may not make secrets."""
        self._put(channel, account, credentials, create=True)

    def own(self, channel: str, account: str) -> Mapping[str, Any]:
        """What the account's own secret holds at this moment; empty if there is none. Raises `Retry`."""
        return self._secret(channel, account).present()

    def listed(self, channel: str) -> list[str]:
        """The accounts of a channel that have a secret of their own, as Secrets Manager lists them. For people."""
        start = self.name(channel, "")
        try:
            pages = self._client().get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [start]}])
            names = [each["Name"] for page in pages for each in page["SecretList"]]
        except (BotoCoreError, ClientError) as error:
            raise Retry("secrets_not_listed") from error
        found = {each.removeprefix(start) for each in names if each.startswith(start)}
        known = {account for (on, account), own in self._own.items() if on == channel and own.value()}
        return sorted(found | known)  # the list may lag behind what was stored a moment ago

    def _secret(self, channel: str, account: str) -> Secret:
        key = (channel, account)
        if key not in self._own:
            self._own[key] = _Account(self._client, self.name(channel, account), self._monotonic)
        return self._own[key]

    def _put(self, channel: str, account: str, credentials: Mapping[str, Any], *, create: bool = False) -> None:
        name, text = self.name(channel, account), json.dumps(dict(credentials))
        try:
            self._client().put_secret_value(SecretId=name, SecretString=text)
        except (BotoCoreError, ClientError) as error:
            if not create or _code(error) not in ("ResourceNotFoundException", "AccessDeniedException"):
                raise Retry("secrets_not_stored") from error
            self._create(name, text, f"Tokens of {account} on {channel}")
        self._secret(channel, account).forget()

    def _create(self, name: str, text: str, description: str) -> None:
        key = {"KmsKeyId": self._kms_key} if self._kms_key else {}
        try:
            self._client().create_secret(Name=name, SecretString=text, Description=description, **key)
        except (BotoCoreError, ClientError) as error:
            raise Retry("secrets_not_stored") from error


def _with(part: Mapping[str, Any], account: str, tokens: Mapping[str, Any]) -> dict[str, Any]:
    accounts = dict(part.get("accounts", {}))
    accounts[account] = {**accounts.get(account, {}), **tokens}
    return {**part, "accounts": accounts}


def _code(error: BaseException | None) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def fingerprint(credentials: Mapping[str, Any]) -> str:
    """A short hash by which renewed credentials are told from those that failed; reveals nothing of them."""
    return hashlib.sha256(json.dumps(credentials, sort_keys=True).encode()).hexdigest()[:16]
