"""What X's refusals mean. A 403 alone says nothing: ``detail`` and ``type`` decide.

Source: X fundamentals/response-codes-and-errors and the clients named in docs/channels.md; wordings marked there as
unconfirmed are matched by what is likely to stay in them, beside the v1.1 code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model.errors import AccountDown, Outcome, Permanent, Reword, Unclear, Wait
from .. import reading
from ..contract import Usage
from ..reading import Json

if TYPE_CHECKING:
    from ...outward.http import Response


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. It fits when the status does and, where it names any, a word of ``says`` occurs in the
    problem's title, detail or type, or the v1.1 code is one of ``codes``."""

    status: int | None
    outcome: type[Outcome]
    reason: str
    says: tuple[str, ...] = ()
    codes: tuple[int, ...] = ()

    def fits(self, status: int, said: str, codes: set[int]) -> bool:
        """Whether this line describes the answer."""
        if self.status is not None and self.status != status:
            return False
        if not self.says and not self.codes:
            return True
        return any(word in said for word in self.says) or not codes.isdisjoint(self.codes)


ROWS = (
    Row(None, AccountDown, "client_forbidden", says=("/client-forbidden",)),
    Row(None, AccountDown, "usage_capped", says=("/usage-capped",)),
    Row(None, AccountDown, "unsupported_authentication", says=("/unsupported-authentication",)),
    Row(None, AccountDown, "permissions_missing", says=("/oauth1-permissions",)),
    Row(400, Permanent, "text_too_long", says=("too long",), codes=(186,)),
    Row(401, AccountDown, "token_refused"),
    Row(402, AccountDown, "credits_used_up"),
    Row(403, Reword, "duplicate_text", says=("duplicate content",), codes=(187,)),
    Row(403, Permanent, "not_summoned", says=("not been mentioned", "otherwise engaged")),
    Row(403, Permanent, "replies_restricted", says=("restricted who can reply",), codes=(433,)),
    Row(403, Permanent, "parent_gone", says=("deleted", "not visible to you"), codes=(385,)),
    Row(403, Permanent, "message_not_allowed", says=("direct message", "dm "), codes=(349, 150)),
    Row(403, AccountDown, "account_locked", says=("your account is suspended", "temporarily locked"), codes=(64, 326)),
    Row(403, Permanent, "forbidden"),
    Row(404, Permanent, "parent_gone"),
    Row(408, Unclear, "timeout"),
    Row(429, Wait, "rate_limited"),
)


def refusal(response: Response, now: float) -> Outcome:
    """The outcome that an unsuccessful answer means, with what its headers say. ``now`` in epoch seconds."""
    problem = _problem(response)
    parts = [problem, *map(reading.obj, reading.items(problem.get("errors")))]
    codes = {code for part in parts if (code := reading.whole(part.get("code"))) is not None}
    said = " ".join(reading.words(part.get(name)) for part in parts for name in ("title", "detail", "type", "message"))
    status = response.status
    if 200 <= status < 300:
        status = reading.whole(problem.get("status")) or status
    usage = usage_of(response)
    outcome = _outcome(status, said.casefold(), codes)
    if isinstance(outcome, Wait):
        outcome.after = _after(response, usage, now)
    outcome.usage = usage
    return outcome


def _outcome(status: int, said: str, codes: set[int]) -> Outcome:
    # Below 400 nothing was refused, from 500 on nothing is known: only looking tells.
    if 400 <= status < 500:
        for row in ROWS:
            if row.fits(status, said, codes):
                return row.outcome(row.reason)
        return Permanent(f"refused:{status}")
    return Unclear(f"unclear:{status}")


def _problem(response: Response) -> Json:
    data = reading.obj(response.data)
    if 200 <= response.status < 300:
        # A success may hold problems beside, or instead of, its data.
        return reading.obj(next(iter(reading.items(data.get("errors"))), None))
    return data


WINDOWS = {"window": "x-rate-limit", "day": "x-user-limit-24hour", "app_day": "x-app-limit-24hour"}
"""The 15 minutes and the 24 hours of the account, and the 24 hours of the app, which all accounts share."""


def usage_of(response: Response) -> Usage | None:
    """What X's headers say: a day that is used up, else the window; the others beside it."""
    found = [_window(response, prefix, name) for name, prefix in WINDOWS.items()]
    told = sorted((one for one in found if one is not None), key=lambda one: one.remaining != 0 or one.name == "window")
    return replace(told[0], also=tuple(told[1:])) if told else None


def _window(response: Response, prefix: str, name: str) -> Usage | None:
    limit, remaining, reset = (
        reading.whole(response.headers.get(f"{prefix}-{part}")) for part in ("limit", "remaining", "reset")
    )
    if limit is None and remaining is None and reset is None:
        return None
    return Usage(remaining=remaining, limit=limit, resets_at=reset, name=name)


def _after(response: Response, usage: Usage | None, now: float) -> float | None:
    if usage and usage.resets_at:
        return max(1.0, usage.resets_at - now)
    told = reading.whole(response.headers.get("retry-after"))
    return float(told) if told else None
