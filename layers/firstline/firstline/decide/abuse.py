"""Insults, and whether there is a point in them (R24, R33).

Why: tone and substance are judged apart. Most people who insult a brand have been let down by it: abuse that has a
point is a complaint and is answered calmly, the tone is shown to the agent. Only insults that say nothing else are
moderated; what is long enough to say something is given the benefit of the doubt. "Are you stupid?" asks nothing.

Examples: "You idiots, my oven is dead for three weeks" -> a complaint, tone abusive; "Bunch of idiots" -> abuse.
"""

from __future__ import annotations

import re

from firstline.model.post import Post

from .reading import Reading

MOST_OTHER_WORDS = 5
"""Beside the insults. Whoever writes more says something, even if no list knows what."""
_QUOTES = re.compile(r"[\"“”„«»]|(?<!\w)rt @", re.IGNORECASE)


def without_a_point(post: Post, reading: Reading) -> bool:
    """Whether it is nothing but insults, of us and in the author's own voice."""
    if not reading.abuse or reading.point or reading.requests or reading.personal_data or reading.since:
        return False
    if post.quoted_text or post.quoted_id or _QUOTES.search(reading.text):
        return False
    return reading.words - sum(len(insult.split()) for insult in reading.abuse) <= MOST_OTHER_WORDS
