"""Sends acknowledgements and agents' answers to the platforms, each once."""

from __future__ import annotations

from typing import Any

from firstline import wiring
from firstline.operations.one_by_one import one_by_one
from firstline.operations.send_reply import send_reply

services = wiring.services()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A nudge of the replies queue."""
    return wiring.failures(one_by_one(wiring.messages(event), ("case_id", "reply_id"), send_reply, services))
