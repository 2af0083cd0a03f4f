"""A webhook receiver on loopback that keeps what it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Got:
    """A delivery; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """``answers`` are the statuses of the next deliveries; then ``status``. ``asked``: paths of GET requests."""

    url: str
    got: list[Got] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    status: int = 200
    text: str = ""


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    """A receiver that runs as long as the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(Got(self.path, headers, body))
            self._answer(receiver.answers.pop(0) if receiver.answers else receiver.status)

        def do_GET(self) -> None:
            receiver.asked.append(self.path)
            self._answer(200)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(receiver.text.encode())))
            self.end_headers()
            self.wfile.write(receiver.text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
