"""Which playbook is active (AppConfig says it) and the published versions (immutable objects in S3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..model.errors import Retry
from ..playbook import Playbook

FRESH = 60.0
"""Seconds for which the active version is used without asking again."""


def object_key(version: str) -> str:
    """Where a published version lies in the bucket."""
    return f"{version}.json"


class Playbooks:
    """The playbooks of a deployment. ``monotonic`` gives seconds. Raises `Retry` while none can be read."""

    def __init__(
        self,
        appconfig: Any,
        s3: Any,
        *,
        application: str,
        environment: str,
        profile: str,
        bucket: str,
        monotonic: Callable[[], float],
    ) -> None:
        self._appconfig = appconfig
        self._s3 = s3
        self._names = {
            "ApplicationIdentifier": application,
            "EnvironmentIdentifier": environment,
            "ConfigurationProfileIdentifier": profile,
        }
        self._bucket = bucket
        self._monotonic = monotonic
        self._versions: dict[str, Playbook] = {}
        self._token: str | None = None
        self._active: str | None = None
        self._asked_at = 0.0

    def active(self) -> Playbook:
        """The active version; at most a minute old. While AppConfig is out of reach the last known one serves."""
        now = self._monotonic()
        if self._active is None or now - self._asked_at >= FRESH:
            try:
                self._active = self._ask() or self._active
            except (BotoCoreError, ClientError, ValueError) as error:
                self._token = None
                if self._active is None:
                    raise Retry("playbook_not_read") from error
            self._asked_at = now
        if self._active is None:
            raise Retry("no_playbook_published")
        return self.version(self._active)

    def version(self, version: str) -> Playbook:
        """A published version; those that were read stay in memory."""
        if version not in self._versions:
            try:
                body = self._s3.get_object(Bucket=self._bucket, Key=object_key(version))["Body"].read()
            except (BotoCoreError, ClientError) as error:
                raise Retry("playbook_not_read") from error
            self._versions[version] = Playbook.stored(body)
        return self._versions[version]

    def _ask(self) -> str | None:
        if self._token is None:
            self._token = self._appconfig.start_configuration_session(**self._names)["InitialConfigurationToken"]
        answer = self._appconfig.get_latest_configuration(ConfigurationToken=self._token)
        self._token = answer["NextPollConfigurationToken"]
        content = answer["Configuration"].read()
        return str(json.loads(content)["version"]) if content else None
