"""The Graph API: one call, and what its refusals mean.

Errors come mostly with HTTP 400: the code decides, not the status. Source: Meta error-handling, Messenger error codes;
the repositories named in docs/channels.md for 2018278, 2534022, 1545041, 32 and 10900.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...model.errors import AccountDown, Outcome, Permanent, Reword, Unclear, Wait
from .. import reading
from ..contract import Credentials, Sent, Usage

if TYPE_CHECKING:
    from ...outward.http import Http, Response

VERSION = "v25.0"
"""Calls without a version get the oldest one that still lives; each lives about two years."""

SUBCODES: dict[int, tuple[type[Outcome], str]] = {
    2018278: (Permanent, "window_closed"),
    2534022: (Permanent, "window_closed"),
    1893063: (AccountDown, "page_restricted"),
    1545041: (Permanent, "person_not_available"),
}
CODES: dict[int, tuple[type[Outcome], str]] = {
    1: (Unclear, "temporary"),
    2: (Unclear, "temporary"),
    3: (AccountDown, "permission"),
    10: (AccountDown, "permission"),
    **{code: (AccountDown, "permission") for code in range(200, 300)},
    **{code: (Wait, "rate_limited") for code in (4, 17, 32, 613, 130429, 131048, 131056, 133016)},
    **{code: (Wait, "rate_limited") for code in range(80000, 80100)},
    100: (Permanent, "object_gone"),
    102: (AccountDown, "token"),
    190: (AccountDown, "token"),
    368: (AccountDown, "policy_blocked"),
    506: (Reword, "duplicate_text"),  # unconfirmed for comments
    551: (Permanent, "person_not_available"),
    10900: (Permanent, "already_replied"),  # unconfirmed: a second private reply to one comment
}


def call(
    http: Http, credentials: Credentials, method: str, path: str, *, base_url: str = "", **content: Any
) -> Response:
    """One call with the account's token, which stays out of the URL; ``base_url`` if it is not Graph's own.

    Raises the Outcome that a refusal means.
    """
    token = credentials.get("token")
    if not token:
        raise AccountDown("no_credentials")
    url = f"{base_url or http.graph_base_url}/{VERSION}/{path}"
    response = http.request(method, url, headers={"authorization": f"Bearer {token}"}, **content)
    if not 200 <= response.status < 300 or "error" in reading.obj(response.data):
        raise refusal(response, http.now())
    return response


def created(http: Http, response: Response, name: str) -> Sent:
    """What the call made, by the id in the member ``name``. Raises Unclear when there is none."""
    data, usage = reading.obj(response.data), usage_of(response, http.now())
    platform_id = reading.identifier(data.get(name))
    if platform_id is None:
        unclear = Unclear("answer_without_id")
        unclear.usage = usage
        raise unclear
    return Sent(platform_id, reading.identifier(data.get("recipient_id")), usage)


def segment(value: str) -> str:
    """An id as a part of a path."""
    return quote(value, safe="")


def refusal(response: Response, now: float) -> Outcome:
    """The outcome that a refusal means, with what the headers say. ``now`` in epoch seconds."""
    error = reading.obj(reading.obj(response.data).get("error"))
    outcome = outcome_of(response.status, reading.whole(error.get("code")), reading.whole(error.get("error_subcode")))
    outcome.usage = usage = usage_of(response, now)
    if isinstance(outcome, Wait) and usage and usage.resets_at:
        outcome.after = max(1.0, usage.resets_at - now)
    return outcome


def outcome_of(status: int, code: int | None, subcode: int | None) -> Outcome:
    """What a refusal means by its codes, else by its HTTP status."""
    if subcode in SUBCODES:
        kind, reason = SUBCODES[subcode]
        return kind(f"{reason}:{subcode}")
    if code in CODES:
        kind, reason = CODES[code]
        return kind(f"{reason}:{code}" if subcode is None else f"{reason}:{code}/{subcode}")
    if status == 429:
        return Wait("rate_limited")
    if status == 401:
        return AccountDown("token")
    if not 400 <= status < 500:
        return Unclear(f"unclear:{status}")
    return Permanent(f"refused:{status if code is None else code}")


def usage_of(response: Response, now: float) -> Usage | None:
    """The fullest of all limits that the headers name, in percent, and when Meta expects calls to go through again."""
    shares: list[int] = []
    minutes: list[int] = []
    for name in ("x-app-usage", "x-page-usage", "x-business-use-case-usage"):
        try:
            told = reading.obj(json.loads(response.headers.get(name, "null")))
        except reading.STRANGE:
            continue
        uses = [told, *(one for value in told.values() for one in reading.items(value))]
        for use in map(reading.obj, uses):
            found = (reading.whole(use.get(key)) for key in ("call_count", "total_cputime", "total_time"))
            shares += [share for share in found if share is not None]
            minutes.append(reading.whole(use.get("estimated_time_to_regain_access")) or 0)
    if not shares:
        return None
    wait = max(minutes, default=0)
    return Usage(percent=max(shares), resets_at=int(now) + wait * 60 if wait else None)
