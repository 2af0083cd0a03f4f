"""The Graph API: comments on a page, Messenger, and the one private reply to a comment, with their webhooks.

Calls and refusals after Meta's documentation: pages-api/comments-mentions, messenger-platform send and error codes,
private-replies, graph-api error handling and rate limiting (2026).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .faults import Budget, Fault
from .graph_bodies import GraphBodies
from .graph_management import GraphManagement
from .platform import Emit, Platform, Refusal, parsed
from .settings import Channel, Settings
from .store import Entry, Person, Store
from .wire import Delivery, Response, answer, milliseconds

VERSION = re.compile(r"/v\d{2}\.\d(?P<rest>/.*)")
MEMORY_OF_WORDS = timedelta(hours=1)
WINDOW = timedelta(hours=24)
HUMAN_WINDOW = timedelta(days=7)
COMMENT_LENGTH = 8000
MESSAGE_LENGTH = 2000
DEFAULT_FIELDS = "id,message,created_time,from"
LIMITS = {"graph:calls": (4800, 3600)}  # calls, seconds; per page


def error(
    code: int, message: str, subcode: int | None = None, status: int = 400, kind: str = "OAuthException"
) -> Response:
    """Graph's error JSON. Callers decide by code; the status is mostly 400."""
    trace = hashlib.sha256(message.encode()).hexdigest()[:11]
    content: dict[str, Any] = {"message": message, "type": kind, "code": code, "fbtrace_id": "A" + trace}
    if subcode is not None:
        content["error_subcode"] = subcode
    return answer(status, {"error": content})


EXPIRED = error(190, "Error validating access token: The session has been invalidated.", 460, 401)
TOO_MANY = error(4, "(#4) Application request limit reached")
CLOSED = error(10, "(#10) This message is sent outside of allowed window.", 2018278)
DUPLICATE = error(506, "Duplicate status message", 1455006)
UNAVAILABLE = error(551, "(#551) This person isn't available right now.", 1545041)
ALREADY = error(10900, "(#10900) Activity already replied to")
TOO_OLD = error(10903, "(#10903) This user can't reply to this activity")
UNKNOWN_PATH = error(2500, "Unknown path components", kind="OAuthException")


def gone(object_id: str) -> Response:
    return error(
        100,
        f"Unsupported post request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing"
        " permissions, or does not support this operation",
        33,
        kind="GraphMethodException",
    )


def bad_parameter(message: str) -> Response:
    return error(100, f"(#100) {message}")


REFUSALS = {
    "rate_limit": TOO_MANY,
    "duplicate": DUPLICATE,
    "expired_token": EXPIRED,
    "window_closed": CLOSED,
    "blocked": UNAVAILABLE,
    "not_summoned": error(200, "(#200) Permissions error"),
    "no_credits": error(200, "(#200) Permissions error"),
    "policy": error(368, "The action attempted has been deemed abusive or is otherwise disallowed", 1390008),
    "server_error": error(2, "An unexpected error has occurred. Please retry your request later.", status=503),
    "cut": Response(503, cut=True),
}


