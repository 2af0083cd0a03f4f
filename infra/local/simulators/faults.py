"""Refusals on demand, and the budgets that refuse by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal[
    "rate_limit",  # 429 / code 4
    "duplicate",  # the same words lately
    "expired_token",  # 401 / code 190
    "window_closed",  # Messenger 10/2018278; X: may not write to this person
    "deleted",  # the post that is answered is gone
    "blocked",  # the person is not available
    "not_summoned",  # X self-serve
    "no_credits",  # X 402
    "policy",  # Meta 368
    "server_error",  # 503 without effect
    "cut",  # the connection ends without effect
    "unclear",  # takes effect, then the connection ends
    "delayed_visibility",  # reads do not show it for `seconds`; its webhook waits as long
    "no_echo",  # no webhook tells of it
    "pair_limit",  # WhatsApp 131056
    "undelivered",  # WhatsApp takes it, and a status tells that it failed (with `code`)
]
SIDE_EFFECTS: frozenset[str] = frozenset({"unclear", "delayed_visibility", "no_echo", "undelivered"})
"""Kinds that let the call succeed and change what is seen of it; the others refuse it."""

DEFAULT_SECONDS = {"rate_limit": 900, "delayed_visibility": 30}


@dataclass
class Fault:
    """A planned fault. It ends after ``times`` calls, or at ``until``; ``match`` must occur in what the call says, in
    the post that it answers, or in an id. ``seconds``: how long a delay or a used-up window lasts."""

    channel: str
    kind: Kind
    times: int | None
    until: datetime | None
    seconds: int
    match: str
    on: Literal["send", "read", "any"]
    code: int | None = None


@dataclass
class Faults:
    """The faults that are planned, in the order in which they were asked for."""

    planned: list[Fault] = field(default_factory=list)

    def plan(
        self,
        channel: str,
        kind: Kind,
        now: datetime,
        *,
        times: int | None = None,
        seconds: int | None = None,
        match: str = "",
        on: Literal["send", "read", "any"] | None = None,
        code: int | None = None,
    ) -> Fault:
        """Plans a fault: for ``times`` calls (default 1), or, when only ``seconds`` is given, for that long."""
        lasts = seconds is not None and times is None and kind != "delayed_visibility"
        fault = Fault(
            channel=channel,
            kind=kind,
            times=None if lasts else times or 1,
            until=now + timedelta(seconds=seconds) if lasts and seconds is not None else None,
            seconds=seconds if seconds is not None else DEFAULT_SECONDS.get(kind, 0),
            match=match.casefold(),
            on=on or ("any" if kind == "expired_token" else "send"),
            code=code,
        )
        self.planned.append(fault)
        return fault

    def take(self, channel: str, on: str, said: str, now: datetime) -> tuple[Fault | None, dict[str, Fault]]:
        """The refusal for this call, if one is due, else the side effects by kind. What is taken is used up."""
        self.planned = [fault for fault in self.planned if fault.until is None or fault.until > now]
        due = [
            fault
            for fault in self.planned
            if fault.channel in (channel, "*") and fault.on in (on, "any") and fault.match in said.casefold()
        ]
        refusal = next((fault for fault in due if fault.kind not in SIDE_EFFECTS), None)
        effects: dict[str, Fault] = {fault.kind: fault for fault in reversed(due) if fault.kind in SIDE_EFFECTS}
        for fault in [refusal] if refusal else effects.values():
            self._use(fault)
        return refusal, {} if refusal else effects

    def _use(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.planned.remove(fault)


@dataclass(frozen=True)
class Budget:
    """What is left of a window after this call. ``allowed`` is false when it was used up before."""

    limit: int
    remaining: int
    reset: datetime
    allowed: bool

    @property
    def headers(self) -> dict[str, str]:
        """X's headers; ``reset`` in seconds since 1970 [xdevplatform/docs fundamentals/rate-limits, Aug 2026]."""
        return {
            "x-rate-limit-limit": str(self.limit),
            "x-rate-limit-remaining": str(self.remaining),
            "x-rate-limit-reset": str(int(self.reset.timestamp())),
        }


@dataclass
class Windows:
    """Calls counted in fixed windows, each of which begins with its first call."""

    limits: dict[str, tuple[int, int]]
    used: dict[tuple[str, str], tuple[datetime, int]] = field(default_factory=dict)

    def take(self, account: str, name: str, now: datetime) -> Budget:
        """Counts one call of the account against the named limit."""
        limit, seconds = self.limits[name]
        began, count = self.used.get((account, name), (now, 0))
        if now >= began + timedelta(seconds=seconds):
            began, count = now, 0
        allowed = count < limit
        count += allowed
        self.used[account, name] = (began, count)
        return Budget(limit, limit - count, began + timedelta(seconds=seconds), allowed)
