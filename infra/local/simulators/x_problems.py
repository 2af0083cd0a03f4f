"""What X answers when it says no: problem JSON, told apart by ``detail`` and ``type`` rather than by status.

Wordings after xdevplatform/docs response-codes-and-errors (Aug 2026) and what clients recorded; those for a deleted
parent and for direct messages are unconfirmed for v2.
"""

from __future__ import annotations

from typing import Any

from .wire import Response, answer

ABOUT_BLANK = "about:blank"
PROBLEMS = "https://api.twitter.com/2/problems/"


def problem(status: int, title: str, detail: str, kind: str = ABOUT_BLANK) -> Response:
    """Problem JSON, as every refusal of X's v2 API is."""
    return answer(status, {"title": title, "detail": detail, "type": kind, "status": status})


INVALID = problem(
    400, "Invalid Request", "One or more parameters to your request was invalid.", PROBLEMS + "invalid-request"
)
UNAUTHORIZED = problem(401, "Unauthorized", "Unauthorized")
DUPLICATE = problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
TOO_LONG = problem(
    400,
    "Invalid Request",
    "Your Tweet text is too long. For more information, visit the manage-tweets page.",
    PROBLEMS + "invalid-request",
)
NOT_SUMMONED = problem(
    403,
    "Forbidden",
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author"
    " of the post you are replying to.",
)
GONE = problem(403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you.")
NO_DM = problem(403, "Forbidden", "You do not have permission to DM one or more participants.")
TOO_MANY = problem(429, "Too Many Requests", "Too Many Requests")
NO_CREDITS = problem(
    402,
    "CreditsDepleted",
    "Your enrolled account does not have any credits to fulfill this request.",
    PROBLEMS + "credits",
)
REFUSALS = {
    "duplicate": DUPLICATE,
    "expired_token": UNAUTHORIZED,
    "window_closed": NO_DM,
    "blocked": NO_DM,
    "deleted": GONE,
    "not_summoned": NOT_SUMMONED,
    "no_credits": NO_CREDITS,
    "policy": problem(403, "Client Forbidden", "This account is suspended.", PROBLEMS + "client-forbidden"),
    "server_error": problem(503, "Service Unavailable", "Service Unavailable"),
    "cut": Response(503, cut=True),
    "rate_limit": TOO_MANY,
}


def not_found(post_id: str) -> dict[str, Any]:
    return {
        "value": post_id,
        "detail": f"Could not find tweet with id: [{post_id}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": post_id,
        "type": PROBLEMS + "resource-not-found",
    }
