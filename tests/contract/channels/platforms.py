"""The platforms as the contract suite needs them: how each signs, writes, answers and refuses; and a stub of its API."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter

from firstline.channels.contract import Outgoing
from firstline.outward.http import Http

NOW = 1_795_428_900.0  # 2026-11-23T10:15:00Z
SINCE = datetime.fromtimestamp(NOW, UTC)
BEFORE, AFTER = "2026-11-23T10:10:00+0000", "2026-11-23T10:15:03+0000"
SECRETS = {"signing": ["current-secret", "previous-secret"], "verify_token": ["token-1", "token-2"]}
MAIN, PAGE, PERSON = "1450000000000000001", "200000000000001", "7000000000000042"
NUMBER = "300000000000001"
GRAM = "17841400000000001"
TEXT = "Sorry, Anna & Ben. We saw it. FL-2345-6789"


class Stub(BaseAdapter):
    """A platform in place of the network: gives the planned answers in turn and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[int, Any, Mapping[str, str]] | Exception] = []
        self.asked: list[requests.PreparedRequest] = []

    def plan(self, status: int, content: Any = None, **headers: str) -> Stub:
        self.answers.append((status, content, {name.replace("_", "-"): value for name, value in headers.items()}))
        return self

    def fail(self, problem: Exception) -> Stub:
        self.answers.append(problem)
        return self

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        self.asked.append(request)
        assert self.answers, f"nobody planned a call of {request.url}"
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, content, headers = answer
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response.raw = BytesIO(json.dumps(content).encode())
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        """Nothing to close."""

    def http(self) -> Http:
        session = requests.Session()
        session.mount("https://", self)
        return Http(
            "https://x.example",
            "https://graph.example/",
            session,
            clock=lambda: NOW,
            instagram_base_url="https://instagram.example/",
        )

    def said(self, number: int = -1) -> Any:
        """What a call said: JSON, or the form's text."""
        body = self.asked[number].body or b""
        text = body.decode() if isinstance(body, bytes) else body
        return json.loads(text) if text.startswith("{") else text


@dataclass(frozen=True)
class Platform:
    """One channel in one way of answering. ``refusals`` are (status, content) by what they mean."""

    channel: str
    outgoing: Outgoing
    credentials: Mapping[str, str]
    header: str
    signature: Callable[[str, bytes], str]
    handshake: Mapping[str, str]
    handshake_answer: tuple[int, str, str] | None
    body: Callable[..., bytes]
    url: str
    success: Any
    platform_id: str
    refusals: Mapping[str, tuple[int, Any]]
    own: Callable[[str, str, str], Any] | None
    """The platform's list of own words, given text, time and parent or person; None if it can't be asked."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of a limit that is used up for 15 minutes."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Headers that are signed beside the body."""
    secrets: Mapping[str, Any] = field(default_factory=lambda: SECRETS)
    repeats: bool = False
    """Whether an unclear reply is settled by sending it again under the same id; then it needs no id in return."""


def x_signature(secret: str, body: bytes) -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def meta_signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def webhook_secret(word: str) -> str:
    """A secret of Standard Webhooks that follows from a word, its padding left out."""
    return "whsec_" + base64.b64encode(word.encode().ljust(25, b".") if word else b"").decode().rstrip("=")


def webhook_signature(secret: str, body: bytes) -> str:
    key = base64.b64decode(webhook_secret(secret).removeprefix("whsec_") + "==")
    digest = hmac.new(key, f"msg_1.{int(NOW)}.".encode() + body, hashlib.sha256).digest()
    return f"v1a,AAAA v1,{base64.b64encode(b'old').decode()} v1,{base64.b64encode(digest).decode()}"


def generic_body(*ids: str, own: bool = False, edited: bool = False, deleted: bool = False) -> bytes:
    name = "own.posted" if own else "post.updated" if edited else "post.deleted" if deleted else "post.created"
    data = {"text": "hello", "author": {"id": PERSON}, "parent_id": "1"}
    events = [{"type": name, "timestamp": AFTER, "data": {"id": i, **data}} for i in ids]
    return json.dumps({"events": events}).encode()


