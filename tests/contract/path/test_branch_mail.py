"""What a branch reads about posts that really came in: whose words, in which language, with which data of a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_string
from email.message import EmailMessage
from email.policy import default

import pytest
from click.testing import CliRunner

from firstline.model.handoff import Handoff
from firstline.operations import branch
from firstline.operations.agents import claim, hand_to_branch
from firstline.outward.translate import NotTranslated
from infra.ops.cli import main
from tests.builders import a_playbook
from tests.contract.path.test_main_job import ANNA, comments, posts
from tests.unit.mailtext.builders import text_of
from tests.world import World, a_world

HOUR = 3600


class Translator:
    """Marks what it translated; ``down`` refuses."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.down = False

    def translate(self, text: str, source: str, target: str) -> str:
        self.asked.append((text, source, target))
        if self.down:
            raise NotTranslated("down")
        return f"[{target}] {text}"


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        world.services = replace(world.services, translator=Translator())
        yield world


def mails(world: World) -> list[EmailMessage]:
    parsed = [message_from_string(mail.raw_data, policy=default) for mail in world.mails()]
    return parsed  # type: ignore[return-value]


def the_mail(world: World) -> str:
    world.pass_time(180)
    (mail,) = mails(world)
    return text_of(mail)


def test_a_post_in_a_language_that_the_branch_does_not_speak_comes_with_a_marked_translation(world: World) -> None:
    comments(world, "Der Techniker kam schon wieder nicht zur Reparatur nach Leeds, mein Ofen ist kaputt")
    text = the_mail(world)
    assert "> [en] Der Techniker kam schon wieder nicht" in text
    assert "Translated by machine from German" in text
    assert "In the original (German):\n> Der Techniker" in text


def test_a_post_in_the_branchs_own_language_is_not_sent_to_be_translated(world: World) -> None:
    comments(world, "No engineer came to repair my broken oven in Leeds again")
    assert "Translated" not in the_mail(world)
    assert world.services.translator.asked == []  # type: ignore[attr-defined]


def test_with_the_translator_down_the_mail_goes_without_and_says_so_once(world: World) -> None:
    world.services.translator.down = True  # type: ignore[attr-defined]
    comments(world, "Der Techniker kam schon wieder nicht zur Reparatur nach Leeds, mein Ofen ist kaputt")
    text = the_mail(world)
    assert "> Der Techniker kam" in text
    assert "A translation could not be had this time." in text
    assert "(German)" in text
    assert len(world.services.translator.asked) == 1  # type: ignore[attr-defined]


def test_translations_are_had_before_the_mail_is_taken_for_sending(world: World) -> None:
    states: list[str] = []

    class Looking(Translator):
        def translate(self, text: str, source: str, target: str) -> str:
            (case,) = world.cases()
            states.extend(each.state for each in world.records(case.id, "handoff#") if isinstance(each, Handoff))
            return super().translate(text, source, target)

    world.services = replace(world.services, translator=Looking())
    comments(world, "Der Techniker kam schon wieder nicht zur Reparatur nach Leeds, mein Ofen ist kaputt")
    world.pass_time(180)
    assert states == ["pending"]
    assert len(world.mails()) == 1


def test_a_real_handoffs_mail_can_be_seen_without_sending_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    comments(world, "No engineer came to repair my broken oven in Leeds")
    world.pass_time(180)
    (case,) = world.cases()
    monkeypatch.setattr("infra.ops.mail.services_of", lambda stack: world.services)
    for kind, said in (("handoff", "Please contact Ben Hill"), ("escalation", "Ben Hill still waits for Leeds")):
        shown = CliRunner().invoke(main, ["mail", "preview", f"{case.ref}/leeds", "--kind", kind])
        assert shown.exit_code == 0, shown.output
        assert said in shown.output
    assert CliRunner().invoke(main, ["mail", "preview", f"{case.ref}/berlin"]).exit_code == 1
    assert len(world.mails()) == 1


