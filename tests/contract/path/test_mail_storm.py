"""A storm of handoffs meets SES's sending rate: nothing is lost, nobody is mailed twice, what is due first goes first."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from firstline.model.case import Case
from firstline.model.errors import Retry
from firstline.model.handoff import Handoff
from firstline.operations import branch, emit
from firstline.operations.hand_over import hand_over
from firstline.operations.services import Services
from firstline.operations.tend import run
from firstline.outward.links import Links
from firstline.outward.mail import Mailer
from firstline.outward.mailtext import handoff_of
from firstline.outward.settings import Settings
from firstline.table import keys
from tests.builders import a_playbook
from tests.contract.table.records import a_case, a_stored_post
from tests.memory import MemoryQueues, MemoryTable
from tests.world import START, Published

RATE = 14
"""Mails a second: what SES gives an account that has just left its sandbox."""
STORM = 2000
URLS = {f"{lane}_lane_url": lane for lane in ("urgent", "standard", "email")}


class Deployment:
    """The handoff function and the diary on a clock of the test's, and an SES that keeps an account's sending rate."""

    def __init__(self, ses_rate: int = RATE) -> None:
        self.now, self.ses_rate = START, ses_rate
        self.taken: list[tuple[datetime, str]] = []
        """When SES took a mail, and the mail's tag."""
        self.refused = 0
        self.seconds: Counter[datetime] = Counter()
        self.table, self.queues = MemoryTable(), MemoryQueues(lambda: self.now)
        none: Any = SimpleNamespace(keys=lambda: ["k" * 32], parked=lambda: (), credentials=lambda *_, **__: {})
        self.services = Services(
            settings=Settings(
                mails_per_second=RATE, mail_from="care@acme.example", handoffs_queue_url="handoffs", **URLS
            ),
            clock=lambda: self.now,
            table=self.table,
            queues=self.queues,  # type: ignore[arg-type]
            bodies=none,
            playbooks=Published(a_playbook()),  # type: ignore[arg-type]
            secrets=none,
            tokens=none,
            http=none,
            mailer=Mailer(self, "care@acme.example"),
            links=Links(none, ""),
            tell=lambda message, **fields: None,
            count=lambda name, **dimensions: None,
        )

    def send_email(self, **request: Any) -> dict[str, str]:
        """SES: what is too much in a second is refused, nothing is kept back."""
        second = self.now.replace(microsecond=0)
        if self.seconds[second] >= self.ses_rate:
            self.refused += 1
            error = {"Code": "TooManyRequestsException", "Message": "Maximum sending rate exceeded."}
            raise ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": 429}}, "SendEmail")  # type: ignore[typeddict-item]
        self.seconds[second] += 1
        (tag,) = request["EmailTags"]
        self.taken.append((self.now, tag["Value"]))
        return {"MessageId": f"ses-{len(self.taken)}"}

    def hand(self, number: int) -> list[Handoff]:
        """So many cases handed to Leeds at one moment, each due at a minute of its own, their messages in no order."""
        given: list[Handoff] = []
        for minute in random.Random(7).sample(range(number), number):
            case_id = f"{minute:08d}"
            post = a_stored_post(case_id, f"post-{minute}", "No engineer came to repair my oven in Leeds")
            each = Handoff(
                id="leeds",
                case_id=case_id,
                reason="onsite",
                post_keys=(post.key,),
                created_at=self.now,
                contact_by=self.now + timedelta(hours=10, minutes=minute),
                due_at=self.now + timedelta(minutes=1),
            )
            self.table.commit([a_case(case_id, handoffs=("leeds",)), post, each], self.now)
            self.queues.send(emit.handoff(each, self.services))
            given.append(each)
        return given

    def work(self) -> None:
        """Until no message is visible; one that fails comes again."""
        while messages := self.queues.take():
            for message in messages:
                if message.queue_url != "handoffs":
                    continue
                told = json.loads(message.text)
                try:
                    hand_over(told["case_id"], told["handoff_id"], self.services)
                except Retry:
                    self.queues.send([replace(message, delay=180)])

    def pass_seconds(self, seconds: int, diary_every: int = 60) -> None:
        """Second by second, with the diary each minute."""
        self.work()
        for second in range(1, seconds + 1):
            self.now += timedelta(seconds=1)
            if second % diary_every == 0:
                run(self.services)
            self.work()

    def handoff(self, given: Handoff) -> Handoff:
        """As it is now."""
        found = self.table.get(keys.handoff(given.case_id, given.id))
        assert isinstance(found, Handoff)
        return found

    def each_went_once(self, given: list[Handoff]) -> bool:
        """Whether every handoff was mailed, by one mail."""
        mine = {(each.case_id, each.id) for each in given}
        went = [tag for _, tag in self.taken if handoff_of(tag) in mine]
        return len(went) == len(set(went)) == len(given) and all(self.handoff(each).state == "mailed" for each in given)


def test_two_thousand_handoffs_go_at_ses_s_rate_each_once_and_what_is_due_first_goes_first() -> None:
    there = Deployment()
    given = there.hand(STORM)
    there.pass_seconds(STORM // RATE + 5)
    assert there.each_went_once(given)
    assert there.refused == 0 and max(there.seconds.values()) <= RATE
    took = (there.taken[-1][0] - START).total_seconds()
    assert took <= 1.05 * STORM / RATE, "the rate that there is, is used"
    due = {each.case_id: each.contact_by for each in given}
    order = [due[tag.partition("-")[0]] for _, tag in there.taken]
    assert order[1:] == sorted(order[1:]), "only the very first, before anybody waited, went as it came"


def test_when_ses_gives_less_than_was_said_nothing_is_lost_and_nobody_gets_two() -> None:
    there = Deployment(ses_rate=RATE // 2)
    given = there.hand(300)
    there.pass_seconds(15 * 60)
    assert there.refused > 0 and there.each_went_once(given)


@pytest.mark.parametrize("after", [0, 5])
def test_when_every_message_of_the_storm_is_lost_the_diary_sends_it_all_the_same(after: int) -> None:
    there = Deployment()
    given = there.hand(200)
    there.pass_seconds(after)
    there.queues.lose_all()
    there.pass_seconds(6 * 60)
    assert there.each_went_once(given) and max(there.seconds.values()) <= RATE


def test_what_escalates_goes_before_the_first_mails_that_wait() -> None:
    there = Deployment()
    given = there.hand(100)
    there.pass_seconds(2)
    first = next(each for each in given if there.handoff(each).state == "mailed")
    branch.out_of_office(first.case_id, "leeds", there.services)
    before = len(there.taken)
    there.pass_seconds(1)
    assert there.taken[before][1] == f"{first.case_id}_escalation1-leeds"
    there.pass_seconds(10)
    assert there.each_went_once(given)


def test_a_limit_of_ses_that_lasts_is_waited_for_until_it_is_too_late_for_the_customer() -> None:
    there = Deployment(ses_rate=0)
    (given,) = there.hand(1)
    for _ in range(9 * 12):
        there.now += timedelta(minutes=5)
        run(there.services)
        there.work()
    assert there.handoff(given).state == "pending" and there.handoff(given).attempt > 30
    for _ in range(2 * 12):
        there.now += timedelta(minutes=5)
        run(there.services)
        there.work()
    case = there.table.get(keys.case(given.case_id))
    assert there.handoff(given).stage == "returned"
    assert isinstance(case, Case) and case.work_id is not None
