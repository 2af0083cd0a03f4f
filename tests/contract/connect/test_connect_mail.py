"""SES's one active set of receipt rules: ours is activated or joins it, and nobody's is displaced in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3.session
import click
import pytest
from click.testing import CliRunner
from moto import mock_aws

from infra.ops.connect import mail
from infra.ops.connect.mail import active_rules, look, place
from infra.ops.connect.setup import Person

YES, NOBODY = Person(always=True), Person(interactive=False)
OURS: dict[str, Any] = {
    "Name": "replies",
    "Enabled": True,
    "ScanEnabled": True,
    "TlsPolicy": "Require",
    "Recipients": ["case@reply.acme.example"],
    "Actions": [{"S3Action": {"BucketName": "bodies", "ObjectKeyPrefix": "mail/", "TopicArn": ""}}],
}
THEIRS = {**OURS, "Name": "shop", "Recipients": ["shop@acme.example"]}


@pytest.fixture
def ses() -> Iterator[Any]:
    with mock_aws():
        session = boto3.session.Session(region_name="eu-west-1")
        place_of = {"LocationConstraint": "eu-west-1"}
        session.client("s3").create_bucket(Bucket="bodies", CreateBucketConfiguration=place_of)
        topic = session.client("sns").create_topic(Name="mail")["TopicArn"]
        OURS["Actions"][0]["S3Action"]["TopicArn"] = topic
        client = session.client("ses")
        client.create_receipt_rule_set(RuleSetName="care-mail")
        client.create_receipt_rule(RuleSetName="care-mail", Rule=OURS)
        yield client


def somebody_else_is_active(ses: Any) -> None:
    ses.create_receipt_rule_set(RuleSetName="company")
    ses.create_receipt_rule(RuleSetName="company", Rule=THEIRS)
    ses.set_active_receipt_rule_set(RuleSetName="company")


def names(ses: Any) -> tuple[str, list[str]] | None:
    active = active_rules(ses)
    return active and (active[0], [rule["Name"] for rule in active[1]])


def test_where_no_set_is_active_ours_becomes_it(ses: Any) -> None:
    assert place(ses, "care", NOBODY).state == "bad" and names(ses) is None
    assert place(ses, "care", YES).state == "ok" and names(ses) == ("care-mail", ["replies"])
    assert place(ses, "care", NOBODY).state == look(ses, "care").state == "ok"


def test_into_an_active_set_our_rule_is_added_and_its_own_stay(ses: Any) -> None:
    somebody_else_is_active(ses)
    assert place(ses, "care", YES).state == "ok"
    active = names(ses)
    assert active and active[0] == "company" and sorted(active[1]) == ["care-replies", "shop"]
    assert place(ses, "care", NOBODY).state == "ok" and names(ses) == active


def test_without_a_yes_the_active_set_is_left_as_it_is(ses: Any) -> None:
    somebody_else_is_active(ses)
    found = place(ses, "care", NOBODY)
    assert (found.state, found.do) == ("bad", "firstline connect mail") and names(ses) == ("company", ["shop"])


def test_a_rule_that_changed_with_a_deployment_is_brought_up_to_date(ses: Any) -> None:
    somebody_else_is_active(ses)
    place(ses, "care", YES)
    ses.update_receipt_rule(RuleSetName="care-mail", Rule={**OURS, "Recipients": ["other@reply.acme.example"]})
    assert look(ses, "care").state == "bad"
    assert place(ses, "care", YES).state == look(ses, "care").state == "ok"


def test_a_deployment_that_receives_no_mail_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "parameters", lambda stack: {"InboundMail": "false"})
    refused = CliRunner().invoke(mail.mail, [])
    assert refused.exit_code == 1 and "InboundMail=true" in refused.output
    assert isinstance(refused.exception, SystemExit | click.ClickException)
