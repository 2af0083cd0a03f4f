"""Erased stays erased: nothing comes back onto the case, what an earlier release left is found and taken, no id of the
person stands in a key, and an export and an erasure know of the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from firstline.model.case import Case
from firstline.model.erased import STAYS, blank, respected
from firstline.model.errors import LostRace, NotFound, Refused
from firstline.model.post import Contact
from firstline.model.records import Audit, AuthorCase, Note, OwnPost, RemovedCase
from firstline.operations import agents, branch
from firstline.operations.person import export, named
from firstline.operations.snapshot import Snapshot
from firstline.table import keys
from firstline.table.items import KINDS, from_item, key_of
from infra.local.simulators.store import Person
from tests.builders import NUMBER
from tests.erasing import COMES, Customer, erased, places
from tests.stored import a_world_found
from tests.unit.mailbox.builders import the_mail
from tests.world import World, a_world

PHONE = "+441632960961"


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(in_memory=True) as world:
        yield world


def a_customer(world: World, number: int = 1) -> Customer:
    customer = Customer(world, number)
    customer.begins()
    return customer


def anybody(world: World, customer: Customer) -> list[str]:
    """Where anything of the customer is found."""
    return places(world, customer.mark) + places(world, customer.id)


def calls_in(world: World, text: str, source: str = "contact-centre", author: str = "caller-1") -> Any:
    """A call, by somebody whose phone number the source has verified."""
    person = Person(id=author, name="Ida Zz1zz")
    post, deliveries = world.generic.post(
        person, f"{text} Zz1zz", world.now, account=source, kind="call", contact={"phone": PHONE}
    )
    for each in deliveries:
        assert world.deliver(each) == 200
    world.settle()
    return post


@pytest.mark.parametrize("comes", COMES[1:], ids=lambda comes: comes.__name__)
def test_nothing_that_comes_late_is_put_on_an_erased_case(comes: Callable[[Customer], None], world: World) -> None:
    customer = a_customer(world)
    erased(customer.key, "1" * 32, world)
    comes(customer)
    world.pass_time(600)
    assert anybody(world, customer) == []
    assert not any(case.work_id for case in world.cases())


def test_a_mail_that_nobody_believed_goes_with_the_case_that_it_is_about(world: World) -> None:
    from tests.contract.test_inbound_mail import Mailroom

    room = Mailroom(world)
    heard = room.comes(the_mail("gmail_en"), dmarc="FAIL")
    kept = room.comes(the_mail("hostile_attachments"), "ses2")
    assert (heard.outcome, kept.outcome) == ("quarantined", "noted")
    erased("x:501", "2" * 32, world)
    assert "Contents" not in world.s3.list_objects_v2(Bucket="bodies")


def test_files_that_the_erasure_overtook_go_with_the_next_try(world: World) -> None:
    from tests.contract.test_inbound_mail import Mailroom

    room = Mailroom(world)
    erased("x:501", "3" * 32, world)
    world.s3.put_object(Bucket="bodies", Key=f"attachments/{room.case.id}/ses1/0", Body=b"a photo of the door")
    heard = room.comes(the_mail("hostile_attachments"))
    assert (heard.outcome, heard.reason) == ("ignored", "erased")
    assert "Contents" not in world.s3.list_objects_v2(Bucket="bodies")


def test_agents_and_branches_are_told_that_the_case_was_erased(world: World) -> None:
    customer = a_customer(world)
    erased(customer.key, "4" * 32, world)
    with pytest.raises(Refused, match="erased"):
        agents.note(customer.case_id, "maria", "rang", world.services)
    with pytest.raises(Refused, match="erased"):
        agents.let_robots_speak(customer.case_id, "maria", False, world.services, why="said so")
    with pytest.raises(Refused, match="erased"):
        branch.done(customer.case_id, "leeds", world.services, note="a new door")


def left_by_an_earlier_release(customer: Customer) -> None:
    """Words on an erased case, as a late mail, a native answer and an edit left them; a trail with words."""
    table, now, case_id = customer.world.services.table, customer.world.now, customer.case_id
    (post,) = [row for row in customer.world.records(case_id, "post#")][:1]
    table.commit(
        [
            Note(case_id=case_id, id="late", by="branch:leeds", at=now, text=f"{customer.mark}, 5 Elm Road"),
            OwnPost(case_id=case_id, key="facebook:1_2#own", text=f"Dear {customer.mark}", at=now),
            post.model_copy(update={"post": post.post.model_copy(update={"text": customer.mark})}),
            Audit(case_id=case_id, at=now, what="post_joined", by="robot", why=f"danger: “{customer.mark}”", id="a"),
            Audit(case_id=case_id, at=now, what="resolved", by="maria", why=f"rang {customer.mark}", id="b"),
        ],
        now,
    )


@pytest.mark.parametrize("by", ["reference", "author"])
def test_a_second_erasure_takes_what_an_earlier_release_left(by: str, world: World) -> None:
    customer = a_customer(world)
    erased(customer.key, "5" * 32, world)
    left_by_an_earlier_release(customer)
    assert len(places(world, customer.mark)) == 5
    (case,) = world.cases()
    who = case.ref if by == "reference" else customer.key
    person = named(who, world.services)
    assert person.cases == (customer.case_id,)
    assert customer.mark in json.dumps(export(person, world.services))
    erased(who, "6" * 32, world)
    assert anybody(world, customer) == []


def test_a_person_is_found_by_a_verified_contact_before_and_after_the_erasure(world: World) -> None:
    calls_in(world, "my oven is broken")
    (case,) = world.cases()
    assert named("phone:+44 1632 960961", world.services).cases == (case.id,)
    erased(f"phone:{PHONE}", "7" * 32, world)
    assert places(world, "Zz1zz") + places(world, PHONE) + places(world, "caller-1") == []
    assert named(f"phone:{PHONE}", world.services).cases == (case.id,)
    with pytest.raises(NotFound):
        named("phone:+441632960962", world.services)
    with pytest.raises(NotFound):
        named("phone:nonsense", world.services)


def test_a_contact_that_leads_to_somebody_elses_case_stays(world: World) -> None:
    calls_in(world, "my oven is broken")
    (first,) = world.cases()
    world.now = world.now.replace(month=12, day=20)
    world.tick()
    calls_in(world, "my fridge is broken", author="caller-2")
    second = next(case for case in world.cases() if case.id != first.id)
    erased("generic:contact-centre/caller-1", "8" * 32, world)
    assert world.services.table.get(keys.contact(Contact.of("phone", PHONE).key)).case_id == second.id
    assert second.id in named(f"phone:{PHONE}", world.services).cases


def test_the_contact_of_a_post_that_its_author_removed_is_forgotten(world: World) -> None:
    post = calls_in(world, "my oven is broken")
    _, deliveries = world.generic.delete(post.id, world.now)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.settle()
    erased("generic:contact-centre/caller-1", "9" * 32, world)
    assert world.services.table.get(keys.contact(Contact.of("phone", PHONE).key)) is None


def test_a_wish_for_silence_outlives_the_erasure_without_a_phone_number_in_a_key(world: World) -> None:
    ida = Person(id="DE.777", name="Ida", also="49151777001")
    for text in ("my oven is broken", "stop"):
        for each in world.whatsapp.post(ida, text, world.now, account=NUMBER)[1]:
            assert world.deliver(each) == 200
        world.pass_time(200)
    erased("whatsapp:DE.777", "a" * 32, world)
    assert places(world, "49151777001") + places(world, "DE.777") == []
    before = len(world.sent("whatsapp"))
    for each in world.whatsapp.post(ida, "my fridge is broken", world.now, account=NUMBER)[1]:
        assert world.deliver(each) == 200
    world.pass_time(300)
    assert len(world.sent("whatsapp")) == before


def test_who_was_reached_by_a_private_reply_is_forgotten_under_that_id_too(world: World) -> None:
    customer = Customer(world, 1)
    customer.comments("my oven is broken, ring me on 07700 900123")
    world.pass_time(240)
    (reply,) = [each for each in world.records(named(customer.key, world.services).cases[0], "reply#private-")]
    assert reply.reached and reply.reached != customer.key
    assert reply.reached in named(customer.key, world.services).authors
    erased(customer.key, "b" * 32, world)
    assert anybody(world, customer) + places(world, reply.reached.partition(":")[2]) == []


def test_an_export_and_an_erasure_know_of_the_same(world: World) -> None:
    customer = a_customer(world)
    customer.is_mailed_about()
    customer.is_answered_natively()
    calls_in(world, "my oven is broken")
    for who, number in ((customer.key, "c"), (f"phone:{PHONE}", "d")):
        before, bucket = rows(world), stored(world)
        told = export(named(who, world.services), world.services)
        exported = [text_of(each) for each in flat(told)]
        erased(who, number * 32, world)
        after = rows(world)
        touched = [record for key, record in before.items() if after.get(key) != record]
        for record in touched:
            if isinstance(record, AuthorCase):
                assert record.case_id in [each["case"]["id"] for each in told["cases"]]
            else:
                assert text_of(plain(record)) in exported, record
        taken = [text_of(plain(record)) for record in touched]
        stays = [
            text_of(plain(record)) for record in before.values() if type(record) in STAYS and blank(record) == record
        ]
        assert [each for each in exported if each not in taken and each not in stays] == []
        files = {key for case in told["cases"] for key in case.get("files", ())}
        assert bucket - stored(world) == files


def rows(world: World) -> dict[Any, Any]:
    records = map(from_item, world.dynamodb.scan(TableName="cases")["Items"])
    return {key_of(record): record for record in records if type(record) in KINDS.values()}


def stored(world: World) -> set[str]:
    return {each["Key"] for each in world.s3.list_objects_v2(Bucket="bodies").get("Contents", ())}


def plain(record: Any) -> Any:
    return record.model_dump(mode="json", exclude_defaults=True, exclude={"version"})


def text_of(told: Any) -> str:
    return json.dumps(told, sort_keys=True)


def flat(told: Any) -> Iterator[Any]:
    yield from told["identities"]
    for case in told["cases"]:
        for name, found in case.items():
            if name != "files":
                yield from [found] if name == "case" else found


# -- the mechanism ---------------------------------------------------------------------------------------------------


def test_words_are_written_together_with_their_case_or_lose_the_race(world: World) -> None:
    customer = a_customer(world)
    note = Note(case_id=customer.case_id, id="n", by="maria", at=world.now, text=customer.mark)
    late = Snapshot(world.services.table)
    assert late.get(Case, keys.case(customer.case_id)) is not None
    erased(customer.key, "f" * 32, world)
    with pytest.raises(LostRace):
        late.commit([note], world.now)
    late.forget()
    late.commit([note], world.now)
    assert [each.text for each in world.records(customer.case_id, "note#n")] == [""]


def test_every_row_of_a_case_says_what_stays_of_it_when_it_is_erased(world: World) -> None:
    customer = a_customer(world)
    customer.is_mailed_about()
    customer.is_answered_natively()
    kinds = {type(record) for record in world.records(customer.case_id)}
    assert kinds <= STAYS.keys()
    for kind, stays in STAYS.items():
        assert set(stays) <= set(kind.model_fields), kind


def test_a_commit_on_an_emptied_case_writes_blank_rows_only(world: World) -> None:
    customer = a_customer(world)
    before = world.records(customer.case_id)
    erased(customer.key, "e" * 32, world)
    (case,) = world.records(customer.case_id, "case")
    written = respected([case, *(record for record in before if record.version)], world.now)
    assert customer.mark not in json.dumps([each.model_dump(mode="json") for each in written])
    assert not any(getattr(each, "open", False) for each in written)


def test_every_case_that_the_first_release_stored_can_be_erased_to_the_last_word() -> None:
    with a_world_found(in_memory=True) as world:
        world.pass_time(3600, step=600)
        cases = world.cases()
        said = {row.post.text for case in cases for row in world.records(case.id, "post#") if row.post.text}
        assert len(said) > 5
        for number, case in enumerate(cases):
            erased(case.ref, f"{number:032d}", world)
        left = [row for case in cases for row in world.records(case.id)]
        assert [row for row in left if blank(row) != row] == []
        table = json.dumps(world.dynamodb.scan(TableName="cases")["Items"])
        assert [text for text in said if json.dumps(text)[1:-1] in table] == []


def test_the_trail_of_a_case_that_retention_removed_loses_its_words_too(world: World) -> None:
    customer = a_customer(world)
    agents.claim(customer.case_id, "maria", world.services)
    table, now = world.services.table, world.now
    table.commit([Audit(case_id=customer.case_id, at=now, what="noted", by="maria", why=customer.mark, id="w")], now)
    (case,) = world.records(customer.case_id, "case")
    left = RemovedCase(case_id=case.id, ended_at=now, removed_at=now, due_at=now.replace(year=now.year + 7))
    table.remove(key for key in table.keys_of_case(case.id) if key != keys.case(case.id) and "audit#" not in key.sk)
    table.replace(case, left, now)
    erased(case.ref, "0" * 32, world)
    assert not any(customer.case_id in place for place in places(world, customer.mark))
    assert any(isinstance(row, RemovedCase) for row in world.records(customer.case_id))
