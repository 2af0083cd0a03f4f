"""How a branch reaches the customer, and what its mail shows of a call or a chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from firstline.operations import agents
from tests.contract.path.test_branches import text_of, the_case
from tests.contract.path.test_generic_sources import BEN, VERIFIED, says
from tests.world import World, a_world

NATIONAL_ID = "111.444.777-35"
CARD = "4111 1111 1111 1111"
IBAN = "GB82 WEST 1234 5698 7654 32"


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def handed_by_agent(world: World, why: str = "please ring her") -> None:
    case = the_case(world)
    agents.claim(case.id, "maria", world.services)
    agents.hand_to_branch(case.id, "maria", "leeds", world.services, why=why)
    world.pass_time(120)


def chats(world: World, *texts: str) -> Any:
    for text in texts:
        says(world, text, "contact-centre", author=BEN, kind="message", private=True)
        world.pass_time(20, step=10)


def test_a_callers_verified_number_stands_in_the_mail_and_the_source_has_its_name(world: World) -> None:
    says(world, "asks when the engineer comes", "contact-centre", author=BEN, kind="call", contact=VERIFIED)
    world.pass_time(60)
    handed_by_agent(world)
    told = text_of(world)
    assert "Call +44 7700 900123" in told and "Write to anna@example.org" in told
    assert "We know only" not in told and "generic" not in told and "Contact centre" in told


def test_a_chat_is_shown_as_one_with_what_matters_in_the_subject_and_above_the_buttons(world: World) -> None:
    chats(world, "good evening", "my oven leaks water, the kitchen is broken", f"my id is {NATIONAL_ID}")
    handed_by_agent(world)
    told = text_of(world)
    subject = told.partition(" (FL-")[0]
    assert "my oven leaks water" in subject and "good evening" not in subject
    before_the_buttons = told.partition("We take it")[0]
    assert "my oven leaks water" in before_the_buttons and "IN THE CUSTOMER" not in before_the_buttons


def test_a_greeting_long_before_the_matter_does_not_lead(world: World) -> None:
    chats(world, "good evening")
    world.pass_time(3600)
    chats(world, "my oven leaks water, the kitchen is broken")
    handed_by_agent(world)
    happened = text_of(world).partition("WHAT HAPPENED")[2]
    assert happened.strip().startswith("> my oven leaks water")


def test_what_a_branch_does_not_need_is_masked(world: World) -> None:
    chats(world, f"my oven is broken, id {NATIONAL_ID}, card {CARD}, account {IBAN}")
    handed_by_agent(world)
    told = text_of(world)
    assert not any(each in told for each in (NATIONAL_ID, CARD, IBAN))
    assert "[national id number]" in told and "[card number]" in told and "[account number]" in told
