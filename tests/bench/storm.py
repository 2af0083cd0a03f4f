"""R83: posts per second and core through intake, and a burst of 10,000 posts until every acknowledgement is queued.

The functions' own wiring and the example playbook, in one process, in batches of ten messages as SQS delivers them in
a storm; each post is a first one by an author of its own, which is the dearest kind. The table is AWS's own DynamoDB
Local and SQS the stub, both in processes of their own, so that the CPU counted is intake's alone: parse, decide, SDK.
Moto would not do: it copies its whole table at each transaction. The time on the clock is DynamoDB Local's, which
takes its transactions one by one; on AWS it is this CPU, spread over intake's concurrency, and the waiting for calls.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

from firstline.model.base import stamp
from firstline.outward.messages import Intake, delivery_id
from firstline.outward.settings import Settings
from firstline.playbook import load_yaml
from infra.local.playbook import EXAMPLE
from tests.builders import CARE
from tests.case_table import make_case_table
from tests.dynamodb_local import a_dynamodb_local, client
from tests.world import START, Published

from .figures import Figure
from .stub import QUEUE, a_stub, environment

POSTS = 10_000
BATCH = 10
WARM_UP = 500
"""Posts before the counted ones: connections, caches, the compiler of DynamoDB Local's Java."""
TEXTS = (
    "@LumoraCare my oven has been broken since Monday and nobody came",
    "@LumoraCare mein Backofen ist seit Montag kaputt, und niemand meldet sich",
    "@LumoraCare el horno no funciona desde el lunes y nadie contesta",
    "@LumoraCare il forno non funziona da lunedì e nessuno risponde",
    "@LumoraCare mon four ne marche plus depuis lundi et personne ne répond",
)


def a_message(number: int) -> tuple[str, str]:
    """``(message id, text)`` on the intake queue: a mention by an author of its own, in one of five languages."""
    text = TEXTS[number % len(TEXTS)]
    author, post = str(500_000_000 + number), str(2_124_805_152_568_000_000 + number)
    payload = {"id": post, "text": text, "created_at": "2026-11-23T10:00:00.000Z", "author_id": author}
    payload |= {"conversation_id": post, "entities": {"mentions": [{"start": 0, "end": 11, "id": CARE}]}}
    user = {"id": author, "username": f"user{number}", "name": f"User {number}"}
    event = {"event_uuid": str(number), "event_type": "post.mention.create", "filter": {"user_id": CARE}}
    event |= {"payload": payload, "includes": {"users": [user]}}
    body = json.dumps({"data": event}).encode()
    return f"m{number}", Intake("x", delivery_id("x", body), stamp(START), body=body).text()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Log lines and metrics are written, to nowhere."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def figures(posts: int = POSTS) -> list[Figure]:
    """Send the burst through."""
    playbook = load_yaml(EXAMPLE.read_text())
    with a_stub() as aws, a_dynamodb_local("4g") as dynamodb:
        make_case_table(client(dynamodb), "cases")
        told = environment(aws, AWS_ENDPOINT_URL_DYNAMODB=dynamodb, POWERTOOLS_SERVICE_NAME="intake")
        with patch.dict(os.environ, told, clear=True), quiet():
            import boto3

            from firstline import wiring
            from firstline.operations.take_in import take_in

            names = ("intake", "replies", "handoffs", "lookups", "quarantine")
            urls = {f"{name}_queue_url": QUEUE + name for name in names}
            urls |= {f"{lane}_lane_url": QUEUE + lane for lane in ("urgent", "standard", "email")}
            settings = Settings(table_name="cases", bodies_bucket="b", mail_from="a@lumora.example", **urls)  # type: ignore[arg-type]
            services = wiring.build(settings, boto3.session.Session())
            services = replace(services, clock=lambda: START, playbooks=Published(playbook))  # type: ignore[arg-type]

            def take(first: int, last: int) -> None:
                for start in range(first, last, BATCH):
                    failed = take_in([a_message(number) for number in range(start, start + BATCH)], services)
                    assert failed == []

            take(posts, posts + WARM_UP)
            cpu, clock = time.process_time(), time.monotonic()
            take(0, posts)
            cpu, clock = time.process_time() - cpu, time.monotonic() - clock
            opened = len(services.table.cases("open", posts + WARM_UP + 1))
    assert opened == posts + WARM_UP, f"{opened} cases for {posts + WARM_UP} authors"
    return [
        Figure("storm", "CPU of a post through intake", cpu / posts * 1000, "ms"),
        Figure("storm", "posts per second and core through intake", posts / cpu, "posts/s"),
        Figure("storm", f"{posts:,} posts until all acknowledgements are queued: CPU", cpu, "s"),
        Figure("storm", "the same on the clock, one worker", clock, "s", note="DynamoDB Local's pace"),
    ]
