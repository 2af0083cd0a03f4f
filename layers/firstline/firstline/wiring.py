"""The one place where the edges are put together for AWS: once per process, from the environment."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from botocore.config import Config

from .model.errors import Retry, UnknownForm
from .operations.services import Services
from .outward.account_secrets import AccountSecrets
from .outward.bodies import Bodies
from .outward.http import Http
from .outward.links import Links
from .outward.mail import Mailer, mail_client
from .outward.playbooks import Playbooks
from .outward.queues import Queues
from .outward.safe import log_line
from .outward.secrets import ChannelSecrets, LinkKeys
from .outward.settings import Settings
from .outward.translate import translator
from .table import RETENTION, Table, terms

PATIENT = Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
"""For calls that may be repeated: conditions and message ids make them safe."""
NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Firstline")
"""Where this stack's metrics are: each stack has a namespace of its own."""


@cache
def logger() -> Logger:
    """Structured lines; nothing of a person goes in: ids, sizes, reasons."""
    return Logger(json_serializer=log_line)


@cache
def metrics() -> Metrics:
    """Metrics by the embedded format: no call."""
    return Metrics(namespace=NAMESPACE)


def tell(message: str, *, metric: str | None = None, **fields: Any) -> None:
    """One line; with ``metric`` a count of one as well."""
    if metric is None:
        logger().info(message, **fields)
        return
    logger().warning(message, **fields)
    count(metric, **{name: value for name, value in fields.items() if name in ("channel", "reason")})


def unknown_form(error: UnknownForm) -> None:
    """A row that this release cannot read: its kind and what is wrong, and nothing of what it holds."""
    tell("unknown_form", kind=error.what, why=error.why, metric="UnknownForm")


def kept(playbooks: Playbooks) -> Mapping[str, timedelta]:
    """How long technical rows are kept: as the playbook says, or as usual while none can be read."""
    try:
        return terms(playbooks.active().retention_days)
    except Retry:
        return RETENTION


def count(name: str, *, value: float = 1, **dimensions: Any) -> None:
    """Add to a metric."""
    unit = MetricUnit.Seconds if name.endswith("Seconds") else MetricUnit.Count
    with single_metric(name=name, unit=unit, value=value, namespace=NAMESPACE) as metric:
        for dimension, text in dimensions.items():
            metric.add_dimension(dimension, str(text)[:100] or "none")


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


@cache
def services() -> Services:
    """The services of this process."""
    return build(Settings.from_environment(), boto3.session.Session())


def build(settings: Settings, session: Any) -> Services:
    """Services on a session's clients."""

    def client(name: str) -> Any:
        return session.client(name, config=PATIENT)

    s3, secretsmanager = client("s3"), cache(lambda: client("secretsmanager"))
    playbooks = Playbooks(
        client("appconfigdata"),
        s3,
        application=settings.appconfig_application,
        environment=settings.appconfig_environment,
        profile=settings.appconfig_profile,
        bucket=settings.playbook_bucket,
        monotonic=time.monotonic,
    )
    channels = ChannelSecrets(secretsmanager, settings.channel_secrets_arn, time.monotonic)
    return Services(
        settings=settings,
        clock=now,
        table=Table(
            client("dynamodb"),
            settings.table_name,
            settings.shards,
            unknown=unknown_form,
            kept=lambda: kept(playbooks),
        ),
        queues=Queues(client("sqs")),
        bodies=Bodies(s3, settings.bodies_bucket),
        playbooks=playbooks,
        secrets=channels,
        tokens=AccountSecrets(
            secretsmanager, settings.account_secrets, channels, time.monotonic, kms_key=settings.kms_key_arn
        ),
        http=Http(
            settings.x_api_base_url,
            settings.graph_api_base_url,
            instagram_base_url=settings.instagram_api_base_url,
        ),
        mailer=Mailer(mail_client(session), settings.mail_from, settings.ses_configuration_set),
        links=Links(LinkKeys(secretsmanager, settings.link_keys_arn, time.monotonic), settings.public_base_url),
        tell=tell,
        count=count,
        translator=translator(session, on=settings.translation == "on", endpoint_url=settings.translate_endpoint_url),
    )


def messages(event: dict[str, Any]) -> list[tuple[str, str]]:
    """``(message id, text)`` of an SQS event."""
    return [(record["messageId"], record["body"]) for record in event.get("Records", ())]


def failures(ids: list[str]) -> dict[str, Any]:
    """The answer of a partial batch: these come again."""
    return {"batchItemFailures": [{"itemIdentifier": each} for each in ids]}
