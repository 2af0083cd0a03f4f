"""SQS: one call per message or per ten; a delay of at most 15 minutes, beyond which the diary takes over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..model.errors import Retry

LONGEST_DELAY = 900
MOST_AT_ONCE = 10


@dataclass(frozen=True)
class Message:
    """A text for a queue; ``delay`` in seconds is cut to SQS's longest."""

    queue_url: str
    text: str
    delay: int = 0


@dataclass(frozen=True)
class Received:
    """A message that was taken from a queue and must be deleted or made visible again."""

    queue_url: str
    text: str
    receipt: str


class Queues:
    """The queues. Raises `Retry` when a message could not be handed over: the caller lets its own cause come again."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, messages: Iterable[Message]) -> None:
        """Hand all over, those of one queue up to ten in a call."""
        by_queue: dict[str, list[Message]] = {}
        for message in messages:
            by_queue.setdefault(message.queue_url, []).append(message)
        for url, together in by_queue.items():
            for start in range(0, len(together), MOST_AT_ONCE):
                self._send(url, together[start : start + MOST_AT_ONCE])

    def _send(self, url: str, messages: Sequence[Message]) -> None:
        try:
            if len(messages) == 1:
                delay = min(max(messages[0].delay, 0), LONGEST_DELAY)
                self._client.send_message(QueueUrl=url, MessageBody=messages[0].text, DelaySeconds=delay)
                return
            answer = self._client.send_message_batch(
                QueueUrl=url,
                Entries=[
                    {
                        "Id": str(number),
                        "MessageBody": message.text,
                        "DelaySeconds": min(max(message.delay, 0), LONGEST_DELAY),
                    }
                    for number, message in enumerate(messages)
                ],
            )
        except (BotoCoreError, ClientError) as error:
            raise Retry("queue_not_reached") from error
        if answer.get("Failed"):
            raise Retry("queue_refused_some")

    def receive(self, url: str, most: int = 10, hide: int = 60) -> list[Received]:
        """Up to ``most`` messages, hidden from others for ``hide`` seconds."""
        try:
            answer = self._client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=min(most, MOST_AT_ONCE), VisibilityTimeout=hide, WaitTimeSeconds=0
            )
        except (BotoCoreError, ClientError) as error:
            raise Retry("queue_not_reached") from error
        return [Received(url, each["Body"], each["ReceiptHandle"]) for each in answer.get("Messages", ())]

    def tidy(self, done: Iterable[Received], left: Iterable[Received]) -> None:
        """Delete what is done with, let others see the rest at once. What cannot be tidied comes up again by itself."""
        try:
            for message in done:
                self._client.delete_message(QueueUrl=message.queue_url, ReceiptHandle=message.receipt)
            for message in left:
                self._client.change_message_visibility(
                    QueueUrl=message.queue_url, ReceiptHandle=message.receipt, VisibilityTimeout=0
                )
        except (BotoCoreError, ClientError):
            return
