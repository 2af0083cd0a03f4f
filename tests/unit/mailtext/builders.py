"""Handoffs' mails, and what a mail client makes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

from firstline.outward.mailtext import Customer, HandoffMail, Words, handoff_mail, handoff_tag, thread_root


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def some_words(text: str = "The door of my oven fell off.", when: str = "2026-11-23T09:12", **rest: Any) -> Words:
    return Words(text=text, at=at(when), **rest)


def a_customer(**changes: Any) -> Customer:
    return Customer(**{"channel": "Facebook", "name": "Maria Hughes", **changes})


def a_handoff(**changes: Any) -> HandoffMail:
    values: dict[str, Any] = {
        "case_ref": "FL-7K3M-9QX2",
        "branch": "Leeds Repairs",
        "language": "en",
        "time_zone": "Europe/London",
        "sender": "handoff@care.example.com",
        "to": "leeds@example.com",
        "brand": "Acme",
        "customer": a_customer(),
        "posts": (some_words(),),
        "asked": "Repair the oven.",
        "contact_by": at("2026-11-24T16:00"),
        "visibility": "public",
        "thread_root": thread_root("7K3M9QX2", "leeds", "care.example.com"),
        "handoff_tag": handoff_tag("7K3M9QX2", "leeds"),
    }
    return HandoffMail(**{**values, **changes})


def received(view: HandoffMail) -> EmailMessage:
    """The mail as it comes out of the wire at the other end."""
    return message_from_bytes(handoff_mail(view).as_bytes(), policy=default)  # type: ignore[return-value]


def text_of(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]


def html_of(mail: EmailMessage) -> str:
    return mail.get_body(("html",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]


class Page(HTMLParser):
    """What a browser sees: the tags with their attributes, and the visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self._unseen = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))
        self._unseen += tag in ("style", "title")
        self.text += "\n" if tag in ("br", "p", "tr", "td", "div", "h1", "h2") else ""

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        self.text += "" if self._unseen else data

    @property
    def links(self) -> list[str]:
        return [value or "" for _, attrs in self.tags for name, value in attrs if name in ("href", "src", "action")]


def page_of(mail: EmailMessage) -> Page:
    return Page(html_of(mail))


def flat(text: str) -> str:
    """The words without line breaks and quote marks."""
    return " ".join(" ".join(row.removeprefix("> ") for row in text.split("\n")).split())
