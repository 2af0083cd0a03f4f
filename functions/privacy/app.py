"""The privacy door: Meta's data deletion callback, and the page that says how far an erasure is."""

from __future__ import annotations

from typing import Any

from firstline import wiring
from firstline.operations.privacy import visit

services = wiring.services()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """One request of the HTTP API."""
    return visit(event, services)
