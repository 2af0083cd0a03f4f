"""What a platform allows, as data with source and date (R25a)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import ConfigDict

from .base import Value


class Clause(Value):
    """One rule of a platform: its name, what it says, where and when that was read."""

    name: str
    says: str
    source: str
    date: str


Who = Literal["nobody", "whoever_summons", "whoever_addresses", "whoever_wrote_here", "everybody"]
"""Whom a robot may answer: ``whoever_summons`` named the account explicitly or quoted it, ``whoever_addresses`` spoke to
the brand, ``whoever_wrote_here`` wrote on the brand's own page or into its own inbox first."""


class Terms(Value):
    """What a platform allows on one of its ways of sending (an endpoint), as data; `Law` is what follows for one post.

    Times are in seconds: ``window`` after the person's last message for robots, ``human_window`` for people under
    ``human_tag`` (no robot ever speaks under it), ``ends_after`` after the post was written. Prices are in USD for one
    message without and with a link, None where nothing is charged. ``privacy_link``: a robot's words carry the link to
    the brand's privacy policy.
    """

    endpoint: str
    who: Who
    once: bool = False
    """One automated reply per interaction: every later word on it is an agent's."""
    window: int | None = None
    human_window: int | None = None
    human_tag: str | None = None
    ends_after: int | None = None
    privacy_link: bool = False
    price: str | None = None
    price_with_link: str | None = None
    clauses: tuple[str, ...]
    """Names of the clauses that say so."""


class Requirement(Value):
    """What must be in place on an account before a robot may speak there; ``clause`` names the rule that wants it.

    ``where`` says who can see to it: ``profile`` (a setting or text of the account), ``messages`` (Firstline adds it to
    what robots say), ``page`` (a state of the page).
    """

    name: str
    where: Literal["profile", "messages", "page"]
    says: str
    clause: str


class Law(Value):
    """What a robot may say to one post on one channel, decided by the channel for that post.

    ``automatic`` says whether a robot may answer this post at all; if not, ``because`` is the clause's name and the
    answer is an agent's. ``once`` is true where one interaction allows one automated reply only. ``window_ends_after``
    is the number of seconds after the person's last message in which a robot may write (None: no window).
    ``max_length`` is in the units of ``measure``.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    automatic: bool = True
    because: str | None = None
    once: bool = False
    window_ends_after: int | None = None
    links: bool = False
    private_reply: bool = False
    """A robot may also send one private reply to the public post (Facebook comments)."""
    private_reply_ends_after: int | None = None
    """Seconds after the post was written in which the private reply may be sent (None: no end)."""
    privacy_link: bool = False
    """A robot's words carry the link to the brand's privacy policy."""
    max_length: int = 8000
    measure: Callable[[str], int] = len
    clauses: tuple[str, ...] = ()
    """Names of the clauses that led here, for `explain`."""
