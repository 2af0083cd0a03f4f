"""What a robot may say where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from firstline.channels import CHANNELS, adapter
from firstline.model.post import Author, Post

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_post(**fields: Any) -> Post:
    known = {"channel": "x", "account": "1", "post_id": "2", "author": Author(id="3"), "text": "?", "at": NOON}
    return Post(**{"thread_id": "2", **known, **fields})


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_clause_that_a_law_names_has_source_and_date(channel: str) -> None:
    clauses = adapter(channel).CLAUSES
    for fields in (
        {},
        {"visibility": "private"},
        {"kind": "standby"},
        {"kind": "mention"},
        {"addressed": False},
        {"kind": "group"},
    ):
        law = adapter(channel).law(a_post(channel=channel, **fields), "self_serve")
        assert law.clauses
        assert set(law.clauses) <= set(clauses)
        assert law.because is None or law.because in clauses
        assert law.automatic == (law.because is None)
    assert all(name == clause.name and clause.source and clause.date for name, clause in clauses.items())


def test_on_x_self_serve_only_those_are_answered_who_named_or_quoted_the_brand() -> None:
    law = adapter("x").law
    assert law(a_post(mentions=("1",)), "self_serve").automatic
    refused = law(a_post(), "self_serve")
    assert (refused.automatic, refused.because) == (False, "x_summoned")


def test_an_unknown_plan_is_taken_for_the_stricter_one() -> None:
    assert not adapter("x").law(a_post(), "gold").automatic


def test_on_x_enterprise_is_exempt_of_the_summons_but_not_of_the_rest() -> None:
    law = adapter("x").law
    assert law(a_post(), "enterprise").automatic
    assert law(a_post(addressed=False), "enterprise").because == "x_unaddressed"


def test_on_x_one_interaction_has_one_automated_reply_and_no_link() -> None:
    law = adapter("x").law(a_post(mentions=("1",)), "self_serve")
    assert law.once
    assert not law.links
    assert (law.max_length, law.measure("日本")) == (280, 4)


def test_a_person_who_wrote_a_message_on_x_is_answered_there_unless_it_is_encrypted() -> None:
    law = adapter("x").law
    written = law(a_post(visibility="private", kind="message"), "self_serve")
    assert (written.automatic, written.once, written.max_length) == (True, True, 10_000)
    assert law(a_post(visibility="private", kind="encrypted"), "self_serve").because == "x_encrypted"


def test_facebook_allows_one_private_reply_below_the_page_itself() -> None:
    law = adapter("facebook").law
    assert law(a_post(channel="facebook", kind="comment"), "").private_reply
    assert not law(a_post(channel="facebook", kind="mention"), "").private_reply
    assert law(a_post(channel="facebook", kind="mention"), "").automatic


def test_in_messenger_no_robot_speaks_after_24_hours_or_into_another_apps_conversation() -> None:
    law = adapter("messenger").law
    assert law(a_post(channel="messenger"), "").window_ends_after == 24 * 3600
    standby = law(a_post(channel="messenger", kind="standby"), "")
    assert (standby.automatic, standby.because) == (False, "thread_owner")


def test_on_whatsapp_no_robot_speaks_after_24_hours_or_into_a_group() -> None:
    law = adapter("whatsapp").law
    alone = law(a_post(channel="whatsapp", kind="message", visibility="private"), "")
    assert (alone.automatic, alone.window_ends_after, alone.max_length) == (True, 24 * 3600, 4096)
    group = a_post(channel="whatsapp", kind="group", visibility="private")
    assert (law(group, "").automatic, law(group, "").because) == (False, "whatsapp_group")
    assert adapter("whatsapp").endpoint(group) == "groups"


def test_instagram_allows_one_private_reply_below_the_accounts_own_media_only() -> None:
    law = adapter("instagram").law
    assert law(a_post(channel="instagram", kind="comment"), "").private_reply
    mention = law(a_post(channel="instagram", kind="mention"), "")
    assert (mention.automatic, mention.private_reply) == (True, False)
    assert adapter("instagram").endpoint(a_post(channel="instagram", kind="mention")) == "mentions"


def test_on_instagrams_live_video_no_robot_answers() -> None:
    live = adapter("instagram").law(a_post(channel="instagram", kind="live_comment"), "")
    assert (live.automatic, live.because, live.private_reply) == (False, "instagram_live", False)


def test_on_instagram_words_are_counted_in_bytes() -> None:
    law = adapter("instagram").law(a_post(channel="instagram", kind="comment"), "")
    assert (law.max_length, law.measure("ä日\U0001f525")) == (1000, 2 + 3 + 4)


def test_in_instagrams_messages_no_robot_speaks_after_24_hours_or_into_another_apps_conversation() -> None:
    law = adapter("instagram").law
    written = law(a_post(channel="instagram", visibility="private", kind="story_reply"), "")
    assert (written.automatic, written.window_ends_after) == (True, 24 * 3600)
    standby = law(a_post(channel="instagram", visibility="private", kind="standby"), "")
    assert (standby.automatic, standby.because) == (False, "instagram_thread_owner")


@pytest.mark.parametrize(
    ("channel", "visibility", "expected"),
    [
        *(("x", "public", "posts"), ("x", "private", "dms"), ("facebook", "public", "comments")),
        *(("messenger", "private", "messages"), ("whatsapp", "private", "messages")),
        *(("instagram", "public", "replies"), ("instagram", "private", "messages")),
    ],
)  # fmt: skip
def test_an_answer_uses_the_endpoint_of_its_post_and_that_has_a_limit(
    channel: str, visibility: str, expected: str
) -> None:
    found = adapter(channel).endpoint(a_post(channel=channel, visibility=visibility))
    assert found == expected
    assert adapter(channel).limits[found].calls > 0
