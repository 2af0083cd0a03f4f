"""Short stories that make the whole flow call everything it ever calls. A new one is a function in `STORIES`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from firstline.model.errors import Refused, Retry
from firstline.model.records import Account, Note
from firstline.model.reply import Reply
from firstline.operations import agents, branch, erase
from firstline.operations.hand_over import hear_of_mail
from firstline.outward.mail import MailEvent
from firstline.table import keys
from infra.local.simulators.store import Person
from infra.local.simulators.wire import Delivery
from tests.builders import CARE, GRAM, PAGE
from tests.unit.mailbox.builders import the_mail
from tests.world import Died, World

ANNA = Person(id="501", name="Anna Ross", handle="anna")
BEN = Person(id="777000001", name="Ben Hill")
CARL = Person(id="503", name="Carl Voss", handle="carl")
ERASURE, ERASED_WORDS = "e" * 32, "call Anna at home"
CARA = Person(id="777000002", name="Cara Lund")
MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
"""When digests are due in London; the worlds begin a week before."""
PATIENCE = (30, 70, 200, 200, 400, 400, 700, 900, 100)
"""Seconds between looks: the last posts are long past every lease, settling time and grace by then. Undisturbed, the
last look finds nothing to do: what the one before it did is repaired there."""


def platform_delivers(world: World, deliveries: list[Delivery]) -> None:
    """As a platform does: again until it gets its 200."""
    for delivery in deliveries:
        for _ in range(5):
            if world.deliver(delivery) == 200:
                break
        else:
            raise AssertionError("the door never opened")


def rest(world: World) -> None:
    """Queues redeliver, the diary runs, until everything is long over."""
    for seconds in PATIENCE:
        world.pass_time(seconds, step=seconds)


def person_does(world: World, action: Callable[[], Any]) -> None:
    """An agent's click, and another one when it failed: who is told to try again tries again."""
    for _ in range(4):
        world.inside = True
        try:
            action()
            return
        except (Died, Retry, Refused):
            continue
        finally:
            world.inside = False


def one_mention(world: World) -> None:
    """A customer mentions the brand on X."""
    _, deliveries = world.x.post(ANNA, "@AcmeCare my oven is broken", world.now, account=CARE)
    platform_delivers(world, deliveries)
    rest(world)


def a_narrow_limit(world: World) -> None:
    """X lets one answer through in a quarter of an hour, and two people wait for one."""
    world.x.windows.limits = {**world.x.windows.limits, "x:post": (1, 900)}
    for author in (ANNA, CARL):
        _, deliveries = world.x.post(author, f"@AcmeCare my oven is broken, {author.name}", world.now, account=CARE)
        platform_delivers(world, deliveries)
    rest(world)


def a_danger(world: World) -> None:
    """Two people tell of danger: urgent work, and a branch that must act."""
    for author, text in ((ANNA, "there is smoke coming out of my oven"), (CARL, "smoke comes out of my oven in Leeds")):
        _, deliveries = world.x.post(author, f"@AcmeCare {text}", world.now, account=CARE)
        platform_delivers(world, deliveries)
    rest(world)


def a_danger_in_chat(world: World) -> None:
    """Smoke, told in private; then it burns."""
    for text in ("there is smoke coming out of my oven", "now it burns"):
        _, deliveries = world.graph.post(BEN, text, world.now, account=PAGE, private=True)
        platform_delivers(world, deliveries)
        world.pass_time(30)
    rest(world)


def field_level_comment(world: World) -> None:
    """A comment that a branch must act on, with a phone number in public."""
    text = "No engineer came to repair my oven in Leeds, ring me on 07700 900123"
    _, deliveries = world.graph.post(BEN, text, world.now, account=PAGE)
    platform_delivers(world, deliveries)
    rest(world)


def an_agent_answers(world: World) -> None:
    """An agent takes the next case, answers, and resolves it."""
    _, deliveries = world.x.post(ANNA, "@AcmeCare my oven is broken", world.now, account=CARE)
    platform_delivers(world, deliveries)
    world.settle()
    if not world.cases():
        world.pass_time(200)
    (case,) = world.cases()
    person_does(world, lambda: agents.claim(case.id, "maria", world.services))

    def answer() -> None:
        written = [each for each in world.services.table.of_case(case.id, "reply#agent-") if isinstance(each, Reply)]
        if not written:  # a person looks before clicking again
            agents.reply(case.id, "maria", "Hi Anna, a colleague comes tomorrow.", world.services)

    person_does(world, answer)
    rest(world)


