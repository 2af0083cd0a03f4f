"""Mails handoffs to branches, each once."""

from __future__ import annotations

from typing import Any

from firstline import wiring
from firstline.operations.hand_over import hand_over
from firstline.operations.one_by_one import one_by_one

services = wiring.services()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A batch of the handoffs queue."""
    return wiring.failures(one_by_one(wiring.messages(event), ("case_id", "handoff_id"), hand_over, services))
