"""Connecting a platform against its simulator: from an empty secret to a webhook, a subscription and a test post."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click
import pytest

from firstline.model.base import stamp
from infra.ops import connect
from infra.ops.connect import connected, connection
from infra.ops.connect.setup import Person
from tests.builders import CARE, GRAM, MAIN, PAGE
from tests.contract.path.test_main_job import posts
from tests.world import SITE, World, a_world

from .setups import ACCOUNT, ANSWERS, APP, a_setup, a_web, nothing_connected, stored

each_channel = pytest.mark.parametrize("channel", connect.CONNECTIONS)
each_platform = pytest.mark.parametrize("channel", [each for each in connect.CONNECTIONS if each != "generic"])


@pytest.fixture
def world() -> Iterator[World]:
    with a_world(shards=1) as world:
        nothing_connected(world)
        yield world


def states(world: World, channel: str, **more: Any) -> dict[str, str]:
    return {each.check: each.state for each in connection(channel).check(a_setup(world, channel, **more))}


@each_channel
def test_a_channel_is_connected_from_nothing_and_again_changes_nothing(world: World, channel: str) -> None:
    assert connected(a_setup(world, channel), test_post=True)
    assert set(states(world, channel).values()) == {"ok"}
    before = (stored(world), dict(world.x.management.webhooks), dict(world.graph.management.webhooks))
    assert connected(a_setup(world, channel))
    assert (stored(world), dict(world.x.management.webhooks), dict(world.graph.management.webhooks)) == before
    assert world.sent() == [] or all(each.deleted for each in world.sent())


@each_platform
def test_what_else_is_in_the_secret_stays(world: World, channel: str) -> None:
    world.services.secrets.merge("other", lambda part: {"signing": ["s"]})
    world.services.secrets.merge(channel, lambda part: {"accounts": {"9": {"token": "t"}}, "own": "kept"})
    connected(a_setup(world, channel))
    found = stored(world)
    assert found["other"] == {"signing": ["s"]} and found["placeholder"] == "x"
    assert found[channel]["own"] == "kept" and set(found[channel]["accounts"]) == {"9", ACCOUNT[channel]}


@each_channel
def test_the_door_that_nobody_reaches_is_named_before_the_platform_is_asked(
    world: World, channel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not connected(a_setup(world, channel, web=a_web(world, closed=True)))
    assert "does not answer the handshake" in capsys.readouterr().out
    assert world.x.management.webhooks == {} and world.graph.management.webhooks == {}


@each_platform
def test_an_answer_that_is_missing_is_named(world: World, channel: str) -> None:
    for name in ANSWERS[channel]:
        answers = {key: value for key, value in ANSWERS[channel].items() if key != name}
        with pytest.raises(click.ClickException, match=f"^{name} is missing"):
            connection(channel).gather(a_setup(world, channel, answers))


@each_platform
@pytest.mark.parametrize("name", ["token", "secret"])
def test_a_wrong_answer_is_refused_before_anything_is_stored(world: World, channel: str, name: str) -> None:
    name = name if name == "token" else ("consumer_secret" if channel == "x" else "app_secret")
    with pytest.raises(click.ClickException):
        connected(a_setup(world, channel, {**ANSWERS[channel], name: "wrong"}))
    assert stored(world) == {"placeholder": "x"}


@each_platform
def test_tokens_of_another_account_are_not_taken_for_the_one_that_was_named(world: World, channel: str) -> None:
    with pytest.raises(click.ClickException, match="not 77's|does not take"):
        connected(a_setup(world, channel, wanted="77"))


def test_posts_are_answered_once_x_is_connected(world: World) -> None:
    assert connected(a_setup(world, "x"))
    posts(world, "@AcmeCare my oven is broken")
    world.pass_time(200)
    assert len(world.sent("x")) == 1


def test_what_is_missing_is_said_account_by_account(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert connected(a_setup(world, "x"))
    answers = {**ANSWERS["x"], "token": f"t-{MAIN}"}
    assert connected(a_setup(world, "x", answers, wanted=None))
    assert set(stored(world)["x"]["accounts"]) == {MAIN, CARE}
    assert "tokens of @AcmeHome" in capsys.readouterr().out


# -- X -----------------------------------------------------------------------------------------------------------


def test_a_webhook_of_somebody_else_is_not_displaced_without_a_yes(world: World) -> None:
    management = world.x.management
    management.webhooks["5"] = {"id": "5", "url": "https://elsewhere.example/x", "valid": True, "created_at": ""}
    assert not connected(a_setup(world, "x"))
    assert [each["url"] for each in management.webhooks.values()] == ["https://elsewhere.example/x"]
    assert connected(a_setup(world, "x", agrees=True), test_post=False)
    assert [each["url"] for each in management.webhooks.values()] == [f"{SITE}/webhooks/x"]


def test_a_webhook_that_x_switched_off_is_switched_on_again(world: World) -> None:
    assert connected(a_setup(world, "x"))
    (webhook,) = world.x.management.webhooks.values()
    webhook["valid"] = False
    assert states(world, "x")["webhook"] == "bad"
    assert connected(a_setup(world, "x")) and webhook["valid"]


def test_two_hour_tokens_by_agreement_bring_private_events_and_are_renewed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    oauth = world.x.management.oauth

    def owner_agrees(self: Person, name: str, prompt: str, **how: Any) -> str:
        if name != "sent_to":
            return {**ANSWERS["x"], "client_id": "app", "client_secret": "s", "redirect_uri": "https://acme.example/"}[
                name
            ]
        query = parse_qs(urlsplit(shown[-1].split("\n")[-1]).query)
        code = oauth.authorize(CARE, "app", query["code_challenge"][0])
        return f"https://acme.example/?state={query['state'][0]}&code={code}"

    shown: list[str] = []
    monkeypatch.setattr(click, "echo", lambda text="", **_: shown.append(text))
    monkeypatch.setattr(Person, "ask", owner_agrees)
    assert connected(a_setup(world, "x", options={"oauth2": "True"}))
    kept = stored(world)["x"]["accounts"][CARE]
    assert kept["expires_at"] == stamp(world.now + timedelta(hours=2)) and "dm.read" in kept["scope"]
    assert {each["event_type"] for each in world.x.management.activity.values()} >= {
        "post.mention.create",
        "dm.received",
    }
    world.pass_time(95 * 60, step=300)
    assert stored(world)["x"]["accounts"][CARE]["refresh_token"] != kept["refresh_token"]
    assert set(states(world, "x").values()) == {"ok"}


def test_an_address_of_another_agreement_is_refused(world: World) -> None:
    answers = {**ANSWERS["x"], "client_id": "app", "client_secret": "s", "redirect_uri": "https://acme.example/"}
    with pytest.raises(click.ClickException, match="begin anew"):
        connected(
            a_setup(world, "x", {**answers, "sent_to": "https://a.example/?state=1&code=2"}, options={"oauth2": "1"})
        )


def test_subscriptions_that_were_removed_are_seen_and_made_again(world: World) -> None:
    assert connected(a_setup(world, "x"))
    world.x.management.subscribed.clear()
    assert states(world, "x")[f"subscription of {CARE}"] == "bad"
    assert connected(a_setup(world, "x"))


# -- Meta --------------------------------------------------------------------------------------------------------


def test_messenger_after_facebook_asks_for_nothing_new_and_both_share_one_webhook(world: World) -> None:
    assert connected(a_setup(world, "facebook"))
    assert connected(a_setup(world, "messenger", {}))
    webhook = world.graph.management.webhooks["page"]
    assert webhook["callback_url"] == f"{SITE}/webhooks/facebook"
    assert {"feed", "mention", "messages", "standby"} <= {each["name"] for each in webhook["fields"]}
    assert {"feed", "messages"} <= set(world.graph.management.subscribed[PAGE])
    for channel in ("facebook", "messenger"):
        assert set(states(world, channel).values()) == {"ok"}


def test_messenger_whose_secret_was_filled_by_hand_gets_the_apps_id_from_its_sister(world: World) -> None:
    assert connected(a_setup(world, "facebook"))
    part = {"signing": ["meta-signing"], "verify_token": ["v"], "accounts": {PAGE: {"token": "page"}}}
    world.services.secrets.merge("messenger", lambda before: part)
    assert states(world, "messenger") == {"webhook": "bad"}
    assert connected(a_setup(world, "messenger", {}))
    assert stored(world)["messenger"]["app_id"] == APP


def test_metas_webhook_of_somebody_else_is_not_displaced_without_a_yes(world: World) -> None:
    there = {
        "object": "page",
        "callback_url": "https://elsewhere.example",
        "active": True,
        "fields": [{"name": "feed"}],
    }
    world.graph.management.webhooks["page"] = dict(there)
    assert not connected(a_setup(world, "facebook"))
    assert world.graph.management.webhooks["page"] == there
    assert connected(a_setup(world, "facebook", agrees=True), test_post=False)


def page_token(world: World, **changes: Any) -> None:
    for channel in ("facebook", "messenger"):
        known = world.graph.tokens[channel][PAGE]
        world.graph.tokens[channel][PAGE] = known.model_copy(update=changes)


def test_a_token_that_lacks_a_permission_is_named_with_it(world: World) -> None:
    page_token(world, scope="pages_read_engagement pages_manage_metadata")
    assert not connected(a_setup(world, "facebook"))
    (token,) = [each for each in connection("facebook").check(a_setup(world, "facebook")) if "token" in each.check]
    assert "pages_manage_engagement" in token.says and "grant" in token.do


def test_the_end_of_a_long_lived_token_is_stored_for_the_alarm_and_warned_of(world: World) -> None:
    page_token(world, expires_at=world.now + timedelta(days=60))
    assert connected(a_setup(world, "facebook"))
    assert stored(world)["facebook"]["accounts"][PAGE]["expires_at"] == stamp(world.now + timedelta(days=60))
    world.now += timedelta(days=50)
    world.tick()
    assert [told["value"] for name, told in world.metrics if name == "TokenDaysLeft"] == [pytest.approx(10)]
    assert states(world, "facebook")[f"token of {PAGE}"] == "warn"
    world.now += timedelta(days=11)
    assert states(world, "facebook")[f"token of {PAGE}"] == "bad"


def test_the_app_secret_never_stands_in_an_address(world: World) -> None:
    asked: list[str] = []
    adapter: Any = world.web.get_adapter("https://graph.facebook.com")
    send = adapter.send
    adapter.send = lambda request, **how: asked.append(request.url) or send(request, **how)
    assert connected(a_setup(world, "facebook"))
    assert asked and not any("meta-signing" in url or f"{APP}|" in url for url in asked)


def test_instagram_by_facebook_login_subscribes_the_page_that_the_account_is_linked_to(world: World) -> None:
    token = world.instagram.tokens["instagram"][GRAM].model_copy(update={"page_id": PAGE})
    world.instagram.tokens["instagram"][GRAM] = token
    assert connected(a_setup(world, "instagram", {**ANSWERS["instagram"], "page_id": PAGE}))
    assert stored(world)["instagram"]["accounts"][GRAM] == {"token": "gram", "page_id": PAGE}
    assert PAGE in world.graph.management.subscribed and GRAM not in world.graph.management.subscribed
    assert set(states(world, "instagram").values()) == {"ok"}


def test_instagram_by_its_own_login_subscribes_the_account_at_its_own_host(world: World) -> None:
    assert connected(a_setup(world, "instagram"))
    assert set(world.instagram.management.subscribed) == {GRAM}
    world.instagram.management.subscribed.clear()
    assert states(world, "instagram")[f"subscription of {GRAM}"] == "bad"


# -- generic sources ---------------------------------------------------------------------------------------------


def a_source(world: World, name: str, **answers: str) -> Any:
    return a_setup(world, "generic", answers, wanted=name)


def test_a_sources_secret_is_made_here_shown_once_and_works(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert connected(a_source(world, "reviews", callback_url="https://bridge.example/answers"))
    kept = stored(world)["generic"]["sources"]["reviews"]
    told = capsys.readouterr().out
    assert kept["signing"][0] in told and kept["callback"]["signing"][0] in told
    body = b'{"type":"post.created","timestamp":"2026-11-23T10:00:00Z","data":{"id":"1","text":"My oven is cold"}}'
    headers = connection("generic").STYLE.sign(kept["signing"][0], body, world.now.timestamp())
    assert world.knock("reviews", body, dict(headers)) == 200
    assert connected(a_source(world, "reviews"))
    assert kept["signing"][0] not in capsys.readouterr().out
    assert stored(world)["generic"]["sources"]["reviews"] == kept


def test_sources_stand_beside_each_other_and_beside_the_default_one(world: World) -> None:
    for name in ("generic", "reviews", "contact-centre"):
        assert connected(a_source(world, name, callback_url=f"https://bridge.example/{name}"))
    part = stored(world)["generic"]
    secrets = {part["signing"][0], *(each["signing"][0] for each in part["sources"].values())}
    assert set(part["sources"]) == {"reviews", "contact-centre"} and len(secrets) == 3


def test_a_source_without_a_callback_is_for_people_only(world: World) -> None:
    assert connected(a_source(world, "contact-centre"))
    assert not connected(a_source(world, "reviews"))
    with pytest.raises(click.ClickException, match="https"):
        connected(a_source(world, "reviews", callback_url="http://bridge.example"))
