"""What an account may still send on one endpoint: the windows that apply, and who waits for them (R25).

All windows must have room. A platform's documented limits begin them; what its headers say replaces that (docs/channels.md).
``pause`` is the window that a refusal or a high share of use opens: one call at its end, to hear how things stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from .base import Instant, Value

PAUSE = "pause"
SLACK = timedelta(seconds=2)
"""A window of ours begins before the platform's, and a platform tells its end in whole seconds."""
ROUND = timedelta(seconds=60)
"""Who waits is woken by the diary's minute, so that windows begin up to so much apart."""
SLOW_FROM, FULL = 80, 100
"""Percent of use (Meta: rate-limiting, 2026-08): slow down from the first, stop at the second."""
SLOWER = timedelta(seconds=3)
"""So much longer between two calls for each percent from `SLOW_FROM` on: 3 s at 80, a minute at 99."""
UNSAID = timedelta(seconds=60)
"""How long a limit is taken to last when the platform does not say; and how often a full one is asked again."""
FULL_UNSAID = timedelta(minutes=5)
"""The same for a share of use: it is counted over an hour that rolls on."""


class Window(Value):
    """So many calls in so many seconds. ``learned``: the platform said so, not its documentation."""

    limit: int
    seconds: int
    remaining: int
    resets_at: Instant
    learned: bool = False

    @classmethod
    def begun(cls, limit: int, length: timedelta, now: datetime) -> Window:
        """A window that begins with a call made now, which is not yet taken out of it."""
        seconds = int(length.total_seconds())
        slack = SLACK if length > SLACK * 100 else timedelta()
        return cls(limit=limit, seconds=seconds, remaining=limit, resets_at=now + length + slack)

    @property
    def length(self) -> timedelta:
        """How long the window lasts."""
        return timedelta(seconds=self.seconds)

    @property
    def pace(self) -> float:
        """Calls a second, in the long run."""
        return self.limit / self.seconds if self.seconds else float(self.limit)

    def moved(self, calls: int) -> Window:
        """With so many calls more (or less) left."""
        return self.model_copy(update={"remaining": self.remaining + calls})


Limits = Mapping[str, tuple[int, timedelta]]
"""The documented limits of an endpoint: the window's name to calls and length."""


