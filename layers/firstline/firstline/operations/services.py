"""What operations work with, handed in at one place: by the functions for AWS, by the tests for whatever they test."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..model.decision import Lane
from ..outward.translate import NoTranslator, Translator

if TYPE_CHECKING:
    from ..outward.account_secrets import AccountSecrets
    from ..outward.bodies import Bodies
    from ..outward.http import Http
    from ..outward.links import Links
    from ..outward.mail import Mailer
    from ..outward.playbooks import Playbooks
    from ..outward.queues import Queues
    from ..outward.secrets import ChannelSecrets
    from ..outward.settings import Settings
    from ..table import Table

FUNCTION_TIMEOUT = timedelta(seconds=30)
LEASE = timedelta(seconds=60)
"""A lease on an effect outside: longer than the function's time-out and the HTTP time-out together."""
GRACE = timedelta(seconds=60)
"""How long after its expected time something must be undone for the diary to do it again."""


@dataclass(frozen=True)
class Services:
    """The edges, the clock and the settings. ``tell`` takes one structured log line as keyword arguments; ``count``
    adds one to a metric."""

    settings: Settings
    clock: Callable[[], datetime]
    table: Table
    queues: Queues
    bodies: Bodies
    playbooks: Playbooks
    secrets: ChannelSecrets
    tokens: AccountSecrets
    http: Http
    mailer: Mailer
    links: Links
    tell: Callable[..., None]
    count: Callable[..., None]
    pause: Callable[[float], None] = time.sleep
    """Waits so many seconds: between lost races only."""
    translator: Translator = NoTranslator()

    @property
    def settling(self) -> timedelta:
        """How long a platform may take to show what was sent."""
        return timedelta(seconds=self.settings.settling_seconds)

    def lane_url(self, lane: Lane) -> str:
        """The lane's queue."""
        urls: dict[str, str] = {
            "urgent": self.settings.urgent_lane_url,
            "standard": self.settings.standard_lane_url,
            "email": self.settings.email_lane_url,
        }
        return urls[lane]

    def accounts(self, channel: str) -> dict[str, str]:
        """The brand's accounts on a channel: id to handle (or name)."""
        playbook = self.playbooks.active()
        return {account.id: account.handle or account.name for account in playbook.accounts_on(channel)}


def no_metric(name: str, **dimensions: Any) -> None:
    """A ``count`` for where nobody counts."""
