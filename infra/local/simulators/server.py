"""The simulators over HTTP, on loopback: both platforms' APIs, the control interface and the two pages."""

from __future__ import annotations

import json
import mimetypes
import re
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError

from .control import Control
from .simulation import Simulation
from .wire import Response, answer

LARGEST_BODY = 1 << 20
LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
PAGES = resources.files(__package__) / "pages"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A mail may style itself and carry its pictures; it may not run, load or post anything. Its links open outside.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline';"
    " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class Site:
    """Answers a request, whatever brought it."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.control = Control(simulation)

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """``headers`` with lower-case names."""
        address = urlsplit(target)
        path, query = address.path, dict(parse_qsl(address.query, keep_blank_values=True))
        # A page elsewhere must not reach a server on this machine through a name of its own.
        if not LOOPBACK.fullmatch(headers.get("host", "")):
            return answer(421, {"error": "this server answers on loopback only"})
        if path.startswith("/2/") or path == "/oauth2/token":
            return self.simulation.x.handle(method, path, headers, query, body, self.simulation.clock())
        if path.startswith("/instagram/"):
            path = path.removeprefix("/instagram")
            return self.simulation.instagram.handle(method, path, headers, query, body, self.simulation.clock())
        if re.match(r"/v\d+\.\d+/", path):
            return self.simulation.meta.handle(method, path, headers, query, body, self.simulation.clock())
        if path.startswith("/sources/"):
            return self.simulation.generic.handle(method, path, headers, query, body, self.simulation.clock())
        if path.rstrip("/") == "/translate" and method == "POST":
            return self.simulation.translate.handle(headers, body)
        if path.startswith("/v2/email/"):
            return self.simulation.ses.handle(method, target, headers, body)
        if path.startswith("/control/"):
            return self._control(method, path.removeprefix("/control/"), headers, body)
        if method not in ("GET", "HEAD"):
            return answer(405, {"error": "GET only"}, {"Allow": "GET, HEAD"})
        return self._read(path, query, headers)

    def _control(self, method: str, name: str, headers: Mapping[str, str], body: bytes) -> Response:
        if method != "POST":
            return answer(405, {"error": "POST only"}, {"Allow": "POST"})
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return answer(403, {"error": "not from another site's page"})
        if not headers.get("content-type", "").startswith("application/json"):
            return answer(415, {"error": "send application/json"})
        try:
            return answer(200, self.control.do(name, body))
        except ValidationError as error:
            told = [{"where": list(each["loc"]), "what": each["msg"]} for each in error.errors()]
            return answer(400, {"error": "the request is not right", "details": told})
        except KeyError:
            return answer(404, {"error": f"no operation {name}", "operations": sorted(self.control.operations)})
        except LookupError as error:
            return answer(404, {"error": str(error)})

    def _read(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        match path:
            case "/":
                return Response(302, {"Location": "/timeline"})
            case "/health":
                return answer(200, {"status": "ok"})
            case "/sent":
                return answer(200, self.simulation.sent())
            case "/posts":
                return self._posts(headers)
            case "/deliveries":
                return answer(200, [each.shown() for each in self.simulation.deliverer.all()])
            case "/mails":
                return self._mails(headers)
            case "/mails/html":
                return self._mail_in_markup(query.get("id", ""))
            case "/timeline" | "/mailbox":
                return _page(f"{path[1:]}.html")
            case _:
                return _page(path.removeprefix("/pages/")) if path.startswith("/pages/") else _missing()

    def _posts(self, headers: Mapping[str, str]) -> Response:
        tag = f'"{self.simulation.store.version}"'
        if headers.get("if-none-match") == tag:
            return Response(304, {"ETag": tag})
        return answer(200, self.simulation.posts(), {"ETag": tag})

    def _mails(self, headers: Mapping[str, str]) -> Response:
        tag = f'"{self.simulation.ses.version}"'
        if headers.get("if-none-match") == tag:
            return Response(304, {"ETag": tag})
        return answer(200, [mail.shown() for mail in self.simulation.ses.mails()], {"ETag": tag})

    def _mail_in_markup(self, mail_id: str) -> Response:
        try:
            markup = self.simulation.ses.mail(mail_id).part("html")
        except LookupError:
            return _missing()
        head = '<!doctype html><meta charset="utf-8"><base target="_blank">'
        policy = {"Content-Security-Policy": MAIL_POLICY, "Content-Type": "text/html; charset=utf-8"}
        return Response(200, policy, (head + markup).encode())


def _missing() -> Response:
    return answer(404, {"error": "nothing here"})


def _page(name: str) -> Response:
    if not re.fullmatch(r"[a-z]+\.(html|css|js)", name):
        return _missing()
    file = PAGES / name
    if not file.is_file():
        return _missing()
    kind = mimetypes.guess_type(name)[0] or "text/plain"
    return Response(200, {"Content-Type": f"{kind}; charset=utf-8"}, file.read_bytes())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 60

    def _answer(self) -> None:
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdecimal():
            return self._refuse(HTTPStatus.LENGTH_REQUIRED)
        if int(length) > LARGEST_BODY:
            return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = self.server.site.handle(self.command, self.path, headers, body)
        if response.cut:
            self.close_connection = True
            return None
        self.send_response(response.status)
        for name, value in ({"Content-Security-Policy": POLICY} | SAFE | dict(response.headers)).items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD" and response.status != 304:
            self.wfile.write(response.body)
        return None

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the pages ask every second, and bodies must not be logged."""


class Server(ThreadingHTTPServer):
    """Bound to 127.0.0.1; port 0 takes a free one (``server_port``)."""

    daemon_threads = True

    def __init__(self, simulation: Simulation, port: int = 0) -> None:
        self.site = Site(simulation)
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of an answer is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def describe(url: str) -> str:
    """What to tell the person who started it, as JSON."""
    return json.dumps({"simulator": url, "timeline": f"{url}/timeline", "mailbox": f"{url}/mailbox"})
