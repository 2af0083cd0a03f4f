"""A deployed stack from the command line: its outputs, and services made of them with the caller's credentials."""

from __future__ import annotations

from functools import cache

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from firstline.model.errors import LostRace, Retry
from firstline.operations.audit import act
from firstline.operations.services import Services
from firstline.outward.settings import Settings

EMBEDDED = "000000000000"
"""The account of the embedded AWS; AWS itself has no such account."""


@cache
def outputs(stack: str) -> dict[str, str]:
    """The stack's outputs. Says plainly when there is no such stack or no credentials."""
    try:
        found = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except (BotoCoreError, ClientError, IndexError) as error:
        raise click.ClickException(f"cannot read the stack {stack!r}: {error}") from None
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}


@cache
def parameters(stack: str) -> dict[str, str]:
    """The parameters that the stack was deployed with."""
    try:
        found = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except (BotoCoreError, ClientError, IndexError) as error:
        raise click.ClickException(f"cannot read the stack {stack!r}: {error}") from None
    return {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", ())}


def caller() -> tuple[str, str]:
    """Whose AWS credentials these are: the AWS account, and the identity in it (``user/maria``,
    ``assumed-role/AWSReservedSSO_Agents_0123/maria``)."""
    try:
        told = boto3.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise click.ClickException(f"who are you? AWS did not say: {error}") from None
    return told["Account"], told["Arn"].rpartition(":")[2]


def whoami(name: str | None = None) -> str:
    """Who acts, as every trail names them: the identity in the AWS credentials.

    A ``name`` must be that identity's own; nobody acts as somebody else. On the local stack everybody has the same
    credentials, so there the name is taken as it is.
    """
    account, identity = caller()
    if name is None or name in (identity, identity.rpartition("/")[2]):
        return identity
    if account == EMBEDDED:
        return name
    raise click.ClickException(f"you are {identity}: nobody acts as somebody else")


def record(services: Services, what: str, about: str = "", why: str = "") -> None:
    """Put into the deployment's trail what this person is about to do; what cannot be recorded is not done."""
    now = services.clock()
    try:
        services.table.commit([act(now, what, by=whoami(), about=about, why=why)], now)
    except LostRace:
        return  # the same person, the same act, the same moment: it is there
    except Retry as error:
        raise click.ClickException(f"not done: it could not be recorded ({error.reason})") from None


def services_of(stack: str) -> Services:
    """The services of a deployment, for operations called by a person."""
    from firstline import wiring

    out, given = outputs(stack), parameters(stack)
    settings = Settings(
        table_name=out["CaseTableName"],
        intake_queue_url=out["IntakeQueueUrl"],
        replies_queue_url=out["RepliesQueueUrl"],
        handoffs_queue_url=out["HandoffsQueueUrl"],
        lookups_queue_url=out["LookupsQueueUrl"],
        urgent_lane_url=out["UrgentLaneUrl"],
        standard_lane_url=out["StandardLaneUrl"],
        email_lane_url=out["EmailLaneUrl"],
        quarantine_queue_url=out["QuarantineQueueUrl"],
        bodies_bucket=out["BodiesBucketName"],
        playbook_bucket=out["PlaybookBucketName"],
        appconfig_application=out["PlaybookApplicationId"],
        appconfig_environment=out["PlaybookEnvironmentId"],
        appconfig_profile=out["PlaybookProfileId"],
        channel_secrets_arn=out["ChannelSecretsArn"],
        account_secrets=f"{stack}/account",
        kms_key_arn=given.get("KmsKeyArn", ""),
        x_api_base_url=given.get("XApiBaseUrl") or Settings.x_api_base_url,
        graph_api_base_url=given.get("GraphApiBaseUrl") or Settings.graph_api_base_url,
        instagram_api_base_url=given.get("InstagramApiBaseUrl") or Settings.instagram_api_base_url,
    )
    return wiring.build(settings, boto3.session.Session())