def a_native_answer(world: World) -> None:
    """Someone of the brand answers in the platform's own app, within the hold-back."""
    post, deliveries = world.x.post(ANNA, "@AcmeCare my oven is broken", world.now, account=CARE)
    platform_delivers(world, deliveries)
    world.settle()
    brand = world.x.brand(world.x.settings.account("x", CARE))
    world.now += timedelta(seconds=20)
    _, deliveries = world.x.post(brand, "Which one?", world.now, account=CARE, parent_id=post.id, native=True)
    platform_delivers(world, deliveries)
    rest(world)


def a_burst_in_chat(world: World) -> None:
    """Two private messages in one breath."""
    for text in ("hello", "my oven is broken"):
        _, deliveries = world.graph.post(BEN, text, world.now, account=PAGE, private=True)
        platform_delivers(world, deliveries)
    rest(world)


def a_chat_on_whatsapp(world: World) -> None:
    """Somebody without a phone number writes; statuses tell what became of the answer."""
    sam = Person(id="DE.13491208655302741918", name="Sam Nelson", handle="samnelson")
    platform_delivers(world, world.whatsapp.post(sam, "my oven is broken", world.now)[1])
    rest(world)


def an_answer_that_does_not_arrive(world: World) -> None:
    """WhatsApp accepts the answer and tells later that it failed; the person is known by two ids."""
    world.whatsapp.faults.plan("whatsapp", "undelivered", world.now)
    lea = Person(id="DE.777", name="Lea Brandt", also="49151777")
    platform_delivers(world, world.whatsapp.post(lea, "my oven is broken", world.now)[1])
    rest(world)


def a_notice_with_ids_only(world: World) -> None:
    """A comment of which the platform names neither author nor words: they are read."""
    _, deliveries = world.graph.post(BEN, "my oven is broken", world.now, account=PAGE)
    platform_delivers(world, [world.ids_only(each) for each in deliveries])
    rest(world)


def an_unreadable_delivery(world: World) -> None:
    """A verified body that no adapter understands."""
    delivery = world.x.delivery("x", {"something": "new"}, (), world.now)
    platform_delivers(world, [delivery])
    rest(world)


def _handed_to_leeds(world: World) -> str:
    """A comment that Leeds must act on, its mail out; the case's id. `field_level_comment` disturbs these calls."""
    world.watched = False
    _, deliveries = world.graph.post(BEN, "No engineer came to repair my oven in Leeds", world.now, account=PAGE)
    platform_delivers(world, deliveries)
    world.pass_time(200, step=100)
    world.watched = True
    (case,) = world.cases()
    return str(case.id)


def a_branch_acts(world: World) -> None:
    """A branch accepts, writes to the customer, which an agent lets through, and reports that it is done."""
    case_id = _handed_to_leeds(world)
    services = world.services
    person_does(world, lambda: branch.accept(case_id, "leeds", services))
    person_does(world, lambda: branch.write_to_customer(case_id, "leeds", "We come at ten.", services, key="once"))
    person_does(world, lambda: agents.claim(case_id, "maria", services))
    person_does(world, lambda: agents.send_ready(case_id, "maria", "branch-leeds-once", services))
    world.pass_time(60)
    person_does(world, lambda: branch.done(case_id, "leeds", services, note="new door"))
    rest(world)


def a_branch_passes_it_on(world: World) -> None:
    """It is not theirs: another branch gets it, asks a question, and is out of office."""
    case_id = _handed_to_leeds(world)
    services = world.services
    person_does(world, lambda: branch.not_ours(case_id, "leeds", services, belongs_to="berlin"))
    world.pass_time(200, step=100)
    person_does(world, lambda: branch.more_information(case_id, "berlin", "Which model?", services))
    person_does(world, lambda: branch.out_of_office(case_id, "berlin", services))
    rest(world)


def a_branch_stays_silent(world: World) -> None:
    """Nobody moves: reminders, the region, and back to the agents."""
    _handed_to_leeds(world)
    for _ in range(11):
        world.pass_time(3600, step=1800)
    rest(world)


def a_mail_bounces(world: World) -> None:
    """The branch's mail comes back: SES says so until it was heard."""
    case_id = _handed_to_leeds(world)
    bounce = MailEvent(
        kind="bounce",
        mail_id="none",
        handoff=f"{case_id}-leeds",
        recipients=("leeds@acme.example",),
        at=world.now,
        permanent=True,
    )
    person_does(world, lambda: hear_of_mail(bounce, world.services))
    rest(world)


def a_person_is_erased(world: World) -> None:
    """Two posts and an agent's note; then the person wants all of it gone."""
    _, deliveries = world.x.post(ANNA, "@AcmeCare my oven is broken", world.now, account=CARE)
    platform_delivers(world, deliveries)
    world.pass_time(100)
    if not world.cases():
        world.pass_time(200)
    (case,) = world.cases()
    world.services.table.commit([Note(case_id=case.id, id="n", by="maria", at=world.now, text=ERASED_WORDS)], world.now)
    person_does(world, lambda: erase.ask(ERASURE, "person:lea", (f"x:{ANNA.id}",), world.services))
    rest(world)


