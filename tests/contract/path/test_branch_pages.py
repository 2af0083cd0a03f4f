"""The pages behind the links of a branch's mail: opening shows, posting acts, nothing else opens anything."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from html import unescape
from typing import Any, get_args
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstline.model.handoff import Action, Handoff
from firstline.model.reply import Reply
from firstline.operations import branch
from firstline.operations.branch_page import visit
from firstline.outward.links import Link
from tests.builders import a_playbook
from tests.contract.path.test_branches import handed, let_through, mailboxes, the_case, the_handoff
from tests.world import SITE, World, a_world

ACTIONS = get_args(Action)
BURSTS = {"page_rate_per_minute": 10_000}


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(a_playbook(handoff=BURSTS)) as world:
        yield world


def token(world: World, action: Action = "page", of: str = "leeds", days: float = 14) -> str:
    link = Link(case_id=the_case(world).id, branch=of, action=action, expires_at=world.now + timedelta(days=days))
    return world.services.links.token(link)


def ask(world: World, token: str, form: Mapping[str, str] | bytes | None = None, method: str = "") -> dict[str, Any]:
    """A request as the HTTP API hands it over: a form is base64."""
    body = form if isinstance(form, bytes) else urlencode(form or {}).encode()
    event = {
        "rawPath": f"/branch/{token}",
        "pathParameters": {"token": token},
        "requestContext": {"http": {"method": method or ("GET" if form is None else "POST"), "sourceIp": "192.0.2.7"}},
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "body": base64.b64encode(body).decode() if form is not None else None,
        "isBase64Encoded": form is not None,
    }
    answer: dict[str, Any] = visit(event, world.services)
    return answer


def words(answer: Mapping[str, Any]) -> str:
    """What a reader sees of a page."""
    body = re.sub(r"(?s)<style>.*?</style>|<datalist.*?</datalist>", "", answer["body"])
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?(bdi|strong)>", "", body))).split())


def table(world: World) -> str:
    """All that the table holds of cases, as text: links' budgets are no part of a case."""
    items = world.dynamodb.scan(TableName="cases")["Items"]
    return json.dumps(sorted(map(json.dumps, (each for each in items if each["entity"]["S"] != "budget"))))


def links_in_mail(world: World, number: int = 0) -> list[str]:
    """The tokens in a mail's text part."""
    from email import message_from_string
    from email.policy import default

    mail = message_from_string(world.mails()[number].raw_data, policy=default)
    part = mail.get_body(("plain",))
    assert part is not None
    return list(dict.fromkeys(re.findall(re.escape(SITE) + r"/branch/(\S+)", part.get_content())))


# -- opening ------------------------------------------------------------------------------------------------------


def test_the_mail_has_a_link_for_each_action_and_opening_them_all_changes_nothing(world: World) -> None:
    handed(world)
    tokens = links_in_mail(world)
    assert {world.services.links.read(each).action for each in tokens} == set(ACTIONS)
    before = table(world)
    for each in tokens:
        for method in ("GET", "HEAD", "GET"):
            assert ask(world, each, method=method)["statusCode"] == 200
    assert table(world) == before and world.work() == 0


def test_the_page_of_the_case_offers_every_action_and_a_link_for_one_that_one_first(world: World) -> None:
    handed(world)
    forms = re.findall(r'action="\./([^"]+)"', ask(world, token(world))["body"])
    assert {world.services.links.read(each).action for each in forms} == set(ACTIONS) - {"page"}
    for action in set(ACTIONS) - {"page"}:
        found = re.findall(r'action="\./([^"]+)"', ask(world, token(world, action))["body"])
        offered = [world.services.links.read(each).action for each in found]
        assert offered[0] == action and sorted(offered) == sorted(set(ACTIONS) - {"page"})


