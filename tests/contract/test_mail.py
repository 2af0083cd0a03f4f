"""SES: what is sent, what its refusals mean, and what its events say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_string
from email.policy import default
from typing import Any

import boto3
import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError
from botocore.session import Session
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from firstline.model.errors import AccountDown, NotSent, Permanent, Unclear, Wait
from firstline.outward.mail import Mailer, mail_client, mail_event
from firstline.outward.mailtext import handoff_mail
from tests.unit.mailtext.builders import a_handoff

SENDER, TAG = "handoff@care.example.com", "7K3M9QX2-leeds"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def send(client, tag=TAG, configuration_set="firstline"):
    mailer = Mailer(client, SENDER, configuration_set)
    return mailer.send(handoff_mail(a_handoff()), to="leeds@example.com", handoff_tag=tag)


class Failing:
    """A client whose connection fails."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def send_email(self, **_):
        raise self.failure


# -- sending


def test_the_mail_really_goes_out():
    with mock_aws():
        client = mail_client(boto3)
        client.create_email_identity(EmailIdentity=SENDER)
        mail_id = send(client)
        sent = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sent_messages
    assert [message.id for message in sent] == [mail_id]
    assert "leeds@example.com" in sent[0].destinations
    mail = message_from_string(sent[0].raw_data, policy=default)
    assert mail["Subject"] == "Maria Hughes: The door of my oven fell off. (FL-7K3M-9QX2)"
    assert "Please contact Maria Hughes" in mail.get_body(("plain",)).get_content()


def expected(**changes):
    return {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": ["leeds@example.com"]},
        "Content": {"Raw": {"Data": ANY}},
        "EmailTags": [{"Name": "handoff", "Value": TAG}],
        "ConfigurationSetName": "firstline",
        **changes,
    }


def test_the_call_carries_tag_and_configuration_set():
    client = mail_client()
    with Stubber(client) as ses:
        ses.add_response("send_email", {"MessageId": "0102018f"}, expected())
        assert send(client) == "0102018f"


def test_without_a_configuration_set_none_is_named():
    client = mail_client()
    request = expected()
    del request["ConfigurationSetName"]
    with Stubber(client) as ses:
        ses.add_response("send_email", {"MessageId": "1"}, request)
        assert send(client, configuration_set="") == "1"


def test_a_tag_holds_only_what_ses_takes():
    client = mail_client()
    with Stubber(client) as ses:
        tags = [{"Name": "handoff", "Value": "7K3M9QX2_M_nchen" + "x" * 240}]
        ses.add_response("send_email", {"MessageId": "1"}, expected(EmailTags=tags))
        assert send(client, tag="7K3M9QX2.München" + "x" * 300) == "1"


def test_the_client_tries_once_and_does_not_wait_long():
    config = mail_client().meta.config
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (2, 10)


# -- refusals