def a_wish_for_silence(world: World) -> None:
    """A customer asks robots to be silent, and writes again."""
    for text in ("@AcmeCare my oven is broken", "@AcmeCare stop", "@AcmeCare it is still broken"):
        _, deliveries = world.x.post(ANNA, text, world.now, account=CARE)
        platform_delivers(world, deliveries)
        world.pass_time(100, step=100)
    rest(world)


def others_join_in(world: World) -> None:
    """A post that only mentions the brand is watched, until somebody else writes below it."""
    first, deliveries = world.x.post(ANNA, "My Acme oven is broken", world.now, account=CARE, shape="stream")
    platform_delivers(world, deliveries)
    world.settle()
    carla = Person(id="503", name="Carla Sol", handle="carla")
    _, told = world.x.post(carla, "Mine too, Acme", world.now, account=CARE, shape="stream", parent_id=first.id)
    platform_delivers(world, told)
    rest(world)


def on_instagram(world: World) -> None:
    """A comment, a mention that comes by its ids, and a private message."""
    _, deliveries = world.instagram.post(ANNA, "my oven is broken", world.now, account=GRAM)
    platform_delivers(world, deliveries)
    _, deliveries = world.instagram.post(BEN, "@acme.home my oven is broken", world.now, account=GRAM, mention=True)
    platform_delivers(world, deliveries)
    _, deliveries = world.instagram.post(CARA, "my oven is broken", world.now, account=GRAM, private=True)
    platform_delivers(world, deliveries)
    rest(world)


def a_review_and_a_call(world: World) -> None:
    """A review over a generic source, and a call by the same verified customer over another one."""
    verified = {"email": "ben@example.org"}
    _, deliveries = world.generic.post(
        BEN, "my oven is broken", world.now, account="reviews", kind="review", contact=verified
    )
    platform_delivers(world, deliveries)
    world.pass_time(30)
    _, deliveries = world.generic.post(
        BEN, "asks when somebody comes", world.now, account="contact-centre", kind="call", contact=verified
    )
    platform_delivers(world, deliveries)
    rest(world)


def a_token_ends(world: World) -> None:
    """The account's token lives two hours: it is renewed on the way. Who hears the alarm renews by hand."""
    world.short_tokens(CARE)
    world.now += timedelta(minutes=95)
    _, deliveries = world.x.post(ANNA, "@AcmeCare my oven is broken", world.now, account=CARE)
    platform_delivers(world, deliveries)
    rest(world)
    account = world.services.table.get(keys.account("x", CARE))
    if isinstance(account, Account) and account.parked_at is not None:
        world.short_tokens(CARE)
        rest(world)


def two_handoffs_at_one_moment(world: World) -> None:
    """SES takes one mail a second: the second one waits for its turn."""
    for author in (BEN, CARA):
        text = "No engineer came to repair my oven in Leeds"
        _, deliveries = world.graph.post(author, text, world.now, account=PAGE)
        platform_delivers(world, deliveries)
    rest(world)


def a_week_is_told(world: World) -> None:
    """On Monday morning branches and regions get their digests."""
    case_id = _handed_to_leeds(world)
    world.watched = False
    branch.done(case_id, "leeds", world.services)
    world.pass_time(200, step=100)
    world.now = MONDAY
    world.watched = True
    rest(world)


def a_branch_answers_by_mail(world: World) -> None:
    """Its answer with files lands on the case: SNS tells of it until it was heard."""
    from tests.contract.test_inbound_mail import Mailroom

    world.watched = False
    room = Mailroom(world)
    room.put(the_mail("hostile_attachments"))
    world.watched = True
    person_does(world, room.told)
    rest(world)


STORIES: tuple[Callable[[World], None], ...] = (
    one_mention,
    a_narrow_limit,
    field_level_comment,
    an_agent_answers,
    a_native_answer,
    a_burst_in_chat,
    a_chat_on_whatsapp,
    an_answer_that_does_not_arrive,
    a_notice_with_ids_only,
    an_unreadable_delivery,
    on_instagram,
    a_review_and_a_call,
    a_branch_acts,
    a_branch_passes_it_on,
    a_branch_stays_silent,
    a_mail_bounces,
    a_person_is_erased,
    a_wish_for_silence,
    others_join_in,
    a_token_ends,
    two_handoffs_at_one_moment,
    a_week_is_told,
    a_branch_answers_by_mail,
    a_danger,
    a_danger_in_chat,
)
