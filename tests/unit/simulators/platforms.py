"""Builders: the platforms of a fictitious brand, with a clock that stands still, and calls to their APIs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from infra.local.simulators import GraphPlatform, Platform, Response, Settings, XPlatform, person
from infra.local.simulators.store import Entry, Person

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MAIN, CARE, PAGE = "1450000000000000001", "1450000000000000002", "200000000000001"
ANA = person("x", "Ana Ruiz", handle="ana_ruiz", followers=310)
BEN = person("facebook", "Ben Ortiz")


def a_settings(**changes: Any) -> Settings:
    """Two accounts on X with bearer tokens, one page for comments and messages."""
    told: dict[str, Any] = {
        "webhook_base": "http://127.0.0.1:9",
        "signing": {"x": "x-secret", "facebook": "page-secret", "messenger": "page-secret"},
        "accounts": {
            "x": [
                {"id": MAIN, "name": "Acme", "handle": "AcmeHome"},
                {"id": CARE, "name": "Acme Care", "handle": "AcmeCare"},
            ],
            "facebook": [{"id": PAGE, "name": "Acme"}],
            "messenger": [{"id": PAGE, "name": "Acme"}],
        },
        "tokens": {
            "x": {MAIN: {"bearer": "main-token"}, CARE: {"bearer": "care-token"}},
            "facebook": {PAGE: {"token": "page-token"}},
            "messenger": {PAGE: {"token": "page-token"}},
        },
    }
    return Settings.model_validate(told | changes)


def an_x(**changes: Any) -> XPlatform:
    return XPlatform(a_settings(**changes))


def a_graph(**changes: Any) -> GraphPlatform:
    return GraphPlatform(a_settings(**changes))


def call(
    platform: Platform,
    method: str,
    path: str,
    content: object = None,
    *,
    token: str | None = None,
    now: datetime = NOW,
    **query: str,
) -> Response:
    """One API call with JSON, by the platform's usual token."""
    token = token or ("care-token" if isinstance(platform, XPlatform) else "page-token")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Host": "api.example"}
    body = b"" if content is None else json.dumps(content).encode()
    return platform.handle(method, path, headers, query, body, now)


def reply(platform: XPlatform, parent: Entry | str, text: str = "We are sorry.", **more: Any) -> Response:
    """The brand's reply to a post on X."""
    parent_id = parent if isinstance(parent, str) else parent.id
    return call(platform, "POST", "/2/tweets", {"text": text, "reply": {"in_reply_to_tweet_id": parent_id}}, **more)


def comment(platform: GraphPlatform, parent: Entry, text: str = "We are sorry.", **more: Any) -> Response:
    """The brand's comment below a post or comment."""
    return call(platform, "POST", f"/v25.0/{parent.id}/comments", {"message": text}, **more)


def message(platform: GraphPlatform, to: str, text: str = "We are sorry.", **more: Any) -> Response:
    """The brand's Messenger message to a person."""
    content = {"recipient": {"id": to}, "messaging_type": "RESPONSE", "message": {"text": text, "metadata": "r-1"}}
    return call(platform, "POST", f"/v25.0/{PAGE}/messages", content, **more)


def on_x(platform: XPlatform, text: str = "@AcmeCare my oven is cold", author: Person = ANA, **more: Any) -> Entry:
    """A customer's post on X."""
    return platform.post(author, text, more.pop("at", NOW), **more)[0]


def on_page(platform: GraphPlatform, text: str = "My oven is cold", author: Person = BEN, **more: Any) -> Entry:
    """A customer's post, comment or message on the page."""
    return platform.post(author, text, more.pop("at", NOW), **more)[0]