def x_body(*ids: str, own: bool = False, edited: bool = False, deleted: bool = False) -> bytes:
    if deleted:
        return json.dumps({"for_user_id": MAIN, "tweet_delete_events": [{"status": {"id": i}} for i in ids]}).encode()
    user = {"id_str": MAIN if own else PERSON, "screen_name": "someone"}
    extra = {"edit_history_tweet_ids": [ids[0], "999"], "id_str": "999"} if edited else {}
    tweets = [{"id_str": i, "text": f"@LumoraHome {i}", "user": user, "lang": "en", **extra} for i in ids]
    return json.dumps({"for_user_id": MAIN, "tweet_create_events": tweets}).encode()


def facebook_body(*ids: str, own: bool = False, edited: bool = False, deleted: bool = False) -> bytes:
    verb = "remove" if deleted else "edited" if edited else "add"
    author = {"id": PAGE if own else PERSON, "name": "Anna"}
    value = {"item": "comment", "verb": verb, "post_id": f"{PAGE}_1", "message": "hello", "from": author}
    changes = [{"field": "feed", "value": {**value, "comment_id": i}} for i in ids]
    return json.dumps({"object": "page", "entry": [{"id": PAGE, "time": 1, "changes": changes}]}).encode()


def messenger_body(*ids: str, own: bool = False, edited: bool = False, deleted: bool = False) -> bytes:
    return _messages("page", PAGE, ids, own, edited, deleted)


def instagram_body(*ids: str, own: bool = False, edited: bool = False, deleted: bool = False) -> bytes:
    return _messages("instagram", GRAM, ids, own, edited, deleted)


def _messages(about: str, account: str, ids: tuple[str, ...], own: bool, edited: bool, deleted: bool) -> bytes:
    def what(mid: str) -> dict[str, Any]:
        if edited:
            return {"message_edit": {"mid": mid, "text": "hello", "num_edit": 1}}
        return {"message": {"mid": mid, "text": "hello", "is_echo": own, "is_deleted": deleted}}

    sender, recipient = (account, PERSON) if own else (PERSON, account)
    items = [{"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": 1, **what(i)} for i in ids]
    return json.dumps({"object": about, "entry": [{"id": account, "time": 1, "messaging": items}]}).encode()


