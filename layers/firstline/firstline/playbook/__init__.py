"""The playbook: its model, its rules of coherence, and how it is loaded."""

from .loading import PlaybookError, PlaybookErrors, compiled, load_yaml, never_said, no_longer_used
from .model import ADD_ONS, ANSWERS, PLACEHOLDERS, SITUATIONS, UPDATES, Playbook
from .parts import Account, Branch, Hours, Region, Target

__all__ = [
    "ADD_ONS",
    "ANSWERS",
    "PLACEHOLDERS",
    "SITUATIONS",
    "UPDATES",
    "Account",
    "Branch",
    "Hours",
    "Playbook",
    "PlaybookError",
    "PlaybookErrors",
    "Region",
    "Target",
    "compiled",
    "load_yaml",
    "never_said",
    "no_longer_used",
]
