"""Amazon SES before the embedded one, which keeps neither headers nor tags, tells of no event and receives no mail.

Requests pass through to the embedded AWS, which decides about them; what it accepts is kept here as it was handed
over. Events go to the deployment's topic as a configuration set's would (docs.aws.amazon.com/ses/latest/dg/
event-publishing-retrieving-sns-contents.html), received mails to its bucket and the same topic as a receipt rule's S3
action does (receiving-email-notifications-contents.html); both read 2026-11-24.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Literal, Protocol

import requests

from .mails import Answer, Event, Mail
from .settings import MailSettings, Settings
from .wire import Response, answer, iso

TIMEOUT = 15
KEPT = 500
ACCOUNT = "000000000000"
SOON = {"Send": 1.0, "Delivery": 2.0}
"""Seconds after which SES tells of an accepted mail. AWS takes about as long, so that senders have recorded it."""
SENDING = "/v2/email/outbound-emails"
AWAY = "I am out of the office until {until} and will not read your message before."
Bounce = Literal["Permanent", "Transient"]
HOP_BY_HOP = {"connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"}


class Cloud(Protocol):
    """The two calls of AWS that SES makes for a deployment."""

    def publish(self, topic: str, message: str) -> None: ...

    def put(self, bucket: str, key: str, body: bytes) -> None: ...


class EmbeddedCloud:
    """The embedded AWS."""

    def __init__(self, settings: MailSettings, endpoint: str | None) -> None:
        import boto3  # here: the simulated platforms do without

        session = boto3.session.Session("test", "test", region_name=settings.region)
        self._sns = session.client("sns", endpoint_url=endpoint)
        self._s3 = session.client("s3", endpoint_url=endpoint)

    def publish(self, topic: str, message: str) -> None:
        self._sns.publish(TopicArn=topic, Message=message, Subject="Amazon SES Email Event Notification")

    def put(self, bucket: str, key: str, body: bytes) -> None:
        self._s3.put_object(Bucket=bucket, Key=key, Body=body)


class Ses:
    """The mails of one deployment. ``pauses`` are the seconds before each event that comes by itself."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime],
        cloud: Cloud | None = None,
        pauses: Mapping[str, float] = SOON,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.version = 0
        self._cloud = cloud
        self._pauses = pauses
        self._mails: dict[str, Mail] = {}
        self._lock = threading.RLock()
        self._timers: set[threading.Timer] = set()

    # -- sending -------------------------------------------------------------------------------------------------

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Any request to SES v2: the embedded AWS answers it."""
        if not self.settings.aws_endpoint:
            return answer(503, {"message": "no address of the embedded AWS is set (aws_endpoint)"})
        sent = {name: value for name, value in headers.items() if name not in ("connection", "content-length")}
        try:
            told = requests.request(
                method, self.settings.aws_endpoint.rstrip("/") + target, data=body, headers=sent, timeout=TIMEOUT
            )
        except requests.RequestException as error:
            return answer(503, {"message": f"the embedded AWS does not answer ({type(error).__name__})"})
        if method == "POST" and target.partition("?")[0] == SENDING and told.status_code == 200:
            self._accepted(json.loads(body), told.json()["MessageId"])
        kept = {name: value for name, value in told.headers.items() if name.lower() not in HOP_BY_HOP}
        return Response(told.status_code, kept, told.content)

    def _accepted(self, asked: Mapping[str, Any], mail_id: str) -> None:
        raw = (asked.get("Content") or {}).get("Raw") or {}
        if "Data" not in raw:
            return  # not a mail of a deployment: those are whole messages
        self.keep(
            Mail(
                id=mail_id,
                at=self.clock(),
                source=asked.get("FromEmailAddress", ""),
                to=tuple((asked.get("Destination") or {}).get("ToAddresses") or ()),
                raw=base64.b64decode(raw["Data"]),
                tags={each["Name"]: each["Value"] for each in asked.get("EmailTags") or ()},
                configuration_set=asked.get("ConfigurationSetName", ""),
            )
        )

    def keep(self, mail: Mail) -> None:
        """An accepted mail; SES's events about it follow by themselves."""
        with self._lock:
            self._mails[mail.id] = mail
            while len(self._mails) > KEPT:
                self._mails.pop(next(iter(self._mails)))
            self.version += 1
            for kind, pause in self._pauses.items():
                timer = threading.Timer(pause, self._by_itself, (mail, kind))
                timer.daemon = True
                self._timers = {each for each in self._timers if each.is_alive()} | {timer}
                timer.start()

    def _by_itself(self, mail: Mail, kind: str) -> None:
        """A mail that bounced meanwhile is not delivered any more."""
        if kind == "Delivery" and any(each.kind == "Bounce" for each in mail.events):
            return
        if self.settings.mail is not None:
            self._tell(mail, kind, {} if kind == "Send" else self._delivery(mail))

    def mails(self) -> list[Mail]:
        """Newest first."""
        with self._lock:
            return list(reversed(self._mails.values()))

    def mail(self, mail_id: str) -> Mail:
        """Raises LookupError."""
        with self._lock:
            if mail_id not in self._mails:
                raise LookupError(f"no mail {mail_id}")
            return self._mails[mail_id]

    def clear(self) -> None:
        """Forget every mail, and what would still be told of them."""
        with self._lock:
            for timer in self._timers:
                timer.cancel()
            self._timers.clear()
            self._mails.clear()
            self.version += 1

    # -- what becomes of a mail ----------------------------------------------------------------------------------

    def bounce(self, mail: Mail, kind: Bounce = "Permanent") -> None:
        """The branch's mail system refuses the mail, for good (no such mailbox) or for now (it is full)."""
        lasting = kind == "Permanent"
        status, words = ("5.1.1", "550 5.1.1 user unknown") if lasting else ("4.2.2", "452 4.2.2 mailbox full")
        recipients = [
            {"emailAddress": each, "action": "failed", "status": status, "diagnosticCode": f"smtp; {words}"}
            for each in mail.to
        ]
        about = {
            "feedbackId": secrets.token_hex(16),
            "bounceType": kind,
            "bounceSubType": "General" if lasting else "MailboxFull",
            "bouncedRecipients": recipients,
            "timestamp": iso(self.clock()),
            "reportingMTA": "dsn; a0-0.smtp-out.amazonses.com",
        }
        self._tell(mail, "Bounce", about)

    def complaint(self, mail: Mail) -> None:
        """Somebody at the branch marked the mail as spam."""
        about = {
            "feedbackId": secrets.token_hex(16),
            "complaintSubType": None,
            "complainedRecipients": [{"emailAddress": each} for each in mail.to],
            "timestamp": iso(self.clock()),
            "userAgent": "Mailbox (simulated)",
            "complaintFeedbackType": "abuse",
            "arrivalDate": iso(mail.at),
        }
        self._tell(mail, "Complaint", about)

    def delay(self, mail: Mail) -> None:
        """The branch's mail system does not take the mail yet; SES goes on trying for half a day."""
        now = self.clock()
        delayed = [
            {"emailAddress": each, "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect"}
            for each in mail.to
        ]
        about = {
            "timestamp": iso(now),
            "delayType": "TransientCommunicationFailure",
            "expirationTime": iso(now + timedelta(hours=12)),
            "delayedRecipients": delayed,
        }
        self._tell(mail, "DeliveryDelay", about)

    def _delivery(self, mail: Mail) -> dict[str, Any]:
        return {
            "timestamp": iso(self.clock()),
            "processingTimeMillis": 900,
            "recipients": list(mail.to),
            "smtpResponse": "250 2.6.0 Message received",
            "reportingMTA": "a0-0.smtp-out.amazonses.com",
        }

    def _tell(self, mail: Mail, kind: str, about: Mapping[str, Any]) -> None:
        settings = self._deployment()
        place = kind[0].lower() + kind[1:]
        self._publish(settings.topic_arn, {"eventType": kind, "mail": self._told_of(mail), place: dict(about)})
        with self._lock:
            mail.events.append(Event(kind, self.clock()))
            self.version += 1

    def _told_of(self, mail: Mail) -> dict[str, Any]:
        tags = {
            "ses:operation": ["SendEmail"],
            "ses:configuration-set": [mail.configuration_set],
            "ses:from-domain": [mail.source.rpartition("@")[2]],
            **{name: [value] for name, value in mail.tags.items()},
        }
        headers = [{"name": name, "value": value} for name, value in mail.headers]
        return {
            "timestamp": iso(mail.at),
            "source": mail.source,
            "sendingAccountId": ACCOUNT,
            "messageId": mail.id,
            "destination": list(mail.to),
            "headersTruncated": False,
            "headers": headers,
            "commonHeaders": {
                "from": [mail.source],
                "to": list(mail.to),
                "messageId": mail.id,
                "subject": mail.subject,
            },
            "tags": tags,
        }

    # -- receiving -----------------------------------------------------------------------------------------------

    def reply(self, mail: Mail, text: str, *, sender: str | None = None) -> Answer:
        """Somebody answers the mail: its recipient, whom SES finds genuine, or anybody else, whom it does not."""
        again = mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}"
        message = self._written_back(mail, sender, again)
        quoted = "\n".join(f"> {line}" for line in mail.part("plain").splitlines())
        wrote = f"On {mail.at:%a, %d %b %Y at %H:%M} {mail.message['from']} wrote:"
        message.set_content(f"{text}\n\n{wrote}\n{quoted}\n")
        return self._received(mail, message, text, genuine=sender in (None, *mail.to))

    def away(self, mail: Mail, until: str | None = None) -> Answer:
        """The recipient's mail program answers by itself (RFC 3834)."""
        last = until or (self.clock() + timedelta(days=7)).date().isoformat()
        text = AWAY.format(until=last)
        message = self._written_back(mail, None, f"Automatic reply: {mail.subject}")
        message["Auto-Submitted"] = "auto-replied"
        message["Precedence"] = "auto_reply"
        message.set_content(text)
        return self._received(mail, message, text, genuine=True)

    def _written_back(self, mail: Mail, sender: str | None, subject: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = sender or mail.to[0]
        message["To"] = mail.reply_to
        message["Subject"] = subject
        message["Date"] = format_datetime(self.clock())
        message["Message-ID"] = f"<{secrets.token_hex(12)}@{message['From'].addresses[0].domain}>"
        message["In-Reply-To"] = f"<{mail.id}>"
        message["References"] = f"{mail.message['references'] or ''} <{mail.id}>".strip()
        return message

    def _received(self, mail: Mail, message: EmailMessage, text: str, *, genuine: bool) -> Answer:
        settings, now, mail_id = self._deployment(), self.clock(), secrets.token_hex(20)
        sender, to, subject = str(message["from"]), str(message["to"]), str(message["subject"])
        automatic = "auto-submitted" in message
        key = f"mail/{mail_id}"
        self._clouds().put(settings.bucket, key, message.as_bytes())
        verdict = {"status": "PASS" if genuine else "FAIL"}
        receipt = {
            "timestamp": iso(now),
            "processingTimeMillis": 300,
            "recipients": [to],
            "spamVerdict": {"status": "PASS"},
            "virusVerdict": {"status": "PASS"},
            "spfVerdict": verdict,
            "dkimVerdict": verdict,
            "dmarcVerdict": verdict,
            **({} if genuine else {"dmarcPolicy": "reject"}),
            "action": {
                "type": "S3",
                "topicArn": settings.topic_arn,
                "bucketName": settings.bucket,
                "objectKeyPrefix": "mail/",
                "objectKey": key,
            },
        }
        about = {
            "timestamp": iso(now),
            "source": "" if automatic else sender,
            "messageId": mail_id,
            "destination": [to],
            "headersTruncated": False,
            "headers": [{"name": name, "value": str(value)} for name, value in message.items()],
            "commonHeaders": {
                "returnPath": sender,
                "from": [sender],
                "date": str(message["date"]),
                "to": [to],
                "messageId": str(message["message-id"]),
                "subject": subject,
            },
        }
        self._publish(settings.topic_arn, {"notificationType": "Received", "receipt": receipt, "mail": about})
        told = Answer(mail_id, now, sender, to, subject, text, genuine, automatic)
        with self._lock:
            mail.answers.append(told)
            self.version += 1
        return told

    # -- the deployment ------------------------------------------------------------------------------------------

    def _deployment(self) -> MailSettings:
        if self.settings.mail is None:
            raise LookupError("no deployment's topic and bucket are set (mail)")
        return self.settings.mail

    def _clouds(self) -> Cloud:
        with self._lock:
            if self._cloud is None:
                self._cloud = EmbeddedCloud(self._deployment(), self.settings.aws_endpoint)
            return self._cloud

    def _publish(self, topic: str, message: Mapping[str, Any]) -> None:
        self._clouds().publish(topic, json.dumps(message))


def scanned(urls: Iterable[str]) -> list[dict[str, Any]]:
    """What a mail system's scanner does with the links of a mail: open each, twice. ``unchanged`` is false where the
    second visit showed other words than the first."""
    from .browsing import words_of

    def opened(method: str, url: str) -> requests.Response:
        return requests.request(method, url, timeout=TIMEOUT, allow_redirects=True)

    first = {url: opened("GET", url) for url in urls}
    heads = {url: opened("HEAD", url).status_code for url in first}
    told = []
    for url, before in first.items():
        after = opened("GET", url)
        unchanged = words_of(before.text) == words_of(after.text)
        told.append({"url": url, "get": before.status_code, "head": heads[url], "unchanged": unchanged})
    return told
