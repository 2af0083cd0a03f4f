"""Insults, and whether there is a point in them (R24, R33).

Why: tone and substance are judged apart. Most people who insult a brand have been let down by it: abuse that has a
point is a complaint and is answered calmly, the tone is shown to the agent. Only insults that say nothing else are
moderated; what is long enough to say something is given the benefit of the doubt. "Are you stupid?" asks nothing.

Examples: "You idiots, my oven is dead for three weeks" -> a complaint, tone abusive; "Bunch of idiots" -> abuse.
"""

from __future__ import annotations

from .reading import Reading

LONGEST_EMPTY_INSULT = 18
"""Words. Whoever writes more says something, even if no list knows what."""
LONGEST_EMPTY_QUESTION = 7
"""Words of a question that is asked only to insult."""


def without_a_point(reading: Reading) -> bool:
    """Whether it is nothing but insults."""
    if not reading.abuse or reading.point or reading.requests or reading.personal_data or reading.since:
        return False
    return reading.words <= (LONGEST_EMPTY_QUESTION if reading.asks else LONGEST_EMPTY_INSULT)
