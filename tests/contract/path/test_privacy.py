"""A person's data over all channels: exported whole, erased whole, with a trail that says so and nothing else (R65)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from firstline.model.errors import NotFound
from firstline.model.records import Erasure
from firstline.operations.agents import claim, note
from firstline.operations.erase import ask, erase
from firstline.operations.person import export, named
from firstline.operations.privacy import visit
from infra.local.simulators.store import Person
from tests.builders import CARE, PAGE
from tests.world import World, a_world

ANNA = Person(id="501", name="Anna Rossetti", handle="annarossetti")
BEN = Person(id="777000001", name="Ben Hillfort")


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def tweets(world: World, text: str, author: Person = ANNA) -> Any:
    post, deliveries = world.x.post(author, text, world.now, account=CARE)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.settle()
    return post


def comments(world: World, text: str, author: Person = BEN) -> Any:
    post, deliveries = world.graph.post(author, text, world.now, account=PAGE)
    for each in deliveries:
        assert world.deliver(each) == 200
    world.settle()
    return post


def everything(world: World) -> str:
    """All items of the table, as one text."""
    return json.dumps(world.dynamodb.scan(TableName="cases")["Items"])


def signed(user_id: Any, secret: str = "meta-signing") -> str:
    content = base64.urlsafe_b64encode(
        json.dumps({"user_id": user_id, "algorithm": "HMAC-SHA256", "issued_at": 1795428900}).encode()
    ).rstrip(b"=")
    proof = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(proof).rstrip(b"=").decode() + "." + content.decode()


def callback(world: World, request: str, method: str = "POST", **parameters: str) -> dict[str, Any]:
    event = {
        "requestContext": {"http": {"method": method}},
        "headers": {"Accept-Language": "de-CH,de;q=0.9,en;q=0.8"},
        "pathParameters": parameters,
        "body": urlencode({"signed_request": request}),
        "isBase64Encoded": False,
    }
    return visit(event, world.services)


def test_an_export_holds_what_was_said_on_every_case_of_the_person(world: World) -> None:
    tweets(world, "@AcmeCare my oven is broken")
    world.pass_time(120)
    tweets(world, "@AcmeCare and nobody came")
    world.pass_time(120)
    (case,) = world.cases()
    told = export(named(case.ref, world.services), world.services)
    assert [each["key"] for each in told["identities"]] == ["x:501"]
    (exported,) = told["cases"]
    assert [each["post"]["text"] for each in exported["StoredPost"]] == [
        "@AcmeCare my oven is broken",
        "@AcmeCare and nobody came",
    ]
    assert len(exported["Reply"]) == 2 and exported["Audit"]
    json.dumps(told)


def test_whoever_is_not_known_is_said_to_be_unknown(world: World) -> None:
    with pytest.raises(NotFound):
        named("x:nobody", world.services)
    with pytest.raises(NotFound):
        named("FL-2345-6789", world.services)


def test_an_erased_person_is_named_nowhere_and_the_trail_says_that_it_happened(world: World) -> None:
    tweets(world, "@AcmeCare my oven in Birchwood Lane is broken")
    comments(world, "Mine, too")
    world.pass_time(300)
    (case,) = (case for case in world.cases() if case.channel == "x")
    claim(case.id, "maria", world.services)
    note(case.id, "maria", "Anna Rossetti sounds upset", world.services)
    trail = [each.what for each in world.records(case.id, "audit#")]
    wish = ask("c" * 32, "person:lea", named(case.ref, world.services).authors, world.services)
    done = erase(wish.code, world.services)
    assert done is not None and done.state == "done" and done.cases == 1 and not done.subjects
    left = everything(world)
    for secret in ("Birchwood", "Rossetti", "x:501", '"501"'):
        assert secret not in left
    assert "Ben Hillfort" in left
    lines = world.records(case.id, "audit#")
    assert sorted(each.what for each in lines) == sorted([*trail, "erased"])
    assert next(each.by for each in lines if each.what == "erased") == "person:lea"


def test_a_redelivered_post_of_an_erased_person_stays_away(world: World) -> None:
    post, deliveries = world.x.post(ANNA, "@AcmeCare my oven is broken", world.now, account=CARE)
    for each in deliveries:
        world.deliver(each)
    world.pass_time(120)
    wish = ask("d" * 32, "person:lea", ("x:501",), world.services)
    erase(wish.code, world.services)
    for each in deliveries:
        world.deliver(each)
    world.pass_time(300)
    assert [case.disposition for case in world.cases()] == ["erased"]
    assert len(world.sent("x")) == 1 and post.text not in everything(world)


def test_what_has_not_gone_out_to_an_erased_person_never_does(world: World) -> None:
    tweets(world, "@AcmeCare my oven is broken")
    erase(ask("e" * 32, "person:lea", ("x:501",), world.services).code, world.services)
    world.pass_time(3 * 3600, step=300)
    assert world.sent("x") == []
    assert not any(case.work_id for case in world.cases())


def test_who_wrote_again_after_the_erasure_is_a_new_customer(world: World) -> None:
    tweets(world, "@AcmeCare my oven is broken")
    world.pass_time(120)
    erase(ask("f" * 32, "person:lea", ("x:501",), world.services).code, world.services)
    tweets(world, "@AcmeCare the fridge is broken now")
    world.pass_time(120)
    assert sorted(case.posts for case in world.cases() if not case.done) == [1]
    assert len(world.sent("x")) == 2


def test_the_wish_of_who_opted_out_outlives_the_erasure(world: World) -> None:
    tweets(world, "@AcmeCare stop")
    world.pass_time(120)
    erase(ask("a" * 32, "person:lea", ("x:501",), world.services).code, world.services)
    before = len(world.sent("x"))
    tweets(world, "@AcmeCare my oven is broken")
    world.pass_time(300)
    assert len(world.sent("x")) == before
    assert "Rossetti" not in json.dumps(
        [each.model_dump(mode="json") for each in world.services.table.of_author("x:501")]
    )


def test_metas_callback_is_answered_with_a_code_and_fulfilled_by_the_diary(world: World) -> None:
    comments(world, "My oven in Birchwood Lane is broken")
    world.pass_time(180)
    answer = callback(world, signed("777000001"))
    assert answer["statusCode"] == 200
    told = json.loads(answer["body"])
    code = told["confirmation_code"]
    assert told["url"].endswith(f"/privacy/status/{code}")
    assert "wird gerade" in callback(world, "", "GET", code=code)["body"].lower()
    world.pass_time(60)
    page = callback(world, "", "GET", code=code)
    assert page["statusCode"] == 200 and "Ihre Daten sind gelöscht" in page["body"]
    left = everything(world)
    assert "Birchwood" not in left and "Hillfort" not in left and "777000001" not in left


def test_metas_second_call_gets_the_same_code(world: World) -> None:
    first, second = (json.loads(callback(world, signed("777000001"))["body"]) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "request_",
    ["", ".", "a.b", signed("1", "other-secret"), signed("1")[:-2] + "AA", signed("1") + "=", "ä.ö", "." + signed("1")],
)
def test_a_forged_callback_is_refused_and_nothing_is_recorded(world: World, request_: str) -> None:
    before = everything(world)
    assert callback(world, request_)["statusCode"] == 401
    assert everything(world) == before


@pytest.mark.parametrize("user_id", [None, "", "a:b", "x#y", "1" * 101, ["1"], True])
def test_a_signed_callback_that_names_nobody_is_refused(world: World, user_id: Any) -> None:
    assert callback(world, signed(user_id))["statusCode"] == 400


@pytest.mark.parametrize("code", ["", "0" * 32, "../../x", "a" * 500])
def test_the_status_of_no_wish_is_a_page_that_says_so(world: World, code: str) -> None:
    page = callback(world, "", "GET", code=code)
    assert page["statusCode"] == 404 and "gibt es nicht" in page["body"]


def test_an_erasure_waits_for_an_answer_that_is_on_its_way(world: World) -> None:
    tweets(world, "@AcmeCare my oven is broken")
    world.pass_time(55, step=55)
    reply = next(each for each in world.records(world.cases()[0].id, "reply#"))
    world.services.table.commit([reply.taken("On its way", world.now, world.services.settling)], world.now)
    wish = erase(ask("b" * 32, "person:lea", ("x:501",), world.services).code, world.services)
    assert wish is not None and wish.state == "waiting" and wish.due_at is not None and wish.due_at > world.now
    world.pass_time(3600)
    again = erase(wish.code, world.services)
    assert again is not None and again.state == "done"
    assert "On its way" not in everything(world)


def test_a_post_that_x_does_not_know_any_more_loses_its_text_and_needs_nobody(world: World) -> None:
    post = tweets(world, "@AcmeCare my oven in Birchwood Lane is broken")
    world.x.delete(post.id, world.now)  # X pushes no such event for what customers delete
    world.out.clear()
    world.pass_time(300)
    assert world.sent("x") == [] and "Birchwood" not in everything(world)
    (case,) = world.cases()
    assert case.disposition == "deleted_by_customer" and case.work_id is None
    assert "post_deleted" in [each.what for each in world.records(case.id, "audit#")]


def test_a_case_of_more_records_than_a_transaction_holds_is_erased_whole(world: World) -> None:
    tweets(world, "@AcmeCare my oven in Birchwood Lane is broken")
    (case,) = world.cases()
    (post,), (reply,) = world.records(case.id, "post#"), world.records(case.id, "reply#")
    for number in range(120):
        told = post.post.model_copy(update={"post_id": f"9{number:04d}", "thread_id": f"t{number}"})
        more = post.model_copy(update={"post": told, "reply_id": None, "version": 0})
        said = reply.model_copy(update={"id": f"ack-{number}", "version": 0})
        world.services.table.commit([more, said], world.now)
    done = erase(ask("9" * 32, "person:lea", ("x:501",), world.services).code, world.services)
    assert done is not None and done.state == "done"
    left = everything(world)
    assert "Birchwood" not in left and "Rossetti" not in left
    assert {each.state for each in world.records(case.id, "reply#")} == {"cancelled"}


def test_no_log_line_holds_the_code_that_opens_the_page_of_an_erasure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where the wish is recorded nor where the diary loses a race for it."""
    comments(world, "my oven is broken")
    code = json.loads(callback(world, signed(BEN.id))["body"])["confirmation_code"]
    commit = world.services.table.commit

    def loses(records: Any, now: Any, *more: Any, **named: Any) -> None:
        if any(isinstance(each, Erasure) for each in records):
            record = next(each for each in records if isinstance(each, Erasure))
            commit([record.model_copy(update={"version": record.version + 7})], now)  # another version is stored

        commit(records, now, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(world.services.table, "commit", loses)
        world.pass_time(600)
    assert any(line.get("entity") == "erasure" for line in world.log)  # it did lose
    world.pass_time(600)
    assert callback(world, "", "GET", code=code)["statusCode"] == 200
    lines = json.dumps(world.log)
    assert code[:6] not in lines and BEN.id not in lines
