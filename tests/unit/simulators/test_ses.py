"""SES before the embedded one: what it tells a deployment, read by the deployment's own readers."""

from __future__ import annotations

import base64
import json
from email import message_from_bytes, policy
from threading import Event as Signal
from typing import Any

import pytest

from firstline.outward.mail import mail_event
from firstline.outward.mailbox import automatic, doubt, read_head, read_mail, read_receipt
from infra.local.simulators.server import Site
from infra.local.simulators.ses import SENDING, Ses
from infra.local.simulators.simulation import Simulation
from tests.receiver import a_receiver
from tests.unit.simulators.mails import BRANCH, MAIL, REPLY_TO, ROOT, SENDER, ACloud, a_mail
from tests.unit.simulators.platforms import NOW, a_settings
from tests.unit.simulators.test_control import HEADERS, do, see

PAGE = '<h1>Leeds</h1><form method="post"><input type="hidden" name="once" value="{}"></form>'


@pytest.fixture
def cloud():
    return ACloud()


@pytest.fixture
def ses(cloud):
    return Ses(a_settings(mail=MAIL), lambda: NOW, cloud, pauses={})


@pytest.fixture
def site(ses):
    simulation = Simulation(ses.settings, clock=ses.clock)
    simulation.ses = ses
    yield Site(simulation)
    simulation.close()


def the_event(cloud: ACloud) -> Any:
    return mail_event(json.dumps(cloud.told[-1]))


@pytest.mark.parametrize(
    ("happens", "kind", "permanent", "detail"),
    [
        ("bounce", "bounce", True, "Permanent"),
        ("complaint", "complaint", False, "abuse"),
        ("delay", "delay", False, "TransientCommunicationFailure"),
    ],
)
def test_what_becomes_of_a_mail_is_told_as_ses_tells_it(ses, cloud, happens, kind, permanent, detail):
    mail = a_mail()
    ses.keep(mail)
    getattr(ses, happens)(mail)
    event = the_event(cloud)
    assert (event.kind, event.permanent, event.detail, event.at) == (kind, permanent, detail, NOW)
    assert (event.mail_id, event.handoff, event.recipients) == (mail.id, "7K3M9QX2-manchester", (BRANCH,))


def test_a_full_mailbox_is_no_lasting_bounce(ses, cloud):
    ses.bounce(a_mail(), "Transient")
    assert not the_event(cloud).permanent


def test_every_accepted_mail_is_told_as_sent_and_delivered_by_itself():
    told, done = ACloud(), Signal()

    class Counting(ACloud):
        def publish(self, topic: str, message: str) -> None:
            told.publish(topic, message)
            if len(told.told) == 2:
                done.set()

    Ses(a_settings(mail=MAIL), lambda: NOW, Counting(), pauses={"Send": 0, "Delivery": 0.01}).keep(a_mail())
    assert done.wait(5)
    assert [mail_event(json.dumps(each)).kind for each in told.told] == ["send", "delivery"]


def test_a_branchs_answer_is_received_as_genuine_with_its_words_and_a_quote(ses, cloud):
    mail = a_mail(root=ROOT)
    ses.keep(mail)
    ses.reply(mail, "We called her.")
    receipt = read_receipt(json.dumps(cloud.told[-1]))
    raw = cloud.bodies[receipt.key]
    head = read_head(raw)
    assert (receipt.recipients, receipt.bucket, receipt.sender) == ((REPLY_TO,), "bodies", BRANCH)
    assert doubt(receipt, head, [BRANCH]) is None and automatic(head, receipt.sender) is None
    assert read_mail(raw, {SENDER, REPLY_TO}).words == "We called her."
    message = message_from_bytes(raw, policy=policy.default)
    assert (message["subject"], message["references"].split()[0]) == ("Re: Mail 1", ROOT)


def test_an_answer_by_somebody_else_is_received_as_not_genuine(ses, cloud):
    ses.reply(a_mail(), "Let me in", sender="mallory@elsewhere.example")
    receipt = read_receipt(json.dumps(cloud.told[-1]))
    assert receipt.dmarc == "FAIL"
    head = read_head(cloud.bodies[receipt.key])
    assert doubt(receipt, head, ["mallory@elsewhere.example"]) == "not_authenticated"