def test_forms_are_over_when_the_link_that_showed_them_is(world: World) -> None:
    handed(world)
    for form in re.findall(r'action="\./([^"]+)"', ask(world, token(world, "accept", days=1))["body"]):
        assert world.services.links.read(form).expires_at == world.now.replace(microsecond=0) + timedelta(days=1)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_page_has_strict_headers_and_loads_nothing(world: World, action: Action) -> None:
    handed(world)
    answer = ask(world, token(world, action))
    headers = answer["headers"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store" and headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff" and "noindex" in headers["x-robots-tag"]
    assert not re.search(r"<script|<img|<link|<iframe|src=|style=|\son\w+=", answer["body"])


def test_pages_are_in_the_branchs_language(world: World) -> None:
    given = handed(world)
    branch.not_ours(given.case_id, "leeds", world.services, belongs_to="berlin")
    world.pass_time(120)
    page = ask(world, token(world, "accept", of="berlin"))
    assert '<html lang="de" dir="ltr">' in page["body"] and "Ja, wir übernehmen" in words(page)


# -- posting ------------------------------------------------------------------------------------------------------


def test_accepting_is_one_click_and_clicking_again_shows_who_did_it(world: World) -> None:
    handed(world)
    link = token(world, "accept")
    assert "it is yours" in words(ask(world, link, {}))
    assert the_handoff(world).stage == "accepted"
    before = table(world)
    again = words(ask(world, link, {}))
    assert "That was done before" in again and "Taken on" in again and "Leeds" in again
    assert table(world) == before


def test_contacted_asks_how_and_keeps_the_note(world: World) -> None:
    handed(world)
    link = token(world, "contacted")
    refused = ask(world, link, {"note": "comes on Tuesday"})
    assert refused["statusCode"] == 422 and "comes on Tuesday" in refused["body"]
    assert the_handoff(world).stage == "waiting"
    ask(world, link, {"how": "phone", "note": "comes on Tuesday"})
    assert the_handoff(world).stage == "contacted"
    assert [note.text for note in world.records(the_case(world).id, "note#")] == ["comes on Tuesday"]


def test_done_is_done(world: World) -> None:
    handed(world)
    assert "recorded as done" in words(ask(world, token(world, "done"), {"note": "new door"}))
    assert the_handoff(world).stage == "done"


@pytest.mark.parametrize("name", ["Berlin", "berlin", " BERLIN "])
def test_what_is_not_ours_goes_where_the_branch_says(world: World, name: str) -> None:
    handed(world)
    page = ask(world, token(world, "not_ours"), {"note": "sold there", "belongs_to": name})
    assert "it goes to Berlin now" in words(page)
    world.pass_time(120)
    assert mailboxes(world) == ["leeds@acme.example", "berlin@acme.example"]


@pytest.mark.parametrize("name", ["", "I don’t know"])
def test_what_is_not_ours_and_nobody_knows_whose_goes_to_the_agents(world: World, name: str) -> None:
    handed(world)
    ask(world, token(world, "not_ours"), {"note": "no idea", "belongs_to": name})
    case = the_case(world)
    assert the_handoff(world).stage == "not_ours" and case.work_id is not None and "not theirs" in case.work_reason


@pytest.mark.parametrize("form", [{"note": "", "belongs_to": "Berlin"}, {"note": "x", "belongs_to": "Atlantis"}])
def test_not_ours_needs_a_reason_and_a_branch_that_there_is(world: World, form: dict[str, str]) -> None:
    handed(world)
    assert ask(world, token(world, "not_ours"), form)["statusCode"] == 422
    assert the_handoff(world).stage == "waiting"


def test_words_to_the_customer_go_out_once_however_often_the_button_is_pressed(world: World) -> None:
    handed(world)
    link = token(world, "write")
    page = ask(world, link)
    assert "in public on Facebook" in words(page) and "No engineer came" in words(page)
    (once,) = re.findall(r'name="once" value="([^"]+)"', page["body"])
    for _ in range(3):
        answer = ask(world, link, {"text": "We come on Tuesday at ten.", "once": once})
        assert answer["statusCode"] == 200
    let_through(world)
    world.pass_time(120)
    assert [each.text for each in world.sent("facebook")].count("We come on Tuesday at ten.") == 1
    assert "Written to the customer – sent" in words(ask(world, token(world)))


def test_other_words_after_going_back_are_another_message(world: World) -> None:
    handed(world)
    for text in ("We come on Tuesday.", "We come on Wednesday, sorry."):
        ask(world, token(world, "write"), {"text": text, "once": "0123456789abcdef"})
        world.now += timedelta(seconds=5)
    written = [each for each in world.records(the_case(world).id, "reply#branch-") if isinstance(each, Reply)]
    assert len(written) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ring Ben on 07700 900123", "Personal data (phone number) must not stand in public"),
        ("", "Please write something"),
        ("x" * 4001, "at most 4000 characters"),
    ],
)
def test_words_that_may_not_go_out_come_back_with_the_reason_and_as_typed(world: World, text: str, said: str) -> None:
    handed(world)
    answer = ask(world, token(world, "write"), {"text": text})
    assert answer["statusCode"] == 422 and said in words(answer)
    assert text[:3900] in unescape(answer["body"])
    assert not [each for each in world.records(the_case(world).id, "reply#branch-")]


