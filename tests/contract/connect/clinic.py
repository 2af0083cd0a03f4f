"""Builders: a deployment in which everything is well, for the doctor to look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from botocore.stub import Stubber

from infra.ops.connect import connected
from infra.ops.doctor.deployment import Deployment
from tests.builders import CARE, MAIN
from tests.world import QUEUES, SITE, World

from .setups import ANSWERS, a_setup, a_web, nothing_connected

STACK = "care"
OUTPUTS = {
    **{f"{name.title()}QueueUrl": name for name in ("intake", "replies", "handoffs", "lookups", "quarantine")},
    **{f"{name.title()}LaneUrl": name for name in ("urgent", "standard", "email")},
}
LOG = f"/firstline/{STACK}/diary"


@dataclass
class Clinic:
    """The deployment and what can be done to it. ``account`` and ``limits`` are what SES and Lambda say of the account,
    ``verified`` the identities of SES."""

    world: World
    closed: bool = False
    policy: int = 200
    """What the page of the privacy policy answers."""
    parameters: dict[str, str] = field(
        default_factory=lambda: {"MailFrom": "care@mail.acme.example", "InboundMail": "true"}
    )
    account: dict[str, Any] = field(default_factory=lambda: {"SendingEnabled": True, "ProductionAccessEnabled": True})
    quota: dict[str, float] = field(default_factory=lambda: {"Max24HourSend": 50000.0, "SentLast24Hours": 10.0})
    limits: dict[str, int] = field(
        default_factory=lambda: {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900}
    )
    verified: tuple[str, ...] = ("acme.example",)
    off: timedelta = timedelta()
    letters: dict[str, str] = field(default_factory=dict)
    topic: str = ""

    def client(self, name: str) -> Any:
        """A client of moto's AWS; what moto does not have is answered in its shape."""
        client = self.world.client(name)
        if name == "lambda":
            stub = Stubber(client)
            stub.add_response("get_account_settings", {"AccountLimit": self.limits})
            stub.activate()
        if name == "sesv2":
            stub = Stubber(client)
            for identity in ("care@mail.acme.example", "mail.acme.example", "acme.example"):
                if identity in self.verified:
                    stub.add_response("get_email_identity", {"VerifiedForSendingStatus": True})
                    break
                stub.add_client_error("get_email_identity", "NotFoundException", http_status_code=404)
            stub.add_response("get_account", {**self.account, "SendQuota": self.quota})
            stub.activate()
        if name == "sts":
            client.meta.events.register("after-call.sts", self._dated)
        return client

    def _dated(self, parsed: dict[str, Any], **_: Any) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = self.world.now.strftime("%a, %d %b %Y %H:%M:%S GMT")

    def deployment(self) -> Deployment:
        return Deployment(
            stack=STACK,
            outputs={"HttpApiUrl": SITE, **{output: self.world.urls[name] for output, name in OUTPUTS.items()}},
            parameters=self.parameters,
            services=self.world.services,
            client=self.client,
            web=a_web(self.world, closed=self.closed, policy=self.policy),
            now=lambda: self.world.now + self.off,
        )

    def reconciled(self, **report: Any) -> None:
        """The diary's daily line."""
        line = {"message": "reconciled", "deliveries": 3, "missing_deliveries": [], "missing_events": [], **report}
        at = int(self.world.now.timestamp() * 1000)
        events = [{"timestamp": at, "message": json.dumps(line)}]
        self.world.logs.put_log_events(logGroupName=LOG, logStreamName="one", logEvents=events)


def a_clinic(world: World) -> Clinic:
    """Everything connected, nothing stuck, nobody asleep."""
    clinic = Clinic(world)
    nothing_connected(world)
    for account in (MAIN, CARE):
        assert (
            connected(a_setup(world, "x", {**ANSWERS["x"], "token": f"t-{account}"}, wanted=account), test_post=False)
            or account == MAIN
        )
    for channel in ("facebook", "messenger", "whatsapp", "instagram", "generic"):
        assert connected(a_setup(world, channel), test_post=False)
    answers = {"callback_url": "https://sources.example/sources/reviews"}
    assert connected(a_setup(world, "generic", answers, wanted="reviews"), test_post=False)
    assert connected(a_setup(world, "generic", {}, wanted="contact-centre"), test_post=False)
    _queues(clinic)
    _alarms(clinic)
    _receipt_rules(clinic)
    world.logs.create_log_group(logGroupName=LOG)
    world.logs.create_log_stream(logGroupName=LOG, logStreamName="one")
    clinic.reconciled()
    world.settle()
    return clinic


def _queues(clinic: Clinic) -> None:
    sqs = clinic.world.sqs
    for name in QUEUES:
        url = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 480})
        sqs.set_queue_attributes(QueueUrl=clinic.world.urls[name], Attributes={"RedrivePolicy": policy})
        clinic.letters[name] = url


def _alarms(clinic: Clinic) -> None:
    sns, cloudwatch = clinic.world.client("sns"), clinic.world.client("cloudwatch")
    clinic.topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=clinic.topic, Protocol="email", Endpoint="ops@acme.example")
    names = {"Observability-1-DoorAlarm-2": "door", "ReceiveErrors-3": "receive-fails"}
    for name, entry in names.items():
        an_alarm(cloudwatch, f"{STACK}-{name}", f"Platforms got 5xx - docs/runbook.md#{entry}", clinic.topic)
    an_alarm(cloudwatch, f"{STACK}-other-Observability-1-DoorAlarm-2", "another stack's - x", clinic.topic)
    cloudwatch.set_alarm_state(
        AlarmName=f"{STACK}-other-Observability-1-DoorAlarm-2", StateValue="ALARM", StateReason="x"
    )


def an_alarm(cloudwatch: Any, name: str, description: str, topic: str) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmDescription=description,
        Namespace="N",
        MetricName="M",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="fine")


def _receipt_rules(clinic: Clinic) -> None:
    ses = clinic.world.client("ses")
    ses.create_receipt_rule_set(RuleSetName=f"{STACK}-mail")
    action = {"S3Action": {"BucketName": "bodies", "ObjectKeyPrefix": "mail/", "TopicArn": clinic.topic}}
    rule = {"Name": "replies", "Enabled": True, "Recipients": ["case@acme.example"], "Actions": [action]}
    ses.create_receipt_rule(RuleSetName=f"{STACK}-mail", Rule=rule)
    ses.set_active_receipt_rule_set(RuleSetName=f"{STACK}-mail")


Trouble = Callable[[Clinic], object]
