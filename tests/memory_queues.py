"""SQS as far as the flow uses it, in memory: for tests of thousands of messages (moto takes 10 ms for each call)."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any


class MemoryQueues:
    """A client whose messages wait, hide and come again by a clock that is handed in."""

    def __init__(self, clock: Callable[[], datetime], visibility: float) -> None:
        self._clock, self._visibility = clock, visibility
        self._numbers = count(1)
        self._waiting: dict[str, list[tuple[float, int, str]]] = defaultdict(list)
        self._deleted: set[int] = set()

    def create_queue(self, *, QueueName: str, **_: Any) -> Any:
        return {"QueueUrl": f"https://queues.invalid/{QueueName}"}

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> Any:
        self._put(QueueUrl, MessageBody, DelaySeconds)
        return {}

    def send_message_batch(self, *, QueueUrl: str, Entries: Any) -> Any:
        for each in Entries:
            self._put(QueueUrl, each["MessageBody"], each["DelaySeconds"])
        return {}

    def _put(self, url: str, body: str, delay: int) -> None:
        seen_from = self._clock().timestamp() + delay
        heapq.heappush(self._waiting[url], (seen_from, next(self._numbers), body))

    def receive_message(
        self, *, QueueUrl: str, MaxNumberOfMessages: int = 1, VisibilityTimeout: float | None = None, **_: Any
    ) -> Any:
        now, waiting = self._clock().timestamp(), self._waiting[QueueUrl]
        hidden = now + (self._visibility if VisibilityTimeout is None else VisibilityTimeout)
        taken: list[tuple[float, int, str]] = []
        while waiting and waiting[0][0] <= now and len(taken) < MaxNumberOfMessages:
            message = heapq.heappop(waiting)
            if message[1] not in self._deleted:
                taken.append(message)
        for _seen_from, number, body in taken:
            heapq.heappush(waiting, (hidden, number, body))
        return {"Messages": [{"MessageId": str(n), "Body": b, "ReceiptHandle": str(n)} for _, n, b in taken]}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> Any:
        self._deleted.add(int(ReceiptHandle))
        return {}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> Any:
        number, waiting = int(ReceiptHandle), self._waiting[QueueUrl]
        found = next((each for each in waiting if each[1] == number), None)
        if found is not None:
            waiting.remove(found)
            heapq.heapify(waiting)
            heapq.heappush(waiting, (self._clock().timestamp() + VisibilityTimeout, number, found[2]))
        return {}

    def purge_queue(self, *, QueueUrl: str) -> Any:
        """Lose every message."""
        self._waiting[QueueUrl].clear()
        return {}

    def get_queue_attributes(self, *, QueueUrl: str, **_: Any) -> Any:
        """How many messages there are: those that can be received now, and those that cannot yet."""
        now = self._clock().timestamp()
        left = [seen_from for seen_from, number, _ in self._waiting[QueueUrl] if number not in self._deleted]
        visible = sum(seen_from <= now for seen_from in left)
        counts = {"": visible, "NotVisible": len(left) - visible}
        return {"Attributes": {f"ApproximateNumberOfMessages{name}": str(count) for name, count in counts.items()}}
