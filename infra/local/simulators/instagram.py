"""Instagram: comments, mentions, private replies and messages of a professional account, with their webhooks.

The same calls and refusals as the Graph API has, under either login: an account with ``page_id`` in its token is reached
under the Page that it is linked to. Source: Meta, ig-comment/replies, ig-user/mentions, mentioned_comment,
instagram-platform/private-replies (2026).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from .faults import Budget, Fault
from .graph import UNKNOWN_PATH, GraphPlatform, bad_parameter, gone
from .graph_bodies import GraphBodies
from .platform import Emit, Refusal
from .settings import Channel, Settings
from .store import Entry, Person, Store
from .wire import Delivery, Response, answer

MEDIA = "18010000000000001"
THEIR_MEDIA = "18010000000000002"
"""The account's own media, below which people comment, and somebody else's, on which they mention it."""
STORY, STORY_URL = "18030000000000001", "https://lookaside.example/stories/18030000000000001"
MENTIONED = re.compile(r"mentioned_(comment\.comment|media\.media)_id\((\w+)\)")
LONGEST = 1000  # bytes of UTF-8; unconfirmed


class InstagramBodies(GraphBodies):
    """Writes entries in Instagram's notations."""

    def envelope(self, entry: Entry, time: int, part: dict[str, Any]) -> dict[str, Any]:
        return {"object": "instagram", "entry": [{"id": entry.account, "time": time, **part}]}

    def feed(self, entry: Entry, verb: str, now_s: int) -> dict[str, Any]:
        """A notice of a comment, or of a mention, which carries ids only."""
        if entry.kind == "mention":
            value: dict[str, Any] = {"media_id": entry.root_id, "comment_id": entry.id}
            return self.envelope(entry, now_s, {"changes": [{"field": "mentions", "value": value}]})
        value = {
            "id": entry.id,
            "text": entry.text,
            "from": {"id": entry.author.id, "username": entry.author.handle},
            "media": {"id": entry.root_id, "media_product_type": "FEED"},
        }
        if entry.parent_id:
            value["parent_id"] = entry.parent_id
        return self.envelope(entry, now_s, {"changes": [{"field": "comments", "value": value}]})

    def message(self, entry: Entry, what: str, now_ms: int) -> dict[str, Any]:
        """See `GraphBodies.message`. What answers a story names it."""
        whole = super().message(entry, what, now_ms)
        if entry.kind == "story_reply" and what == "message":
            whole["entry"][0]["messaging"][0]["message"]["reply_to"] = {"story": {"id": STORY, "url": STORY_URL}}
        return whole

    def comment(self, entry: Entry) -> dict[str, Any]:
        """A comment that is read. ``user`` is told of the account's own only; a mention does not tell ``from``."""
        whole: dict[str, Any] = {
            "id": entry.id,
            "text": entry.text,
            "username": entry.author.handle,
            "timestamp": entry.at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "media": {"id": entry.root_id},
            "hidden": entry.hidden,
        }
        if entry.kind != "mention":
            whole["from"] = {"id": entry.author.id, "username": entry.author.handle}
        if entry.by_brand:
            whole["user"] = {"id": entry.account}
        if entry.parent_id:
            whole["parent_id"] = entry.parent_id
        return whole


