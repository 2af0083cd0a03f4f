"""A post: any message in, on whatever channel, and who wrote it where."""

from __future__ import annotations

from typing import Literal

from .base import Instant, Value

Visibility = Literal["public", "private"]


class Author(Value):
    """An identity on one platform. ``id`` is the platform's stable id, a string; all else may be missing."""

    id: str
    handle: str | None = None
    name: str | None = None
    followers: int | None = None
    verified: bool | None = None
    also: str | None = None
    """The person's second id where a platform has two (WhatsApp: the phone number beside the business-scoped id)."""

    @property
    def reached_at(self) -> str:
        """Where a private message reaches the person: the second id where it is known."""
        return self.also or self.id


class Media(Value):
    """An attachment as the platform names it; ``url`` may expire. ``id`` is the file's where it has no link."""

    kind: str
    url: str | None = None
    id: str | None = None


class Place(Value):
    """A location as far as the platform gives one; coordinates as decimal degrees in text ("52.5200")."""

    name: str | None = None
    latitude: str | None = None
    longitude: str | None = None


class Post(Value):
    """One message by one author to (or about) one of the brand's accounts.

    ``post_id`` is unique per channel. ``thread_id`` is the conversation's root as far as the platform names it (else
    the parent, else the post itself; for private messages the author's id). ``text`` is plain text: HTML entities
    resolved, hidden mention prefix removed. ``mentions`` holds the ids of those of the brand's accounts that the
    author named explicitly in the text or by quoting them ("summoned"). ``addressed`` is false for a post that came
    in without being directed at the brand (filtered stream without a mention).
    """

    channel: str
    account: str
    post_id: str
    author: Author
    text: str
    at: Instant
    visibility: Visibility = "public"
    kind: str = "post"
    thread_id: str
    parent_id: str | None = None
    quoted_id: str | None = None
    quoted_text: str | None = None
    parent_text: str | None = None
    language: str | None = None
    media: tuple[Media, ...] = ()
    place: Place | None = None
    mentions: tuple[str, ...] = ()
    addressed: bool = True
    top_level: bool = True
    url: str | None = None
    came_from: str | None = None
    """The advertisement or link by which the person came to write, as the platform names it."""
    reach: int | None = None
    """How many people it reached, as far as the platform counts: views, else how many passed it on or liked it."""
    incomplete: str | None = None
    """Why the post is not whole (a refused look-up, an unknown author), shown to the agents."""

    @property
    def key(self) -> str:
        """``channel:post_id``: the post's identity over all deliveries."""
        return f"{self.channel}:{self.post_id}"

    @property
    def author_key(self) -> str:
        """``channel:author_id``."""
        return f"{self.channel}:{self.author.id}"
