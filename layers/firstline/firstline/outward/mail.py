"""Mail by Amazon SES (v2): one attempt per call, and what became of a mail by the events of the configuration set."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Literal, Protocol, cast

import boto3
from botocore import exceptions as aws
from botocore.config import Config
from botocore.parsers import ResponseParserError

from firstline.model.base import Instant, Value
from firstline.model.errors import AccountDown, NotSent, Outcome, Permanent, Unclear, Wait

CONNECT_SECONDS, READ_SECONDS = 2, 10
HANDOFF_TAG = "handoff"
"""Name of the message tag by which SES's events tell which handoff they are about."""

# Errors of SendEmail: docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html, read 2026-11-24.
_LATER = {"TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling"}
_DOWN = {
    "AccountSuspendedException",
    "SendingPausedException",
    "MailFromDomainNotVerifiedException",
    "NotFoundException",  # the configuration set
}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
# Sent as MessageRejected or BadRequestException with this text (SES developer guide, "email sending errors").
_LIMIT_WORDS = re.compile(r"maximum sending rate exceeded|daily message quota exceeded|throttl", re.IGNORECASE)
# Before a byte of the request was sent; every other error of the transport may have come after SES took the mail.
_BEFORE_SENDING = (
    aws.EndpointConnectionError,
    aws.ConnectTimeoutError,
    aws.ProxyConnectionError,
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.TokenRetrievalError,
    aws.MetadataRetrievalError,
)


class MailClient(Protocol):
    """The one call of boto3's ``sesv2`` client that is made."""

    def send_email(self, **request: Any) -> Mapping[str, Any]: ...


def mail_client(session: Any = boto3) -> MailClient:
    """A client that tries once: SES has no idempotency key, so a retry by the SDK may be a second mail."""
    config = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1})
    return cast(MailClient, session.client("sesv2", config=config))


