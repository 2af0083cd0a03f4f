"""Each role against the calls that its function was seen to make: enough, and no more (R72)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from firstline.model.handoff import Handoff
from firstline.operations import branch
from firstline.operations.branch_page import visit
from firstline.operations.erase import ask
from firstline.operations.hand_over import hear_of_mail
from firstline.operations.reconcile import reconcile_and_tell
from firstline.outward.links import Link
from firstline.outward.mail import MailEvent
from firstline.outward.mailtext import handoff_tag
from infra.local.simulators.store import Person
from tests.builders import CARE, PAGE, a_playbook
from tests.contract.path.test_privacy import callback as visit_privacy
from tests.contract.path.test_privacy import signed
from tests.contract.test_inbound_mail import Mailroom
from tests.desk import a_desk, content, signed_in
from tests.faults.stories import ANNA, BEN, STORIES, field_level_comment, one_mention, platform_delivers, rest
from tests.rights import Right, Rights
from tests.unit.mailbox.builders import the_mail
from tests.world import World, a_world

from .templates import FUNCTIONS, resources_of, statements

NOT_CALLED_BY_US = {
    "logs:CreateLogStream": "Lambda writes the function's log",
    "logs:PutLogEvents": "Lambda writes the function's log",
    "sqs:ReceiveMessage": "Lambda polls the function's queue",
    "sqs:DeleteMessage": "Lambda polls the function's queue",
    "sqs:GetQueueAttributes": "Lambda polls the function's queue",
}
LANES = ("${UrgentLaneArn}", "${StandardLaneArn}", "${EmailLaneArn}")
CARL = Person(id="503", name="Carl Voss", handle="carl")
NOT_SEEN: dict[tuple[str, Right], str] = {
    **{
        (name, Right("sqs:SendMessage", "${AsyncDeadLettersArn}")): "Lambda puts there what an invocation gave up"
        for name in ("Branch", "Diary")
    },
    **{
        (name, Right("translate:TranslateText", "*")): "a world's translator has no client of AWS"
        for name in ("Handoff", "Branch")
    },
    ("Diary", Right("logs:FilterLogEvents", "${LogArnPrefix}/receive:*")): "the same log, as older policies name it",
}
"""Rights that no story uses, each with its reason."""


def queue_away(world: World) -> None:
    """The intake queue is out of reach for a while: deliveries are parked, the diary collects them."""

    def refuse(request: Any, **_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=request.url)

    world.sqs.meta.events.register_first("before-send", refuse)
    _, deliveries = world.x.post(ANNA, "@AcmeCare my oven is broken", world.now, account=CARE)
    platform_delivers(world, deliveries)
    world.sqs.meta.events.unregister("before-send", refuse)
    rest(world)


def a_delivery_larger_than_a_message(world: World) -> None:
    """It lies in the bucket, and is split."""
    comment = {"item": "comment", "verb": "add", "post_id": f"{PAGE}_9", "from": {"id": BEN.id, "name": BEN.name}}
    changes = [
        {"field": "feed", "value": {**comment, "comment_id": f"9_{number}", "message": "broken " * 6000}}
        for number in range(30)
    ]
    entry = {"id": PAGE, "time": 1795428900, "changes": changes}
    platform_delivers(world, [world.graph.delivery("facebook", {"object": "page", "entry": [entry]}, (), world.now)])
    world.settle()


def a_mail_comes_back(world: World) -> None:
    """The branch's address bounces before the customer is told: the case goes back to the agents."""
    _, deliveries = world.graph.post(BEN, "No engineer came to repair my oven in Leeds", world.now, account=PAGE)
    platform_delivers(world, deliveries)
    world.work("intake", "handoffs")
    (case,) = world.cases()
    (given,) = [each for each in world.records(case.id, "handoff#") if isinstance(each, Handoff)]
    bounce = MailEvent(
        kind="bounce",
        mail_id=given.mail_id or "",
        handoff=handoff_tag(case.id, given.id),
        recipients=("leeds@acme.example",),
        at=world.now,
        permanent=True,
    )
    with world.operation("Branch"):
        hear_of_mail(bounce, world.services)
    rest(world)


