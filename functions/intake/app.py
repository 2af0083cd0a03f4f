"""Takes deliveries in: parse, decide, one transaction, emit."""

from __future__ import annotations

from typing import Any

from firstline import wiring
from firstline.operations.take_in import take_in

services = wiring.services()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A batch of the intake queue; those that could not be committed come again."""
    return wiring.failures(take_in(wiring.messages(event), services))
