"""Every minute: whatever is due and not yet done is done again. Once a day: reconciliation."""

from __future__ import annotations

from typing import Any

from firstline import wiring
from firstline.operations.reconcile import reconcile_and_tell
from firstline.operations.tend import run

services = wiring.services()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A tick of the schedule; ``{"job": "reconcile"}`` is the daily one."""
    if event.get("job") == "reconcile":
        return reconcile_and_tell(services)
    return {"acted": run(services, time_left=lambda: context.get_remaining_time_in_millis() / 1000)}
