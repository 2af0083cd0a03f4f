"""SQS and Secrets Manager as far as a send and a read of the secret go, over real HTTP on loopback.

It runs as a process of its own, so that its work is on nobody's account: ``python -m tests.bench.stub SECRET``.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.stack import REGION, ROOT

QUEUE = "https://sqs.invalid/000000000000/"
"""The endpoint comes from the environment; a queue's URL only names it."""


def _sent(text: str) -> dict[str, str]:
    return {
        "MD5OfMessageBody": hashlib.md5(text.encode()).hexdigest(),
        "MessageId": "00000000-0000-0000-0000-000000000000",
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    secret = ""

    def do_POST(self) -> None:
        asked: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
        operation = self.headers["x-amz-target"].partition(".")[2]
        answer: dict[str, Any]
        if operation == "SendMessage":
            answer = _sent(asked["MessageBody"])
        elif operation == "SendMessageBatch":
            answer = {"Successful": [{"Id": each["Id"], **_sent(each["MessageBody"])} for each in asked["Entries"]]}
        elif operation == "GetSecretValue":
            answer = {"SecretString": self.secret}
        else:
            raise ValueError(f"the stub does not know {operation}")
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("x-amzn-requestid", "00000000-0000-0000-0000-000000000000")
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def a_stub(secret: str = "{}") -> Iterator[str]:
    """The stub's endpoint, as long as the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.stub", secret], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()


def environment(endpoint: str, **more: str) -> Mapping[str, str]:
    """What a function finds in its environment when its AWS is the stub; nothing of the person's shell."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        **more,
    }


if __name__ == "__main__":
    _Handler.secret = sys.argv[1]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
