"""The control interface: what the demo and the tests make people, platforms and connections do.

Every request is JSON with bounded fields; an unknown field is an error that names it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from .deliverer import Journey
from .faults import Kind
from .graph import GraphPlatform
from .mails import Mail
from .platform import person
from .ses import Bounce, scanned
from .settings import Channel, Shape, Token
from .simulation import Simulation, shown
from .store import Entry, Person
from .whatsapp import WhatsAppPlatform
from .wire import Delivery

Id = Field(default=None, max_length=200)
Text = Field(min_length=1, max_length=20_000)


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Author(_Request):
    """A customer. Without ``id`` the same name or handle is the same person; on WhatsApp a name is somebody with a
    phone number, a handle somebody who hides it (a business-scoped id only)."""

    id: str | None = Field(default=None, max_length=40, pattern=r"^(\d+|[A-Z]{2}\.\w+)$")
    name: str = Field(min_length=1, max_length=100)
    handle: str | None = Field(default=None, pattern=r"^@?[\w.]{1,30}$")
    followers: int = Field(default=0, ge=0, le=1_000_000_000)
    verified: bool = False
    also: str | None = Field(default=None, pattern=r"^\d{5,15}$", description="WhatsApp: the number beside an id")

    def on(self, channel: Channel) -> Person:
        return person(channel, self.name, **self.model_dump(exclude={"name"}))


class _Sending(_Request):
    """``deliver`` false: made, not sent (`redeliver` sends it later). ``times``: how often it is sent. ``wait``: until
    the receiver answered once, so that its status can be told."""

    deliver: bool = True
    times: int = Field(default=1, ge=1, le=100)
    wait: bool = True
    shape: Shape | None = None


class PostRequest(_Sending):
    channel: Channel
    kind: Literal["post", "comment", "reply", "dm", "message", "mention", "story_reply", "review", "email", "call"] = (
        "post"
    )
    account: str | None = Id
    author: Author
    text: str = Text
    post_id: str | None = Field(default=None, max_length=200, description="the post that is answered; as parent_id")
    parent_id: str | None = Id
    quoted_id: str | None = Id
    language: str | None = Field(default=None, max_length=10)
    at: AwareDatetime | None = None
    contact: dict[Literal["email", "phone", "customer_number"], str] | None = None
    """What a generic source verified of the author."""
    addressed: bool = True
    """False: a generic source's post about the brand, not to it."""


class EditRequest(_Sending):
    post_id: str = Field(max_length=200)
    text: str = Text


class DeleteRequest(_Sending):
    post_id: str = Field(max_length=200)


class HideRequest(_Sending):
    post_id: str = Field(max_length=200)
    hidden: bool = True


class NativeRequest(_Sending):
    channel: Channel | None = None
    post_id: str = Field(max_length=200)
    account: str | None = Id
    text: str = Text


class RedeliverRequest(_Request):
    post_id: str | None = Id
    delivery_id: str | None = Id
    times: int = Field(default=1, ge=1, le=100)


class ForgeRequest(PostRequest):
    signature: Literal["wrong", "missing", "malformed"] = "wrong"


class RawRequest(_Request):
    """``source``: the generic source that sends it; without one the default source."""

    channel: Channel
    source: str | None = Id
    body: Any
    signature: Literal["right", "wrong", "missing", "malformed"] = "right"


class FaultRequest(_Request):
    channel: Channel | Literal["*"]
    kind: Kind
    times: int | None = Field(default=None, ge=1, le=10_000)
    seconds: int | None = Field(default=None, ge=0, le=86_400)
    match: str = Field(default="", max_length=500)
    on: Literal["send", "read", "any"] | None = None
    code: int | None = Field(default=None, ge=0, le=10_000_000)


class StatusRequest(_Sending):
    """``post_id``: what was sent over WhatsApp's API. ``code`` of a failure; 131026 where none is named."""

    post_id: str = Field(max_length=200)
    status: Literal["sent", "delivered", "read", "played", "failed"]
    code: int | None = Field(default=None, ge=0, le=10_000_000)


class TokenRequest(_Request):
    channel: Channel
    account: str = Field(max_length=40)
    token: Token


class HandshakeRequest(_Request):
    channel: Channel


class TranslationRequest(_Request):
    down: bool


class MailRequest(_Request):
    """``id`` as `GET /mails` tells it."""

    id: str = Field(max_length=200)


class BounceRequest(MailRequest):
    kind: Bounce = "Permanent"


class AwayRequest(MailRequest):
    until: date | None = None


class AnswerRequest(MailRequest):
    """``sender``: another address than the one that the mail went to."""

    text: str = Text
    sender: str | None = Field(default=None, max_length=200, pattern=r"^[^@\s<>]+@[^@\s<>]+$")


