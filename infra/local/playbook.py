"""The playbook of the local stack: the worked example with targets short enough to watch. It differs as data only.

Branches are open round the clock, so that their clocks run whenever the demo does; a handoff that nobody touches is
reminded of after half a minute and with its region after two. One more branch, of the French region but overseas,
stands five hours west of the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firstline.playbook import Playbook, load_yaml
from firstline.playbook.parts import WEEKDAYS

EXAMPLE = Path(__file__).resolve().parents[1] / "playbook/lumora.yaml"
ALWAYS = {"open": {day: ["00:00-24:00"] for day in WEEKDAYS}}
HANDOFF = {"accept_minutes": 1, "remind_after": [0.5], "escalate_after_accept_minutes": 1}
OVERSEAS = {
    "id": "guadeloupe",
    "name": "Lumora Guadeloupe",
    "region": "fr",
    "places": ["pointe-à-pitre", "guadeloupe"],
    "languages": ["fr"],
    "language": "fr",
    "hours": {"time_zone": "America/Guadeloupe", **ALWAYS},
    "email": "guadeloupe@branches.lumora.example",
    "escalation_email": "fr@regions.lumora.example",
    "latitude": 16.24,
    "longitude": -61.53,
}


def local_playbook() -> Playbook:
    """The example as the local stack publishes it; its version says so."""
    told: dict[str, Any] = load_yaml(EXAMPLE.read_text()).model_dump(mode="json")
    for branch in told["branches"]:
        branch["hours"] = {"time_zone": branch["hours"]["time_zone"], **ALWAYS}
    told["branches"].append(OVERSEAS)
    told["handoff"] |= HANDOFF
    told["version"] += "-local"
    return Playbook.model_validate(told)
