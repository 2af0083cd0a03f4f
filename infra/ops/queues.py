"""`firstline queues`: dead letters back to the queue they came from (R63)."""

from __future__ import annotations

import json
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from .output import say
from .stack import outputs, record, services_of

OUTPUTS = {
    "intake": "IntakeQueueUrl",
    "lookups": "LookupsQueueUrl",
    "replies": "RepliesQueueUrl",
    "handoffs": "HandoffsQueueUrl",
    "urgent": "UrgentLaneUrl",
    "standard": "StandardLaneUrl",
    "email": "EmailLaneUrl",
}


@click.group()
def queues() -> None:
    """Look after the queues."""


@queues.command()
@click.argument("name", type=click.Choice(list(OUTPUTS)))
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
def redrive(name: str, stack: str) -> None:
    """Move a queue's dead letters back to it; safe to repeat."""
    record(services_of(stack), "dead_letters_moved", name)
    try:
        moved = move(boto3.client("sqs"), outputs(stack)[OUTPUTS[name]])
    except (BotoCoreError, ClientError) as error:
        raise click.ClickException(f"not started: {error}") from None
    say(f"about {moved} dead letters of {name} are on their way back")


def move(sqs: Any, queue_url: str) -> int:
    """Start moving; about how many there are. SQS sends each to the queue that it came from."""
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["RedrivePolicy"])["Attributes"]
    letters = json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"]
    url = sqs.get_queue_url(QueueName=letters.rpartition(":")[2])["QueueUrl"]
    count = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    sqs.start_message_move_task(SourceArn=letters)
    return int(count["ApproximateNumberOfMessages"])