def test_an_absence_is_recognised_as_a_machines(ses, cloud):
    ses.away(a_mail(), "2026-12-03")
    receipt = read_receipt(json.dumps(cloud.told[-1]))
    raw = cloud.bodies[receipt.key]
    assert automatic(read_head(raw), receipt.sender) == "automatic_reply"
    assert "2026-12-03" in read_mail(raw, set()).words


def test_a_scanner_opens_every_link_and_sees_what_changed(ses, site):
    with a_receiver() as receiver:
        receiver.text = PAGE.format("a1")
        ses.settings.webhook_base = receiver.url
        ses.keep(a_mail(html=f'<a href="{receiver.url}/branch/t1">Accept</a> <a href="https://x.example/1">post</a>'))
        told = do(site, "mail/scan", id=a_mail().id)["opened"]
        assert told == [{"url": f"{receiver.url}/branch/t1", "get": 200, "head": 501, "unchanged": True}]
        assert receiver.asked == ["/branch/t1"] * 2 and receiver.got == []


def test_any_client_lists_the_mails_with_all_that_an_answer_needs(ses, site):
    url = "https://api.acme.example/branch/t1"
    ses.keep(a_mail(text=f"Accept:\n{url}", html=f'<a href="{url}"><b>Accept</b> it</a>'))
    (told,) = see(site, "/mails")
    wanted = ("to", "from", "subject", "reply_to", "links", "id", "handoff")
    assert [told[name] for name in wanted] == [
        [BRANCH],
        "care@acme.example",
        "Mail 1",
        REPLY_TO,
        [{"url": url, "words": "Accept it"}],
        "m1@email.amazonses.com",
        "7K3M9QX2-manchester",
    ]
    assert url in told["text"] and url in told["html"] and told["at"] == "2026-11-23T10:01:00.000Z"
    do(site, "mail/reply", id=told["id"], text="Done.")
    (again,) = see(site, "/mails")
    assert (again["answers"][0]["text"], again["answers"][0]["genuine"]) == ("Done.", True)


def test_an_unchanged_mailbox_is_not_sent_again(ses, site):
    ses.keep(a_mail(1))
    first = site.handle("GET", "/mails", HEADERS, b"")
    again = HEADERS | {"if-none-match": first.headers["ETag"]}
    assert site.handle("GET", "/mails", again, b"").status == 304
    ses.keep(a_mail(2))
    assert site.handle("GET", "/mails", again, b"").status == 200


def test_what_the_embedded_aws_accepts_is_kept_and_what_it_refuses_is_not(ses, site):
    mail = a_mail()
    asked = {
        "FromEmailAddress": mail.source,
        "Destination": {"ToAddresses": list(mail.to)},
        "Content": {"Raw": {"Data": base64.b64encode(mail.raw).decode()}},
        "EmailTags": [{"Name": "handoff", "Value": "7K3M9QX2-manchester"}],
    }
    with a_receiver() as embedded:
        embedded.text = '{"MessageId": "m9@email.amazonses.com"}'
        embedded.answers = [400, 200]
        ses.settings.aws_endpoint = embedded.url
        signed = HEADERS | {"authorization": "AWS4-HMAC-SHA256 Signature=x"}
        assert site.handle("POST", SENDING, signed, json.dumps(asked).encode()).status == 400
        assert see(site, "/mails") == []
        assert site.handle("POST", SENDING, signed, json.dumps(asked).encode()).json()["MessageId"]
        (told,) = see(site, "/mails")
        assert (told["id"], told["subject"], told["handoff"]) == (
            "m9@email.amazonses.com",
            "Mail 1",
            "7K3M9QX2-manchester",
        )
        assert embedded.got[0].headers["authorization"] == signed["authorization"]


def test_a_mail_that_is_not_there_is_not_found(site):
    assert do(site, "mail/bounce", 404, id="m7")["error"] == "no mail m7"
