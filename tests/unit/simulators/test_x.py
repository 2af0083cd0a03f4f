"""X as the brand's calls meet it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.unit.simulators.platforms import ANA, CARE, MAIN, NOW, an_x, call, on_x, reply


def test_a_reply_is_taken_and_told_of_as_the_brands_own_post():
    x = an_x()
    post = on_x(x)
    answered = reply(x, post, "Sorry to hear that. Which oven is it?")
    assert answered.status == 201
    [echo] = x.deliveries
    event = json.loads(echo.body)["data"]
    assert (event["event_type"], event["filter"]["user_id"]) == ("post.create", CARE)
    assert event["payload"]["in_reply_to_tweet_id"] == post.id
    assert event["payload"]["text"] == "@ana_ruiz Sorry to hear that. Which oven is it?"
    assert [each.text for each in x.sent()] == ["Sorry to hear that. Which oven is it?"]


def test_the_same_words_are_refused_even_to_somebody_else_until_a_day_has_passed():
    x = an_x()
    assert reply(x, on_x(x), "Sorry!").status == 201
    again = on_x(x, "@AcmeCare mine too")
    refused = reply(x, again, "sorry!")
    assert (refused.status, refused.json()["detail"]) == (
        403,
        "You are not allowed to create a Tweet with duplicate content.",
    )
    assert reply(x, again, "Sorry!", now=NOW + timedelta(hours=25)).status == 201


def test_on_self_serve_only_who_names_or_quotes_the_account_may_be_answered():
    x = an_x()
    named_other = on_x(x, "@AcmeHome my oven is cold")
    brand_post = x.post(x.brand(x.settings.account("x", CARE)), "New ovens!", NOW, account=CARE, native=True)[0]
    quoting = on_x(x, "what about mine?", quoted_id=brand_post.id)
    implicit = on_x(x, "mine is cold", parent_id=brand_post.id)
    assert [reply(x, each, f"Hello {each.id}").status for each in (named_other, quoting, implicit)] == [403, 201, 403]
    enterprise = an_x(self_serve=False)
    assert reply(enterprise, on_x(enterprise, "my acme oven is cold")).status == 201


def test_a_deleted_parent_is_refused():
    x = an_x()
    post = on_x(x)
    x.delete(post.id, NOW)
    assert reply(x, post).json()["detail"] == "You attempted to reply to a Tweet that is deleted or not visible to you."
    assert reply(x, "123").status == 403


def test_a_post_that_came_in_past_the_simulator_is_answered_where_strangers_are_let_in():
    x = an_x(strangers=True)
    assert reply(x, "1990000000000000123", "Sorry!").status == 201
    assert [each.parent_id for each in x.sent()] == ["1990000000000000123"]
    x.delete("1990000000000000123", NOW)
    assert reply(x, "1990000000000000123", "Still sorry").status == 403


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("a" * 280, 201),
        ("a" * 281, 400),
        ("字" * 141, 400),
        ("👩‍👩‍👧‍👦" * 140, 201),
        ("https://example.com/" + "a" * 300, 201),
    ],
)
def test_length_is_weighed_as_x_weighs_it(text, status):
    x = an_x()
    assert reply(x, on_x(x), text).status == status


def test_the_window_is_used_up_and_opens_again():
    x = an_x(limits={"x:post": (2, 900)})
    post = on_x(x)
    answers = [reply(x, post, f"Number {number}") for number in range(3)]
    assert [each.status for each in answers] == [201, 201, 429]
    assert answers[2].headers["x-rate-limit-remaining"] == "0"
    reset = NOW + timedelta(seconds=900)
    assert answers[2].headers["x-rate-limit-reset"] == str(int(reset.timestamp()))
    assert reply(x, post, "Number 4", now=reset).status == 201


def test_an_unknown_token_gets_401_and_a_renewed_one_is_taken():
    x = an_x()
    assert reply(x, on_x(x), token="stale").status == 401
    assert reply(x, on_x(x), token="care-token").status == 201


def test_direct_messages_reach_only_those_who_wrote_one():
    x = an_x()
    path = f"/2/dm_conversations/with/{ANA.id}/messages"
    assert call(x, "POST", path, {"text": "Hello"}).status == 403
    on_x(x, "My order number is 12", private=True, account=CARE)
    taken = call(x, "POST", path, {"text": "Hello"})
    assert taken.status == 201
    echo = json.loads(x.deliveries[-1].body)["data"]
    created = echo["payload"]["direct_message_events"][0]["message_create"]
    assert (echo["event_type"], created["sender_id"], created["source_app_id"]) == ("dm.sent", CARE, "28000001")
    listed = call(x, "GET", path.replace("messages", "dm_events"), **{"dm_event.fields": "sender_id,created_at"}).json()
    assert [(each["text"], each["sender_id"]) for each in listed["data"]] == [
        ("Hello", CARE),
        ("My order number is 12", ANA.id),
    ]


def test_reads_give_only_the_fields_that_were_asked_for():
    x = an_x()
    post = on_x(x)
    assert set(call(x, "GET", f"/2/tweets/{post.id}").json()["data"]) == {"id", "text", "edit_history_tweet_ids"}
    asked = call(x, "GET", f"/2/tweets/{post.id}", expansions="author_id", **{"tweet.fields": "author_id"}).json()
    assert asked["data"]["author_id"] == ANA.id
    assert asked["includes"]["users"] == [{"id": ANA.id, "username": "ana_ruiz", "name": "Ana Ruiz"}]


def test_what_is_gone_is_an_error_in_a_good_answer():
    found = call(an_x(), "GET", "/2/tweets/77")
    assert found.status == 200
    assert found.json()["errors"][0]["type"].endswith("/resource-not-found")


def test_own_posts_are_listed_newest_first_page_by_page():
    x = an_x()
    post = on_x(x)
    for number in range(7):
        reply(x, post, f"Number {number}", now=NOW + timedelta(seconds=number))
    first = call(x, "GET", f"/2/users/{CARE}/tweets", max_results="5").json()
    rest = call(
        x, "GET", f"/2/users/{CARE}/tweets", max_results="5", pagination_token=first["meta"]["next_token"]
    ).json()
    texts = [each["text"].removeprefix("@ana_ruiz ") for each in [*first["data"], *rest["data"]]]
    assert texts == [f"Number {number}" for number in range(6, -1, -1)]


def test_a_query_that_makes_no_sense_is_refused():
    assert call(an_x(), "GET", f"/2/users/{CARE}/tweets", max_results="many").status == 400


def test_only_replies_below_own_posts_can_be_hidden():
    x = an_x()
    own = x.post(x.brand(x.settings.account("x", CARE)), "New ovens!", NOW, account=CARE, native=True)[0]
    below, elsewhere = on_x(x, "@AcmeCare bad", parent_id=own.id), on_x(x)
    hide = [call(x, "PUT", f"/2/tweets/{each.id}/hidden", {"hidden": True}) for each in (below, elsewhere)]
    assert [each.status for each in hide] == [200, 403]


def test_a_post_that_names_both_accounts_is_told_to_both():
    x = an_x()
    _, told = x.post(ANA, "@AcmeHome @AcmeCare cold", NOW)
    assert [json.loads(each.body)["data"]["filter"]["user_id"] for each in told] == [MAIN, CARE]


def test_a_reply_that_names_the_account_is_told_as_mention_and_as_reply():
    x = an_x()
    own = x.post(x.brand(x.settings.account("x", CARE)), "New ovens!", NOW, account=CARE, native=True)[0]
    _, told = x.post(ANA, "@AcmeCare mine is cold", NOW, parent_id=own.id)
    events = [json.loads(each.body)["data"] for each in told]
    assert [each["event_type"] for each in events] == ["post.mention.create", "post.reply.create"]
    assert len({each["event_uuid"] for each in events}) == 2
    assert len({each["payload"]["id"] for each in events}) == 1


def test_nobody_is_told_of_a_post_that_names_nobody_unless_a_stream_listens():
    x = an_x()
    assert x.post(ANA, "my acme oven is cold", NOW)[1] == []
    [streamed] = x.post(ANA, "my acme oven is cold", NOW, shape="stream")[1]
    assert set(json.loads(streamed.body)) == {"data", "includes", "matching_rules"}


def test_account_activity_cuts_long_posts_and_escapes_them():
    x = an_x()
    text = "@AcmeCare tea & toast < 5 minutes? " + "no way " * 30
    [told] = x.post(ANA, text, NOW, shape="aaa")[1]
    tweet = json.loads(told.body)["tweet_create_events"][0]
    assert tweet["truncated"] is True
    assert tweet["extended_tweet"]["full_text"].startswith("@AcmeCare tea &amp; toast &lt; 5 minutes?")
    assert tweet["id"] == int(float(tweet["id_str"]))  # as JavaScript rounds it: only id_str can be trusted


def test_an_edit_is_a_new_post_that_names_its_older_versions():
    x = an_x()
    post = on_x(x)
    fresh, [told] = x.edit(post.id, "@AcmeCare my oven is cold and dark", NOW)
    assert json.loads(told.body)["data"]["payload"]["edit_history_tweet_ids"] == [post.id, fresh.id]


def test_a_customers_deletion_is_not_told():
    x = an_x()
    assert x.delete(on_x(x).id, NOW)[1] == []
