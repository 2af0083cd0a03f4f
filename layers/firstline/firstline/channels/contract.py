"""The contract of a channel: what the rest of Firstline may ask of any platform.

A channel is a package with two faces. Its *door* verifies what comes in and needs only the standard library; its
*adapter* knows everything else that is peculiar to the platform. Both are modules; these protocols say what is in them,
and the contract suite holds every channel to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from ..model.events import Event, NeedsLookup
from ..model.law import Clause, Law, Requirement, Terms
from ..model.post import Post
from .answer import Answer

if TYPE_CHECKING:
    from ..outward.http import Http

__all__ = ["Adapter", "Answer", "Door", "Limit", "Outgoing", "Sent", "Tokens", "Usage"]

Credentials = Mapping[str, Any]
"""One account's part of the channel secret: OAuth 1.0a keys or ``bearer`` for X, ``token`` for Meta, ``url`` and
``signing`` (one secret or two) of a generic source's callback."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A platform's documented limit: so many calls in so many seconds, per account; ``day``: and in 24 hours."""

    calls: int
    seconds: int
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What the platform's headers say about a limit. ``remaining`` and ``limit`` count calls, ``resets_at`` is in
    epoch seconds, ``percent`` is 0 to 100 and above. None: not said. ``also``: further limits of the same
    call, each under a ``name`` of its own and over 24 hours."""

    remaining: int | None = None
    limit: int | None = None
    resets_at: int | None = None
    percent: int | None = None
    name: str = "window"
    also: tuple[Usage, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One reply to be sent.

    ``reply_id`` is ours and travels along where the platform gives it back. ``in_reply_to`` is the post that is
    answered; ``recipient`` the person's id on the platform, for private messages. ``human`` is true for an agent's own
    words. ``since`` is when the first attempt was made (UTC): what is older cannot be this reply. ``attempt`` counts
    the tries, this one included.
    ``thread_id`` and ``parent_id`` are where the answered post stands (`Post`), for platforms that do not find that by
    its id alone.
    """

    reply_id: str
    account: str
    endpoint: str
    text: str
    in_reply_to: str | None
    recipient: str | None
    human: bool
    since: datetime
    attempt: int = 1
    thread_id: str | None = None
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply that the platform has. ``recipient_id`` is the person's id in private messages where the platform tells
    it only now (a private reply to a comment). ``channel`` is where the message stands and that id holds, if that is
    another channel than the reply's: Facebook's private replies stand in Messenger."""

    platform_id: str
    recipient_id: str | None = None
    usage: Usage | None = None
    channel: str | None = None


class Door(Protocol):
    """What stands at the webhook. Imports neither pydantic nor requests."""

    def handshake(self, query: Mapping[str, str], secrets: Mapping[str, Any]) -> Answer | None:
        """The answer to a platform's GET, or None if it is no handshake. A wrong token gets 403 and no echo."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, Any], now: datetime) -> None:
        """Raises Forged, and nothing else, unless the raw body was signed with one of ``secrets["signing"]``, and where
        the scheme signs a time, unless that is near ``now`` (UTC)."""


class Adapter(Protocol):
    """What is peculiar to a platform, behind the door."""

    CLAUSES: Mapping[str, Clause]
    """The platform's rules by name, each with its source and date."""

    TERMS: Mapping[str, Terms]
    """What they come to on each way of sending, by endpoint: every endpoint that an answer uses has one."""

    REQUIREMENTS: Sequence[Requirement]
    """What must be in place on an account before a robot may speak there."""

    limits: Mapping[str, Limit]
    """The platform's documented limits by endpoint, until its headers have said more."""

    def split(self, body: bytes, most: int) -> list[bytes]:
        """The delivery as bodies of at most ``most`` events each, in order, in the same envelope. What is small
        enough or not understood comes back as it is."""

    def parse(self, body: bytes, accounts: Mapping[str, str]) -> list[Event]:
        """Everything that a delivery says. Never raises; what can't be understood is Unreadable.

        ``accounts`` are the brand's accounts on this channel, id to handle; of a channel with named sources only the
        one whose door the delivery came to. Keys are unique in the list and the same
        when the delivery comes again. A delivery may hold events of a sister channel (Meta sends a Page's comments
        and messages to one webhook): an event's own ``channel`` counts.
        """

    def law(self, post: Post, plan: str) -> Law:
        """What a robot may say to this post under the brand's contract with the platform (``plan``)."""

    def endpoint(self, post: Post) -> str:
        """Which limit an answer to this post uses, and how it is sent."""

    def app_url(self, post: Post) -> str | None:
        """Where a person reads and answers this post in the platform's own app or inbox (https); None where nobody
        knows (a call, a source that names no address)."""

    def send(self, http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent:
        """Send once. Raises an Outcome whose class says what to do; ``.usage`` holds what the headers said."""

    def find_sent(self, http: Http, credentials: Credentials, outgoing: Outgoing) -> Sent | None:
        """Ask whether this reply went out after all; None: the platform does not show it (yet).
        Raises an Outcome when the question could not be answered."""

    def read(self, http: Http, credentials: Credentials, lookup: NeedsLookup) -> Post:
        """Complete a notice that carried ids only. Raises Permanent if the platform refuses.
        The author may turn out to be the account itself: own words."""

    def same_words(self, first: str, second: str) -> bool:
        """Whether two texts are the same words, whatever the platform made of entities, links and mentions."""


class Tokens(Protocol):
    """How tokens that live for hours are renewed, where a platform has such."""

    def renew(self, http: Http, credentials: Credentials) -> Mapping[str, str]:
        """The changes to the account's credentials that one use of its refresh token brings.

        Raises Permanent when the platform said no, NotSent or Wait when the refresh token is certainly unused, Unclear
        when nobody knows.
        """
