"""Which lane a person's work goes to (R40), or None when no person needs to act.

Why: what is urgent must not stand behind what came earlier, and languages that only e-mail agents read go to them;
never anything pressing, since a mailbox is read later than a lane.

Examples: danger -> urgent; a calm question -> standard; praise, spam, nothing but insults -> none.
"""

from __future__ import annotations

from firstline.model.decision import Lane
from firstline.playbook import Playbook

NOBODYS_WORK = frozenset({"praise", "house_rules", "spam", "talk", "opt_out_confirmed"})


def choose(situation: str, priority: int, safety: bool, language: str, playbook: Playbook) -> tuple[Lane | None, str]:
    """The lane and the reason for the work."""
    rules = playbook.rules.lanes
    if safety:
        return "urgent", "somebody may get hurt"
    if situation in NOBODYS_WORK:
        return None, f"{situation}: nobody needs to act"
    if priority >= rules.urgent_from_priority:
        return "urgent", f"priority {priority}"
    if language in rules.email_languages and priority < rules.email_below_priority:
        return "email", f"the e-mail team reads {language}"
    return "standard", f"priority {priority}"
