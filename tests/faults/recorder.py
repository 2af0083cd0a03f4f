"""Counts every call to AWS and to a platform and disturbs one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import requests
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from urllib3.exceptions import NewConnectionError

from tests.world import Died, World

Mode = Literal["refused", "timed out after effect", "died before", "died after"]
SOMEWHERE = "https://aws.invalid"
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
        for client in (world.s3, world.ses, world.secretsmanager):
            service = client.meta.service_model.service_id.hyphenize()
            client._make_api_call = self._client(service, client._make_api_call)
        for service, double in (("sqs", world.sqs), ("dynamodb", world.dynamodb)):
            for method in (each for each in dir(type(double)) if not each.startswith("_")):
                name = f"{service}.{''.join(part.title() for part in method.split('_'))}"
                setattr(double, method, self._double(name, getattr(double, method)))
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

    def _client(self, service: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """A client of botocore's, all calls of which go through one method; it tries once."""

        def disturbed_call(operation: str, content: Any) -> Any:
            return self._made(f"{service}.{operation}", lambda: call(operation, content))

        return disturbed_call

    def _double(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """A method of a client of ours."""
        return lambda **content: self._made(name, lambda: call(**content))

    def _made(self, name: str, call: Callable[[], Any]) -> Any:
        if not self._disturbed(name):
            return call()
        if self.mode == "refused":
            raise EndpointConnectionError(endpoint_url=SOMEWHERE)
        if self.mode == "died before":
            raise Died
        call()
        if self.mode == "died after":
            raise Died
        raise ReadTimeoutError(endpoint_url=SOMEWHERE)

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