class GraphPlatform(Platform):
    """The brand's pages with their comments and chats."""

    channels = ("facebook", "messenger")
    public: Channel = "facebook"
    talk: Channel = "messenger"
    """The channels of comments and of messages."""
    default_limits = LIMITS

    def __init__(self, settings: Settings, store: Store | None = None, emit: Emit | None = None) -> None:
        super().__init__(settings, store, emit)
        self.bodies = GraphBodies(settings, self.store)
        self.management = GraphManagement(self)

    # What customers and the brand's people do in the app

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
    ) -> tuple[Entry, list[Delivery]]:
        """Somebody posts on the page, comments (``parent_id``) or writes to it (``private``). Deliveries are made, not
        emitted. ``keep`` false: the post is not added (a forgery tells of what never was)."""
        channel = self.talk if private else self.public
        page = self.settings.account(channel, account)
        parent, number = self.store.get(parent_id), self.store.number(now)
        if private:
            to = (
                (parent.to if parent and parent.by_brand else parent.author.id if parent else None)
                if native
                else page.id
            )
            entry_id, root_id = _mid(number), None
        else:
            to, root_id = None, (parent.root_id or parent.id) if parent else None
            entry_id = f"{root_id.split('_')[-1]}_{number}" if root_id else f"{page.id}_{number}"
        entry = Entry(
            id=entry_id,
            channel=channel,
            kind="message" if private else "comment" if parent else "post",
            account=page.id,
            author=author,
            text=text,
            at=now,
            writer="native" if native else "customer",
            parent_id=parent.id if parent and not (private and native) else None,
            root_id=root_id,
            to=to,
        )
        if keep:
            self.store.put(entry)
        return entry, self.told(entry, now)

    def edit(self, post_id: str, text: str, now: datetime) -> tuple[Entry, list[Delivery]]:
        """The same post in other words. Raises LookupError."""
        old = self._existing(post_id)
        versions = (*old.versions, f"{post_id}#{len(old.versions) + 1}")
        entry = self.store.change(old, text=text, edited_at=now, versions=versions)
        return entry, self._changed(entry, "edited", "edit", now)

    def delete(self, post_id: str, now: datetime) -> tuple[Entry, list[Delivery]]:
        """The post is removed, or the message unsent. Raises LookupError."""
        entry = self.store.change(self._existing(post_id), deleted=True)
        return entry, self._changed(entry, "remove", "deleted", now)

    def hide(self, post_id: str, hidden: bool, now: datetime) -> tuple[Entry, list[Delivery]]:
        """A comment is hidden from view, or shown again. Raises LookupError."""
        entry = self.store.change(self._existing(post_id), hidden=hidden)
        return entry, self._changed(entry, "hide" if hidden else "unhide", "message", now)

    def told(self, entry: Entry, now: datetime, after: float = 0) -> list[Delivery]:
        """The webhook body that tells the page of a post."""
        return self._changed(entry, "add", "message", now, after)

    def _changed(self, entry: Entry, verb: str, what: str, now: datetime, after: float = 0) -> list[Delivery]:
        if entry.private:
            content = self.bodies.message(entry, what, milliseconds(now))
            return [self.delivery(self.talk, content, [entry.id], now, after)]
        content = self.bodies.feed(entry, verb, int(now.timestamp()))
        return [self.delivery(self.public, content, [entry.id], now, after)]

    def _existing(self, post_id: str) -> Entry:
        entry = self.store.get(post_id)
        if entry is None or entry.channel not in self.channels:
            raise LookupError(f"no post {post_id} on the page")
        return entry

    # The API

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
    ) -> Response:
        """Answers one API call; see `Platform.handle`. Paths begin with a version."""
        versioned = VERSION.fullmatch(path)
        parts = versioned["rest"].strip("/").split("/") if versioned else []
        if not 1 <= len(parts) <= 2 or not all(parts):
            return UNKNOWN_PATH
        managed = self.management.handle(method, parts, headers, query, body, now)
        if managed is not None:
            return managed
        with self.store.lock:
            try:
                content = parsed(headers, body)
            except ValueError:
                return bad_parameter("Invalid parameter")
            page = self._page_of(headers, query, content)
            if page is None:
                return EXPIRED
            object_id, edge = (page if parts[0] == "me" else parts[0]), (parts[1] if len(parts) == 2 else "")
            recipient = content.get("recipient")
            recipient = recipient if isinstance(recipient, dict) else {}
            channel = (
                self.talk if edge in ("messages", "conversations") and "comment_id" not in recipient else self.public
            )
            asked = (object_id, *(str(each) for each in recipient.values()))
            refusal, effects = self.faults.take(
                channel, "read" if method == "GET" else "send", self.said(content, path, *asked), now
            )
            budget = self.windows.take(page, "graph:calls", now)
            response = self._outcome(method, object_id, edge, page, content, query, now, refusal, effects, budget)
        used = round(100 * (budget.limit - budget.remaining) / budget.limit)
        percent = 100 if not budget.allowed or (refusal and refusal.kind == "rate_limit") else used
        usage = json.dumps({"call_count": percent, "total_cputime": percent // 2, "total_time": percent // 2})
        cut = response.cut or ("unclear" in effects and response.status < 300)
        return Response(response.status, {**response.headers, "x-app-usage": usage}, response.body, cut)

    def _page_of(self, headers: Mapping[str, str], query: Mapping[str, str], content: dict[str, Any]) -> str | None:
        lowered = {name.lower(): value for name, value in headers.items()}
        scheme, _, credentials = lowered.get("authorization", "").partition(" ")
        given = query.get("access_token") or content.pop("access_token", None)
        given = given or (credentials if scheme.lower() in ("bearer", "oauth") else None)
        for channel in self.channels:
            for page, token in self.tokens[channel].items():
                if given and given in (token.token, token.bearer):
                    return page
        return None

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
        if refusal:
            return gone(object_id) if refusal.kind == "deleted" else REFUSALS[refusal.kind]
        if not budget.allowed:
            return TOO_MANY
        try:
            match method, edge:
                case "POST", "comments":
                    return self._comment(page, object_id, content, now, effects)
                case "POST", "messages":
                    return self._message(page, object_id, content, now, effects)
                case "POST", "":
                    return self._set_hidden(page, object_id, content, now)
                case "DELETE", "":
                    return self._remove(page, object_id, now)
                case "GET", "":
                    return self._look_up(object_id, query, now)
                case "GET", "comments":
                    return self._comments(object_id, query, now)
                case "GET", "conversations":
                    return self._conversations(page, query, now)
                case _:
                    return UNKNOWN_PATH
        except Refusal as refused:
            return refused.response

    def _seen(self, object_id: str, now: datetime) -> Entry:
        entry = self.store.get(object_id)
        if entry is None or entry.channel not in self.channels or not entry.visible(now):
            raise Refusal(gone(object_id))
        return entry

    def _answered(self, object_id: str, page: str, now: datetime, kind: str = "comment") -> Entry:
        """What the page wants to answer: also a comment that came in without the simulator."""
        if self.store.get(object_id) is None:
            self.stranger(object_id, self.public, kind, page, now)
        return self._seen(object_id, now)

    def _text(self, given: object, longest: int) -> str:
        if not isinstance(given, str) or not given.strip():
            raise Refusal(bad_parameter("Missing message or attachment"))
        if len(given) > longest:
            raise Refusal(bad_parameter(f"Length of param message[text] must be less than or equal to {longest}"))
        return given

    def _comment(
        self, page: str, object_id: str, content: dict[str, Any], now: datetime, effects: dict[str, Fault]
    ) -> Response:
        parent = self._answered(object_id, page, now)
        text = self._text(content.get("message"), COMMENT_LENGTH)
        if parent.private or parent.account != page:
            raise Refusal(gone(object_id))
        same = (page, parent.id, " ".join(text.split()))
        for each in self.store.of(self.public):
            if (
                each.author.id,
                each.parent_id,
                " ".join(each.text.split()),
            ) == same and now - each.at < MEMORY_OF_WORDS:
                raise Refusal(DUPLICATE)
        root = parent.root_id or parent.id
        entry = Entry(
            id=f"{root.split('_')[-1]}_{self.store.number(now)}",
            channel=self.public,
            kind="comment",
            account=page,
            author=self.brand(self.settings.account(self.public, page)),
            text=text,
            at=now,
            writer="app",
            parent_id=parent.id,
            root_id=root,
        )
        return answer(200, {"id": self._added(entry, now, effects).id})

    def _message(
        self, page: str, object_id: str, content: dict[str, Any], now: datetime, effects: dict[str, Fault]
    ) -> Response:
        recipient, message = content.get("recipient"), content.get("message")
        if object_id != page or not isinstance(recipient, dict) or not isinstance(message, dict):
            raise Refusal(bad_parameter("Param recipient must be non-empty."))
        text = self._text(message.get("text"), MESSAGE_LENGTH)
        subject_id = recipient.get("comment_id") or recipient.get("post_id")
        if subject_id:
            person = self._privately_answered(str(subject_id), page, now)
        else:
            person = self._in_window(str(recipient.get("id")), page, content, now)
        entry = Entry(
            id=_mid(self.store.number(now)),
            channel=self.talk,
            kind="private_reply" if subject_id else "message",
            account=page,
            author=self.brand(self.settings.account(self.talk, page)),
            text=text,
            at=now,
            writer="app",
            to=person,
            subject_id=str(subject_id) if subject_id else None,
            metadata=message.get("metadata"),
        )
        return answer(200, {"recipient_id": person, "message_id": self._added(entry, now, effects).id})

    def _privately_answered(self, subject_id: str, page: str, now: datetime) -> str:
        """The person behind a comment, who can be written to once and within 7 days [Meta: private-replies]."""
        subject = self._answered(subject_id, page, now)
        if any(each.subject_id == subject_id for each in self.store.of(self.talk)):
            raise Refusal(ALREADY)
        if subject.author.id == page or now - subject.at > HUMAN_WINDOW:
            raise Refusal(TOO_OLD)
        return subject.author.id

    def _in_window(self, person_id: str, page: str, content: dict[str, Any], now: datetime) -> str:
        """The person, if the window after their last message is open [Meta: messenger-platform message tags]."""
        theirs = [each for each in self.store.of(self.talk) if (each.author.id, each.to) == (person_id, page)]
        if not theirs and self.settings.strangers:
            return person_id
        if not theirs:
            raise Refusal(error(100, "(#100) No matching user found", 2018001))
        human = content.get("messaging_type") == "MESSAGE_TAG" and content.get("tag") == "HUMAN_AGENT"
        if now - max(each.at for each in theirs) > (HUMAN_WINDOW if human else WINDOW):
            raise Refusal(CLOSED)
        return person_id

    def _added(self, entry: Entry, now: datetime, effects: dict[str, Fault]) -> Entry:
        """Adds what the page said over the API, and tells of it."""
        delay = effects["delayed_visibility"].seconds if "delayed_visibility" in effects else 0
        entry = self.store.put(entry)
        if delay:
            entry = self.store.change(entry, seen_from=now + timedelta(seconds=delay))
        if "no_echo" not in effects:
            for delivery in self.told(entry, now, delay):
                self.emit(delivery)
        return entry

    def _set_hidden(self, page: str, object_id: str, content: dict[str, Any], now: datetime) -> Response:
        entry = self._seen(object_id, now)
        if entry.private or entry.author.id == page or "is_hidden" not in content:
            raise Refusal(bad_parameter("Invalid parameter"))
        for delivery in self.hide(object_id, str(content["is_hidden"]).lower() == "true", now)[1]:
            self.emit(delivery)
        return answer(200, {"success": True})

    def _remove(self, page: str, object_id: str, now: datetime) -> Response:
        entry = self._seen(object_id, now)
        if entry.private or entry.account != page:
            raise Refusal(gone(object_id))
        for delivery in self.delete(object_id, now)[1]:
            self.emit(delivery)
        return answer(200, {"success": True})

    # Reads

    def _look_up(self, object_id: str, query: Mapping[str, str], now: datetime) -> Response:
        for channel in self.channels:
            for page in self.settings.accounts.get(channel, []):
                if page.id == object_id:
                    return answer(200, {"id": page.id, "name": page.name})
        for entry in self.store.of(*self.channels):
            if entry.author.id == object_id:
                return answer(
                    200, _chosen({"id": object_id, "name": entry.author.name}, query.get("fields", "id,name"))
                )
        return answer(200, self._object(self._seen(object_id, now), query.get("fields")))

    def _object(self, entry: Entry, fields: str | None) -> dict[str, Any]:
        whole = self.bodies.talk(entry) if entry.private else self.bodies.comment(entry)
        return _chosen(whole, fields or DEFAULT_FIELDS)

    def _comments(self, object_id: str, query: Mapping[str, str], now: datetime) -> Response:
        parent = self._seen(object_id, now)
        below = [
            each
            for each in self.store.of(self.public)
            if (each.parent_id == parent.id or (query.get("filter") == "stream" and each.root_id == parent.id))
            and each.visible(now)
        ]
        if query.get("order") == "reverse_chronological":
            below.reverse()
        return _listed([self._object(each, query.get("fields")) for each in below], query)

    def _conversations(self, page: str, query: Mapping[str, str], now: datetime) -> Response:
        talks: dict[str, list[Entry]] = {}
        for each in self.store.of(self.talk):
            other = each.to if each.by_brand else each.author.id
            if (
                each.private
                and each.visible(now)
                and each.account == page
                and other
                and query.get("user_id") in (None, other)
            ):
                talks.setdefault(other, []).append(each)
        data = [
            {"id": f"t_{other}", "messages": {"data": [self.bodies.talk(each) for each in reversed(entries)]}}
            for other, entries in talks.items()
        ]
        return _listed(data, query)


def _mid(number: int) -> str:
    return "m_" + hashlib.sha256(str(number).encode()).hexdigest()[:32]


def _listed(data: list[dict[str, Any]], query: Mapping[str, str]) -> Response:
    """A page of a list; ``after`` is a cursor from the page before."""
    begin = int(query["after"]) if query.get("after", "").isdecimal() else 0
    size = int(query["limit"]) if query.get("limit", "").isdecimal() else 25
    shown = data[begin : begin + size]
    paging = {"cursors": {"before": str(begin), "after": str(begin + len(shown))}}
    if begin + size < len(data):
        paging["next"] = f"after={begin + size}"  # type: ignore[assignment]
    return answer(200, {"data": shown, **({"paging": paging} if shown else {})})


def _chosen(whole: dict[str, Any], fields: str) -> dict[str, Any]:
    """Only the fields that were asked for, and the id, which always comes. ``from{name}`` asks for ``from``."""
    names = {name.strip() for name in re.sub(r"\{[^{}]*\}|\.\w+\([^)]*\)", "", fields).split(",")}
    return {name: value for name, value in whole.items() if name in names or name == "id"}
