"""A queue's dead letters go back to where they came from."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from infra.ops.queues import move


@mock_aws
def test_the_dead_letters_of_the_named_queue_are_moved() -> None:
    sqs = boto3.client("sqs", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")
    letters = sqs.create_queue(QueueName="intake-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    intake = sqs.create_queue(QueueName="intake", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    sqs.send_message(QueueUrl=letters, MessageBody="{}")
    started: list[dict[str, Any]] = []
    # moto has no such call
    with patch.object(sqs, "start_message_move_task", lambda **call: started.append(call)):
        assert move(sqs, intake) == 1
    assert started == [{"SourceArn": arn}]
