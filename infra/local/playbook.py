"""The playbook of the local stack: the worked example with targets short enough to watch. It differs as data only.

Branches are open round the clock, so that their clocks run whenever the demo does; a handoff that nobody touches is
reminded of after half a minute and with its region after two. One more branch, of the French region but overseas,
stands five hours west of the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from firstline.playbook import Playbook, load_yaml
from firstline.playbook.parts import WEEKDAYS

EXAMPLE = Path(__file__).resolve().parents[1] / "playbook/lumora.yaml"
CHATS = ("messenger", "whatsapp")
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


def answer_targets(playbook: Playbook) -> dict[str, int]:
    """Seconds to the brand's first answer by channel and by generic source, ``dm`` in private where a channel has both;
    0 where only people answer. Targets of single hours are left out."""
    found = {"dm": playbook.target("acknowledge", "x", "private") * 60}
    for account in playbook.accounts:
        visibility: Literal["public", "private"] = "private" if account.channel in CHATS else "public"
        minutes = playbook.target("acknowledge", account.channel, visibility, account=account.id)
        name = account.id if account.channel == "generic" else account.channel
        found[name] = 0 if account.plan == "people_only" else minutes * 60
    return found