class InstagramPlatform(GraphPlatform):
    """The brand's Instagram accounts with their comments and chats."""

    channels = ("instagram",)
    public: Channel = "instagram"
    talk: Channel = "instagram"

    def __init__(self, settings: Settings, store: Store | None = None, emit: Emit | None = None) -> None:
        super().__init__(settings, store, emit)
        self.bodies = InstagramBodies(settings, self.store)

    def post(
        self,
        author: Person,
        text: str,
        now: datetime,
        *,
        account: str | None = None,
        parent_id: str | None = None,
        private: bool = False,
        native: bool = False,
        keep: bool = True,
        mention: bool = False,
        story: bool = False,
    ) -> tuple[Entry, list[Delivery]]:
        """Somebody comments, mentions the account elsewhere (``mention``) or writes to it (``private``), perhaps about one
        of its stories (``story``)."""
        if private:
            entry, told = super().post(
                author, text, now, account=account, parent_id=parent_id, private=True, native=native, keep=keep
            )
            if not story:
                return entry, told
            entry = replace(entry, kind="story_reply")
            return self.store.put(entry) if keep else entry, self.told(entry, now)
        parent = self.store.get(parent_id)
        entry = Entry(
            id=f"1805{self.store.number(now)}",
            channel="instagram",
            kind="mention" if mention else "comment",
            account=self.settings.account("instagram", account).id,
            author=author,
            text=text,
            at=now,
            writer="native" if native else "customer",
            parent_id=(parent.parent_id or parent.id) if parent else None,
            root_id=(parent.root_id if parent else None) or (THEIR_MEDIA if mention else MEDIA),
        )
        if keep:
            self.store.put(entry)
        return entry, self.told(entry, now)

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a call carries the token of one of these accounts."""
        return self._page_of(headers, {}, {}) is not None

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
    ) -> Response:
        """See `GraphPlatform.handle`. Calls under the linked Page are calls of its account."""
        account = self._page_of(headers, query, {})
        page = self.tokens["instagram"][account].page_id if account in self.tokens["instagram"] else None
        if account and page:
            path = re.sub(rf"^(/v[\d.]+)/{re.escape(page)}(?=/|$)", rf"\g<1>/{account}", path)
        return super().handle(method, path, headers, query, body, now)

    def _changed(self, entry: Entry, verb: str, what: str, now: datetime, after: float = 0) -> list[Delivery]:
        # Neither edits nor deletions of comments are told.
        return super()._changed(entry, verb, what, now, after) if entry.private or verb == "add" else []

    def _outcome(
        self,
        method: str,
        object_id: str,
        edge: str,
        page: str,
        content: dict[str, Any],
        query: Mapping[str, str],
        now: datetime,
        refusal: Fault | None,
        effects: dict[str, Fault],
        budget: Budget,
    ) -> Response:
        if edge == "comments":
            return UNKNOWN_PATH
        mentions = method == "POST" and edge == "mentions"
        if mentions:
            object_id = str(content.get("comment_id") or content.get("media_id"))
        edge = "comments" if edge in ("replies", "mentions") else edge
        try:
            if mentions and object_id != content.get("comment_id") and not self.settings.strangers:
                raise Refusal(gone(object_id))
            if edge == "comments" and method == "POST":
                kind = "mention" if mentions else "comment"
                self._may_be_answered(self._answered(object_id, page, now, kind), mentions)
        except Refusal as refused:
            if refusal is None and budget.allowed:
                return refused.response
        return super()._outcome(method, object_id, edge, page, content, query, now, refusal, effects, budget)

    def _may_be_answered(self, entry: Entry, mentions: bool) -> None:
        """Replies go to top comments on own media, mentions to what mentioned the account."""
        if entry.parent_id or entry.hidden or (entry.kind == "mention") != mentions:
            raise Refusal(bad_parameter("This comment cannot be replied to"))

    def _text(self, given: object, longest: int) -> str:
        text = super()._text(given, longest)
        if len(text.encode()) > LONGEST:
            raise Refusal(bad_parameter(f"Length of param message[text] must be less than or equal to {LONGEST}"))
        return text

    def _look_up(self, object_id: str, query: Mapping[str, str], now: datetime) -> Response:
        """A comment, or the account with what a mention's ids stand for."""
        for account in self.settings.accounts.get("instagram", []):
            if account.id == object_id:
                found = MENTIONED.search(query.get("fields", ""))
                told: dict[str, Any] = {"id": account.id, "user_id": account.id, "username": account.handle}
                if found:
                    entry = self._seen(found[2], now)
                    name = f"mentioned_{found[1].partition('.')[0]}"
                    told[name] = self.bodies.comment(entry)
                return answer(200, told)
        return answer(200, self._object(self._seen(object_id, now), query.get("fields")))
