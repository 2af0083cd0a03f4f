"""The weekly digest: to each branch and region on its own Monday morning, once, until somebody stops it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from firstline.decide.weekly import next_digest
from firstline.model.errors import Retry
from firstline.operations import branch, mailboxes
from firstline.operations.branch_page import visit
from firstline.operations.hand_over import hear_of_mail
from firstline.outward.mail import MailEvent
from tests.builders import a_playbook
from tests.contract.path.test_branches import handed, the_case, the_handoff
from tests.contract.path.test_main_job import comments
from tests.world import SITE, World, a_world

HOUR = 3600
MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
"""The Monday after the worlds' beginning, in London."""


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def until(world: World, moment: datetime) -> None:
    world.tick()  # plans
    world.now = moment
    world.tick()
    world.settle()
    world.tick()
    world.settle()


def digests(world: World) -> dict[str, list[EmailMessage]]:
    """The digests that went, by address."""
    found: dict[str, list[EmailMessage]] = {}
    for mail in world.mails():
        message: Any = message_from_bytes(mail.raw_data.encode(), policy=policy.default)
        if message["List-Unsubscribe"]:
            found.setdefault(mail.destinations[0], []).append(message)
    return found


def text(message: EmailMessage) -> str:
    part: Any = message.get_body(("plain",))
    return str(part.get_content())


def way_out(message: EmailMessage) -> str:
    found = re.fullmatch(rf"<{re.escape(SITE)}/branch/(\S+)>", str(message["List-Unsubscribe"]))
    assert found
    return found[1]


def request(world: World, token: str, method: str) -> dict[str, Any]:
    event = {"pathParameters": {"token": token}, "requestContext": {"http": {"method": method}}}
    return visit(event, world.services)


def test_on_monday_morning_a_branch_reads_what_is_open_done_and_said(world: World) -> None:
    given = handed(world)
    branch.accept(given.case_id, "leeds", world.services)
    branch.done(given.case_id, "leeds", world.services)
    world.pass_time(120)
    comments(world, "yes it works again, thank you")
    world.pass_time(120)
    assert the_handoff(world).helped is True
    until(world, MONDAY - timedelta(minutes=1))
    assert digests(world) == {}
    until(world, MONDAY + timedelta(minutes=1))
    (mail,) = digests(world)["leeds@acme.example"]
    words = text(mail)
    assert "yes it works again" in words and "Done this week: 1" in words
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_region_gets_one_with_each_of_its_branches(world: World) -> None:
    given = handed(world)
    until(world, MONDAY + timedelta(minutes=1))
    region = digests(world)["region@acme.example"]
    assert any("Leeds" in text(each) and the_case(world).ref in text(each) for each in region)
    assert given.case_id


def test_each_has_its_own_monday_and_gets_it_once_a_week(world: World) -> None:
    until(world, MONDAY + timedelta(minutes=1))
    for _ in range(5):
        world.pass_time(HOUR, step=600)
    once = {to: len(mails) for to, mails in digests(world).items()}
    assert once["leeds@acme.example"] == 1 == once["berlin@acme.example"]
    until(world, MONDAY + timedelta(days=7, minutes=1))
    assert len(digests(world)["leeds@acme.example"]) == 2


def test_no_mail_about_a_handoff_has_a_way_out(world: World) -> None:
    handed(world)
    assert digests(world) == {} and len(world.mails()) == 1


def test_the_way_out_asks_first_and_stops_only_the_digest(world: World) -> None:
    until(world, MONDAY + timedelta(minutes=1))
    token = way_out(digests(world)["leeds@acme.example"][0])
    asked = request(world, token, "GET")
    assert asked["statusCode"] == 200 and f'action="./{token}"' in asked["body"]
    until(world, MONDAY + timedelta(days=7, minutes=1))
    assert len(digests(world)["leeds@acme.example"]) == 2, "looking at the page changes nothing"
    for _ in range(2):
        assert request(world, token, "POST")["statusCode"] == 200
    until(world, MONDAY + timedelta(days=14, minutes=1))
    assert len(digests(world)["leeds@acme.example"]) == 2 and len(digests(world)["berlin@acme.example"]) == 3
    handed(world)
    assert world.mails()[-1].destinations[0] == "leeds@acme.example"
    assert mailboxes.confirm("leeds", "maria", world.services)
    until(world, MONDAY + timedelta(days=21, minutes=1))
    assert len(digests(world)["leeds@acme.example"]) == 3


def test_a_digest_that_bounces_is_the_last_one(world: World) -> None:
    until(world, MONDAY + timedelta(minutes=1))
    bounce = MailEvent(
        kind="bounce",
        mail_id="m",
        handoff="digest-branch-leeds",
        recipients=("leeds@acme.example",),
        at=world.now,
        permanent=True,
    )
    hear_of_mail(bounce, world.services)
    until(world, MONDAY + timedelta(days=7, minutes=1))
    assert len(digests(world)["leeds@acme.example"]) == 1


def test_an_unclear_answer_of_ses_is_no_reason_to_send_a_week_twice(world: World) -> None:
    world.tick()
    sent = world.services.mailer._client.send_email

    def cut(**content: Any) -> Any:
        sent(**content)
        raise ReadTimeoutError(endpoint_url="ses")

    world.services.mailer._client.send_email = cut  # type: ignore[method-assign]
    until(world, MONDAY + timedelta(minutes=1))
    world.pass_time(3 * HOUR, step=600)
    assert {len(mails) for mails in digests(world).values()} <= {1, 2}  # the regions share an address
    assert len(digests(world)["leeds@acme.example"]) == 1


def test_an_address_that_bounced_is_mailed_again_once_somebody_confirmed_it(world: World) -> None:
    given = handed(world)
    bounce = MailEvent(
        kind="bounce",
        mail_id="m",
        handoff=f"{given.case_id}-leeds",
        recipients=("leeds@acme.example",),
        at=world.now,
        permanent=True,
    )
    hear_of_mail(bounce, world.services)
    assert [box.branch for box in mailboxes.closed(world.services)] == ["leeds"]
    assert mailboxes.confirm("leeds", "maria", world.services)
    assert mailboxes.closed(world.services) == [] and not mailboxes.confirm("leeds", "maria", world.services)


@pytest.mark.parametrize(
    ("zone", "at"),
    [("Europe/London", "2026-03-30T07:00"), ("Europe/Berlin", "2026-03-30T06:00"), ("Asia/Tokyo", "2026-03-29T23:00")],
)
def test_monday_at_eight_is_on_the_readers_clock_over_a_change_of_it(zone: str, at: str) -> None:
    asked = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)
    assert next_digest(a_playbook().handoff, zone, asked) == datetime.fromisoformat(at).replace(tzinfo=UTC)


def test_a_playbook_that_cannot_be_read_stops_no_other_work_of_the_diary(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise Retry("playbook")

    with monkeypatch.context() as patch:
        patch.setattr("firstline.operations.tend.plan_digests", lambda services: away())
        world.tick()
    assert ("LaneOldestDueSeconds" in {name for name, _ in world.metrics}) and any(
        line.get("entity") == "digests" for line in world.log
    )
