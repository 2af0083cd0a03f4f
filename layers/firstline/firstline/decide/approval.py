"""Whether a robot may say a text that no person wrote (R25a).

Why: X wants its approval before replies that an AI wrote are sent automatically (developer-guidelines, 2026-08), and a
brand may not want to be quoted with a machine's translation. Both are switches of the playbook, off unless granted; what
is not granted is left to the other words of the playbook, and the agent finds the text on the case.

Examples: an answer whose Polish text is marked as machine translated -> not said, until approvals.machine_translation.
"""

from __future__ import annotations

from firstline.playbook import Playbook
from firstline.playbook.rules import Answer


def may_be_said(answer: Answer, language: str, playbook: Playbook) -> bool:
    """Whether the known answer has a text in this language, written by a person or approved."""
    if language not in answer.texts:
        return False
    made_by = answer.made_by.get(language)
    granted = playbook.approvals
    return (
        made_by is None
        or {
            "machine_translation": granted.machine_translation,
            "generated_text": granted.generated_text,
        }[made_by]
    )
