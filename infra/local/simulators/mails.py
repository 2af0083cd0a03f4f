"""A mail as SES took it, and as a mail client shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

from .wire import iso

SNIPPET = 140
_ADDRESS = re.compile(r"https?://[^\s<>\"')]+")


@dataclass(frozen=True)
class Event:
    """What SES told about a mail, as its event's name says it: ``Send``, ``Delivery``, ``Bounce``…"""

    kind: str
    at: datetime


@dataclass(frozen=True)
class Answer:
    """What somebody wrote back: to which address, and whether SES found the sender to be genuine."""

    id: str
    at: datetime
    sender: str
    to: str
    subject: str
    text: str
    genuine: bool
    automatic: bool


@dataclass(frozen=True)
class Mail:
    """A mail that was accepted for sending. ``raw`` are its bytes as they were handed over, ``tags`` the message tags.

    ``events`` and ``answers`` grow.
    """

    id: str
    at: datetime
    source: str
    to: tuple[str, ...]
    raw: bytes
    tags: Mapping[str, str] = field(default_factory=dict)
    configuration_set: str = ""
    events: list[Event] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @cached_property
    def message(self) -> EmailMessage:
        """The parsed mail."""
        return BytesParser(policy=policy.default).parsebytes(self.raw)

    @property
    def subject(self) -> str:
        return str(self.message["subject"] or "")

    @property
    def reply_to(self) -> str:
        """Where an answer goes: ``Reply-To``, else the sender."""
        return next(iter(_addresses(self.message, "reply-to")), self.source)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All headers in their order, decoded; SES itself adds id and date."""
        own = [(name, str(value)) for name, value in self.message.items() if name.lower() not in ("message-id", "date")]
        return [*own, ("Message-ID", f"<{self.id}>"), ("Date", iso(self.at))]

    def part(self, kind: str) -> str:
        """The text of the ``plain`` or ``html`` part, "" where there is none."""
        found = self.message.get_body((kind,))
        return str(found.get_content()) if found is not None else ""

    @property
    def links(self) -> list[dict[str, str]]:
        """Every web address, once, with the words on its button: the HTML part's, then what only the text has."""
        anchors = _Anchors()
        anchors.feed(self.part("html"))
        found = {url: words for url, words in anchors.found if _ADDRESS.match(url)}
        for url in _ADDRESS.findall(self.part("plain")):
            found.setdefault(url, "")
        return [{"url": url, "words": words} for url, words in found.items()]

    def shown(self) -> dict[str, Any]:
        """For clients and the page."""
        text = self.part("plain")
        return {
            "id": self.id,
            "at": iso(self.at),
            "from": self.source,
            "to": list(self.to),
            "names": {address: name for name, address in self._named() if name},
            "subject": self.subject,
            "reply_to": self.reply_to,
            "text": text,
            "html": self.part("html"),
            "snippet": " ".join(text.split())[:SNIPPET],
            "links": self.links,
            "handoff": self.tags.get("handoff"),
            "thread": str(self.message["references"] or self.id).split()[0],
            "headers": self.headers,
            "events": [{"kind": each.kind, "at": iso(each.at)} for each in self.events],
            "answers": [{**vars(each), "at": iso(each.at)} for each in self.answers],
        }

    def _named(self) -> Iterator[tuple[str, str]]:
        values = [str(value) for name in ("from", "to") for value in self.message.get_all(name, [])]
        yield from getaddresses(values)


def _addresses(message: EmailMessage, header: str) -> list[str]:
    return [address for _, address in getaddresses([str(value) for value in message.get_all(header, [])]) if address]


class _Anchors(HTMLParser):
    """Links with their words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append((href, ""))
            self._open = True

    def handle_data(self, data: str) -> None:
        if self._open and data.strip():
            url, words = self.found[-1]
            self.found[-1] = (url, f"{words} {' '.join(data.split())}".strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = False
