"""Look into quarantine, and give what lies there to intake again, as often as one likes (R8, R63).

A replay is a message: intake parses the whole body anew, takes in what it had not taken, and marks the record. What is
still not understood stays where it is.
"""

from __future__ import annotations

import json
from dataclasses import replace

from ..model.base import stamp
from ..model.errors import NotFound, Refused
from ..model.records import Quarantined
from ..outward.bodies import OVERSIZED
from ..outward.messages import MOST_BYTES, Intake
from ..outward.queues import Message
from ..table import keys
from .services import Services


def waiting(services: Services, reason: str | None = None) -> list[Quarantined]:
    """What lies in quarantine, the oldest first; of one reason if that is given."""
    listed = services.table.listed(keys.quarantine_partition())
    found = [each for each in listed if isinstance(each, Quarantined)]
    return [each for each in found if reason is None or each.reason == reason]


def named(key: str, services: Services) -> Quarantined:
    """One of them by its id, also one that was replayed. Raises NotFound."""
    found = services.table.get(keys.quarantined(key))
    if not isinstance(found, Quarantined):
        raise NotFound(f"there is no {key} in quarantine")
    return found


def body_of(kept: Quarantined, services: Services) -> bytes:
    """The body as it came. Raises NotFound once its time is over."""
    return services.bodies.get(kept.body_key)


def replay(kept: Quarantined, services: Services) -> None:
    """Give it to intake again. Raises NotFound without a body, Refused for what no intake could ever read."""
    if kept.channel == "mail":
        raise Refused(f"{kept.key} is a mail that was not believed ({kept.reason}): a person reads it, intake cannot")
    text = _again(kept, body_of(kept, services), services)
    services.queues.send([Message(services.settings.intake_queue_url, text)])


def _again(kept: Quarantined, body: bytes, services: Services) -> str:
    if kept.channel == "unknown":  # the message itself was not understood; its body is the message's text
        try:
            message = json.loads(body)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            raise Refused(f"{kept.key} is no message of ours: intake will never read it")
        return json.dumps({**message, "replays": [kept.key]}, separators=(",", ":"))
    intake = Intake(kept.channel, kept.delivery_id, stamp(kept.at), body=body, replays=(kept.key,), source=kept.source)
    text = intake.text()
    if len(text) <= MOST_BYTES:
        return text
    key = f"{OVERSIZED}{kept.delivery_id}"
    services.bodies.put(key, body)
    return replace(intake, body=None, body_key=key).text()