def a_branch_acts(world: World) -> None:
    """The branch takes the handoff on and reaches the customer, who is told."""
    field_level_comment(world)
    (case,) = world.cases()
    with world.operation("Branch"):
        branch.accept(case.id, "leeds", world.services)
        branch.contacted(case.id, "leeds", world.services, how="phone")
    rest(world)


def a_branch_answers_by_mail(world: World) -> None:
    """Its mail with a photo lands on the case."""
    room = Mailroom(world)
    room.put(the_mail("hostile_attachments"))
    with world.operation("Branch"):
        assert room.told().outcome == "noted"
    rest(world)


def a_branch_mails_about_an_erased_case(world: World) -> None:
    """The mail comes late: it is not kept."""
    room = Mailroom(world)
    ask("f" * 32, "person:lea", (f"x:{ANNA.id}",), world.services)
    rest(world)
    room.put(the_mail("hostile_attachments"))
    with world.operation("Branch"):
        assert room.told().reason == "erased"


def a_lead_looks(world: World) -> None:
    """A region's lead looks at the branches and at the handoffs of one."""
    field_level_comment(world)
    desk, lead = a_desk(world), signed_in("branch-desk", "branch-desk:uk")
    with world.operation("Desk"):
        content(desk.get("/api/branches", lead))
        content(desk.get("/api/branches/leeds/handoffs", lead))


def a_branch_opens_its_links(world: World) -> None:
    """The branch looks at the case and takes it on, on the pages behind the mail's links, until it is too often."""
    world.published.now = a_playbook(handoff={"page_rate_per_minute": 2})
    field_level_comment(world)
    (case,) = world.cases()
    with world.operation("Branch"):
        for method, action in (("GET", "page"), ("POST", "accept"), ("GET", "page"), ("GET", "page")):
            link = Link(case_id=case.id, branch="leeds", action=action, expires_at=world.now + timedelta(days=1))
            event = {
                "pathParameters": {"token": world.services.links.token(link)},
                "requestContext": {"http": {"method": method}},
            }
            visit(event, world.services)
    rest(world)


def somebody_wants_their_data_gone(world: World) -> None:
    """A customer whom a branch wrote about is erased by the diary; Meta asks for somebody, who looks how far it is."""
    a_branch_answers_by_mail(world)
    ask("e" * 32, "person:lea", (f"x:{ANNA.id}",), world.services)
    world.services.secrets.forget()  # its process is another one than the diary's
    with world.operation("Privacy"):
        code = json.loads(visit_privacy(world, signed(BEN.id))["body"])["confirmation_code"]
        assert visit_privacy(world, "", "GET", code=code)["statusCode"] == 200
    rest(world)
    assert [case.disposition for case in world.cases()] == ["erased"]


def no_branch_can_be_mailed(world: World) -> None:
    """SES refuses the branch's mail for good."""
    world.services.mailer._sender = "nobody@unverified.example"
    field_level_comment(world)


def messages_are_lost(world: World) -> None:
    """What intake sent on is lost: the diary does it again."""
    _, deliveries = world.graph.post(BEN, "No engineer came to repair my oven in Leeds", world.now, account=PAGE)
    platform_delivers(world, deliveries)
    _, deliveries = world.graph.post(BEN, "my oven is broken", world.now, account=PAGE)
    platform_delivers(world, [world.ids_only(each) for each in deliveries])
    while world.work("intake"):
        pass
    for queue in ("replies", "handoffs", "lookups"):
        world.sqs.purge_queue(QueueUrl=world.urls[queue])
    rest(world)


def the_platform_slows_us_down(world: World) -> None:
    """A limit is reached while two wait; one of them may not be answered at all, another may not say this again."""
    world.x.faults.plan("x", "rate_limit", world.now, seconds=300)
    for author, text in ((ANNA, "@AcmeCare I love my oven, thank you"), (CARL, "@AcmeCare my oven is broken")):
        _, deliveries = world.x.post(author, text, world.now, account=CARE)
        platform_delivers(world, deliveries)
        world.pass_time(70, step=70)
    world.x.faults.plan("x", "blocked", world.now, match="Anna")
    world.x.faults.plan("x", "duplicate", world.now, match="Carl")
    rest(world)


