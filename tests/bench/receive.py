"""R80: CPU of a verified delivery through the deployed handler, beside the bare minimum, interleaved in one process.

The bare minimum is what no receiver can do without: HMAC over the raw body, one JSON parse, one botocore SQS send.
Both send the same body to the same stub over HTTP. ``python -m tests.bench.receive`` prints one JSON line; it runs in
a process whose environment names the stub.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from infra.local.simulators.wire import sign
from infra.local.stack import ROOT

from .figures import Figure, spread
from .stub import QUEUE, a_stub, environment

SECRET = "a-signing-secret"
ROUNDS, CALLS = 30, 60
"""So many pairs of blocks of so many deliveries; the first pairs warm up and do not count."""
WARM_UP = 4


def a_body() -> bytes:
    """A mention as X sends it, of a usual size (bytes)."""
    text = "@LumoraCare my oven has been broken since Monday and nobody came. Third time I write about it!"
    user = {"id": "501", "username": "anna", "name": "Anna Ross", "verified": False, "protected": False}
    user |= {"public_metrics": {"followers_count": 1200, "following_count": 300, "tweet_count": 5000}}
    payload = {
        "id": "2124805152568246273",
        "text": text,
        "created_at": "2026-11-23T10:00:00.000Z",
        "author_id": "501",
        "conversation_id": "2124805152568246273",
        "lang": "en",
        "entities": {"mentions": [{"start": 0, "end": 11, "username": "LumoraCare", "id": "1450000000000000002"}]},
    }
    event = {"event_uuid": "1", "event_type": "post.mention.create", "tag": "m", "payload": payload}
    event |= {"filter": {"user_id": "1450000000000000002"}, "includes": {"users": [user]}}
    return json.dumps({"data": event}, separators=(",", ":")).encode()


def an_event(body: bytes) -> dict[str, Any]:
    """The HTTP API's event (payload 2.0) of a signed delivery."""
    headers = {"content-type": "application/json", **{n.lower(): v for n, v in sign("x", SECRET, body).items()}}
    return {
        "version": "2.0",
        "routeKey": "POST /webhooks/{channel}",
        "pathParameters": {"channel": "x"},
        "requestContext": {"http": {"method": "POST", "path": "/webhooks/x", "sourceIp": "203.0.113.1"}},
        "headers": headers,
        "rawQueryString": "",
        "body": body.decode(),
        "isBase64Encoded": False,
    }


def the_bare_minimum() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A handler that does nothing beyond it."""
    import botocore.session

    sqs = botocore.session.get_session().create_client("sqs")

    def handler(event: dict[str, Any]) -> dict[str, Any]:
        body = event["body"].encode()
        mac = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
        expected = "sha256=" + base64.b64encode(mac).decode()
        if not hmac.compare_digest(expected, event["headers"]["x-twitter-webhooks-signature"]):
            return {"statusCode": 401}
        json.loads(body)
        sqs.send_message(QueueUrl=QUEUE + "bare", MessageBody=event["body"])
        return {"statusCode": 200}

    return handler


def the_handler() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """functions/receive/app.py as it is deployed."""
    spec = importlib.util.spec_from_file_location("receive_app", ROOT / "functions/receive/app.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda event: module.handler(event, None)  # type: ignore[no-any-return]


def measure() -> dict[str, list[float]]:
    """CPU of a delivery in microseconds, block by block: ``receive`` and ``bare`` in turn."""
    event = an_event(a_body())
    blocks: dict[str, list[float]] = {"receive": [], "bare": []}
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # receive's log line is written, too
        both = {"receive": the_handler(), "bare": the_bare_minimum()}
        for round_number in range(WARM_UP + ROUNDS):
            for name, handler in both.items():
                start = time.process_time()
                for _ in range(CALLS):
                    assert handler(event)["statusCode"] == 200
                if round_number >= WARM_UP:
                    blocks[name].append((time.process_time() - start) / CALLS * 1e6)
    return blocks


def figures() -> list[Figure]:
    """Run it, in a process of its own."""
    secret = json.dumps({"x": {"signing": [SECRET, "the-one-before"]}})
    with a_stub(secret) as endpoint:
        told = environment(endpoint, INTAKE_QUEUE_URL=QUEUE + "intake", CHANNEL_SECRETS_ARN="arn:x", BODIES_BUCKET="b")
        run = [sys.executable, "-m", "tests.bench.receive"]
        done = subprocess.run(run, env=dict(told), cwd=ROOT, capture_output=True, text=True, check=True)
    blocks: dict[str, list[float]] = json.loads(done.stdout)
    ratios = [ours / bare for ours, bare in zip(blocks["receive"], blocks["bare"], strict=True)]
    return [
        Figure("receive", "CPU of the bare minimum", median(blocks["bare"]), "µs", spread=spread(blocks["bare"])),
        Figure("receive", "CPU of receive", median(blocks["receive"]), "µs", spread=spread(blocks["receive"])),
        Figure("receive", "receive / bare minimum", median(ratios), "x", goal=1.3, spread=spread(ratios)),
    ]


if __name__ == "__main__":
    print(json.dumps(measure()))
