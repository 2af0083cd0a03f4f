"""What branches do at the links of their mails (HTTP), what they write in reply and what becomes of ours (SES by SNS)."""

from __future__ import annotations

from typing import Any

from firstline import wiring
from firstline.operations.branch_page import visit
from firstline.operations.hand_over import hear_of_mail
from firstline.operations.hear_mail import hear_mail
from firstline.outward.mail import mail_event
from firstline.outward.mailbox import read_receipt

services = wiring.services()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An SNS notification of SES (a received mail, or an event of a sent one), or a branch's request."""
    if "Records" not in event:
        return visit(event, services)
    for record in event["Records"]:
        message = record["Sns"]["Message"]
        if receipt := read_receipt(message):
            hear_mail(receipt, services.links.keys(), services)
        elif told := mail_event(message):
            hear_of_mail(told, services)
        else:
            services.tell("mail_event_not_understood", metric="MailEventNotUnderstood")
    return {}
