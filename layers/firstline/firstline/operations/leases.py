"""Leases: of several processes one does it. Who dies holding one holds it until it ends by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from ..model.errors import LostRace, Retry
from ..model.records import Lease
from ..table import keys
from .services import Services


def take(name: str, length: timedelta, services: Services) -> Lease | None:
    """The lease as it lies in the table now; None while another holds it."""
    now = services.clock()
    held = services.table.get(keys.lease(name))
    if isinstance(held, Lease) and held.until > now:
        return None
    taken = Lease(name=name, until=now + length, version=held.version if isinstance(held, Lease) else 0)
    try:
        services.table.commit([taken], now)
    except LostRace:
        return None
    return taken.model_copy(update={"version": taken.version + 1})


@contextmanager
def holding(name: str, length: timedelta, services: Services) -> Iterator[bool]:
    """Hold it for as long as the block runs, given back at its end; False while another holds it."""
    lease = take(name, length, services)
    try:
        yield lease is not None
    finally:
        if lease is not None:
            _give_back(lease, services)


def _give_back(lease: Lease, services: Services) -> None:
    now = services.clock()
    try:
        services.table.commit([lease.model_copy(update={"until": now})], now)
    except (LostRace, Retry):
        pass  # it ended, or ends by itself
