"""Completes notices that carry ids only, by a read of the platform."""

from __future__ import annotations

from typing import Any

from firstline import wiring
from firstline.operations.complete import complete
from firstline.operations.one_by_one import one_by_one

services = wiring.services()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A batch of the lookups queue."""
    return wiring.failures(one_by_one(wiring.messages(event), ("event_key",), complete, services))
