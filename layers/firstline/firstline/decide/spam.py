"""Plain spam: advertising and bait that wants nothing from the brand (R33).

Why so careful: genuine criticism must never be silenced as spam, so a post that names danger or a product is none, and
one suspicious word is not enough: a link, a sum of money or a second one must stand beside it. A sum of money says
nothing in a post about trouble: "you owe me $300, dm me to fix this" is a complaint.

Examples: "Earn 5000 a day from home, DM me!! https://…" -> spam; "My dryer broke, see https://…" -> none.
"""

from __future__ import annotations

from firstline.playbook import Playbook

from .reading import Reading


def why_spam(reading: Reading, playbook: Playbook) -> str | None:
    """The reason why it is spam, or None."""
    if reading.safety or reading.products:
        return None
    rules = playbook.rules.spam
    phrases, hints = reading.spam_phrases, reading.spam_hints
    genuine = reading.trouble or reading.negative or reading.topics or reading.since
    more = len(phrases) > 1 or bool(hints) or reading.link or (reading.money and not genuine)
    if phrases and (more or not genuine):
        return f"says “{phrases[0]}”"
    beside = (
        "a link" if reading.link else f"“{hints[1]}”" if len(hints) > 1 else "a sum of money" if reading.money else ""
    )
    if hints and beside and not reading.point and not (genuine and not reading.link):
        return f"says “{hints[0]}” beside {beside}"
    if reading.hashtags > rules.max_hashtags and reading.link and not reading.point:
        return f"{reading.hashtags} hashtags beside a link"
    return None