@pytest.mark.parametrize(
    ("code", "status", "words", "outcome", "reason"),
    [
        ("MessageRejected", 400, "Message contains a virus", Permanent, "message_rejected"),
        ("BadRequestException", 400, "Illegal address", Permanent, "bad_request"),
        (
            "MessageRejected",
            400,
            "Email address is not verified. The following identities failed the check in region EU-WEST-1: "
            "handoff@care.example.com",
            AccountDown,
            "sender_not_verified",
        ),
        (
            "MessageRejected",
            400,
            "Email address is not verified. The following identities failed the check in region EU-WEST-1: "
            "leeds@example.com",
            Permanent,
            "recipient_not_verified",
        ),
        ("MailFromDomainNotVerifiedException", 400, "", AccountDown, "mail_from_domain_not_verified"),
        ("AccountSuspendedException", 400, "", AccountDown, "account_suspended"),
        ("SendingPausedException", 400, "", AccountDown, "sending_paused"),
        ("NotFoundException", 404, "Configuration set <x> does not exist.", AccountDown, "not_found"),
        ("AccessDeniedException", 403, "not authorized to perform ses:SendEmail", AccountDown, "access_denied"),
        ("TooManyRequestsException", 429, "", Wait, "too_many_requests"),
        ("LimitExceededException", 400, "", Wait, "limit_exceeded"),
        ("ThrottlingException", 400, "Rate exceeded", Wait, "throttling"),
        ("BadRequestException", 400, "Maximum sending rate exceeded.", Wait, "bad_request"),
        ("MessageRejected", 400, "Daily message quota exceeded.", Wait, "message_rejected"),
        ("ExpiredTokenException", 403, "The security token is expired", NotSent, "expired_token"),
        ("InternalFailure", 500, "", Unclear, "internal_failure"),
        ("ServiceUnavailable", 503, "", Unclear, "service_unavailable"),
        ("", 502, "", Unclear, "http_502"),
    ],
)
def test_a_refusal_says_what_to_do(code, status, words, outcome, reason):
    client = mail_client()
    with Stubber(client) as ses:
        ses.add_client_error("send_email", code, words, status)
        with pytest.raises(outcome) as raised:
            send(client)
    assert raised.value.reason == reason


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (aws.EndpointConnectionError(endpoint_url="https://ses"), NotSent),
        (aws.ConnectTimeoutError(endpoint_url="https://ses"), NotSent),
        (aws.ProxyConnectionError(proxy_url="http://proxy"), NotSent),
        (aws.NoCredentialsError(), NotSent),
        (aws.ReadTimeoutError(endpoint_url="https://ses"), Unclear),
        (aws.ConnectionClosedError(endpoint_url="https://ses"), Unclear),
        (aws.SSLError(endpoint_url="https://ses", error="broken"), Unclear),
        (aws.HTTPClientError(error="broken"), Unclear),
        (ResponseParserError("no JSON"), Unclear),
        (ConnectionResetError(), Unclear),
        (aws.ParamValidationError(report="bad"), Permanent),
    ],
)
def test_a_broken_connection_is_unclear_once_bytes_may_have_left(failure, outcome):
    with pytest.raises(outcome):
        send(Failing(failure))


def test_every_error_of_the_call_that_ses_declares_has_a_meaning_of_its_own():
    operation = Session().get_service_model("sesv2").operation_model("SendEmail")
    for shape in operation.error_shapes:
        client = mail_client()
        with Stubber(client) as ses:
            ses.add_client_error("send_email", shape.name, "", shape.metadata["error"]["httpStatusCode"])
            with pytest.raises((Permanent, AccountDown, Wait)):
                send(client)


def test_an_answer_without_an_id_is_unclear():
    class Silent:
        def send_email(self, **_):
            return {}

    with pytest.raises(Unclear):
        send(Silent())


# -- events


def an_event(kind: str, **about) -> dict:
    return {
        "eventType": kind,
        "mail": {
            "timestamp": "2026-11-23T09:12:00.000Z",
            "source": SENDER,
            "messageId": "0102018f",
            "destination": ["leeds@example.com", "other@example.com"],
            "tags": {"ses:operation": ["SendEmail"], "handoff": [TAG]},
        },
        **about,
    }


BOUNCE = {
    "bounceType": "Permanent",
    "bounceSubType": "General",
    "bouncedRecipients": [{"emailAddress": "leeds@example.com", "status": "5.1.1"}],
    "timestamp": "2026-11-23T09:13:00.123Z",
}


@pytest.mark.parametrize(
    ("body", "kind", "recipients", "minute", "permanent", "detail"),
    [
        (an_event("Send", send={}), "send", 2, 12, False, None),
        (an_event("SEND", send={}), "send", 2, 12, False, None),
        (
            an_event("Delivery", delivery={"timestamp": "2026-11-23T09:14:00Z", "recipients": ["leeds@example.com"]}),
            "delivery", 1, 14, False, None,
        ),
        (an_event("Bounce", bounce=BOUNCE), "bounce", 1, 13, True, "Permanent"),
        (an_event("Bounce", bounce={**BOUNCE, "bounceType": "Transient"}), "bounce", 1, 13, True, "Transient"),
        (
            an_event(
                "Complaint",
                complaint={
                    "complainedRecipients": [{"emailAddress": "leeds@example.com"}],
                    "complaintFeedbackType": "abuse",
                    "timestamp": "2026-11-23T09:15:00Z",
                },
            ),
            "complaint", 1, 15, False, "abuse",
        ),
        (
            an_event(
                "DeliveryDelay",
                deliveryDelay={
                    "delayType": "MailboxFull",
                    "delayedRecipients": [{"emailAddress": "leeds@example.com"}],
                    "timestamp": "2026-11-23T09:16:00Z",
                },
            ),
            "delay", 1, 16, False, "MailboxFull",
        ),
        (an_event("Reject", reject={"reason": "Bad content"}), "reject", 2, 12, True, "Bad content"),
    ],
)  # fmt: skip
def test_an_event_says_what_became_of_which_handoffs_mail(body, kind, recipients, minute, permanent, detail):
    event = mail_event(json.dumps(body))
    assert event is not None
    assert (event.kind, event.mail_id, event.handoff) == (kind, "0102018f", TAG)
    assert event.recipients == ("leeds@example.com", "other@example.com")[:recipients]
    assert event.at.replace(second=0, microsecond=0) == datetime(2026, 11, 23, 9, minute, tzinfo=UTC)
    assert (event.permanent, event.detail) == (permanent, detail)


