"""Handoffs' mails, and what a mail client makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

from firstline.outward.mailtext import (
    Action,
    BranchFigures,
    Customer,
    DigestMail,
    HandoffMail,
    OpenHandoff,
    Words,
    digest_mail,
    handoff_mail,
    handoff_tag,
    thread_root,
)

LINKS: dict[Action, str] = {
    action: f"https://care.example.com/branch/{action}-token"
    for action in ("accept", "contacted", "done", "not_ours", "write", "more_info", "out_of_office", "page")
}


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
        "contact_by": at("2026-11-24T16:00"),
        "visibility": "public",
        "thread_root": thread_root("7K3M9QX2", "leeds", "care.example.com"),
        "handoff_tag": handoff_tag("7K3M9QX2", "leeds"),
    }
    return HandoffMail(**{**values, **changes})


def a_digest(**changes: Any) -> DigestMail:
    values: dict[str, Any] = {
        "branch": "Leeds Repairs",
        "language": "en",
        "time_zone": "Europe/London",
        "sender": "handoff@care.example.com",
        "to": "leeds@example.com",
        "brand": "Acme",
        "since": at("2026-11-16T00:00"),
        "until": at("2026-11-23T00:00"),
        "open": (
            an_open_one("Maria Hughes", "The door of my oven fell off.", late=True),
            an_open_one("@ben_o", "Nobody came on Friday"),
        ),
        "handed": 7,
        "done": 5,
        "accepted_in": timedelta(minutes=50),
        "contacted_in": timedelta(hours=3),
        "helped": 4,
        "not_helped": 1,
        "said": (some_words("Came on time and fixed it, thank you!"),),
        "page_url": "https://care.example.com/branch/week-token",
        "unsubscribe_url": "https://care.example.com/branch/no-more-token",
    }
    return DigestMail(**{**values, **changes})


def an_open_one(customer: str, topic: str, **changes: Any) -> OpenHandoff:
    values: dict[str, Any] = {
        "case_ref": "FL-7K3M-9QX2",
        "customer": customer,
        "topic": topic,
        "contact_by": at("2026-11-24T16:00"),
        "url": "https://care.example.com/branch/page-token",
    }
    return OpenHandoff(**{**values, **changes})


def some_branches() -> tuple[BranchFigures, ...]:
    return (
        BranchFigures(name="Leeds Repairs", open=2, late=1, done=5, contacted_in=timedelta(hours=3)),
        BranchFigures(name="York", open=0, late=0, done=2, contacted_in=timedelta(minutes=40)),
        BranchFigures(name="Hull", open=1),
    )


def received(view: HandoffMail | DigestMail) -> EmailMessage:
    """The mail as it comes out of the wire at the other end."""
    mail = digest_mail(view) if isinstance(view, DigestMail) else handoff_mail(view)
    return message_from_bytes(mail.as_bytes(), policy=default)  # type: ignore[return-value]


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