def test_a_question_reaches_the_agents(world: World) -> None:
    handed(world)
    ask(world, token(world, "more_info"), {"text": "Which model is it?"})
    case = the_case(world)
    assert case.work_id is not None and "asks for more information" in case.work_reason


def test_out_of_office_reaches_the_region(world: World) -> None:
    handed(world)
    for _ in range(2):
        ask(world, token(world, "out_of_office"), {})
    world.pass_time(60)
    assert mailboxes(world) == ["leeds@acme.example", "region@acme.example"]


def test_a_stale_link_shows_how_it_stands_and_changes_nothing(world: World) -> None:
    given = handed(world)
    branch.not_ours(given.case_id, "leeds", world.services, note="no", belongs_to="berlin")
    before = table(world)
    for action in set(ACTIONS) - {"page", "not_ours"}:
        opened = ask(world, token(world, action))
        posted = ask(world, token(world, action), {"text": "hello", "how": "phone", "note": "hi"})
        for page in (opened, posted):
            assert page["statusCode"] == 200 and "It went on to Berlin" in words(page) and "<form" not in page["body"]
        assert "not possible any more" in words(posted)
    assert table(world) == before


def test_a_link_does_its_own_action_whatever_the_form_says(world: World) -> None:
    handed(world)
    ask(world, token(world, "accept"), {"action": "done", "text": "hello", "note": "x"})
    assert the_handoff(world).stage == "accepted"
    assert [each for each in world.records(the_case(world).id, "reply#branch-")] == []


def test_posting_to_the_page_of_the_case_only_shows_it(world: World) -> None:
    handed(world)
    before = table(world)
    assert ask(world, token(world), {"how": "phone", "text": "x"})["statusCode"] == 200
    assert table(world) == before


def test_what_the_customer_removed_is_not_shown_and_not_answered(world: World) -> None:
    given = handed(world)
    (post,) = [each for each in world.records(given.case_id, "post#")]
    world.services.table.commit([post.model_copy(update={"state": "deleted"})], world.now)
    for action in ("page", "write"):
        page = words(ask(world, token(world, action)))
        assert "No engineer" not in page and "has removed the post" in page
    assert ask(world, token(world, "write"), {"text": "We come on Tuesday."})["statusCode"] == 422


@pytest.fixture
def wired() -> Iterator[World]:
    """A world whose calls to the table can be seen and cut off."""
    with a_world(in_memory=False) as world:
        yield world


# -- what opens nothing -------------------------------------------------------------------------------------------


def test_a_forged_link_opens_nothing_costs_no_read_and_is_not_repeated(wired: World) -> None:
    world = wired
    handed(world)
    good = token(world, "accept")
    reads: list[str] = []
    world.dynamodb.meta.events.register("before-call", lambda model, **_: reads.append(model.name))
    for bad in (good[:-1], good[1:], good.replace(".", "..", 1), "A" * 5000, "<script>alert(1)</script>", ""):
        answer = ask(world, bad, {})
        assert answer["statusCode"] == 404 and (not bad or bad not in answer["body"])
    assert reads == [] and the_handoff(world).stage == "waiting"


def test_a_link_of_another_branch_or_case_does_nothing_to_this_one(world: World) -> None:
    handed(world)
    assert ask(world, token(world, "accept", of="berlin"), {})["statusCode"] == 404
    assert ask(world, token(world, "accept", of="atlantis"), {})["statusCode"] == 404
    assert the_handoff(world).stage == "waiting"


