"""What both platforms have in common: entries, planned faults, and webhooks that go out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Protocol
from urllib.parse import parse_qsl

from .faults import Faults, Windows
from .settings import Account, Channel, Settings, Token
from .store import Entry, Person, Store, stable_id
from .wire import Delivery, Response, body_of, sign

Emit = Callable[[Delivery], object]
Visit = Callable[[str, Mapping[str, str]], tuple[int, str]]
"""A GET of an address with a query, as platforms check a webhook: status and text; 0 when nobody answers."""


def nobody_there(url: str, query: Mapping[str, str]) -> tuple[int, str]:
    """The visit of a platform that has no way to anybody."""
    return 0, ""


class Refusal(Exception):
    """The platform says no: ``response`` is its answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class Answers(Protocol):
    """Whatever answers API calls: a platform, or the host of several."""

    def handle(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        body: bytes,
        now: datetime,
    ) -> Response:
        """See `Platform.handle`."""


class Platform:
    """A platform without sockets or clock. Its webhooks go to ``emit``; without one they collect in ``deliveries``."""

    channels: tuple[Channel, ...] = ()
    default_limits: Mapping[str, tuple[int, int]] = {}

    def __init__(self, settings: Settings, store: Store | None = None, emit: Emit | None = None) -> None:
        self.settings = settings
        self.store = store if store is not None else Store()
        self.faults = Faults()
        self.tokens: dict[str, dict[str, Token]] = {name: dict(settings.tokens.get(name, {})) for name in self.channels}
        self.windows = Windows({**self.default_limits, **settings.limits})
        self.deliveries: list[Delivery] = []
        self.emit: Emit = emit or self.deliveries.append
        self.visit: Visit = nobody_there
        self._numbers = count(1)

    def handle(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        body: bytes,
        now: datetime,
    ) -> Response:
        """Answers one API call. ``path`` has no query; header names may be in any case."""
        raise NotImplementedError

    def delivery(
        self, channel: Channel, content: object, post_ids: Sequence[str], now: datetime, after: float = 0
    ) -> Delivery:
        """Content as a signed webhook body, to be sent no sooner than ``after`` seconds from now."""
        body = body_of(channel, content)
        headers = {"content-type": "application/json", **sign(channel, self.settings.signing[channel], body)}
        return Delivery(
            id=f"{channel}-{next(self._numbers)}",
            channel=channel,
            headers=headers,
            body=body,
            post_ids=tuple(post_ids),
            not_before=now + timedelta(seconds=after),
        )

    def brand(self, account: Account) -> Person:
        """The brand's account as a person who writes."""
        return Person(id=account.id, name=account.name, handle=account.handle, followers=48_200, verified=True)

    def stranger(self, entry_id: object, channel: Channel, kind: str, account: str, now: datetime) -> Entry | None:
        """A post that came in past the simulator, as far as it can be known; None unless the settings allow it."""
        if not self.settings.strangers or not isinstance(entry_id, str) or not re.fullmatch(r"[\w.-]{1,200}", entry_id):
            return None
        somebody = Person(id=f"of-{entry_id}", name="Somebody", handle="somebody")
        text = "(a post that came in without the simulator)"
        return self.store.put(Entry(entry_id, channel, kind, account, somebody, text, now))

    def sent(self) -> list[Entry]:
        """All that came in over the API on this platform's channels, oldest first."""
        return [entry for entry in self.store.of(*self.channels) if entry.writer == "app"]

    def said(self, content: Mapping[str, Any], path: str, *ids: str | None) -> str:
        """What a planned fault's ``match`` is looked for in: the call, and what it answers."""
        answered = [entry for entry in map(self.store.get, ids) if entry]
        parts = [
            path,
            json.dumps(content, ensure_ascii=False),
            *(f"{each.text} {each.author.name}" for each in answered),
        ]
        return " ".join([*parts, *(each for each in ids if each)])


def person(
    channel: Channel,
    name: str,
    *,
    id: str | None = None,
    handle: str | None = None,
    followers: int = 0,
    verified: bool = False,
    also: str | None = None,
) -> Person:
    """A customer. Without ``id`` it follows from handle or name; X wants a handle, so one is made."""
    if channel == "x":
        handle = (handle or re.sub(r"\W", "", name)[:15] or "customer").lstrip("@")
        return Person(id or stable_id("x", handle, 19), name, handle, followers, verified)
    if channel == "whatsapp":
        from .whatsapp import known_person  # it stands on this module

        return known_person(name, id, handle, also)
    if channel == "instagram":
        handle = (handle or re.sub(r"[^\w.]", "", name) or "customer").lstrip("@").casefold()
        return Person(id or stable_id("instagram", handle, 16), name, handle, followers, verified)
    # A page-scoped id is the same in comments and in Messenger, so both are made from one name.
    return Person(id or stable_id("page", handle or name, 16), name, None, 0, False)


def parsed(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """A call's content, sent as JSON or as a form. Raises ValueError when it is neither."""
    if not body:
        return {}
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if kind.startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        return {name: _unpacked(value) for name, value in form.items()}
    content = json.loads(body)
    if not isinstance(content, dict):
        raise ValueError("not an object")
    return content


def _unpacked(value: str) -> object:
    """Graph takes objects in form fields as JSON text."""
    if value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
