"""The platforms under `requests`, without sockets: for contract and fault tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from .platform import Answers


class PlatformAdapter(BaseAdapter):
    """Mount it where the platform's API would be: ``session.mount("https://api.x.com", PlatformAdapter(x, clock))``.

    ``clock`` gives the moment of each call. A call that the platform cuts off raises ``requests.ConnectionError``, as
    a broken connection does.
    """

    def __init__(self, platform: Answers, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.platform = platform
        self.clock = clock

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answers one prepared request."""
        address = urlsplit(request.url or "")
        body = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")
        headers = {name: _text(value) for name, value in request.headers.items()} | {"Host": address.netloc}
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        given = self.platform.handle(request.method or "GET", address.path, headers, query, body, self.clock())
        if given.cut:
            raise requests.ConnectionError("the platform closed the connection without an answer", request=request)
        response = requests.Response()
        response.status_code = given.status
        response.headers = CaseInsensitiveDict(given.headers)
        response.raw = io.BytesIO(given.body)
        response.encoding = "utf-8"
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is open."""


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
