"""What the mails to a branch are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import StringConstraints

from firstline.model.base import Instant, Value
from firstline.model.handoff import Action, MailKind
from firstline.playbook.mail import MailTexts
from firstline.playbook.parts import TimeZone

Reason = Literal["safety", "store", "onsite", "region", "agent", "moved"]
"""Why the branch: people may be in danger; the customer names it; only somebody on site can help; no single branch was
found and this is the region's desk; one of the team decided so; or another branch says that it is this one's."""
MessageId = Annotated[str, StringConstraints(pattern=r"^<[^\s<>@]+@[^\s<>@]+>$", max_length=900)]


class Words(Value):
    """One post in the customer's own words. ``language``: ISO 639 code, None where it is not known.

    ``translation`` is the machine's, into the mail's language; ``untranslated`` is true where one was wanted and could
    not be had: the mail says so.
    """

    text: str
    at: Instant
    language: str | None = None
    translation: str | None = None
    untranslated: bool = False
    attachments: int = 0


class Customer(Value):
    """Who the branch is to contact, and the ways that are known. ``channel`` is its name for people: "Facebook"."""

    channel: str
    name: str | None = None
    handle: str | None = None
    post_url: str | None = None
    phone: str | None = None
    email: str | None = None


class _Mail(Value):
    """From whom, to whom, in which language and on whose clock. ``texts`` are the playbook's own sentences.

    ``recipient`` is the name of who gets it where that is not the branch itself. ``team_zone`` is where the rest of
    the conversation takes place: a time names its zone only where the two clocks differ.
    """

    branch: str
    recipient: str | None = None
    language: str
    time_zone: TimeZone
    team_zone: TimeZone | None = None
    sender: str
    to: str
    reply_to: str | None = None
    brand: str
    texts: MailTexts = {}


class HandoffMail(_Mail):
    """Everything in a mail about one handoff. Personal data that the branch does not need is already masked.

    ``posts`` are oldest first; the last five are shown, the others counted, together with ``older_posts`` that are
    not handed in. ``lead`` is the one that matters most, which comes first; ``topic`` names the issue in the subject,
    which all mails of a handoff share so that they thread (else the lead does); ``new`` says how many of the last ones an ``update`` tells of. ``contact_by`` lies in the branch's opening
    hours (of ``waits_for`` "done" it is the time by which it should be done); ``late`` is true once it has passed.
    ``waits_for`` is what a reminder or an escalation misses; ``away`` says that the branch itself told us that nobody
    can act. ``before`` is the branch that sent it on. ``branch_note`` are the words of either. ``links``
    hold the addresses that there are: an action without one has no button. ``reply_to`` is given only where a reply
    reaches the team: the words of the mail follow it.
    """

    kind: MailKind = "handoff"
    case_ref: str
    customer: Customer
    posts: tuple[Words, ...]
    lead: int = 0
    topic: str = ""
    older_posts: int = 0
    new: int = 0
    reason: Reason = "onsite"
    note: str | None = None
    before: str = ""
    accept_by: Instant | None = None
    contact_by: Instant
    late: bool = False
    waits_for: Literal["accept", "contact", "done"] = "accept"
    away: bool = False
    tries: int = 0
    branch_note: str = ""
    visibility: Literal["public", "private"]
    links: dict[Action, str] = {}
    thread_root: MessageId
    handoff_tag: str


class OpenHandoff(Value):
    """A line of the digest: what still waits. ``branch`` is named where the digest is of several."""

    case_ref: str
    customer: str
    topic: str
    contact_by: Instant
    late: bool = False
    url: str = ""
    branch: str = ""


class BranchFigures(Value):
    """A branch's week in a region's digest."""

    name: str
    open: int = 0
    late: int = 0
    done: int = 0
    contacted_in: timedelta | None = None


class DigestMail(_Mail):
    """A branch's or a region's week: open, late, how fast, what customers said. ``branch`` is whom it is about.

    ``since`` and ``until`` bound the week. ``accepted_in`` and ``contacted_in`` are medians in opening time, None
    where nothing was. ``helped`` and ``not_helped`` count the customers who answered; ``said`` are words of theirs.
    ``open`` are most urgent first; the first eight are shown. ``unsubscribe_url`` is the only way out of a digest.
    """

    since: Instant
    until: Instant
    open: tuple[OpenHandoff, ...] = ()
    handed: int = 0
    done: int = 0
    accepted_in: timedelta | None = None
    contacted_in: timedelta | None = None
    helped: int = 0
    not_helped: int = 0
    said: tuple[Words, ...] = ()
    branches: tuple[BranchFigures, ...] = ()
    page_url: str = ""
    unsubscribe_url: str
