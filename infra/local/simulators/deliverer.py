"""Webhooks on their way: sent in the background, tried again as the platforms do, and kept to be sent once more."""

from __future__ import annotations

import heapq
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import requests

from .wire import Delivery, iso

WORKERS = 4
PAUSES = (1, 2, 4, 8, 16, 32, 60)  # seconds; the platforms' own hours would be too long to watch
TIMEOUT = 10
KEPT = 5000


@dataclass
class Journey:
    """What became of a delivery: the receiver's status of every attempt (0: it could not be reached)."""

    delivery: Delivery
    statuses: list[tuple[datetime, int]] = field(default_factory=list)
    tried: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    """Set when every attempt that was asked for is over: taken by the receiver, or given up."""
    open: int = 0

    def shown(self) -> dict[str, Any]:
        """As the control interface shows it."""
        return {
            "id": self.delivery.id,
            "channel": self.delivery.channel,
            "post_ids": list(self.delivery.post_ids),
            "headers": dict(self.delivery.headers),
            "body": self.delivery.body.decode(),
            "status": self.statuses[-1][1] if self.statuses else None,
            "attempts": [{"at": iso(at), "status": status} for at, status in self.statuses],
        }


class Deliverer:
    """Posts deliveries to ``base`` + their path. `emit` returns at once; `send` waits for the receiver's answer."""

    def __init__(
        self,
        base: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self.base = base.rstrip("/")
        self.clock = clock
        self.pauses = pauses
        self.journeys: OrderedDict[str, Journey] = OrderedDict()
        self._due: list[tuple[datetime, int, Journey, int]] = []
        self._order = count()
        self._ready = threading.Condition()
        self._open = True
        self._session = threading.local()
        self._workers = [threading.Thread(target=self._work, daemon=True) for _ in range(WORKERS)]
        for worker in self._workers:
            worker.start()

    def keep(self, delivery: Delivery) -> Journey:
        """Remembers a delivery without sending it."""
        with self._ready:
            journey = self.journeys.setdefault(delivery.id, Journey(delivery))
            while len(self.journeys) > KEPT:
                self.journeys.popitem(last=False)
        return journey

    def emit(self, delivery: Delivery) -> Journey:
        """Sends in the background, as often as it takes."""
        journey = self.keep(delivery)
        with self._ready:
            journey.open += 1
            journey.arrived.clear()
        self._enqueue(delivery.not_before, journey, 0)
        return journey

    def send(self, delivery: Delivery, *, headers: Mapping[str, str] | None = None) -> int:
        """Sends once, now, and waits. Returns the receiver's status (0: it could not be reached)."""
        journey = self.keep(delivery)
        status = self._attempt(delivery, headers if headers is not None else delivery.headers_at(self.clock()))
        journey.statuses.append((self.clock(), status))
        journey.tried.set()
        return status

    def get(self, path: str, query: Mapping[str, str]) -> tuple[int, str]:
        """A platform's handshake call: the receiver's status and the first kilobytes of its text."""
        response = requests.get(self.base + path, params=dict(query), timeout=TIMEOUT, allow_redirects=False)
        return response.status_code, response.text[:4096]

    def of_post(self, post_id: str) -> list[Journey]:
        """The deliveries that told of a post, oldest first."""
        with self._ready:
            return [each for each in self.journeys.values() if post_id in each.delivery.post_ids]

    def all(self) -> list[Journey]:
        with self._ready:
            return list(self.journeys.values())

    def clear(self) -> None:
        """Forgets every delivery, also those that wait."""
        with self._ready:
            self._due.clear()
            self.journeys.clear()

    def close(self) -> None:
        """Stops the workers; what waits is not sent."""
        with self._ready:
            self._open = False
            self._ready.notify_all()
        for worker in self._workers:
            worker.join(timeout=1)

    def _enqueue(self, at: datetime, journey: Journey, tries: int) -> None:
        with self._ready:
            heapq.heappush(self._due, (at, next(self._order), journey, tries))
            self._ready.notify()

    def _work(self) -> None:
        while True:
            with self._ready:
                while self._open and (not self._due or self._due[0][0] > self.clock()):
                    wait = (self._due[0][0] - self.clock()).total_seconds() if self._due else None
                    self._ready.wait(wait)
                if not self._open:
                    return
                _, _, journey, tries = heapq.heappop(self._due)
            status = self._attempt(journey.delivery, journey.delivery.headers_at(self.clock()))
            journey.statuses.append((self.clock(), status))
            journey.tried.set()
            if not 200 <= status < 300 and tries < len(self.pauses):
                self._enqueue(self.clock() + timedelta(seconds=self.pauses[tries]), journey, tries + 1)
                continue
            with self._ready:
                journey.open -= 1
                if not journey.open:
                    journey.arrived.set()

    def _attempt(self, delivery: Delivery, headers: Mapping[str, str]) -> int:
        session = getattr(self._session, "value", None)
        if session is None:
            session = self._session.value = requests.Session()
        try:
            # Platforms drop a subscription that redirects, so a redirect is not followed here either.
            response = session.post(
                self.base + delivery.path,
                data=delivery.body,
                headers=dict(headers),
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException:
            return 0
        return int(response.status_code)
