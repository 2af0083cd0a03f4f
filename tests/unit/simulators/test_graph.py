"""The Graph API as the brand's calls meet it."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from tests.unit.simulators.platforms import BEN, NOW, PAGE, a_graph, call, comment, message, on_page


def code(answered):
    told = answered.json()["error"]
    return told["code"], told.get("error_subcode")


def test_a_comment_is_taken_and_told_of_as_the_pages_own():
    graph = a_graph()
    post = on_page(graph)
    taken = comment(graph, post, "Sorry to hear that.")
    [echo] = graph.deliveries
    value = json.loads(echo.body)["entry"][0]["changes"][0]["value"]
    assert (value["comment_id"], value["parent_id"], value["from"]["id"]) == (taken.json()["id"], post.id, PAGE)
    listed = call(graph, "GET", f"/v25.0/{post.id}/comments", fields="from{id},message,created_time").json()["data"]
    assert [(each["from"]["id"], each["message"]) for each in listed] == [(PAGE, "Sorry to hear that.")]


def test_forms_and_tokens_in_the_query_are_taken_too():
    graph = a_graph()
    post = on_page(graph)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"message": "Sorry & hello", "access_token": "page-token"}).encode()
    assert graph.handle("POST", f"/v25.0/{post.id}/comments", headers, {}, body, NOW).status == 200
    assert graph.sent()[0].text == "Sorry & hello"
    assert graph.handle("GET", f"/v25.0/{post.id}", {}, {"access_token": "page-token"}, b"", NOW).status == 200


def test_the_same_comment_twice_below_one_post_is_a_duplicate():
    graph = a_graph()
    post = on_page(graph)
    comment(graph, post)
    assert code(comment(graph, post)) == (506, 1455006)
    assert comment(graph, on_page(graph)).status == 200


def test_what_was_removed_cannot_be_answered_or_read():
    graph = a_graph()
    post = on_page(graph)
    _, [told] = graph.delete(post.id, NOW)
    assert json.loads(told.body)["entry"][0]["changes"][0]["value"]["verb"] == "remove"
    assert code(comment(graph, post)) == (100, 33)
    assert code(call(graph, "GET", f"/v25.0/{post.id}")) == (100, 33)


@pytest.mark.parametrize("token", ["stale", "main-token"])
def test_a_token_that_is_not_the_pages_gets_190(token):
    graph = a_graph()
    assert code(comment(graph, on_page(graph), token=token)) == (190, 460)


def test_messenger_answers_within_a_day_and_people_within_seven():
    graph = a_graph()
    on_page(graph, private=True)
    assert message(graph, BEN.id, now=NOW + timedelta(hours=24)).status == 200
    late = NOW + timedelta(hours=25)
    assert code(message(graph, BEN.id, now=late)) == (10, 2018278)
    human = {"recipient": {"id": BEN.id}, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    content = {**human, "message": {"text": "Maria here."}}
    assert call(graph, "POST", f"/v25.0/{PAGE}/messages", content, now=late).status == 200
    assert code(message(graph, "999")) == (100, 2018001)


def test_our_metadata_comes_back_in_the_echo():
    graph = a_graph()
    on_page(graph, private=True)
    message(graph, BEN.id)
    echo = json.loads(graph.deliveries[-1].body)["entry"][0]["messaging"][0]
    assert (echo["sender"]["id"], echo["recipient"]["id"]) == (PAGE, BEN.id)
    assert (echo["message"]["is_echo"], echo["message"]["metadata"]) == (True, "r-1")


def test_a_comment_is_answered_privately_once_and_within_seven_days():
    graph = a_graph()
    first, second = on_page(graph), on_page(graph)

    def privately(post, **when):
        content = {"recipient": {"comment_id": post.id}, "message": {"text": "Let us talk here."}}
        return call(graph, "POST", f"/v25.0/{PAGE}/messages", content, **when)

    assert privately(first).json()["recipient_id"] == BEN.id
    assert code(privately(first))[0] == 10900
    assert code(privately(second, now=NOW + timedelta(days=8)))[0] == 10903
    # It does not open the window: only the person's own words do.
    assert code(message(graph, BEN.id))[0] == 100


def test_hiding_is_told():
    graph = a_graph()
    below = on_page(graph, parent_id=on_page(graph).id)
    assert call(graph, "POST", f"/v25.0/{below.id}", {"is_hidden": True}).json() == {"success": True}
    value = json.loads(graph.deliveries[-1].body)["entry"][0]["changes"][0]["value"]
    assert (value["verb"], value["item"]) == ("hide", "comment")


def test_usage_is_told_and_refuses_when_it_is_used_up():
    graph = a_graph(limits={"graph:calls": (4, 3600)})
    post = on_page(graph)
    answers = [comment(graph, post, f"Number {number}") for number in range(5)]
    assert [json.loads(each.headers["x-app-usage"])["call_count"] for each in answers] == [25, 50, 75, 100, 100]
    assert code(answers[4])[0] == 4


def test_a_person_can_be_looked_up_by_name():
    graph = a_graph()
    on_page(graph, private=True)
    assert call(graph, "GET", f"/v25.0/{BEN.id}", fields="name").json() == {"id": BEN.id, "name": "Ben Ortiz"}


def test_conversations_hold_the_messages_newest_first():
    graph = a_graph()
    on_page(graph, private=True)
    message(graph, BEN.id)
    [talk] = call(graph, "GET", f"/v25.0/{PAGE}/conversations", user_id=BEN.id).json()["data"]
    assert [each["message"] for each in talk["messages"]["data"]] == ["We are sorry.", "My oven is cold"]


def test_webhooks_escape_as_meta_does_and_sign_those_bytes():
    graph = a_graph()
    _, [told] = graph.post(BEN, "Gerät 1/2", NOW)
    assert b"Ger\\u00e4t 1\\/2" in told.body
    assert len(told.headers["X-Hub-Signature-256"]) == 71


def test_calls_without_a_version_go_nowhere():
    assert call(a_graph(), "GET", f"/{PAGE}").status == 400
