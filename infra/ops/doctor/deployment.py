"""A deployment as the doctor sees it: the stack, its services, AWS, and the way in from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from firstline.operations.services import Services

from ..connect.setup import Person, Setup


@dataclass(frozen=True)
class Deployment:
    """``client`` gives a client of an AWS service by its name. ``now`` is this machine's clock."""

    stack: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    services: Services
    client: Callable[[str], Any]
    web: requests.Session
    now: Callable[[], datetime]

    @property
    def base(self) -> str:
        """The public address of the HTTP API."""
        return self.parameters.get("PublicBaseUrl") or self.outputs["HttpApiUrl"]

    def setup(self, channel: str, source: str | None = None) -> Setup:
        """One channel, or one of its named sources, to look at."""
        return Setup(channel, self.services, self.base, self.web, Person(interactive=False), wanted=source)
