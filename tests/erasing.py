"""A customer whose words and names bear a mark of their own, what else can come in about them, and where it is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from firstline.model.errors import FirstlineError, LostRace
from firstline.operations import agents, branch
from firstline.operations.erase import ask, erase
from firstline.operations.hear_mail import hear_mail
from firstline.operations.person import named
from firstline.outward.mailbox import read_receipt, reply_to
from infra.local.simulators.store import Person
from tests.builders import PAGE
from tests.unit.mailbox.builders import a_mail, a_notification
from tests.world import World

KEYS = ("newest", "older")


@dataclass
class Customer:
    """One customer after another, each with names and words of their own, so that one world serves for all of them."""

    world: World
    number: int
    posts: list[Any] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What stands in everything that they say and that is said about them."""
        return f"Zz{self.number}zz"

    @property
    def id(self) -> str:
        return f"7770{self.number:05d}"

    @property
    def key(self) -> str:
        return f"facebook:{self.id}"

    @property
    def person(self) -> Person:
        return Person(id=self.id, name=f"Ben {self.mark}")

    def deliver(self, deliveries: list[Any]) -> None:
        for each in deliveries:
            assert self.world.deliver(each) == 200
        self.world.work("intake")

    def comments(self, text: str) -> None:
        post, deliveries = self.world.graph.post(self.person, f"{text} {self.mark}", self.world.now, account=PAGE)
        self.posts.append(post)
        self.deliver(deliveries)

    @property
    def case_id(self) -> str:
        """The case of the first comment."""
        return self._case_id

    def begins(self) -> None:
        """A comment that Leeds must act on, its mail and the robot's answer out, an agent's note."""
        self.comments("No engineer came to repair my oven in Leeds")
        self.world.pass_time(240, step=60)
        (self._case_id,) = named(self.key, self.world.services).cases
        agents.note(self.case_id, "maria", f"{self.mark} sounds upset", self.world.services)

    # -- what comes in between -------------------------------------------------------------------------------

    def writes_again(self) -> None:
        """Another comment."""
        self.comments("Still nobody here")

    def edits(self) -> None:
        """The first comment gets other words."""
        self.deliver(self.world.graph.edit(self.posts[0].id, f"ring me, {self.mark}", self.world.now)[1])

    def is_answered_natively(self) -> None:
        """Somebody of the brand answers in the app, by name."""
        brand = self.world.graph.brand(self.world.graph.settings.account("facebook", PAGE))
        self.deliver(
            self.world.graph.post(
                brand, f"Dear {self.mark}", self.world.now, account=PAGE, parent_id=self.posts[0].id, native=True
            )[1]
        )

    def is_mailed_about(self) -> None:
        """The branch's answer by mail."""
        mail_id = f"ses{self.number}"
        self.world.s3.put_object(
            Bucket="bodies", Key=f"mail/{mail_id}", Body=a_mail(f"{self.mark} lives at 5 Elm Road")
        )
        address = reply_to("case@reply.acme.example", self.case_id, "leeds", KEYS)
        receipt = read_receipt(a_notification(mail_id=mail_id, recipients=(address,)))
        assert receipt is not None
        hear_mail(receipt, KEYS, self.world.services)

    def is_noted(self) -> None:
        """An agent writes a note; told that the case was erased, the agent lets it be."""
        try:
            agents.note(self.case_id, "maria", f"{self.mark} rang", self.world.services)
        except FirstlineError:
            pass

    def is_reported_on(self) -> None:
        """The branch says on its page that it is done."""
        try:
            branch.done(self.case_id, "leeds", self.world.services, note=f"{self.mark} has a new door")
        except FirstlineError:
            pass


def places(world: World, mark: str) -> list[str]:
    """Where a mark is found in the table and the bucket."""
    rows = world.dynamodb.scan(TableName="cases")["Items"]
    found = [f"{row['pk']['S']} {row['sk']['S']}" for row in rows if mark in json.dumps(row)]
    for entry in world.s3.list_objects_v2(Bucket="bodies").get("Contents", ()):
        body = world.s3.get_object(Bucket="bodies", Key=entry["Key"])["Body"].read()
        found += [entry["Key"]] if mark.encode() in body else []
    return found


def erased(who: str, code: str, world: World) -> None:
    """Ask, and see it through as the command line and the diary do."""
    person = named(who, world.services)
    ask(code, "person:lea", person.authors, world.services, cases=person.cases)
    for _ in range(10):
        try:
            wish = erase(code, world.services)
        except LostRace:
            continue
        assert wish is not None
        if wish.state == "done":
            return
        world.pass_time(180)
    raise AssertionError("the erasure never ends")


COMES: tuple[Callable[[Customer], None], ...] = (
    Customer.writes_again,
    Customer.edits,
    Customer.is_answered_natively,
    Customer.is_mailed_about,
    Customer.is_noted,
    Customer.is_reported_on,
)
"""What else can come in about a customer at any moment."""