class Budget(Value):
    """The row that all senders of an account share. ``waiting``: how many stand in line for a later window;
    ``crowded``: some stood in line when the present window began."""

    channel: str
    account: str
    endpoint: str
    windows: dict[str, Window] = {}
    waiting: int = 0
    crowded: bool = False
    version: int = 0

    # -- reading it ------------------------------------------------------------------------------------------------

    def opens_at(self, now: datetime) -> datetime | None:
        """When calls are possible again; None: now."""
        shut = [each.resets_at for each in self.windows.values() if each.resets_at > now and each.remaining <= 0]
        return max(shut, default=None)

    @property
    def remaining(self) -> int:
        """Calls left before the first window is used up."""
        return min((each.remaining for each in self.windows.values()), default=0)

    def pressed(self, now: datetime) -> bool:
        """Whether order matters: somebody waits, or half of a window is gone."""
        half = any(each.remaining * 2 < each.limit for each in self.windows.values() if each.resets_at > now)
        return self.waiting > 0 or self.crowded or half

    def turn(self, now: datetime) -> datetime:
        """When the last one in line should look again: as many as a window holds come back at its beginning."""
        opens = self.opens_at(now) or now
        slowest = min(self.windows.values(), key=lambda each: each.pace, default=None)
        if slowest is None or self.waiting <= 1:
            return opens
        return opens + (self.waiting - 1) // slowest.limit * (slowest.length + SLACK + ROUND)

    def calls(self, now: datetime) -> Iterator[tuple[datetime, int]]:
        """When how many calls will be possible, without end, if every one of them is made."""
        windows = dict(self.windows)
        at = now
        while windows:
            for name, each in windows.items():
                if each.resets_at <= at:
                    windows[name] = Window.begun(each.limit, each.length, at)
            room = min(each.remaining for each in windows.values())
            if room <= 0:
                at = max(each.resets_at for each in windows.values() if each.remaining <= 0)
                continue
            yield at, room
            windows = {name: each.moved(-room) for name, each in windows.items()}

    # -- transitions -----------------------------------------------------------------------------------------------

    def taken(self) -> Budget:
        """One call less in each window."""
        return self._with({name: each.moved(-1) for name, each in self.windows.items()})

    def rolled(self, limits: Limits, now: datetime) -> Budget:
        """Windows that are over begin anew, as the platform said or as is documented; new ones are added.
        Those whose turn comes with the window leave the line."""
        windows, served = dict(self.windows), 0
        for name, (limit, length) in limits.items():
            known = windows.get(name)
            if known is None or (known.resets_at <= now and not known.learned):
                windows[name] = Window.begun(limit, length, now)
        for name, known in self.windows.items():
            if known.resets_at > now:
                continue
            if windows[name] is known:
                windows[name] = Window.begun(known.limit, known.length, now).model_copy(update={"learned": True})
            if name != PAUSE:
                passed = 1 + int((now - known.resets_at) / known.length) if known.seconds else 1
                served = max(served, passed * known.limit)
        if not served:
            return self._with(windows)
        waiting = max(self.waiting - served, 0)
        return self._with(windows).model_copy(update={"waiting": waiting, "crowded": self.waiting > 0})

    def told(
        self, name: str, limit: int | None, remaining: int, resets_at: datetime, length: timedelta, now: datetime
    ) -> Budget:
        """The platform said what is left of a window. Calls of others may be under way, so that within the same
        window the smaller number holds."""
        ends, known = resets_at + SLACK / 2, self.windows.get(name)
        if ends <= now:
            return self
        most = limit or (known.limit if known else remaining)
        same = known is not None and known.limit == most and abs(known.resets_at - ends) <= SLACK * 2
        if known is not None and same:
            if known.remaining <= remaining:
                return self
            return self._with({**self.windows, name: known.model_copy(update={"remaining": remaining})})
        seconds = known.seconds if known else int(length.total_seconds())
        window = Window(limit=most, seconds=seconds, remaining=remaining, resets_at=ends, learned=True)
        return self._with({**self.windows, name: window})

    def used(self, percent: int, resets_at: datetime | None, now: datetime) -> Budget:
        """The platform said which share of a limit is used: slow down, stop, or go on."""
        if percent >= FULL:
            return self.stopped(resets_at or now + FULL_UNSAID, now)
        if percent >= SLOW_FROM:
            return self._paused(now + SLOWER * (percent - SLOW_FROM + 1), SLOWER * (percent - SLOW_FROM + 1))
        return self.resumed()

    def stopped(self, until: datetime, now: datetime) -> Budget:
        """Refused for a limit: nobody calls before then, and then one, to hear how things stand."""
        opens = self.opens_at(now)
        if opens is not None and opens >= until - SLACK:
            return self
        return self._paused(until, UNSAID)

    def counted(self, waiting: int) -> Budget:
        """So many stand in line in truth: some were answered by people, some did not survive."""
        return self if self.waiting == waiting else self.model_copy(update={"waiting": waiting})

    def resumed(self) -> Budget:
        """A call went through: no pause any more."""
        return self._with({name: each for name, each in self.windows.items() if name != PAUSE})

    def _paused(self, until: datetime, length: timedelta) -> Budget:
        window = Window(limit=1, seconds=int(length.total_seconds()), remaining=0, resets_at=until, learned=True)
        return self._with({**self.windows, PAUSE: window})

    def _with(self, windows: dict[str, Window]) -> Budget:
        return self if windows == self.windows else self.model_copy(update={"windows": windows})