def _bounce(label: str, **recipient: str) -> Any:
    bounced = [{"emailAddress": "leeds@example.com", **recipient}]
    return mail_event(
        json.dumps(an_event("Bounce", bounce={**BOUNCE, "bounceType": label, "bouncedRecipients": bounced}))
    )


@pytest.mark.parametrize(
    ("label", "recipient", "lost", "closes"),
    [
        ("Transient", {"status": "5.3.0", "diagnosticCode": "smtp; 550 5.3.0 denied"}, True, True),
        ("Transient", {"diagnosticCode": "smtp; 550 5.1.1 no such user"}, True, True),
        ("Undetermined", {"diagnosticCode": "smtp; 554 refused"}, True, True),
        ("Transient", {"status": "4.2.2", "diagnosticCode": "smtp; 552 4.2.2 mailbox full"}, True, False),
        ("Permanent", {"status": "4.2.2"}, True, False),
        ("Transient", {"diagnosticCode": "smtp; 452 mailbox full"}, True, False),
        ("Permanent", {}, True, True),
        ("Transient", {}, False, False),
        ("Transient", {"action": "delivered", "status": "2.0.0"}, False, False),
        ("Transient", {"status": "", "diagnosticCode": "smtp; see 192.0.2.5"}, False, False),
    ],
    ids=lambda value: str(value)[:50],
)
def test_the_mail_servers_status_counts_more_than_sess_label(
    label: str, recipient: dict[str, str], lost: bool, closes: bool
) -> None:
    event = _bounce(label, **recipient)
    assert (event.lost, event.closes) == (lost, closes)


def test_of_several_recipients_the_worst_counts() -> None:
    bounced = [
        {"emailAddress": "a@example.com", "status": "4.2.2"},
        {"emailAddress": "b@example.com", "status": "5.1.1"},
    ]
    event = mail_event(json.dumps(an_event("Bounce", bounce={**BOUNCE, "bouncedRecipients": bounced})))
    assert event is not None and event.closes


def test_an_event_is_found_inside_the_notification_that_sqs_carries():
    bare = json.dumps(an_event("Send", send={}))
    assert mail_event(json.dumps({"Type": "Notification", "Message": bare})) == mail_event(bare)


def test_a_mail_that_is_no_handoff_has_no_tag():
    body = an_event("Send", send={})
    body["mail"]["tags"] = {}
    event = mail_event(json.dumps(body))
    assert event is not None
    assert event.handoff is None


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        json.dumps({"Type": "Notification"}),
        json.dumps({"eventType": "Open", "mail": {}}),
        json.dumps({"eventType": "Send"}),
        json.dumps({"eventType": "Send", "mail": {"messageId": 7, "timestamp": "2026-11-23T09:12:00Z"}}),
        json.dumps(an_event("Bounce", bounce={**BOUNCE, "timestamp": "yesterday"})),
        json.dumps(an_event("Bounce", bounce={**BOUNCE, "timestamp": "2026-11-23T09:13:00"})),
        json.dumps(an_event("Bounce", bounce={**BOUNCE, "bouncedRecipients": [{}]})),
    ],
)
def test_what_is_not_understood_is_no_event(message):
    assert mail_event(message) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["Send", "Bounce", "Complaint", "Reject"]), st.data())
def test_no_mutation_of_an_event_raises(kind, data):
    body = an_event(kind, bounce=dict(BOUNCE), send={}, complaint={}, reject={})
    where = data.draw(st.sampled_from([body, body["mail"], body["bounce"], body["mail"]["tags"]]))
    where[data.draw(st.sampled_from(sorted(where)))] = data.draw(json_values)
    event = mail_event(json.dumps(body))
    assert event is None or event.kind == kind.lower()
