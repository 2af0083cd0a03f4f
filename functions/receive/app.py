"""The door: platforms' webhooks come in here (GET handshakes, POST deliveries)."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from firstline.operations.receive import Door, log_line
from firstline.operations.receive import receive as take
from firstline.outward.bodies import Bodies
from firstline.outward.queues import Queues
from firstline.outward.secrets import ChannelSecrets
from firstline.outward.settings import Settings

# Time-outs below a second and no retries: a platform waits, and there is a second store to fall back on.
QUICK = Config(connect_timeout=0.5, read_timeout=0.9, retries={"total_max_attempts": 1})
settings = Settings.from_environment()
session = botocore.session.get_session()


@cache
def client(service: str) -> Any:
    """A client, made when first needed: most invocations need SQS only."""
    return session.create_client(service, config=QUICK)


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


door = Door(
    secrets=ChannelSecrets(lambda: client("secretsmanager"), settings.channel_secrets_arn, time.monotonic),
    queues=Queues(client("sqs")),
    bodies=cache(lambda: Bodies(client("s3"), settings.bodies_bucket)),
    intake_queue_url=settings.intake_queue_url,
    clock=now,
    tell=log_line(sys.stdout.write, now, namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Firstline")),
)

try:  # secrets must not live on in a snapshot: they are read after it was restored
    from snapshot_restore_py import register_after_restore

    register_after_restore(door.secrets.forget)
except ImportError:  # only Lambda has it
    pass


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP API request."""
    return take(event, door)