class Mailer:
    """Sends finished messages from one address. ``configuration_set`` may be empty: then no events come."""

    def __init__(self, client: MailClient, sender: str, configuration_set: str = "") -> None:
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set

    def send(self, message: EmailMessage, *, to: str, handoff_tag: str) -> str:
        """Hand the message to SES; returns SES's message id, which means accepted, not delivered.

        Raises Permanent (refused for good), AccountDown (nothing can be mailed until somebody acts), Wait (a limit),
        NotSent (certainly not accepted: again later) or Unclear (may be accepted: wait for its SEND event).
        """
        request: dict[str, Any] = {
            "FromEmailAddress": self._sender,
            "Destination": {"ToAddresses": [to]},
            "Content": {"Raw": {"Data": message.as_bytes()}},
            "EmailTags": [{"Name": HANDOFF_TAG, "Value": _tag_value(handoff_tag)}],
        }
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        try:
            answer = self._client.send_email(**request)
        except aws.ClientError as refusal:
            raise self._outcome(refusal) from refusal
        except aws.ParamValidationError as bug:
            raise Permanent("request_not_valid") from bug
        except _BEFORE_SENDING as failure:
            raise NotSent(_snake(type(failure).__name__)) from failure
        except (aws.BotoCoreError, ResponseParserError, OSError) as failure:
            raise Unclear(_snake(type(failure).__name__)) from failure
        mail_id = answer.get("MessageId")
        if not mail_id:
            raise Unclear("no_message_id")
        return str(mail_id)

    def _outcome(self, refusal: aws.ClientError) -> Outcome:
        error = refusal.response.get("Error", {})
        code, words = str(error.get("Code", "")), str(error.get("Message", ""))
        status = int(refusal.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        reason = _snake(code.removesuffix("Exception")) or f"http_{status}"
        if status == 429 or code in _LATER or _LIMIT_WORDS.search(words):
            return Wait(reason)
        if status >= 500:
            return Unclear(reason)
        if code in _EXPIRED:
            return NotSent(reason)
        if code in _DOWN or status in (401, 403):
            return AccountDown(reason)
        if "not verified" in words:
            # In SES's sandbox it may be the recipient who is not verified; else it is our own address or domain.
            domain = self._sender.rpartition("@")[2]
            return AccountDown("sender_not_verified") if domain in words else Permanent("recipient_not_verified")
        return Permanent(reason)


def _tag_value(text: str) -> str:
    """SES takes ASCII letters, digits, ``_`` and ``-``, at most 256 (SES v2 API, MessageTag)."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)[:256]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", re.sub(r"[^A-Za-z0-9]", "", name)).lower()


MailEventKind = Literal["send", "delivery", "delay", "bounce", "complaint", "reject"]


class MailEvent(Value):
    """What SES says became of a mail. ``mail_id`` is what `Mailer.send` returned; ``handoff`` is the mail's tag.

    ``recipients`` are those that the event is about. ``permanent`` is true where no later delivery can follow: a
    permanent bounce, a rejected mail; ``for_now`` of a bounce after which the address may take mail again (a full
    mailbox). ``detail`` is SES's own word for the kind of bounce, complaint or delay.
    """

    kind: MailEventKind
    mail_id: str
    handoff: str | None
    recipients: tuple[str, ...]
    at: Instant
    permanent: bool = False
    for_now: bool = False
    detail: str | None = None

    @property
    def closes(self) -> bool:
        """Whether the address is not mailed again until somebody confirmed it."""
        return self.permanent or self.kind in ("complaint", "reject")

    @property
    def lost(self) -> bool:
        """Whether this mail did not reach its reader."""
        return self.closes or self.for_now


# Per event type: our word, where its object lies, its recipients in it, and the field with SES's word for its kind.
# docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html, read 2026-11-24.
_EVENTS: dict[str, tuple[MailEventKind, str, str, str]] = {
    "send": ("send", "send", "", ""),
    "delivery": ("delivery", "delivery", "recipients", ""),
    "deliverydelay": ("delay", "deliveryDelay", "delayedRecipients", "delayType"),
    "bounce": ("bounce", "bounce", "bouncedRecipients", "bounceType"),
    "complaint": ("complaint", "complaint", "complainedRecipients", "complaintFeedbackType"),
    "reject": ("reject", "reject", "", "reason"),
}


def mail_event(sns_message: str) -> MailEvent | None:
    """The event in an SNS message (its ``Message``, or the whole notification as SQS carries it).

    None for whatever is not one of the events above. Never raises.
    """
    try:
        body = json.loads(sns_message)
        if body.get("Type") == "Notification":
            body = json.loads(body["Message"])
        kind, place, whom, what = _EVENTS[body["eventType"].replace(" ", "").lower()]
        mail, about = body["mail"], body.get(place) or {}
        recipients = about.get(whom) or mail.get("destination") or ()
        addresses = (each["emailAddress"] if isinstance(each, dict) else each for each in recipients)
        tags = (mail.get("tags") or {}).get(HANDOFF_TAG) or [None]
        detail = about.get(what)
        failed = _class(about.get(whom) or ()) if kind == "bounce" else None
        return MailEvent(
            kind=kind,
            mail_id=mail["messageId"],
            handoff=tags[0],
            recipients=tuple(addresses),
            at=datetime.fromisoformat(about.get("timestamp") or mail["timestamp"]),
            permanent=kind == "reject" or failed == "5" or (failed is None and detail == "Permanent"),
            for_now=failed == "4",
            detail=detail,
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError):
        return None


_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_REPLY_CODE = re.compile(r"\b([245])\d\d\b")


def _class(bounced: Iterable[Any]) -> str | None:
    """The class of the status that the mail server gave (RFC 3463: 5 is for good, 4 for now), the worst of all; None
    where it gave none.

    It counts more than SES's label: "Transient" stands beside a 550, and beside an absence note, which has no status
    and is no bounce at all.
    """
    found = {code for each in bounced if isinstance(each, dict) for code in _codes(each)}
    return max(found & {"4", "5"}, default=None)


def _codes(recipient: dict[str, Any]) -> Iterator[str]:
    status, diagnosis = (str(recipient.get(name) or "") for name in ("status", "diagnosticCode"))
    hit = _STATUS.search(status) or _STATUS.search(diagnosis) or _REPLY_CODE.search(diagnosis)
    if hit:
        yield hit[1]
