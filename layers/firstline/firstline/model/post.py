"""A post: any message in, on whatever channel, and who wrote it where."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from .base import Instant, Value
from .numbers import one_notation

Visibility = Literal["public", "private"]
UNREAD = "unread"
"""The kind of a post that somebody wrote in a form that Firstline cannot read: a person looks into the app."""
_UNKNOWN = "unknown:"


class Author(Value):
    """An identity on one platform. ``id`` is the platform's stable id, a string; all else may be missing."""

    id: str
    handle: str | None = None
    name: str | None = None
    followers: int | None = None
    verified: bool | None = None
    also: str | None = None
    """The person's second id where a platform has two (WhatsApp: the phone number beside the business-scoped id)."""

    reach: str | None = None
    """The address by which the platform itself wrote to us, where that is another way to write one of the ids."""

    @property
    def reached_at(self) -> str:
        """Where a private message reaches the person: the second id where it is known."""
        return self.reach or self.also or self.id

    @property
    def unknown(self) -> bool:
        """Whether the platform does not say who it is (it may be the brand itself)."""
        return self.id.startswith(_UNKNOWN)

    @property
    def others(self) -> tuple[str, ...]:
        """The ids beside ``id`` by which the same person may be named."""
        return tuple(dict.fromkeys(each for each in (self.also, self.reach) if each and each != self.id))


def unknown_author(post_id: str) -> Author:
    """A stand-in of its own for every post, so that strangers do not become one customer."""
    return Author(id=f"{_UNKNOWN}{post_id}")


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


class Contact(Value):
    """A verified e-mail address, phone number or customer number of a person, in the notation of `of`."""

    kind: Literal["email", "phone", "customer_number"]
    value: str

    @property
    def key(self) -> str:
        """``kind:hash``: tells who is the same person, and nothing else."""
        value = one_notation(self.value) if self.kind == "phone" else self.value
        return f"{self.kind}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"

    @classmethod
    def of(cls, kind: Literal["email", "phone", "customer_number"], text: str) -> Contact | None:
        """The contact in one notation: addresses and numbers of customers without case and blanks, phone numbers with
        their country's code and digits only. None for what is none."""
        value = "".join(text.split()).casefold()
        if kind == "phone":
            digits = re.sub(r"[-()./]", "", value)
            international = re.fullmatch(r"(?:\+|00)([1-9][0-9]{6,14})", digits)
            return cls(kind=kind, value=f"+{international[1]}") if international else None
        if not value or (kind == "email" and not re.fullmatch(r"[^@]+@[^@]+\.[^@]+", value)):
            return None
        return cls(kind=kind, value=value)


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
    contacts: tuple[Contact, ...] = ()
    """What the sender verified to be the author's, at most one of a kind (R12)."""

    @property
    def key(self) -> str:
        """``channel:post_id``: the post's identity over all deliveries."""
        return f"{self.channel}:{self.post_id}"

    @property
    def author_key(self) -> str:
        """``channel:author_id``."""
        return f"{self.channel}:{self.author.id}"

    @property
    def anonymous(self) -> bool:
        """Whether nobody says who wrote it, so that the author is a stand-in for this one post."""
        return self.author.unknown or self.author.id == f"{self.account}/~{self.post_id}"

    @property
    def counted_as(self) -> str:
        """The author key under which robots' words are counted: strangers of one public thread, and all who write to one
        account in private, count as one, since two machines that answer each other may have no names."""
        if not self.anonymous:
            return self.author_key
        where = self.thread_id if self.visibility == "public" else self.account
        return f"{self.channel}:anybody@{where}"
