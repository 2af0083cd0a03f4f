"""Counts every call to AWS and to a platform at the wire, below any retry, and disturbs one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import requests
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from moto.core.models import botocore_stubber
from urllib3.exceptions import NewConnectionError

from tests.world import Died, World

Mode = Literal["refused", "timed out after effect", "died before", "died after"]
MODES: tuple[Mode, ...] = ("refused", "timed out after effect", "died before", "died after")


@dataclass
class Recorder:
    """Watches a world. By itself it only counts; which call is disturbed is said by whoever derives from it."""

    mode: Mode = "refused"
    calls: list[str] = field(default_factory=list)
    world: World | None = None

    def watch(self, world: World) -> World:
        """Stand between the world's operations and all that they call."""
        self.world = world
        for client in (world.sqs, world.dynamodb, world.s3, world.ses, world.secretsmanager):
            client.meta.events.register_first("before-send", self._aws)
        for adapter in world.web.adapters.values():
            adapter.send = self._platform(adapter.send)  # type: ignore[method-assign]
        return world

    def _disturbed(self, name: str) -> bool:
        world = self.world
        return world is not None and world.inside and world.watched and self.disturbs(name)

    def disturbs(self, name: str) -> bool:
        """Whether this call is the one that is disturbed."""
        self.calls.append(name)
        return False

    def _aws(self, request: Any, event_name: str = "", **_: Any) -> Any:
        if not self._disturbed(event_name.removeprefix("before-send.")):
            return None
        if self.mode == "refused":
            raise EndpointConnectionError(endpoint_url=request.url)
        if self.mode == "died before":
            raise Died
        botocore_stubber(event_name=event_name, request=request)
        if self.mode == "died after":
            raise Died
        raise ReadTimeoutError(endpoint_url=request.url)

    def _platform(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def disturbed_send(request: requests.PreparedRequest, **content: Any) -> Any:
            if not self._disturbed(f"platform.{request.method} {request.path_url.partition('?')[0]}"):
                return send(request, **content)
            if self.mode == "refused":
                raise requests.ConnectionError(NewConnectionError(None, "refused"))  # type: ignore[arg-type]
            if self.mode == "died before":
                raise Died
            send(request, **content)
            if self.mode == "died after":
                raise Died
            raise requests.ReadTimeout("no answer")

        return disturbed_send
