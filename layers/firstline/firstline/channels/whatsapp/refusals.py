"""What WhatsApp's error codes mean, in an answer to a call and in a status that comes later.

Source: david-lev/pywa errors.py; Meta: whatsapp/cloud-api/support/error-codes (August 2026). Codes that are not here
mean what they mean everywhere in the Graph API.
"""

from __future__ import annotations

from typing import Literal

from ...model.errors import AccountDown, Outcome, Permanent, Unclear, Wait
from ..contract import Usage
from ..meta import graph

PAIR_LIMIT = 131056
PAIR_BASE = 4.0
"""After a pair limit wait 4 to the power of the tries, in seconds (Meta: pair rate limits)."""
LONGEST_PAIR_WAIT = 4096.0
_MOST_POWERS = 6

CODES: dict[int, tuple[type[Outcome], str]] = {
    131047: (Permanent, "window_closed"),
    131026: (Permanent, "undeliverable"),
    131021: (Permanent, "own_number"),
    131030: (Permanent, "not_on_the_test_list"),
    131062: (Permanent, "no_scoped_id_here"),
    130472: (Permanent, "experiment"),
    131049: (Permanent, "ecosystem"),
    131050: (Permanent, "person_stopped_marketing"),
    131051: (Permanent, "our_request"),
    131008: (Permanent, "our_request"),
    131009: (Permanent, "our_request"),
    100: (Permanent, "our_request"),
    **{code: (Wait, "rate_limited") for code in (130429, 131048, 80007, 4, 133016)},
    PAIR_LIMIT: (Wait, "pair_limited"),
    **{code: (Unclear, "temporary") for code in (131000, 131016, 131057, 135000)},
    **{code: (AccountDown, "token") for code in (0, 190)},
    **{code: (AccountDown, "permission") for code in (3, 10, 131005, *range(200, 300))},
    368: (AccountDown, "policy_blocked"),
    131031: (AccountDown, "account_locked"),
    130497: (AccountDown, "country_restricted"),
    131042: (AccountDown, "payment"),
}


def refusal(
    status: int, code: int | None, subcode: int | None, usage: Usage | None, attempt: int, now: float
) -> Outcome:
    """The outcome that a refused call means. ``now`` in epoch seconds."""
    if code in CODES:
        kind, reason = CODES[code]
        outcome = kind(f"{reason}:{code}")
    else:
        outcome = graph.outcome_of(status, code, subcode)
    outcome.usage = usage
    if isinstance(outcome, Wait) and code == PAIR_LIMIT:
        outcome.account_wide = False
        outcome.after = min(PAIR_BASE ** min(max(attempt, 1), _MOST_POWERS), LONGEST_PAIR_WAIT)
    elif isinstance(outcome, Wait) and usage is not None and usage.resets_at:
        outcome.after = max(1.0, usage.resets_at - now)
    return outcome


Failure = Literal["refused", "wait", "again", "parked"]


def failure(code: int | None) -> tuple[Failure, str, float | None]:
    """What a status ``failed`` means: what to do, why, and the seconds to wait (see `model.events.ReplyStatus`).

    What is temporary in an answer leaves open whether the message went out; here the platform says that it did not.
    """
    if code not in CODES:
        return "refused", "undeliverable" if code is None else f"refused:{code}", None
    kind, reason = CODES[code]
    what: Failure = "refused"
    if kind is Wait:
        what = "wait"
    elif kind is Unclear:
        what = "again"
    elif kind is AccountDown:
        what = "parked"
    return what, f"{reason}:{code}", PAIR_BASE if code == PAIR_LIMIT else None
