"""Each platform's law as data: complete, sourced, and obeyed by every decision (R25a)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstline.channels import CHANNELS, adapter
from firstline.channels.requirements import clauses, required
from firstline.decide import decide
from firstline.model.decision import Known
from firstline.model.post import Author, Post
from tests.builders import CARE, MAIN, PAGE, a_playbook

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PLAYBOOK = a_playbook()
each_channel = pytest.mark.parametrize("channel", CHANNELS)


def a_post(**fields: Any) -> Post:
    known = {"channel": "x", "account": CARE, "post_id": "2", "author": Author(id="3"), "text": "?", "at": NOON}
    return Post(**{"thread_id": "2", **known, **fields})


@each_channel
def test_every_clause_says_where_and_when_it_was_read(channel: str) -> None:
    for name, clause in adapter(channel).CLAUSES.items():
        assert name == clause.name and clause.says and clause.source
        assert datetime.strptime(clause.date, "%Y-%m")


@each_channel
def test_every_endpoint_has_terms_and_every_term_its_clauses(channel: str) -> None:
    platform = adapter(channel)
    assert platform.TERMS
    for endpoint, terms in platform.TERMS.items():
        assert endpoint == terms.endpoint and endpoint in platform.limits
        assert terms.clauses and set(terms.clauses) <= set(platform.CLAUSES)


@each_channel
@pytest.mark.parametrize("visibility", ["public", "private"])
def test_every_answer_goes_an_endpoint_that_has_terms(channel: str, visibility: str) -> None:
    platform = adapter(channel)
    assert platform.endpoint(a_post(channel=channel, visibility=visibility)) in platform.TERMS


@each_channel
def test_nothing_is_wanted_without_a_clause(channel: str) -> None:
    platform = adapter(channel)
    assert {each.clause for each in platform.REQUIREMENTS} <= set(platform.CLAUSES)


def test_the_accounts_of_a_playbook_tell_which_labels_and_links_must_be_in_place() -> None:
    found = {(each.account.id, each.requirement.name) for each in required(PLAYBOOK)}
    assert found >= {(CARE, "automated_label"), (MAIN, "automated_bio"), (CARE, "privacy_link")}
    assert (PAGE, "page_published") in found
    assert all(each.clause.source and each.clause.date for each in required(PLAYBOOK))


def test_links_are_dear_in_posts_on_x_only() -> None:
    terms = adapter("x").TERMS
    assert (terms["posts"].price, terms["posts"].price_with_link) == ("0.015", "0.20")
    assert terms["dms"].price == terms["dms"].price_with_link


@each_channel
@pytest.mark.parametrize("kind", ["post", "comment", "mention", "message", "standby", "encrypted", "postback"])
@pytest.mark.parametrize("visibility", ["public", "private"])
def test_every_post_can_be_opened_in_the_platforms_own_app(channel: str, kind: str, visibility: str) -> None:
    strange = Author(id="3/../?x=1&y=#")
    url = adapter(channel).app_url(a_post(channel=channel, kind=kind, visibility=visibility, author=strange))
    if channel == "generic":  # its posts name the address themselves
        assert url is None
        return
    assert url is not None and url.startswith("https://") and "?x=1&y=" not in url and " " not in url


def test_a_post_of_a_source_is_opened_where_the_source_says() -> None:
    where = "https://reviews.example/r-1"
    assert adapter("generic").app_url(a_post(channel="generic", url=where)) == where
    assert adapter("generic").app_url(a_post(channel="generic", url=where.replace("https", "http"))) is None


def test_a_talk_on_x_is_opened_by_both_parties_the_smaller_id_first() -> None:
    url = adapter("x").app_url(a_post(visibility="private", kind="message", account="20", author=Author(id="3")))
    assert url == "https://x.com/messages/3-20"


POSTS = st.builds(
    a_post,
    channel=st.sampled_from(CHANNELS),
    kind=st.sampled_from(("post", "comment", "mention", "message", "standby", "encrypted")),
    visibility=st.sampled_from(("public", "private")),
    mentions=st.sampled_from(((), (CARE,), (PAGE,))),
    addressed=st.booleans(),
    text=st.sampled_from(
        (
            "My oven is broken",
            "There is smoke coming out of my oven",
            "stop",
            "start",
            "No engineer came to repair it in Leeds",
            "ring me on 07911 123456",
            "I love it, thank you",
            "you idiots",
            "",
        )
    ),
)
FACTS = st.fixed_dictionaries(
    {
        "earlier_posts": st.integers(0, 3),
        "handoff": st.sampled_from(("none", "waiting", "mailed", "failed")),
        "opted_out": st.booleans(),
        "person_in_conversation": st.booleans(),
        "answered_together": st.booleans(),
        "last_message_at": st.sampled_from((NOON, NOON - timedelta(days=2))),
    }
)


@settings(max_examples=400, deadline=None)
@given(post=POSTS, plan=st.sampled_from(("self_serve", "enterprise", "gold")), facts=FACTS)
def test_a_robot_never_has_an_answer_where_the_law_forbids_one(post: Post, plan: str, facts: dict[str, Any]) -> None:
    law = adapter(post.channel).law(post, plan)
    decision = decide(post, Known(law=law, **facts), PLAYBOOK, NOON)
    if not law.automatic:
        assert decision.answer is None and decision.private_answer is None and decision.silence is not None
    if post.channel == "x":
        assert decision.private_answer is None  # no message that nobody asked for
    if law.window_ends_after is not None and facts["last_message_at"] < NOON - timedelta(seconds=law.window_ends_after):
        assert decision.answer is None
    if facts["opted_out"] and not decision.opts_in:
        assert decision.answer is None and decision.private_answer is None
    told = clauses(post.channel, decision.law)
    assert told and {each.name for each in told} == set(decision.law)


def test_a_private_reply_is_offered_for_seven_days() -> None:
    text = "ring me on 07911 123456"
    for age, offered in ((timedelta(days=6), True), (timedelta(days=8), False)):
        post = a_post(channel="facebook", account=PAGE, kind="comment", text=text, at=NOON - age)
        decision = decide(post, Known(law=adapter("facebook").law(post, "")), PLAYBOOK, NOON)
        assert (decision.private_answer is not None) == offered and decision.answer is not None


def test_automated_messages_on_x_link_to_the_privacy_policy_and_posts_do_not() -> None:
    for visibility, linked in (("private", True), ("public", False)):
        post = a_post(visibility=visibility, mentions=(CARE,), text="My oven is broken")
        answer = decide(post, Known(law=adapter("x").law(post, "self_serve")), PLAYBOOK, NOON).answer
        assert answer is not None and (PLAYBOOK.brand.privacy_url in answer) == linked


def test_a_machines_words_are_said_only_where_the_playbook_approves_them() -> None:
    for made_by, approvals, said in (
        ({}, {}, True),
        ({"en": "machine_translation"}, {}, False),
        ({"en": "machine_translation"}, {"machine_translation": True}, True),
        ({"en": "generated_text"}, {"machine_translation": True}, False),
        ({"en": "generated_text"}, {"generated_text": True}, True),
    ):
        answer = {"id": "e14", "when": {"en": ["e14"]}, "texts": {"en": "Clean the filter."}, "made_by": made_by}
        playbook = a_playbook(answers=[answer], approvals=approvals)
        post = a_post(mentions=(CARE,), text="My oven shows E14")
        decision = decide(post, Known(law=adapter("x").law(post, "self_serve")), playbook, NOON)
        assert (decision.answer == "Clean the filter.") == said and decision.answer is not None
