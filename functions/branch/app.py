"""What becomes of branches' mails (SES events by SNS). The pages behind a mail's links come with the branch's desk."""

from __future__ import annotations

from typing import Any

from firstline import wiring
from firstline.operations.hand_over import hear_of_mail
from firstline.outward.mail import mail_event

services = wiring.services()
NOT_YET = {"statusCode": 404, "headers": {"content-type": "text/plain; charset=utf-8"}, "body": "not found"}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An SNS notification of SES, or a branch's request."""
    if "Records" not in event:
        return NOT_YET
    for record in event["Records"]:
        told = mail_event(record["Sns"]["Message"])
        if told is None:
            services.tell("mail_event_not_understood", metric="MailEventNotUnderstood")
            continue
        hear_of_mail(told, services)
    return {}
