"""Danger to people: gas, fire, smoke, shock, injury. Always urgent, whatever else the post is.

Why: a wrong alarm costs an agent a minute, a missed one may cost a life; so its words count in every language, beside
sarcasm, insults and spam alike.

Examples: "I smell gas near the hob" -> urgent; "Der Trockner brennt!!" in a post that seems to be English -> urgent.
"""

from __future__ import annotations

from .reading import Reading


def at_stake(reading: Reading) -> bool:
    """Whether somebody may get hurt."""
    return bool(reading.safety)


def now(reading: Reading) -> bool:
    """Whether something burns at this moment: then the emergency number comes first."""
    return bool(reading.safety and reading.burning_now)