def test_a_number_posted_in_public_is_masked_in_the_mails_language_and_never_translated(world: World) -> None:
    comments(world, "Der Techniker kam nicht zur Reparatur nach Leeds, bitte rufen Sie mich an: +44 20 7946 0123")
    text = the_mail(world)
    assert "0123" not in text
    assert "[phone number]" in text
    assert "We know only their Facebook account" in text
    assert all("0123" not in asked for asked, _, _ in world.services.translator.asked)  # type: ignore[attr-defined]


def test_a_number_given_in_private_is_how_to_reach_the_customer_and_masked_in_the_words(world: World) -> None:
    post, deliveries = world.graph.post(
        comments(world, "hello").author, "No engineer came to repair my oven in Leeds, ring +44 20 7946 0123",
        world.now, private=True,
    )  # fmt: skip
    for each in deliveries:
        assert world.deliver(each) == 200
    world.pass_time(300)
    text = text_of(mails(world)[-1])
    assert "Call +44 20 7946 0123" in text
    assert "ring [phone number]" in text
    assert "Sent to us privately on Messenger" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("No engineer came to repair my broken oven in Leeds", "Only somebody on site can help"),
        ("There is smoke from my oven, I need an engineer for a repair in Leeds", "People may be in danger"),
        ("No engineer came for the repair, somewhere in England", "No single branch was found for it"),
    ],
)
def test_the_reason_is_a_sentence_of_the_mail(world: World, words: str, said: str) -> None:
    comments(world, words)
    assert said in the_mail(world)


def test_an_agents_own_words_are_marked_as_theirs(world: World) -> None:
    comments(world, "My oven is broken and nobody answers")
    world.pass_time(120)
    (case,) = world.cases()
    claim(case.id, "maria", world.services)
    hand_to_branch(case.id, "maria", "leeds", world.services, why="lives next door", words="Ring twice.")
    text = the_mail(world)
    assert "Our team has looked at it and asks you to take it over." in text
    assert "NOTE FROM OUR TEAM\n> lives next door\n>\n> Ring twice.\n" in text.replace("> \n", ">\n")


def test_what_follows_the_first_mail_threads_with_it_and_the_region_reads_who_did_not_move(world: World) -> None:
    comments(world, "No engineer came to repair my broken oven in Leeds")
    world.pass_time(8 * HOUR, step=HOUR / 2)
    first, *_, reminder, escalation = mails(world)
    assert reminder["Subject"] == f"Re: {first['Subject'].strip()}"
    assert reminder["References"] == escalation["References"] == first["References"]
    assert "You have not told us yet that you take it." in text_of(reminder)
    assert "Leeds has not taken it yet." in text_of(escalation)
    assert escalation["To"].addresses[0].display_name == "United Kingdom"


def test_an_update_tells_of_what_came_after_the_first_mail_in_its_thread() -> None:
    with a_world(a_playbook(handoff={"update_mail_hours": 3})) as world:
        comments(world, "No engineer came to repair my broken oven in Leeds")
        world.pass_time(180)
        (case,) = world.cases()
        branch.accept(case.id, "leeds", world.services)
        comments(world, "Still no engineer for the repair in Leeds!")
        world.pass_time(4 * HOUR, step=HOUR / 2)
        first, update = mails(world)
    assert update["Subject"] == f"Re: {first['Subject'].strip()}"
    assert "WHAT IS NEW\n> Still no engineer for the repair in Leeds!\n" in text_of(update)
    assert "> No engineer came" not in text_of(update)


def test_a_name_of_an_attackers_making_changes_no_header(world: World) -> None:
    posts(
        world, "@AcmeCare no engineer came to repair my oven in Leeds", replace(ANNA, name="Eve\r\nBcc: x@evil.example")
    )
    world.pass_time(180)
    (mail,) = mails(world)
    assert mail["Bcc"] is None
    assert [each.addr_spec for each in mail["To"].addresses] == ["leeds@acme.example"]
