"""Which rights the flow uses: every call to AWS, as the action and resource that IAM knows, by function.

Resources are written as in infra/roles.yaml (``${CaseTableArn}/index/due``), so that both sides can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.world import ACCOUNT_SECRETS, QUEUES, World

LANES = ("urgent", "standard", "email")
QUEUE_ARNS = {name: f"{name.title()}{'LaneArn' if name in LANES else 'QueueArn'}" for name in QUEUES}


@dataclass(frozen=True, order=True)
class Right:
    """An action on a resource."""

    action: str
    resource: str


@dataclass
class Rights:
    """What each function used, by its name in the template."""

    used: dict[str, set[Right]] = field(default_factory=dict)

    def watch(self, world: World) -> World:
        """Note every call that the world's operations make from now on."""
        queues = {url: f"${{{QUEUE_ARNS[name]}}}" for name, url in world.urls.items()}

        def note(params: dict[str, Any], model: Any, **_: Any) -> None:
            if world.function:
                service = model.service_model.service_name
                found = _rights(service, model.name, params, queues)
                self.used.setdefault(world.function, set()).update(found)

        for client in (world.sqs, world.dynamodb, world.s3, world.ses, world.secretsmanager, world.logs):
            client.meta.events.register("before-parameter-build", note)
        for name in ("active", "version"):
            setattr(world.published, name, self._reading(getattr(world.published, name), world))
        return world

    def _reading(self, read: Any, world: World) -> Any:
        """Playbooks come from memory here; in a deployment from AppConfig, which names the version, and S3."""

        def noted(*version: str) -> Any:
            if world.function:
                self.used.setdefault(world.function, set()).update(PLAYBOOK)
            return read(*version)

        return noted


PLAYBOOK = {
    Right("appconfig:StartConfigurationSession", "${ActivePlaybookArn}"),
    Right("appconfig:GetLatestConfiguration", "${ActivePlaybookArn}"),
    Right("s3:GetObject", "${PlaybookBucketArn}/*"),
}


def _rights(service: str, call: str, params: dict[str, Any], queues: dict[str, str]) -> set[Right]:
    match service:
        case "sqs":
            return {Right(f"sqs:{call.removesuffix('Batch')}", queues[params["QueueUrl"]])}
        case "secretsmanager":
            of_account = params["SecretId"].startswith(ACCOUNT_SECRETS)
            secret = "LinkKeysArn" if ":links" in params["SecretId"] else "ChannelSecretsArn"
            secret = "AccountSecretsArn" if of_account else secret
            return {Right(f"secretsmanager:{call}", f"${{{secret}}}")}
        case "logs":
            return {Right(f"logs:{call}", f"${{LogArnPrefix}}/{params['logGroupName']}")}
        case "sesv2":
            # With raw content (which is what threading headers need) SES asks for the older action as well.
            raw = {Right("ses:SendRawEmail", "*")} if "Raw" in params["Content"] else set()
            return {Right("ses:SendEmail", "*")} | raw
        case "s3" if call == "ListObjectsV2":
            return {Right("s3:ListBucket", "${BodiesBucketArn}")}
        case "s3":
            return {Right(f"s3:{call}", f"${{BodiesBucketArn}}/{params['Key'].partition('/')[0]}/*")}
        case "dynamodb" if call == "TransactWriteItems":
            parts = {name for item in params["TransactItems"] for name in item}
            return {Right(f"dynamodb:{name}Item", "${CaseTableArn}") for name in parts}
        case "dynamodb":
            index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
            return {Right(f"dynamodb:{call}", f"${{CaseTableArn}}{index}")}
    raise AssertionError(f"{service}.{call} is not known to the recorder of rights")
