"""What a handoff's mail is made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from firstline.model.base import Instant, Value
from firstline.playbook.parts import TimeZone


class Words(Value):
    """One post in the customer's own words. ``language``: ISO 639 code, None where it is not known."""

    text: str
    at: Instant
    language: str | None = None


class Customer(Value):
    """Who the branch is to contact, and the ways that are known. ``channel`` is its name for people: "Facebook"."""

    channel: str
    name: str | None = None
    handle: str | None = None
    post_url: str | None = None
    phone: str | None = None
    email: str | None = None


class HandoffMail(Value):
    """Everything in the mail. Personal data that the branch does not need is already masked.

    ``posts`` are oldest first; the last five are shown, the others counted, together with ``older_posts`` that are
    not handed in. The first of them names the issue in the subject. ``asked`` is the reason of the handoff in words
    for people (may be empty). ``contact_by`` lies in the branch's opening hours. ``reply_to`` is given only where a
    reply reaches the team, ``status_url`` only where there is a page behind it; the words of the mail follow both.
    """

    case_ref: str
    branch: str
    language: str
    time_zone: TimeZone
    sender: str
    to: str
    reply_to: str | None = None
    brand: str
    customer: Customer
    posts: tuple[Words, ...]
    older_posts: int = 0
    asked: str = ""
    contact_by: Instant
    visibility: Literal["public", "private"]
    note: str | None = None
    status_url: str = ""
    thread_root: Annotated[str, StringConstraints(pattern=r"^<[^\s<>@]+@[^\s<>@]+>$", max_length=900)]
    handoff_tag: str