class ResetRequest(_Request):
    pass


def _result(entry: Entry, journeys: list[Journey]) -> dict[str, Any]:
    deliveries = [each.shown() for each in journeys]
    told: dict[str, Any] = {"post_id": entry.id, "post": shown(entry), "deliveries": deliveries}
    told["delivery_body"] = deliveries[0]["body"] if deliveries else None
    return told


class Control:
    """The operations by name; each takes its request's content and returns what is answered as JSON."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.operations: dict[str, tuple[type[_Request], Callable[[Any], Any]]] = {
            "post": (PostRequest, self.post),
            "edit": (EditRequest, self.edit),
            "delete": (DeleteRequest, self.delete),
            "hide": (HideRequest, self.hide),
            "native_reply": (NativeRequest, self.native_reply),
            "redeliver": (RedeliverRequest, self.redeliver),
            "forge": (ForgeRequest, self.forge),
            "raw": (RawRequest, self.raw),
            "faults": (FaultRequest, self.faults),
            "status": (StatusRequest, self.status),
            "tokens": (TokenRequest, self.tokens),
            "handshake": (HandshakeRequest, self.handshake),
            "translation": (TranslationRequest, self.translation),
            "mail/bounce": (BounceRequest, self.mail_bounce),
            "mail/complaint": (MailRequest, self.mail_complaint),
            "mail/delay": (MailRequest, self.mail_delay),
            "mail/away": (AwayRequest, self.mail_away),
            "mail/reply": (AnswerRequest, self.mail_reply),
            "mail/scan": (MailRequest, self.mail_scan),
            "reset": (ResetRequest, self.reset),
        }

    def do(self, name: str, body: bytes) -> Any:
        """Raises KeyError (no such operation), pydantic's ValidationError, LookupError (no such post or account)."""
        model, operation = self.operations[name]
        return operation(model.model_validate_json(body or b"{}"))

    def post(self, asked: PostRequest) -> dict[str, Any]:
        return self._told(self._written(asked, keep=True), asked)

    def edit(self, asked: EditRequest) -> dict[str, Any]:
        now = self.simulation.clock()
        channel = self._entry(asked.post_id).channel
        if channel == "x":
            return self._told(self.simulation.x.edit(asked.post_id, asked.text, now, asked.shape), asked)
        if channel == "generic":
            return self._told(self.simulation.generic.edit(asked.post_id, asked.text, now), asked)
        return self._told(self._meta(asked.post_id).edit(asked.post_id, asked.text, now), asked)

    def translation(self, asked: TranslationRequest) -> dict[str, bool]:
        """Takes Amazon Translate's stand-in out of order, or mends it."""
        self.simulation.translate.down = asked.down
        return {"down": asked.down}

    def mail_bounce(self, asked: BounceRequest) -> dict[str, Any]:
        return self._happened(asked, lambda mail: self.simulation.ses.bounce(mail, asked.kind))

    def mail_complaint(self, asked: MailRequest) -> dict[str, Any]:
        return self._happened(asked, self.simulation.ses.complaint)

    def mail_delay(self, asked: MailRequest) -> dict[str, Any]:
        return self._happened(asked, self.simulation.ses.delay)

    def mail_away(self, asked: AwayRequest) -> dict[str, Any]:
        until = asked.until.isoformat() if asked.until else None
        return self._happened(asked, lambda mail: self.simulation.ses.away(mail, until))

    def mail_reply(self, asked: AnswerRequest) -> dict[str, Any]:
        return self._happened(asked, lambda mail: self.simulation.ses.reply(mail, asked.text, sender=asked.sender))

    def mail_scan(self, asked: MailRequest) -> dict[str, Any]:
        """Every link is opened as a scanner does; nothing may change by it."""
        links = [each["url"] for each in self.simulation.ses.mail(asked.id).links]
        ours = [url for url in links if url.startswith(self.simulation.settings.webhook_base)]
        return {"opened": scanned(ours)}

    def _happened(self, asked: MailRequest, what: Callable[[Mail], object]) -> dict[str, Any]:
        mail = self.simulation.ses.mail(asked.id)
        what(mail)
        return mail.shown()

    def delete(self, asked: DeleteRequest) -> dict[str, Any]:
        now = self.simulation.clock()
        channel = self._entry(asked.post_id).channel
        if channel == "x":
            return self._told(self.simulation.x.delete(asked.post_id, now, asked.shape), asked)
        if channel == "generic":
            return self._told(self.simulation.generic.delete(asked.post_id, now), asked)
        return self._told(self._meta(asked.post_id).delete(asked.post_id, now), asked)

    def status(self, asked: StatusRequest) -> dict[str, Any]:
        """What WhatsApp tells later of a message that it accepted."""
        now = self.simulation.clock()
        return self._told(self.simulation.whatsapp.statuses(asked.post_id, asked.status, now, asked.code), asked)

    def _meta(self, post_id: str) -> GraphPlatform | WhatsAppPlatform:
        """The product of Meta's on which the post is."""
        products = {"whatsapp": self.simulation.whatsapp, "instagram": self.simulation.instagram}
        return products.get(self._entry(post_id).channel, self.simulation.graph)

    def hide(self, asked: HideRequest) -> dict[str, Any]:
        now = self.simulation.clock()
        generic = self._entry(asked.post_id).channel == "generic"
        platform = self.simulation.generic if generic else self._meta(asked.post_id)
        return self._told(platform.hide(asked.post_id, asked.hidden, now), asked)

    def native_reply(self, asked: NativeRequest) -> dict[str, Any]:
        channel = asked.channel or self._entry(asked.post_id).channel
        made = self.simulation.native_reply(
            channel, asked.post_id, asked.text, account=asked.account, shape=asked.shape
        )
        return self._told(made, asked)

    def redeliver(self, asked: RedeliverRequest) -> dict[str, Any]:
        deliverer = self.simulation.deliverer
        if asked.delivery_id:
            journeys = [each for each in deliverer.all() if each.delivery.id == asked.delivery_id]
        else:
            journeys = deliverer.of_post(asked.post_id or "")
        if not journeys:
            raise LookupError(f"no delivery of {asked.delivery_id or asked.post_id}")
        for journey in journeys:
            for _ in range(asked.times):
                deliverer.send(journey.delivery)
        return {"deliveries": [each.shown() for each in journeys]}

    def forge(self, asked: ForgeRequest) -> dict[str, Any]:
        """A delivery that the platform never made: it tells of a post that is nowhere."""
        _, deliveries = self._written(asked, keep=False)
        if not deliveries:
            raise LookupError("the platform would tell nobody of this post")
        _, status = self.simulation.send_raw(
            asked.channel, deliveries[0].body.decode(), signature=asked.signature, source=deliveries[0].door
        )
        return {"status": status, "post_id": deliveries[0].post_ids[0], "delivery_body": deliveries[0].body.decode()}

    def raw(self, asked: RawRequest) -> dict[str, Any]:
        delivery, status = self.simulation.send_raw(
            asked.channel, asked.body, signature=asked.signature, source=asked.source
        )
        return {"status": status, "delivery_id": delivery.id, "delivery_body": delivery.body.decode()}

    def faults(self, asked: FaultRequest) -> dict[str, Any]:
        now = self.simulation.clock()
        given = asked.model_dump(exclude={"channel", "kind"})
        platforms = list(self.simulation.platforms)
        if asked.channel != "*":
            platforms = [self.simulation.platform(asked.channel)]
        for platform in platforms:
            platform.faults.plan(asked.channel, asked.kind, now, **given)
        return {"planned": len(platforms)}

    def tokens(self, asked: TokenRequest) -> dict[str, Any]:
        self.simulation.set_token(asked.channel, asked.account, asked.token)
        return {"accepted": asked.account}

    def handshake(self, asked: HandshakeRequest) -> dict[str, Any]:
        return self.simulation.handshake(asked.channel)

    def reset(self, asked: ResetRequest) -> dict[str, Any]:
        self.simulation.reset()
        return {"reset": True}

    def _entry(self, post_id: str) -> Entry:
        entry = self.simulation.store.get(post_id)
        if entry is None:
            raise LookupError(f"no post {post_id}")
        return entry

    def _written(self, asked: PostRequest, *, keep: bool) -> tuple[Entry, list[Delivery]]:
        more: dict[str, Any] = {}
        if asked.channel == "generic":
            kind = "message" if asked.kind == "dm" else "comment" if asked.kind == "reply" else asked.kind
            more = {"kind": kind, "contact": asked.contact, "addressed": asked.addressed}
        return self.simulation.post(
            asked.channel,
            asked.author.on(asked.channel),
            asked.text,
            private=asked.kind in ("dm", "message", "story_reply"),
            mention=asked.kind == "mention",
            story=asked.kind == "story_reply",
            account=asked.account,
            parent_id=asked.parent_id or asked.post_id,
            quoted_id=asked.quoted_id,
            language=asked.language,
            at=asked.at.astimezone(UTC) if asked.at else None,
            shape=asked.shape,
            keep=keep,
            **more,
        )

    def _told(self, made: tuple[Entry, list[Delivery]], asked: _Sending) -> dict[str, Any]:
        entry, deliveries = made
        if asked.deliver:
            return _result(entry, self.simulation.deliver(deliveries, asked.times, asked.wait))
        return _result(entry, [self.simulation.deliverer.keep(each) for each in deliveries])