def whatsapp_body(*ids: str, own: bool = False, edited: bool = False, deleted: bool = False) -> bytes:
    def what(wamid: str) -> dict[str, Any]:
        if edited:
            changed = {"type": "text", "text": {"body": "hello"}}
            return {"id": f"{wamid}.2", "type": "edit", "edit": {"original_message_id": wamid, "message": changed}}
        if deleted:
            return {"id": f"{wamid}.3", "type": "revoke", "revoke": {"original_message_id": wamid}}
        return {"id": wamid, "type": "text", "text": {"body": "hello"}}

    people = {"from": NUMBER, "to": PERSON} if own else {"from": PERSON}
    items = [{**people, "timestamp": "1795428900", **what(i)} for i in ids]
    field, name = ("smb_message_echoes", "message_echoes") if own else ("messages", "messages")
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, name: items}
    entry = {"id": "400000000000001", "changes": [{"field": field, "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def graph_error(code: int, subcode: int | None = None, status: int = 400) -> tuple[int, Any]:
    error = {"message": "Anna's private words", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return status, {"error": {**error, **({"error_subcode": subcode} if subcode else {})}}


def problem(status: int, detail: str = "", kind: str = "about:blank") -> tuple[int, Any]:
    return status, {"title": "Problem", "detail": detail, "type": kind, "status": status}


def _outgoing(channel: str, endpoint: str) -> Outgoing:
    account = {"x": MAIN, "whatsapp": NUMBER, "instagram": GRAM, "generic": "generic"}.get(channel, PAGE)
    private = endpoint in ("dms", "messages")
    parents = {"x": "1990000000000000001", "facebook": "9001_5001", "messenger": "m_1", "instagram": "1801"}
    parent = {**parents, "generic": "generic/r-1"}.get(channel, "wamid.1")
    return Outgoing("reply-7", account, endpoint, TEXT, parent, PERSON if private else None, False, SINCE)


X_REFUSALS = {
    "gone": problem(404, kind="https://api.x.com/2/problems/resource-not-found"),
    "duplicate": problem(403, "You are not allowed to create a Tweet with duplicate content."),
    "limit": problem(429, "Too Many Requests"),
    "token": problem(401, "Unauthorized"),
    "unknown": problem(503, "Over capacity"),
}
GRAPH_REFUSALS = {
    "gone": graph_error(100, 33),
    "duplicate": graph_error(506),
    "limit": graph_error(32),
    "token": graph_error(190, 460),
    "unknown": graph_error(2, status=500),
}
LIMITED = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(NOW) + 900)}
USED_UP = {
    "x-app-usage": '{"call_count": 40, "total_cputime": 2, "total_time": 3}',
    "x-business-use-case-usage": json.dumps(
        {PAGE: [{"type": "pages", "call_count": 100, "total_time": 1, "estimated_time_to_regain_access": 15}]}
    ),
}
POST_ID, COMMENT_ID, MESSAGE_ID = "1990000000000000777", "9001_5777", "m_777"

CRC_TOKEN = "MDhkNmU1ZTItYWVkMC00ZmMwLTk3ZDQtNDQxY2I0YzRhYjE5"
"""As X writes it: base64url of a UUID."""

X_POSTS = Platform(
    channel="x",
    outgoing=_outgoing("x", "posts"),
    credentials={"consumer_key": "ck", "consumer_secret": "cs", "token": "t", "token_secret": "ts"},
    header="x-twitter-webhooks-signature",
    signature=x_signature,
    handshake={"crc_token": CRC_TOKEN, "nonce": "MTc5NTQyODkwMDAwMA"},
    handshake_answer=(
        200,
        "application/json",
        json.dumps({"response_token": x_signature("current-secret", CRC_TOKEN.encode())}, separators=(",", ":")),
    ),
    body=x_body,
    url="https://x.example/2/tweets",
    success={"data": {"id": POST_ID, "text": TEXT}},
    platform_id=POST_ID,
    refusals=X_REFUSALS,
    own=lambda text, at, to: {
        "data": [
            {"id": POST_ID, "text": text, "created_at": at, "referenced_tweets": [{"type": "replied_to", "id": to}]}
        ],
        "meta": {"result_count": 1},
    },
    headers=LIMITED,
)
X_MESSAGES = replace(
    X_POSTS,
    outgoing=_outgoing("x", "dms"),
    credentials={"bearer": "b"},
    url=f"https://x.example/2/dm_conversations/with/{PERSON}/messages",
    success={"data": {"dm_conversation_id": "c", "dm_event_id": POST_ID}},
    own=lambda text, at, to: {
        "data": [{"id": POST_ID, "text": text, "created_at": at, "sender_id": MAIN if to == PERSON else "5"}],
        "meta": {"result_count": 1},
    },
)
FACEBOOK_COMMENTS = Platform(
    channel="facebook",
    outgoing=_outgoing("facebook", "comments"),
    credentials={"token": "page-token"},
    header="x-hub-signature-256",
    signature=meta_signature,
    handshake={"hub.mode": "subscribe", "hub.verify_token": "token-2", "hub.challenge": "1158201444"},
    handshake_answer=(200, "text/plain", "1158201444"),
    body=facebook_body,
    url="https://graph.example/v25.0/9001_5001/comments",
    success={"id": COMMENT_ID},
    platform_id=COMMENT_ID,
    refusals=GRAPH_REFUSALS,
    own=lambda text, at, to: {
        "data": [{"id": COMMENT_ID, "from": {"id": PAGE if to == "9001_5001" else "5"}, "message": text, "created_time": at}]
    },
    headers=USED_UP,
)  # fmt: skip
FACEBOOK_PRIVATE = replace(
    FACEBOOK_COMMENTS,
    outgoing=_outgoing("facebook", "private_replies"),
    url=f"https://graph.example/v25.0/{PAGE}/messages",
    success={"recipient_id": PERSON, "message_id": MESSAGE_ID},
    platform_id=MESSAGE_ID,
    own=None,
)
MESSENGER = replace(
    FACEBOOK_PRIVATE,
    channel="messenger",
    outgoing=_outgoing("messenger", "messages"),
    body=messenger_body,
    own=lambda text, at, to: {
        "data": [
            {
                "messages": {
                    "data": [
                        {
                            "id": MESSAGE_ID,
                            "from": {"id": PAGE if to == PERSON else "5"},
                            "message": text,
                            "created_time": at,
                        }
                    ]
                }
            }
        ]
    },
)
WHATSAPP = replace(
    FACEBOOK_PRIVATE,
    channel="whatsapp",
    outgoing=_outgoing("whatsapp", "messages"),
    body=whatsapp_body,
    url=f"https://graph.example/v25.0/{NUMBER}/messages",
    success={"messaging_product": "whatsapp", "contacts": [{"wa_id": PERSON}], "messages": [{"id": "wamid.777"}]},
    platform_id="wamid.777",
    refusals={
        "gone": graph_error(131026),
        "duplicate": graph_error(506),
        "limit": graph_error(130429),
        "token": graph_error(190, 460, 401),
        "unknown": graph_error(131000, status=500),
    },
)
INSTAGRAM_LOGIN = {"token": "ig-token"}
FACEBOOK_LOGIN = {"token": "page-token", "page_id": PAGE}
INSTAGRAM_REPLIES = replace(
    FACEBOOK_COMMENTS,
    channel="instagram",
    outgoing=_outgoing("instagram", "replies"),
    credentials=INSTAGRAM_LOGIN,
    body=instagram_body,
    url="https://instagram.example/v25.0/1801/replies",
    own=lambda text, at, to: {
        "data": [
            {
                "id": COMMENT_ID,
                "text": text,
                "timestamp": at,
                **({"user": {"id": "1"}} if to == "1801" else {"from": {"id": "5"}}),
            }
        ]
    },
)
INSTAGRAM_MENTIONS = replace(
    INSTAGRAM_REPLIES,
    outgoing=replace(_outgoing("instagram", "mentions"), thread_id="1800"),
    url=f"https://instagram.example/v25.0/{GRAM}/mentions",
    own=None,
)
INSTAGRAM_PRIVATE = replace(
    INSTAGRAM_REPLIES,
    outgoing=_outgoing("instagram", "private_replies"),
    url=f"https://instagram.example/v25.0/{GRAM}/messages",
    success={"recipient_id": PERSON, "message_id": MESSAGE_ID},
    platform_id=MESSAGE_ID,
    own=None,
)
INSTAGRAM_MESSAGES = replace(
    INSTAGRAM_PRIVATE,
    outgoing=_outgoing("instagram", "messages"),
    own=lambda text, at, to: {
        "data": [
            {
                "messages": {
                    "data": [
                        {
                            "id": MESSAGE_ID,
                            "from": {"id": GRAM if to == PERSON else "5"},
                            "message": text,
                            "created_time": at,
                        }
                    ]
                }
            }
        ]
    },
)
INSTAGRAM = (INSTAGRAM_REPLIES, INSTAGRAM_MENTIONS, INSTAGRAM_PRIVATE, INSTAGRAM_MESSAGES)
"""By Instagram Login. By Facebook Login the same calls go to the Graph API, and messages are the linked Page's."""
INSTAGRAM_BY_FACEBOOK = tuple(
    replace(
        one,
        credentials=FACEBOOK_LOGIN,
        url=one.url.replace("instagram.example", "graph.example").replace(f"{GRAM}/messages", f"{PAGE}/messages"),
    )
    for one in INSTAGRAM
)
GENERIC = Platform(
    channel="generic",
    outgoing=_outgoing("generic", "callbacks"),
    credentials={"url": "https://reviews.example/callback", "signing": webhook_secret("callback")},
    header="webhook-signature",
    signature=webhook_signature,
    handshake={},
    handshake_answer=None,
    body=generic_body,
    url="https://reviews.example/callback",
    success={"id": "777"},
    platform_id="generic/777",
    refusals={
        "gone": (404, {"error": "gone"}),
        "duplicate": (409, {"error": "duplicate_text"}),
        "limit": (429, None),
        "token": (401, {"error": "Anna's private words"}),
        "unknown": (503, None),
    },
    own=None,
    headers={"retry-after": "900"},
    beside={"webhook-id": "msg_1", "webhook-timestamp": str(int(NOW))},
    secrets={"signing": [webhook_secret("current-secret"), webhook_secret("previous-secret")]},
    repeats=True,
)
PLATFORMS = (
    *(X_POSTS, X_MESSAGES, FACEBOOK_COMMENTS, FACEBOOK_PRIVATE, MESSENGER, WHATSAPP, GENERIC),
    *(*INSTAGRAM, *INSTAGRAM_BY_FACEBOOK),
)
