"""Another agent desktop beside Firstline's: takes work from the lanes, claims the case, answers.

Run it with AWS credentials of a person (the audit trail names them): `python docs/examples/desktop.py`.
"""

from __future__ import annotations

import json
from typing import Any

from firstline.model.case import Case
from firstline.model.errors import Refused
from firstline.operations.agents import claim
from firstline.operations.services import Services

LANES = ("urgent", "standard")


def next_case(sqs: Any, services: Services, agent: str, wanted: frozenset[str]) -> Case | None:
    """The next case of the lanes whose skills are all ``wanted``, claimed for the agent; None when nothing fits.

    A message is a hint and the table decides: the claim holds only while the message's ``work_id`` is the live one.
    """
    for lane in LANES:
        queue = services.lane_url(lane)  # UrgentLaneUrl and StandardLaneUrl of the stack's outputs
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=30)
        for message in answer.get("Messages", ()):
            item = json.loads(message["Body"])
            if item["version"] != 1 or not wanted.issuperset(item["skills"]):
                continue  # somebody else's: it becomes visible again after 30 seconds
            if item.get("kept_for") not in (None, agent):
                continue  # who asked the customer has the answer first; later it comes as a new item for all
            try:
                case = claim(item["case_id"], agent, services, work_id=item["work_id"])
            except Refused:
                case = None  # stale, or somebody was faster: the case has a newer item if it still waits
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            if case is not None:
                return case
    return None


def main() -> None:
    """Take one case and print it."""
    import boto3

    from infra.ops.stack import services_of, whoami

    found = next_case(boto3.client("sqs"), services_of("firstline"), whoami(), frozenset({"language:en", "channel:x"}))
    print(found.ref if found else "nothing waits that fits")


if __name__ == "__main__":
    main()
