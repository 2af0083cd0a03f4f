"""X: the parts of its API that a brand's answers need, and the webhooks that tell of posts.

Calls, answers and refusals after xdevplatform/docs openapi.json, posts/manage-tweets, direct-messages/manage and
fundamentals/response-codes-and-errors (Aug 2026).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .faults import Budget, Fault
from .platform import Emit, Platform, Refusal, parsed
from .settings import Account, Settings, Shape
from .store import Entry, Person, Store
from .wire import Delivery, Response, answer, iso, milliseconds
from .x_auth import caller
from .x_bodies import XBodies
from .x_management import XManagement
from .x_problems import (
    DUPLICATE,
    GONE,
    INVALID,
    NO_DM,
    NOT_SUMMONED,
    REFUSALS,
    TOO_LONG,
    TOO_MANY,
    UNAUTHORIZED,
    not_found,
    problem,
)
from .x_text import MAX_WEIGHT, mentions, weight

MEMORY_OF_WORDS = timedelta(hours=24)
UNSEEN = "unseen"
"""The kind of a post that came in without the simulator: nobody knows what it says."""
DM_LENGTH = 10_000
DEFAULT_TWEET_FIELDS = ("id", "text", "edit_history_tweet_ids")

LIMITS = {  # calls, seconds; per account [xdevplatform/docs fundamentals/rate-limits, Aug 2026]
    "x:post": (100, 900),
    "x:dm": (15, 900),
    "x:read": (900, 900),
    "x:dm_read": (15, 900),
    "x:hide": (50, 900),
    "x:delete": (50, 900),
}
ROUTES = [
    ("POST", r"/2/tweets", "x:post", "reply"),
    ("DELETE", r"/2/tweets/(?P<post_id>\d+)", "x:delete", "remove"),
    ("PUT", r"/2/tweets/(?P<post_id>\d+)/hidden", "x:hide", "hide"),
    ("GET", r"/2/tweets/(?P<post_id>\d+)", "x:read", "look_up"),
    ("POST", r"/2/dm_conversations/with/(?P<person_id>\d+)/messages", "x:dm", "message"),
    ("GET", r"/2/dm_conversations/with/(?P<person_id>\d+)/dm_events", "x:dm_read", "messages_with"),
    ("GET", r"/2/users/(?P<person_id>\d+)/tweets", "x:read", "posts_of"),
    ("GET", r"/2/users/me", "x:read", "me"),
]


class XPlatform(Platform):
    """X with the brand's accounts, whoever writes to them, and nobody else."""

    channels = ("x",)
    default_limits = LIMITS

    def __init__(self, settings: Settings, store: Store | None = None, emit: Emit | None = None) -> None:
        super().__init__(settings, store, emit)
        self.bodies = XBodies(settings, self.store)
        self.management = XManagement(self)

    # What customers and the brand's people do in the app

    def post(
        self,
        author: Person,
        text: str,
        now: datetime,
        *,
        account: str | None = None,
        private: bool = False,
        parent_id: str | None = None,
        quoted_id: str | None = None,
        language: str | None = None,
        shape: Shape | None = None,
        native: bool = False,
        keep: bool = True,
    ) -> tuple[Entry, list[Delivery]]:
        """Somebody posts, and who is subscribed is to be told. ``native``: one of the brand's people does it.

        With ``private`` the author writes to the account; a brand's person writes to the author of ``parent_id``.
        Deliveries are made, not emitted. ``keep`` false: the post is not added (a forgery tells of what never was).
        """
        parent = self.store.get(parent_id)
        brand = self.settings.account("x", account or self._addressed(text, parent))
        other = None
        if private:
            other = (
                (parent.to if parent and parent.by_brand else parent.author.id if parent else None)
                if native
                else brand.id
            )
        entry = Entry(
            id=str(self.store.number(now)),
            channel="x",
            kind="dm" if private else "reply" if parent_id else "post",
            account=brand.id,
            author=author,
            text=text,
            at=now,
            writer="native" if native else "customer",
            parent_id=None if private else parent_id,
            root_id=None if private else (parent.root_id or parent.id) if parent else None,
            to=other,
            quoted_id=quoted_id,
            language=language,
        )
        if keep:
            self.store.put(entry)
        return entry, self.told(entry, shape, now)

    def edit(self, post_id: str, text: str, now: datetime, shape: Shape | None = None) -> tuple[Entry, list[Delivery]]:
        """The post in other words: on X that is a post with a new id [fundamentals/edit-posts]. Raises LookupError."""
        old = self._existing(post_id)
        fresh_id = str(self.store.number(now))
        versions = (*(old.versions or (old.id,)), fresh_id)
        fields = {**vars(old), "id": fresh_id, "text": text, "at": now, "edited_at": now, "versions": versions}
        fresh = self.store.put(Entry(**fields))
        self.store.change(old, replaced_by=fresh.id)
        return fresh, self.told(fresh, shape, now)

    def delete(self, post_id: str, now: datetime, shape: Shape | None = None) -> tuple[Entry, list[Delivery]]:
        """The post is gone. X tells of the subscribed account's own posts only [account-activity/introduction]."""
        entry = self.store.change(self._existing(post_id), deleted=True)
        if not entry.by_brand or entry.private:
            return entry, []
        if (shape or self.settings.shape) == "aaa":
            body = self.bodies.aaa_deleted(entry, entry.account, milliseconds(now))
        else:
            body = self.bodies.xaa_deleted(entry, entry.account)
        return entry, [self.delivery("x", body, [entry.id], now)]

    def told(self, entry: Entry, shape: Shape | None, now: datetime, after: float = 0) -> list[Delivery]:
        """The webhook bodies that tell the brand's accounts of a post."""
        shape = shape or self.settings.shape
        if shape == "stream" and not entry.private:
            return [self.delivery("x", self.bodies.stream(entry), [entry.id], now, after)]
        why = self.reasons(entry)
        if shape == "aaa":
            contents = [self.bodies.aaa(entry, account) for account in dict.fromkeys(account for account, _ in why)]
        else:
            contents = [self.bodies.xaa(entry, account, event_type) for account, event_type in why]
        return [self.delivery("x", content, [entry.id], now, after) for content in contents]

    def reasons(self, entry: Entry) -> list[tuple[str, str]]:
        """Which accounts hear of a post, and as what [activity/introduction]. Nobody of a post that names none."""
        if entry.private:
            return [(entry.account, "dm.sent" if entry.by_brand else "dm.received")]
        if entry.by_brand:
            return [(entry.account, "post.create")]
        brand = [self.brand(each) for each in self.settings.accounts.get("x", [])]
        ids = {each.id for each in brand}
        why = [(each.id, "post.mention.create") for _, _, each in mentions(entry.text, brand)]
        parent, quoted = self.store.get(entry.parent_id), self.store.get(entry.quoted_id)
        if parent and parent.author.id in ids:
            why.append((parent.author.id, "post.reply.create"))
        if quoted and quoted.author.id in ids:
            why.append((quoted.author.id, "post.quote.create"))
        return list(dict.fromkeys(why))

    def _addressed(self, text: str, parent: Entry | None) -> str | None:
        """The account that a post is directed at: the first one it names, else the one that its thread is with."""
        named = mentions(text, [self.brand(each) for each in self.settings.accounts.get("x", [])])
        return named[0][2].id if named else parent.account if parent else None

    def _existing(self, post_id: str) -> Entry:
        entry = self.store.get(post_id)
        if entry is None or entry.channel != "x":
            raise LookupError(f"no post {post_id} on X")
        return entry

    # The API

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
    ) -> Response:
        """Answers one API call; see `Platform.handle`."""
        managed = self.management.handle(method, path, headers, query, body, now)
        if managed is not None:
            return managed
        found = [(each, match) for each in ROUTES if each[0] == method and (match := re.fullmatch(each[1], path))]
        if not found:
            return problem(404, "Not Found", "Not Found")
        (_, _, limit, operation), match = found[0]
        with self.store.lock:
            account = caller(self.management.living(now), method, path, headers, query)
            if account is None:
                return UNAUTHORIZED
            try:
                content = parsed(headers, body)
            except ValueError:
                return INVALID
            answers = content.get("reply") or {}
            parent_id = answers.get("in_reply_to_tweet_id") if isinstance(answers, dict) else None
            said = self.said(content, path, parent_id, *match.groupdict().values())
            refusal, effects = self.faults.take("x", "read" if method == "GET" else "send", said, now)
            budget = self.windows.take(account, limit, now)
            return self._outcome(operation, account, match.groupdict(), content, query, now, refusal, effects, budget)

    def _outcome(
        self,
        operation: str,
        account: str,
        names: dict[str, str],
        content: dict[str, Any],
        query: Mapping[str, str],
        now: datetime,
        refusal: Fault | None,
        effects: dict[str, Fault],
        budget: Budget,
    ) -> Response:
        if refusal and refusal.kind == "rate_limit":
            reset = refusal.until or now + timedelta(seconds=refusal.seconds)
            budget = Budget(budget.limit, 0, reset, False)
        if refusal:
            response = REFUSALS[refusal.kind]
        elif not budget.allowed:
            response = TOO_MANY
        else:
            try:
                asked = {"content": content, "query": query, "now": now, "effects": effects, **names}
                response = getattr(self, f"_{operation}")(self.settings.account("x", account), **asked)
            except Refusal as refused:
                response = refused.response
            except ValueError:  # a number in the query that is none
                response = INVALID
        cut = response.cut or ("unclear" in effects and response.status < 300)
        return Response(response.status, {**response.headers, **budget.headers}, response.body, cut)

    def _reply(
        self, account: Account, *, content: dict[str, Any], now: datetime, effects: dict[str, Fault], **_: Any
    ) -> Response:
        text, answers = content.get("text"), content.get("reply") or {}
        if not isinstance(text, str) or not text.strip() or not isinstance(answers, dict):
            raise Refusal(INVALID)
        if weight(text) > MAX_WEIGHT:
            raise Refusal(TOO_LONG)
        parent_id = answers.get("in_reply_to_tweet_id")
        parent = self.store.get(parent_id)
        if parent is None and parent_id is not None:
            parent = self.stranger(parent_id, "x", UNSEEN, account.id, now)
        if parent_id is not None and (
            parent is None or parent.channel != "x" or parent.private or not parent.visible(now)
        ):
            raise Refusal(GONE)
        if parent and parent.kind != UNSEEN and self.settings.self_serve and not self._summoned(parent, account):
            raise Refusal(NOT_SUMMONED)
        if self._said_lately(account, text, now):
            raise Refusal(DUPLICATE)
        entry = self._written(account, "reply" if parent else "post", text, now, effects, parent=parent)
        data = {"edit_history_tweet_ids": [entry.id], "id": entry.id, "text": self.bodies.prefix(entry) + entry.text}
        return answer(201, {"data": data})

    def _summoned(self, parent: Entry, account: Account) -> bool:
        """Whether the author named the account in the text, or quoted it; an implicit mention is not enough."""
        if parent.author.id == account.id:
            return True
        quoted = self.store.get(parent.quoted_id)
        named = mentions(parent.text, [self.brand(account)])
        return bool(named) or (quoted is not None and quoted.author.id == account.id)

    def _said_lately(self, account: Account, text: str, now: datetime) -> bool:
        words = " ".join(text.split()).casefold()
        return any(
            " ".join(each.text.split()).casefold() == words and now - each.at < MEMORY_OF_WORDS
            for each in self.store.of("x")
            if each.author.id == account.id and not each.private and not each.deleted
        )

    def _message(
        self,
        account: Account,
        *,
        person_id: str,
        content: dict[str, Any],
        now: datetime,
        effects: dict[str, Fault],
        **_: Any,
    ) -> Response:
        text = content.get("text")
        if not isinstance(text, str) or not text.strip() or len(text) > DM_LENGTH:
            raise Refusal(INVALID)
        known = any(each.author.id == person_id and each.to == account.id for each in self.store.of("x"))
        if not known and not self.settings.strangers:
            raise Refusal(NO_DM)
        entry = self._written(account, "dm", text, now, effects, to=person_id)
        return answer(201, {"data": {"dm_conversation_id": _conversation(entry), "dm_event_id": entry.id}})

    def _written(
        self,
        account: Account,
        kind: str,
        text: str,
        now: datetime,
        effects: dict[str, Fault],
        *,
        parent: Entry | None = None,
        to: str | None = None,
    ) -> Entry:
        """Adds what the brand said over the API, and tells of it."""
        delay = effects["delayed_visibility"].seconds if "delayed_visibility" in effects else 0
        entry = self.store.put(
            Entry(
                id=str(self.store.number(now)),
                channel="x",
                kind=kind,
                account=account.id,
                author=self.brand(account),
                text=text,
                at=now,
                writer="app",
                parent_id=parent.id if parent else None,
                root_id=(parent.root_id or parent.id) if parent else None,
                to=to,
                seen_from=now + timedelta(seconds=delay) if delay else None,
            )
        )
        if "no_echo" not in effects:
            echo: Shape = "xaa" if self.settings.shape == "stream" else self.settings.shape
            for delivery in self.told(entry, echo, now, delay):
                self.emit(delivery)
        return entry

    def _remove(self, account: Account, *, post_id: str, now: datetime, **_: Any) -> Response:
        entry = self.store.get(post_id)
        if entry is None or entry.author.id != account.id or entry.deleted:
            raise Refusal(problem(403, "Forbidden", "You are not authorized to delete this Tweet."))
        for delivery in self.delete(post_id, now)[1]:
            self.emit(delivery)
        return answer(200, {"data": {"deleted": True}})

    def _hide(self, account: Account, *, post_id: str, content: dict[str, Any], **_: Any) -> Response:
        entry = self.store.get(post_id)
        root = self.store.get(entry.root_id) if entry else None
        hidden = content.get("hidden")
        if not isinstance(hidden, bool):
            raise Refusal(INVALID)
        if entry is None or root is None or root.author.id != account.id:
            raise Refusal(problem(403, "Forbidden", "You are not allowed to hide this Tweet."))
        self.store.change(entry, hidden=hidden)
        return answer(200, {"data": {"hidden": hidden}})

    # Reads

    def _me(self, account: Account, *, query: Mapping[str, str], **_: Any) -> Response:
        bio = {"description": self.management.bio} if "description" in query.get("user.fields", "") else {}
        return answer(200, {"data": {"id": account.id, "name": account.name, "username": account.handle, **bio}})

    def _look_up(
        self, account: Account, *, post_id: str, query: Mapping[str, str], now: datetime, **_: Any
    ) -> Response:
        entry = self.store.get(post_id)
        if entry is None or entry.channel != "x" or entry.private or not entry.visible(now):
            return answer(200, {"errors": [not_found(post_id)]})
        return answer(200, {"data": self._fields(entry, query), **self._includes([entry], query)})

    def _posts_of(
        self, account: Account, *, person_id: str, query: Mapping[str, str], now: datetime, **_: Any
    ) -> Response:
        entries = [
            each
            for each in self.store.of("x")
            if each.author.id == person_id
            and not each.private
            and each.visible(now)
            and int(each.id) > int(query.get("since_id") or 0)
            and iso(each.at) >= query.get("start_time", "")
        ]
        return self._page(entries, query, lambda entry: self._fields(entry, query))

    def _messages_with(
        self, account: Account, *, person_id: str, query: Mapping[str, str], now: datetime, **_: Any
    ) -> Response:
        both = {(account.id, person_id), (person_id, account.id)}
        entries = [each for each in self.store.of("x") if (each.author.id, each.to) in both and each.visible(now)]
        wanted = {"id", "event_type", "text", *query.get("dm_event.fields", "").split(",")}

        def fields(entry: Entry) -> dict[str, Any]:
            whole = {
                "id": entry.id,
                "event_type": "MessageCreate",
                "text": entry.text,
                "sender_id": entry.author.id,
                "created_at": iso(entry.at),
                "dm_conversation_id": _conversation(entry),
            }
            return {name: value for name, value in whole.items() if name in wanted}

        return self._page(entries, query, fields)

    def _page(self, entries: list[Entry], query: Mapping[str, str], fields: Any) -> Response:
        newest = entries[::-1]
        size = min(max(int(query.get("max_results") or 10), 1), 100)
        begin = int(query.get("pagination_token") or 0)
        shown = newest[begin : begin + size]
        meta: dict[str, Any] = {"result_count": len(shown)}
        if shown:
            meta |= {"newest_id": shown[0].id, "oldest_id": shown[-1].id}
        if begin + size < len(newest):
            meta["next_token"] = str(begin + size)
        data = {"data": [fields(each) for each in shown]} if shown else {}
        return answer(200, {**data, **self._includes(shown, query), "meta": meta})

    def _fields(self, entry: Entry, query: Mapping[str, str]) -> dict[str, Any]:
        """Only what was asked for: id, text and edit history come by themselves."""
        wanted = {*DEFAULT_TWEET_FIELDS, *query.get("tweet.fields", "").split(",")}
        if "referenced_tweets" in wanted:
            wanted |= {"in_reply_to_tweet_id"}
        return {name: value for name, value in self.bodies.tweet_v2(entry).items() if name in wanted}

    def _includes(self, entries: list[Entry], query: Mapping[str, str]) -> dict[str, Any]:
        if "author_id" not in query.get("expansions", "").split(",") or not entries:
            return {}
        wanted = {"id", "name", "username", *query.get("user.fields", "").split(",")}
        users = {each.author.id: self.bodies.user_v2(each.author) for each in entries}
        shown = [{name: value for name, value in user.items() if name in wanted} for user in users.values()]
        return {"includes": {"users": shown}}


def _conversation(entry: Entry) -> str:
    return "-".join(sorted([entry.author.id, entry.to or ""], key=lambda each: (len(each), each)))