def a_day_is_reconciled(world: World) -> None:
    """The diary's daily job reads the door's log."""
    one_mention(world)
    told = [line for line in world.log if line["message"] == "accepted"]
    world.logs.create_log_group(logGroupName="receive")
    world.logs.create_log_stream(logGroupName="receive", logStreamName="one")
    now = int(world.now.timestamp() * 1000)
    lines = [{"timestamp": now, "message": json.dumps(line)} for line in told]
    world.logs.put_log_events(logGroupName="receive", logStreamName="one", logEvents=lines)
    with world.operation("Diary"):
        assert reconcile_and_tell(world.services)["missing_deliveries"] == ()


def an_earlier_releases_secret(world: World) -> None:
    """Accounts' tokens lie in the channels' secret: answers go out, a notice is completed, tokens are renewed."""
    world.short_tokens(CARE)
    _, deliveries = world.graph.post(BEN, "my oven is broken", world.now, account=PAGE)
    platform_delivers(world, [world.ids_only(each) for each in deliveries])
    world.work("intake")
    world.work("lookups")
    world.services.secrets.forget()  # the next function's process is another one
    world.pass_time(6000, step=600)
    assert len(world.sent()) == 1 and world.tokens_of("x", CARE)["bearer"] != "b-0"


def a_token_is_renewed(world: World) -> None:
    world.short_tokens(CARE)
    world.pass_time(6000, step=600)
    assert world.tokens_of("x", CARE)["bearer"] != "b-0"


MORE = (
    a_token_is_renewed,
    queue_away,
    a_delivery_larger_than_a_message,
    a_mail_comes_back,
    a_branch_acts,
    a_branch_answers_by_mail,
    a_branch_mails_about_an_erased_case,
    a_branch_opens_its_links,
    a_lead_looks,
    somebody_wants_their_data_gone,
    no_branch_can_be_mailed,
    messages_are_lost,
    the_platform_slows_us_down,
    a_day_is_reconciled,
)


@pytest.fixture(scope="module")
def rights() -> Iterator[Rights]:
    """What the functions use while every story is told once, undisturbed."""
    seen = Rights()
    patch = pytest.MonkeyPatch()
    for story in (*STORIES, *MORE, an_earlier_releases_secret):
        old = story is an_earlier_releases_secret
        with a_world(
            shards=1, receive_log_group="receive", mails_per_second=1, old_secrets=old, in_memory=False
        ) as world:
            patch.setattr(boto3, "client", {"logs": world.logs}.__getitem__)
            story(seen.watch(world))
    yield seen
    patch.undo()


def granted(name: str) -> set[Right]:
    """What a role allows."""
    return {
        Right(action, _text(resource))
        for statement in statements(name)
        for action in statement["Action"]
        for resource in resources_of(statement)
    }


def _text(resource: Any) -> str:
    if isinstance(resource, dict):
        return resource["Sub"] if "Sub" in resource else f"${{{resource['Ref']}}}"
    return str(resource)


def covers(right: Right, used: Right) -> bool:
    """Whether the granted right allows the used one. Who sends work to one lane sends it to all: the case decides."""
    same = right.resource == used.resource or (right.resource in LANES and used.resource in LANES)
    return fnmatchcase(used.action, right.action) and same


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_allows_every_call_that_its_function_makes(name: str, rights: Rights) -> None:
    allowed = granted(name)
    assert [each for each in sorted(rights.used[name]) if not any(covers(right, each) for right in allowed)] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_allows_nothing_that_its_function_does_not_use(name: str, rights: Rights) -> None:
    unused = {
        right
        for right in granted(name)
        if right.action not in NOT_CALLED_BY_US and not any(covers(right, each) for each in rights.used[name])
    }
    assert sorted(unused) == sorted(right for function, right in NOT_SEEN if function == name)
