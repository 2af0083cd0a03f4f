"""Plain spam: advertising and bait that wants nothing from the brand (R33).

Why so careful: genuine criticism must never be silenced as spam, so a post that names damage, danger or a field issue
is none, and one suspicious word is not enough.

Examples: "Earn 5000 a day from home, DM me!! https://…" -> spam; "My dryer broke, see https://…" -> none.
"""

from __future__ import annotations

from firstline.playbook import Playbook

from .reading import Reading


def why_spam(reading: Reading, playbook: Playbook) -> str | None:
    """The reason why it is spam, or None."""
    if reading.safety or reading.severe or reading.field:
        return None
    rules = playbook.rules.spam
    phrases, hints = reading.spam_phrases, reading.spam_hints
    if phrases and not reading.annoying:
        return f"says “{phrases[0]}”"
    if hints and not reading.point and (reading.link or len(hints) > 1):
        return f"says “{hints[0]}”" + (" beside a link" if reading.link else f" and “{hints[1]}”")
    if reading.hashtags > rules.max_hashtags and reading.link and not reading.point:
        return f"{reading.hashtags} hashtags beside a link"
    return None
