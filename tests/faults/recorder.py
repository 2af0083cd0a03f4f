"""Sees every call to AWS and to a platform, below any retry, and disturbs those that whoever derives from it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, get_args

import requests
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from urllib3.exceptions import NewConnectionError

from tests.stack.templates import timeout
from tests.world import Died, World

How = Literal[
    "answered", "refused", "timed out after effect", "died before", "died after", "hung before", "hung after"
]  # fmt: skip
"""Hung: no answer comes until the function's time is over and its process ends, before or after the effect."""
Echo = Literal["soon", "at once", "late"]
"""When the platform tells us of our own words: after the call, in its middle, or when all looks for them are over."""
LATE = timedelta(minutes=20)
WRITES = (
    "PutItem", "UpdateItem", "TransactWriteItems", "SendMessage", "SendMessageBatch", "PutObject", "DeleteObject",
    "PutSecretValue", "SendEmail",
)  # fmt: skip
SOMEWHERE = "https://aws.invalid"


@dataclass(frozen=True)
class Fault:
    """What becomes of one call."""

    how: How
    echo: Echo = "soon"

    def __str__(self) -> str:
        return self.how if self.echo == "soon" else f"{self.how}, echo {self.echo}"

    @property
    def takes_effect(self) -> bool:
        """Whether the call does what it is for."""
        return self.how not in ("refused", "died before", "hung before")


EVERY = tuple(Fault(how) for how in get_args(How) if how != "answered")
ECHOES = tuple(Fault(how, echo) for echo in ("at once", "late") for how in get_args(How) if Fault(how).takes_effect)


def faults_of(name: str) -> tuple[Fault, ...]:
    """All that can become of a call: what it is for, when its echo comes."""
    return EVERY + ECHOES if says(name) else EVERY


def says(name: str) -> bool:
    """Whether the call says something on a platform."""
    return name.startswith("platform.POST") and not name.endswith("/token")


def outside(name: str) -> bool:
    """Whether the call has an effect that no condition of ours undoes or prevents."""
    return says(name) or name == "sesv2.SendEmail"


def acts(name: str) -> bool:
    """Whether the call has an effect, or asks a platform."""
    return name.startswith("platform.") or name.rpartition(".")[2] in WRITES


@dataclass
class Recorder:
    """Watches a world. By itself it only notes the calls."""

    calls: list[str] = field(default_factory=list)
    world: World | None = None

    def watch(self, world: World) -> World:
        """Stand between the world's operations and all that they call."""
        self.world = world
        for client in (world.s3, world.ses, world.secretsmanager):
            service = client.meta.service_model.service_id.hyphenize()
            client._make_api_call = self._client(service, client._make_api_call)
        for service, double in world.doubles.items():
            for method in (each for each in dir(type(double)) if not each.startswith("_")):
                name = f"{service}.{''.join(part.title() for part in method.split('_'))}"
                setattr(double, method, self._double(name, getattr(double, method)))
        for adapter in world.web.adapters.values():
            adapter.send = self._platform(adapter.send)  # type: ignore[method-assign]
        return world

    def fault(self, name: str) -> Fault | None:
        """What becomes of this call; None: nothing unusual."""
        self.calls.append(name)
        return None

    def _client(self, service: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """A client of botocore's, all calls of which go through one method; it tries once."""

        def watched(operation: str, content: Any) -> Any:
            return self._aws(f"{service}.{operation}", lambda: call(operation, content))

        return watched

    def _double(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """A method of a client of ours."""
        return lambda **content: self._aws(name, lambda: call(**content))

    def _aws(self, name: str, call: Callable[[], Any]) -> Any:
        refusal = EndpointConnectionError(endpoint_url=SOMEWHERE)
        return self._made(name, call, refusal, ReadTimeoutError(endpoint_url=SOMEWHERE))

    def _platform(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def watched(request: requests.PreparedRequest, **content: Any) -> Any:
            name = f"platform.{request.method} {request.path_url.partition('?')[0]}"
            refusal = requests.ConnectionError(NewConnectionError(None, "refused"))  # type: ignore[arg-type]
            return self._made(name, lambda: send(request, **content), refusal, requests.ReadTimeout("no answer"))

        return watched

    def _made(self, name: str, call: Callable[[], Any], refusal: Exception, time_over: Exception) -> Any:
        world = self.world
        fault = self.fault(name) if world is not None and world.inside and world.watched else None
        if world is None or fault is None:
            return call()
        if fault.how == "refused":
            raise refusal
        answer = call() if fault.takes_effect else None
        if fault.echo == "at once":
            world.webhooks()
            world.work("intake")
        elif fault.echo == "late":
            world.webhooks_from = world.now + LATE
        if fault.how == "answered":
            return answer
        if fault.how == "timed out after effect":
            raise time_over
        if fault.how.startswith("hung"):
            world.now += timedelta(seconds=timeout(world.function or "Branch"))
        raise Died
