"""Calls to the platforms: one session, time-outs, no retries, no redirects, nothing logged.

What became of a call that failed is told apart here, because it decides whether a reply may be sent again: `NotSent`
when not a byte of it can have arrived, `Unclear` in all other cases.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from ..model.errors import NotSent, Outcome, Unclear

DEFAULT_TIMEOUT = (3.05, 10.0)
"""Seconds to connect, and between bytes of the answer."""

_NEVER_LEFT = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidJSONError,
)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. Header names are in lower case; ``data`` is the body's JSON, None if it is none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    data: Any = None


class Http:
    """The platforms' APIs at their base URLs (which the simulators take over locally).

    ``clock`` gives epoch seconds, for limits that name the moment at which they end.
    """

    def __init__(
        self,
        x_base_url: str,
        graph_base_url: str,
        session: requests.Session | None = None,
        timeout: tuple[float, float] = DEFAULT_TIMEOUT,
        clock: Callable[[], float] = time.time,
        *,
        instagram_base_url: str = "https://graph.instagram.com",
    ) -> None:
        self.x_base_url = x_base_url.rstrip("/")
        self.graph_base_url = graph_base_url.rstrip("/")
        self.instagram_base_url = instagram_base_url.rstrip("/")
        self.timeout = timeout
        self.now = clock
        self._session = session or _session()

    def request(self, method: str, url: str, **content: Any) -> Response:
        """One call. ``content`` is what `requests` takes: ``auth``, ``headers``, ``params``, ``json``, ``data``.

        Returns whatever the platform answered, refusals too. Raises NotSent or Unclear when there is no answer.
        """
        try:
            answer = self._session.request(method, url, timeout=self.timeout, allow_redirects=False, **content)
        except requests.RequestException as problem:
            raise _outcome(problem) from None
        try:
            data = answer.json()
        except ValueError:
            data = None
        return Response(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, data)


def _session() -> requests.Session:
    session = requests.Session()
    # Neither a proxy from the environment nor a .netrc may see or change what is signed for a platform.
    session.trust_env = False
    session.mount("https://", HTTPAdapter(max_retries=0))
    session.mount("http://", HTTPAdapter(max_retries=0))
    return session


def _outcome(problem: requests.RequestException) -> Outcome:
    """``from None`` and a word of our own: an exception of requests may hold the URL and what was sent."""
    if isinstance(problem, _NEVER_LEFT):
        return NotSent("bad_request")
    cause = problem.args[0] if problem.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(problem, requests.ConnectTimeout) or isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return NotSent("not_reached")
    if isinstance(reason, Exception) and isinstance(_first(reason), ssl.SSLCertVerificationError):
        return NotSent("certificate_refused")
    return Unclear("timed_out" if isinstance(problem, requests.Timeout) else "connection_broken")


def _first(problem: BaseException) -> BaseException:
    """The exception that all began with."""
    while True:
        earlier = problem.__cause__ or next((one for one in problem.args if isinstance(one, BaseException)), None)
        if earlier is None:
            return problem
        problem = earlier
