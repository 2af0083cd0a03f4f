"""Refusals on demand."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from infra.local.simulators import PlatformAdapter
from tests.unit.simulators.platforms import (
    BEN,
    CARE,
    NOW,
    PAGE,
    a_graph,
    an_x,
    call,
    comment,
    message,
    on_page,
    on_x,
    reply,
)


@pytest.mark.parametrize(
    ("kind", "status", "says"),
    [
        ("rate_limit", 429, "Too Many Requests"),
        ("duplicate", 403, "duplicate content"),
        ("expired_token", 401, "Unauthorized"),
        ("deleted", 403, "deleted or not visible"),
        ("not_summoned", 403, "not been mentioned"),
        ("no_credits", 402, "credits"),
        ("server_error", 503, "Unavailable"),
    ],
)
def test_x_refuses_once_as_asked_and_takes_the_next_call(kind, status, says):
    x = an_x()
    x.faults.plan("x", kind, NOW)
    refused = reply(x, on_x(x))
    assert refused.status == status
    assert says in refused.json()["detail"]
    assert x.sent() == []
    assert reply(x, on_x(x)).status == 201


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("rate_limit", 4),
        ("duplicate", 506),
        ("expired_token", 190),
        ("window_closed", 10),
        ("deleted", 100),
        ("blocked", 551),
        ("policy", 368),
        ("server_error", 2),
    ],
)
def test_graph_refuses_once_as_asked_and_takes_the_next_call(kind, code):
    graph = a_graph()
    on_page(graph, private=True)
    graph.faults.plan("messenger", kind, NOW)
    assert message(graph, BEN.id).json()["error"]["code"] == code
    assert message(graph, BEN.id).status == 200


def test_a_used_up_window_says_when_it_opens():
    x = an_x()
    x.faults.plan("x", "rate_limit", NOW, seconds=60)
    post = on_x(x)
    for passed in (0, 59):
        refused = reply(x, post, now=NOW + timedelta(seconds=passed))
        assert refused.headers["x-rate-limit-reset"] == str(int(NOW.timestamp()) + 60)
    assert reply(x, post, now=NOW + timedelta(seconds=60)).status == 201


def test_an_unclear_call_takes_effect_and_the_caller_never_hears_of_it():
    x = an_x()
    x.faults.plan("x", "unclear", NOW)
    session = requests.Session()
    session.mount("https://api.x.com", PlatformAdapter(x, lambda: NOW))
    content = {"text": "Sorry!", "reply": {"in_reply_to_tweet_id": on_x(x).id}}
    with pytest.raises(requests.ConnectionError):
        session.post(
            "https://api.x.com/2/tweets", json=content, headers={"Authorization": "Bearer care-token"}, timeout=1
        )
    assert [each.text for each in x.sent()] == ["Sorry!"]


def test_a_call_that_is_cut_has_no_effect():
    graph = a_graph()
    graph.faults.plan("facebook", "cut", NOW)
    assert comment(graph, on_page(graph)).cut
    assert graph.sent() == []


def test_delayed_visibility_hides_a_post_from_reads_and_holds_its_webhook_back():
    x = an_x()
    x.faults.plan("x", "delayed_visibility", NOW, seconds=90)
    assert reply(x, on_x(x)).status == 201

    def listed(passed):
        return call(x, "GET", f"/2/users/{CARE}/tweets", now=NOW + timedelta(seconds=passed)).json()["meta"]

    assert [listed(passed)["result_count"] for passed in (0, 89, 90)] == [0, 0, 1]
    assert x.deliveries[0].not_before == NOW + timedelta(seconds=90)


def test_effects_come_together_and_refusals_come_first():
    x = an_x()
    x.faults.plan("x", "unclear", NOW)
    x.faults.plan("x", "no_echo", NOW)
    x.faults.plan("x", "server_error", NOW)
    post = on_x(x)
    assert reply(x, post).status == 503
    assert reply(x, post).cut
    assert (len(x.sent()), x.deliveries) == (1, [])


def test_a_match_chooses_the_call_by_its_words_its_post_or_the_posts_author():
    x = an_x()
    oven, fridge = on_x(x, "@AcmeCare oven"), on_x(x, "@AcmeCare fridge")
    for match in ("FRIDGE", fridge.id, "other words"):
        x.faults.plan("x", "server_error", NOW, match=match)
    assert reply(x, oven, "first").status == 201
    assert [reply(x, fridge, "second").status, reply(x, fridge, "third").status] == [503, 503]
    assert [reply(x, oven, "quite other words").status, reply(x, fridge, "fourth").status] == [503, 201]


def test_faults_of_sending_leave_reading_alone_unless_asked():
    graph = a_graph()
    post = on_page(graph)
    graph.faults.plan("facebook", "server_error", NOW)
    assert call(graph, "GET", f"/v25.0/{post.id}").status == 200
    graph.faults.plan("facebook", "expired_token", NOW)
    assert call(graph, "GET", f"/v25.0/{post.id}").json()["error"]["code"] == 190


def test_a_private_reply_is_a_call_on_facebook():
    graph = a_graph()
    graph.faults.plan("facebook", "policy", NOW)
    content = {"recipient": {"comment_id": on_page(graph).id}, "message": {"text": "Hello"}}
    assert call(graph, "POST", f"/v25.0/{PAGE}/messages", content).json()["error"]["code"] == 368
