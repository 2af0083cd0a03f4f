"""Whether an app wrote by itself what came from the brand's own account: an away message, a greeting.

Why: it is no answer. Taken for one it stops the clock, takes the work from the agents, and nobody ever comes.

It is a machine's when it follows the customer's words faster than a person can read them: at once, or within a few
seconds with the very words that somebody else was sent, too. In the midst of a conversation nobody is taken for a
machine: there, what was being typed may be sent right after the customer's next words.

Example: "my fridge leaks" at 18:26:41, "Thank you for your message. We are unavailable…" at 18:26:41 -> a machine.
"Do you deliver to Bath?" and, 0.9 seconds later by a platform that tells milliseconds, "Yes, on Tuesdays" -> a person.
"""

from __future__ import annotations

from datetime import datetime, timedelta

AT_ONCE = timedelta(seconds=0.5)
"""Of times that are told in whole seconds: the same second."""
SOON = timedelta(seconds=10)


def by_machine(asked: datetime, answered: datetime, *, said_before: bool = False) -> bool:
    """Whether no person can have answered then. ``said_before``: somebody else was sent the same words."""
    after = answered - asked
    return timedelta(0) <= after < AT_ONCE or (said_before and timedelta(0) <= after <= SOON)
