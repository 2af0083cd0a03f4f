"""What AWS says of the deployment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError

from ..connect import mail
from ..findings import Finding, bad, ok, warn
from ..queues import OUTPUTS
from .deployment import Deployment

SKEW = timedelta(seconds=30)
"""X refuses signatures whose time is minutes off; half a minute is worth a word."""
SCALES = {"small": 8, "usual": 40, "large": 160}
"""MaximumConcurrency of all queues' consumers together, by `Scale` (the template's mapping)."""
ALARMS = ("Observability-", "ReceiveErrors-")
"""How CloudFormation begins the names of our alarms, after the stack's."""
BESIDES = 10
"""Concurrent runs of what is no queue's consumer: desk, branch pages, diary."""


def dead_letters(deployment: Deployment) -> Iterator[Finding]:
    """Only what kills a process gets into a dead-letter queue."""
    sqs, found = deployment.client("sqs"), {}
    for name, output in {**OUTPUTS, "quarantine": "QuarantineQueueUrl"}.items():
        url = deployment.outputs[output]
        policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
        letters = sqs.get_queue_url(QueueName=json.loads(policy)["deadLetterTargetArn"].rpartition(":")[2])["QueueUrl"]
        count = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        if int(count["ApproximateNumberOfMessages"]):
            found[name] = int(count["ApproximateNumberOfMessages"])
    for name, number in found.items():
        yield bad(
            "dead letters", f"{number} of {name}", f"docs/runbook.md#dead-letters, then firstline queues redrive {name}"
        )
    if not found:
        yield ok("dead letters", "none")


def alarms(deployment: Deployment) -> Iterator[Finding]:
    """Whether an alarm rings, and whether anybody hears it."""
    found = _alarms(deployment)
    if not found:
        yield bad("alarms", f"no alarm belongs to {deployment.stack}", "deploy the stack again")
        return
    ringing = [each for each in found if each["StateValue"] == "ALARM"]
    for each in ringing:
        says, _, entry = each.get("AlarmDescription", "").partition(" - ")
        yield bad("alarms", f"rings: {says or each['AlarmName']}", entry)
    if not ringing:
        yield ok("alarms", f"none of {len(found)} rings")
    topics = {action for each in found for action in each.get("AlarmActions", ()) if ":sns:" in action}
    heard = [each for topic in topics for each in _subscribers(deployment, topic)]
    if heard:
        yield ok("alarms are heard", f"by {len(heard)} subscribers")
    else:
        yield bad(
            "alarms are heard",
            "nobody is subscribed, or has confirmed it",
            "set AlarmMail, and confirm the mail that AWS sends",
        )


def _alarms(deployment: Deployment) -> list[dict[str, Any]]:
    ours = tuple(f"{deployment.stack}-{name}" for name in ALARMS)
    pages = deployment.client("cloudwatch").get_paginator("describe_alarms")
    found = [alarm for page in pages.paginate(AlarmNamePrefix=f"{deployment.stack}-") for alarm in page["MetricAlarms"]]
    return [alarm for alarm in found if alarm["AlarmName"].startswith(ours)]


def _subscribers(deployment: Deployment, topic: str) -> list[str]:
    pages = deployment.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    arns = [each["SubscriptionArn"] for page in pages for each in page["Subscriptions"]]
    return [arn for arn in arns if arn.startswith("arn:")]  # else "PendingConfirmation"


def mail_sending(deployment: Deployment) -> Iterator[Finding]:
    """Whether mails to branches may go out: a verified sender, out of the sandbox, quota left."""
    ses, address = deployment.client("sesv2"), deployment.parameters.get("MailFrom", "")
    if _verified(ses, address):
        yield ok("mail sender", f"{address} is verified")
    else:
        yield bad(
            "mail sender", f"neither {address} nor its domain is verified in SES", "verify it in SES, in this region"
        )
    account = ses.get_account()
    if not account.get("SendingEnabled", True):
        yield bad("mail sending", "SES has paused this account's sending", "see the account dashboard of SES")
        return
    if not account.get("ProductionAccessEnabled"):
        yield bad(
            "mail sending",
            "SES is in its sandbox: branches get nothing unless verified",
            "request production access in SES",
        )
        return
    quota = account.get("SendQuota", {})
    most, sent = quota.get("Max24HourSend", 0), quota.get("SentLast24Hours", 0)
    if most > 0 and sent >= 0.8 * most:
        yield warn("mail sending", f"{sent:.0f} of {most:.0f} mails a day are used", "ask SES for more")
    else:
        yield ok("mail sending", "out of the sandbox, quota left")


def _verified(ses: Any, address: str) -> bool:
    names = address.rpartition("@")[2].split(".")
    domains = [".".join(names[start:]) for start in range(len(names) - 1)]
    for identity in (address, *domains):
        try:
            if ses.get_email_identity(EmailIdentity=identity).get("VerifiedForSendingStatus"):
                return True
        except ClientError as error:
            if error.response["Error"]["Code"] != "NotFoundException":
                raise
    return False


def mail_receiving(deployment: Deployment) -> Iterator[Finding]:
    """Whether SES obeys our receipt rule, where the deployment wants replies by mail."""
    if deployment.parameters.get("InboundMail") != "true":
        yield ok("mail receiving", "not wanted (InboundMail=false)")
        return
    yield mail.look(deployment.client("ses"), deployment.stack)


def concurrency(deployment: Deployment) -> Iterator[Finding]:
    """Whether the account's quota of concurrent functions holds what the queues and the door may use."""
    limits = deployment.client("lambda").get_account_settings()["AccountLimit"]
    free = limits["UnreservedConcurrentExecutions"]
    reserved = int(deployment.parameters.get("ReceiveConcurrency") or 0)
    scale = deployment.parameters.get("Scale") or "usual"
    needed = SCALES[scale] + BESIDES
    if free >= needed:
        yield ok("concurrency", f"{free} functions at once are free, {scale} needs {needed}; {reserved} are the door's")
        return
    yield warn(
        "concurrency",
        f"{free} functions at once are free (quota {limits['ConcurrentExecutions']}), {scale} needs {needed}",
        "raise the quota of Lambda in Service Quotas, or deploy with a smaller Scale",
    )


def clock(deployment: Deployment) -> Iterator[Finding]:
    """This machine's clock against AWS's: signatures carry the time."""
    answer = deployment.client("sts").get_caller_identity()
    told = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    if not told:
        yield warn("clock", "AWS did not say what time it is")
        return
    off = abs(deployment.now() - parsedate_to_datetime(told))
    if off > SKEW:
        yield bad("clock", f"this machine is {off.total_seconds():.0f} s off", "switch on time synchronisation (NTP)")
    else:
        yield ok("clock", "right")
