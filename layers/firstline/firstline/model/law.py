"""What a platform allows, as data with source and date (R25a)."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ConfigDict

from .base import Value


class Clause(Value):
    """One rule of a platform: its name, what it says, where and when that was read."""

    name: str
    says: str
    source: str
    date: str


class Law(Value):
    """What a robot may say to one post on one channel, decided by the channel for that post.

    ``automatic`` says whether a robot may answer this post at all; if not, ``because`` is the clause's name and the
    answer is an agent's. ``once`` is true where one interaction allows one automated reply only. ``window_ends_after``
    is the number of seconds after the person's last message in which a robot may write (None: no window).
    ``max_length`` is in the units of ``measure``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    automatic: bool = True
    because: str | None = None
    once: bool = False
    window_ends_after: int | None = None
    links: bool = False
    private_reply: bool = False
    """A robot may also send one private reply to the public post (Facebook comments)."""
    max_length: int = 8000
    measure: Callable[[str], int] = len
    clauses: tuple[str, ...] = ()
    """Names of the clauses that led here, for `explain`."""
