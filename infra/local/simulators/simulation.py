"""The platforms, their webhooks and what people do in them, put together."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from .deliverer import PAUSES, Deliverer, Journey
from .generic import GenericPlatform
from .graph import GraphPlatform
from .instagram import InstagramPlatform
from .meta import MetaApi
from .platform import Platform
from .ses import Ses
from .settings import Channel, Settings, Shape, Token
from .store import Entry, Person, Store
from .translate import Translate
from .visiting import visit
from .whatsapp import WhatsAppPlatform
from .wire import Delivery, body_of, crc_token, iso, sign, standard_webhook
from .x import XPlatform

PATIENCE = 15


class Simulation:
    """Everything behind the control interface and the pages. ``clock`` gives the time."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.store = Store(settings.state_dir)
        self.deliverer = Deliverer(settings.webhook_base, clock, pauses)
        self.x = XPlatform(settings, self.store, self.deliverer.emit)
        self.graph = GraphPlatform(settings, self.store, self.deliverer.emit)
        self.whatsapp = WhatsAppPlatform(settings, self.store, self.deliverer.emit)
        self.instagram = InstagramPlatform(settings, self.store, self.deliverer.emit)
        self.meta = MetaApi(self.graph, self.whatsapp, self.instagram)
        self.generic = GenericPlatform(settings, self.store, self.deliverer.emit)
        self.x.visit = self.graph.visit = visit
        self.translate = Translate()
        self.ses = Ses(settings, clock)

    def platform(self, channel: Channel) -> Platform:
        return next((each for each in self.platforms if channel in each.channels), self.graph)

    @property
    def platforms(self) -> tuple[Platform, ...]:
        return self.x, self.graph, self.whatsapp, self.instagram, self.generic

    def close(self) -> None:
        self.ses.clear()
        self.deliverer.close()

    # What people do

    def post(
        self,
        channel: Channel,
        author: Person,
        text: str,
        *,
        private: bool = False,
        account: str | None = None,
        parent_id: str | None = None,
        quoted_id: str | None = None,
        language: str | None = None,
        at: datetime | None = None,
        shape: Shape | None = None,
        native: bool = False,
        keep: bool = True,
        mention: bool = False,
        story: bool = False,
        **more: Any,
    ) -> tuple[Entry, list[Delivery]]:
        """Somebody writes; ``mention`` and ``story`` are for Instagram, ``more`` is for generic sources. Nothing is sent
        yet. Raises LookupError for an account or parent that is not there."""
        if parent_id is not None and self.store.get(parent_id) is None:
            raise LookupError(f"no post {parent_id}")
        asked: dict[str, Any] = {"account": account, "parent_id": parent_id, "native": native, "keep": keep}
        if channel == "x":
            asked |= {"private": private, "quoted_id": quoted_id, "language": language, "shape": shape}
            return self.x.post(author, text, at or self.clock(), **asked)
        if channel == "whatsapp":
            return self.whatsapp.post(author, text, at or self.clock(), **asked)
        if channel == "instagram":
            asked |= {"private": private, "mention": mention, "story": story}
            return self.instagram.post(author, text, at or self.clock(), **asked)
        if channel == "generic":
            asked |= {"private": private, "language": language, **more}
            return self.generic.post(author, text, at or self.clock(), **asked)
        return self.graph.post(author, text, at or self.clock(), private=channel == "messenger", **asked)

    def native_reply(
        self, channel: Channel, parent_id: str, text: str, *, account: str | None = None, shape: Shape | None = None
    ) -> tuple[Entry, list[Delivery]]:
        """One of the brand's people answers a post in the platform's own app."""
        parent = self.store.get(parent_id)
        if parent is None or parent.channel != channel:
            raise LookupError(f"no post {parent_id} on {channel}")
        brand = self.settings.account(channel, account or parent.account)
        author = self.platform(channel).brand(brand)
        asked: dict[str, Any] = {"account": brand.id, "parent_id": parent_id, "native": True}
        return self.post(channel, author, text, private=parent.private, shape=shape, **asked)

    # Webhooks

    def deliver(self, deliveries: Sequence[Delivery], times: int = 1, wait: bool = True) -> list[Journey]:
        """Sends each delivery ``times`` times. ``wait``: until each was tried for the first time."""
        journeys = [self.deliverer.emit(each) for each in deliveries for _ in range(times)]
        if wait:
            for journey in journeys:
                journey.tried.wait(PATIENCE)
        return list({id(each): each for each in journeys}.values())

    def send_raw(
        self, channel: Channel, content: object, *, signature: str = "right", source: str | None = None
    ) -> tuple[Delivery, int]:
        """Sends any body, now. A string goes as it is. ``signature``: right, wrong, missing or malformed. ``source``: the
        generic source that sends it, else the default one."""
        delivery = self.platform(channel).delivery(channel, {}, (), self.clock())
        body = content.encode() if isinstance(content, str) else body_of(channel, content)
        if channel == "generic":
            secret, webhook_id = self.settings.source_secret(source or channel), f"msg_{delivery.id}"
            right = standard_webhook(secret, webhook_id, self.clock(), body)
            wrong = standard_webhook("whsec_bm90IHRoZSBzZWNyZXQ=", webhook_id, self.clock(), body)
        else:
            right = sign(channel, self.settings.signing[channel], body)
            wrong = sign(channel, "not the secret", body)
        signed = {"right": right, "wrong": wrong, "missing": {}, "malformed": dict.fromkeys(right, "sha256=0")}
        headers = {"content-type": "application/json", **signed[signature]}
        delivery = replace(delivery, body=body, headers=headers, door=source, attempt=None)
        return delivery, self.deliverer.send(delivery)

    def handshake(self, channel: Channel) -> dict[str, Any]:
        """Asks the receiver as the platform does when a webhook is registered, and says whether its answer is right."""
        token, path = secrets.token_hex(8), f"/webhooks/{channel}"
        if channel == "generic":
            raise LookupError("generic sources have no handshake")
        if channel == "x":
            token = crc_token()
            status, text = self.deliverer.get(path, {"crc_token": token, "nonce": secrets.token_urlsafe(10)})
            digest = hmac.new(self.settings.signing["x"].encode(), token.encode(), hashlib.sha256).digest()
            right = "sha256=" + base64.b64encode(digest).decode() in text
        else:
            query = {
                "hub.mode": "subscribe",
                "hub.challenge": token,
                "hub.verify_token": self.settings.verify_token or "",
            }
            status, text = self.deliverer.get(path, query)
            right = text == token
        return {"channel": channel, "status": status, "right": status == 200 and right}

    # What can be seen

    def sent(self) -> list[dict[str, Any]]:
        """Every reply that a platform took from the brand's API calls, oldest first."""
        replies = sorted((each for platform in self.platforms for each in platform.sent()), key=lambda each: each.at)
        return [
            {
                "channel": "facebook" if each.subject_id and each.channel == "messenger" else each.channel,
                "account": each.account,
                "in_reply_to": each.subject_id or each.parent_id or each.to,
                "kind": each.kind,
                "text": each.text,
                "at": iso(each.at),
                "id": each.id,
            }
            for each in replies
        ]

    def posts(self) -> dict[str, Any]:
        """The whole timeline for the pages."""
        with self.store.lock:
            entries = list(self.store.of(*(channel for each in self.platforms for channel in each.channels)))
            version = self.store.version
        accounts = {channel: [vars(each) for each in given] for channel, given in self.settings.accounts.items()}
        return {
            "version": version,
            "now": iso(self.clock()),
            "accounts": accounts,
            "targets": self.settings.targets,
            "posts": [shown(each) for each in entries if each.replaced_by is None],
        }

    def set_token(self, channel: Channel, account: str, token: Token) -> None:
        """From now on this token is accepted, and the one before is not."""
        self.platform(channel).tokens[channel][account] = token

    def reset(self) -> None:
        """As if freshly started: no posts, mails, faults, deliveries or used-up windows."""
        self.store.clear()
        self.deliverer.clear()
        self.translate.down = False
        self.ses.clear()
        for platform in self.platforms:
            platform.faults.planned.clear()
            platform.windows.used.clear()
            platform.tokens = {name: dict(self.settings.tokens.get(name, {})) for name in platform.channels}


def shown(entry: Entry) -> dict[str, Any]:
    """A post for people and tests. ``private`` with ``with``: the customer's id on the other side."""
    return {
        "id": entry.id,
        "channel": entry.channel,
        "kind": entry.kind,
        "account": entry.account,
        "author": vars(entry.author),
        "text": "" if entry.deleted else entry.text,
        "at": iso(entry.at),
        "writer": entry.writer,
        "parent_id": entry.parent_id,
        "root_id": entry.root_id or entry.id,
        "private": entry.private,
        "with": (entry.to if entry.by_brand else entry.author.id) if entry.private else None,
        "answers_comment": entry.subject_id,
        "quoted_id": entry.quoted_id if entry.channel != "generic" else None,
        "versions": list(entry.versions),
        "edited": bool(entry.edited_at),
        "deleted": entry.deleted,
        "hidden": entry.hidden,
        "status": entry.status,
        "contact": dict(entry.contact),
    }