def test_an_expired_link_says_so_and_shows_nothing_of_the_customer(world: World) -> None:
    handed(world)
    link = token(world, "accept")
    world.now += timedelta(days=14)
    for form in (None, {}):
        answer = ask(world, link, form)
        assert answer["statusCode"] == 410
        assert the_case(world).ref in words(answer) and "engineer" not in answer["body"] and "Ben" not in answer["body"]
    assert the_handoff(world).stage == "waiting"


def test_after_two_rotations_of_the_keys_an_older_mails_links_are_over(world: World) -> None:
    handed(world)
    link = token(world, "accept")
    for keys, status in (({"current": "k2", "previous": "k1"}, 200), ({"current": "k3", "previous": "k2"}, 404)):
        world.secretsmanager.put_secret_value(SecretId=world.link_keys["ARN"], SecretString=json.dumps(keys))
        world.now += timedelta(minutes=2)
        assert ask(world, link)["statusCode"] == status


def test_a_link_that_is_used_too_often_waits_a_minute() -> None:
    with a_world(a_playbook(handoff={"page_rate_per_minute": 3})) as world:
        handed(world)
        statuses = [ask(world, token(world, "accept"))["statusCode"] for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        assert ask(world, token(world, "done"))["statusCode"] == 200
        world.now += timedelta(seconds=61)
        assert ask(world, token(world, "accept"))["statusCode"] == 200


def test_a_form_that_is_too_large_is_refused(world: World) -> None:
    handed(world)
    answer = ask(world, token(world, "write"), b"text=" + b"x" * 70_000)
    assert answer["statusCode"] == 413 and "xxx" not in answer["body"]


def test_4000_characters_of_any_script_fit(world: World) -> None:
    handed(world)
    ask(world, token(world, "more_info"), {"text": "😀" * 4000})
    (note,) = world.records(the_case(world).id, "note#")
    assert note.text == "😀" * 4000


def test_other_verbs_are_refused(world: World) -> None:
    handed(world)
    assert ask(world, token(world, "accept"), method="DELETE")["statusCode"] == 405


def test_without_the_keys_or_the_table_the_page_asks_to_try_again(wired: World) -> None:
    world = wired
    handed(world)
    link = token(world, "accept")

    def away(request: Any, **_: Any) -> None:
        from botocore.exceptions import EndpointConnectionError

        raise EndpointConnectionError(endpoint_url=request.url)

    world.dynamodb.meta.events.register_first("before-send", away)
    answer = ask(world, link, {})
    world.dynamodb.meta.events.unregister("before-send", away)
    assert answer["statusCode"] == 429 and answer["headers"]["retry-after"] == "60"
    assert the_handoff(world).stage == "waiting"


# -- hostile input ------------------------------------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}{% raw %}\u202e\u0000\r\nSet-Cookie: a=b"


def test_nothing_that_a_stranger_wrote_becomes_markup(world: World) -> None:
    handed(world, f"No engineer came to repair my oven in Leeds {HOSTILE}")
    pages = [ask(world, token(world, action)) for action in ACTIONS]
    for action in ("write", "contacted", "not_ours"):
        form = {"text": HOSTILE + " 07700 900123", "note": HOSTILE, "belongs_to": HOSTILE, "how": HOSTILE}
        pages.append(ask(world, token(world, action), form))
    ask(world, token(world, "more_info"), {"text": HOSTILE})
    pages.append(ask(world, token(world)))
    for page in pages:
        assert not re.search(r"<script|<img|\u202e|\x00", page["body"]) and "49" not in words(page).split()
        assert not any("\n" in value or "\r" in value for value in page["headers"].values())


ONE_WORLD = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture
def shared(world: World) -> World:
    """One world for all examples of a test: what an earlier one did is no reason to fail for a later one."""
    handed(world)
    return world


FIELDS = st.sampled_from(["text", "note", "how", "belongs_to", "once", "action", "x"])
FORMS = st.dictionaries(FIELDS, st.text(max_size=200) | st.sampled_from([HOSTILE, "phone", "Berlin"]))


@settings(max_examples=300, deadline=None, suppress_health_check=ONE_WORLD)
@given(st.sampled_from(ACTIONS), st.binary(max_size=300) | FORMS, st.integers(0, 200), st.booleans())
def test_whatever_is_posted_is_answered_and_never_with_a_5xx(
    shared: World, action: Action, form: bytes | dict[str, str], cut: int, forge: bool
) -> None:
    body = form if isinstance(form, bytes) else {k: v.encode("utf-8", "replace") for k, v in form.items()}
    link = token(shared, action)
    link = link[:cut] if forge and cut < len(link) else link
    answer = ask(shared, link, body)  # type: ignore[arg-type]
    assert answer["statusCode"] in (200, 404, 422)
    assert "<script>" not in answer["body"]


@settings(max_examples=200, deadline=None, suppress_health_check=ONE_WORLD)
@given(
    st.text(max_size=300),
    st.sampled_from(["GET", "POST", "HEAD", "PUT", ""]) | st.text(max_size=10),
    st.none() | st.text(max_size=100),
    st.booleans(),
)
def test_whatever_event_comes_is_answered_and_nothing_of_it_is_repeated(
    shared: World, path: str, method: str, body: str | None, encoded: bool
) -> None:
    event = {
        "pathParameters": {"token": path},
        "requestContext": {"http": {"method": method}},
        "body": body,
        "isBase64Encoded": encoded,
    }
    answer = visit(event, shared.services)
    assert answer["statusCode"] in (404, 405) and (len(path) < 20 or path not in answer["body"])


def test_no_line_of_the_log_holds_a_token_or_a_word_of_anybodys(world: World) -> None:
    handed(world)
    link = token(world, "write")
    ask(world, link, {"text": "We come on Tuesday at ten."})
    ask(world, link[:-3], {"text": "We come on Tuesday at ten."})
    told = json.dumps(world.log, default=str)
    assert link[:40] not in told and "Tuesday" not in told


def test_the_handoff_is_read_as_it_is_now(world: World) -> None:
    handed(world)
    assert "Nobody has taken it yet" in words(ask(world, token(world)))
    branch.accept(the_case(world).id, "leeds", world.services, who="maria")
    page = words(ask(world, token(world)))
    assert "Leeds has taken it" in page and "Customer care" in page and "maria" not in page
    assert isinstance(the_handoff(world), Handoff)


# -- no dead ends ------------------------------------------------------------------------------------------------


def test_who_has_taken_it_finds_every_next_step_on_the_same_page(world: World) -> None:
    handed(world)
    answer = ask(world, token(world, "accept"), {"who": "Ben"})
    seen = words(answer)
    assert "In charge there: Ben" in seen and the_handoff(world).taken_by == "Ben"
    for each in ("Write to the customer", "The customer was contacted", "It is done", "We agreed on a day"):
        assert each in seen
    links = re.findall(r'action="\./([^"]+)"', answer["body"])
    assert {world.services.links.read(each).action for each in links} >= {"write", "contacted", "done", "tried"}


def test_tried_and_agreed_are_said_on_the_page(world: World) -> None:
    handed(world)
    assert "Next try" in words(ask(world, token(world, "tried"), {}))
    assert ask(world, token(world, "agreed"), {"on": "tomorrow"})["statusCode"] == 422
    assert ask(world, token(world, "agreed"), {"on": "1999-01-01"})["statusCode"] == 422
    on = world.now.date() + timedelta(days=2)
    assert f"Agreed for: {on:%A} {on.day} {on:%B}" in words(ask(world, token(world, "agreed"), {"on": str(on)}))
    assert the_handoff(world).agreed_for == on


def test_an_expired_link_has_fresh_ones_mailed_to_the_branch_and_shows_nothing(world: World) -> None:
    handed(world)
    old = token(world, "accept", days=-1)
    shown = ask(world, old)
    assert shown["statusCode"] == 410 and "Mail fresh links" in words(shown) and "Ben Hill" not in shown["body"]
    for _ in range(3):
        assert ask(world, old, {"fresh": "1"})["statusCode"] == 200
    world.settle()
    assert mailboxes(world) == ["leeds@acme.example"] * 2 and the_handoff(world).stage == "waiting"
    branch.done(the_case(world).id, "leeds", world.services)
    world.pass_time(2 * 3600, step=3600)
    ask(world, old, {"fresh": "1"})
    world.settle()
    assert len(world.mails()) == 2
