"""Praise, only when undoubted (R24).

Why: thanking somebody for a sarcastic complaint ("Great job, third repair in a month!") is the worst answer there is,
while treating praise as a complaint is a small awkwardness. So anything negative, any damage, insult, question,
request, any "but" or sarcasm marker, and praise in quotation marks, make it a complaint.

Examples: "Love my new oven, thank you!" -> praise; "Great, it broke again. Well done." -> none; 'What "great" service'
-> none.
"""

from __future__ import annotations

import re

from .reading import Reading


def undoubted(reading: Reading) -> bool:
    """Whether it is praise beyond doubt."""
    if not reading.praise:
        return False
    doubts = (reading.negative, reading.trouble, reading.abuse, reading.sarcasm, reading.contrast)
    if any(doubts) or reading.asks or reading.personal_data:
        return False
    return not any(re.search(rf"[\"«»*]\s?{re.escape(word)}", reading.plain) for word in reading.praise)
