"""Adapters and simulators speak the same language: what one writes, the other reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from firstline.channels import adapter, door
from firstline.channels.contract import Outgoing
from firstline.model.errors import Outcome, Permanent, Reword, Unclear, Wait
from firstline.model.events import Edited, OwnWords, Posted
from firstline.outward.http import Http
from infra.local.simulators.adapter import PlatformAdapter
from infra.local.simulators.graph import GraphPlatform
from infra.local.simulators.platform import Platform, person
from infra.local.simulators.settings import Settings
from infra.local.simulators.x import XPlatform

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
MAIN, PAGE = "1450000000000000001", "200000000000001"
SECRET, TEXT = "signing-secret", "Sorry & thank you. We saw it. FL-2345-6789"
CREDENTIALS = {
    "x": {"consumer_key": "ck", "consumer_secret": "cs", "token": "t", "token_secret": "ts"},
    "facebook": {"token": "page-token"},
    "messenger": {"token": "page-token"},
}
ACCOUNTS = {"x": {MAIN: "LumoraHome"}, "facebook": {PAGE: "Lumora"}, "messenger": {PAGE: "Lumora"}}
SETTINGS = {
    "webhook_base": "http://127.0.0.1",
    "signing": dict.fromkeys(ACCOUNTS, SECRET),
    "accounts": {
        "x": [{"id": MAIN, "name": "Lumora", "handle": "LumoraHome"}],
        "facebook": [{"id": PAGE, "name": "Lumora"}],
        "messenger": [{"id": PAGE, "name": "Lumora"}],
    },
    "tokens": {"x": {MAIN: CREDENTIALS["x"]}, **{name: {PAGE: {"token": "page-token"}} for name in ("facebook", "messenger")}},
}  # fmt: skip

each_kind = pytest.mark.parametrize(
    ("channel", "private", "shape"),
    [
        ("x", False, "aaa"),
        ("x", False, "xaa"),
        ("x", False, "stream"),
        ("x", True, "aaa"),
        ("x", True, "xaa"),
        ("facebook", False, None),
        ("messenger", True, None),
    ],
)


class Stage:
    """One simulated platform, its adapter, and a customer who has written."""

    def __init__(self, channel: str, private: bool, shape: str | None, text: str) -> None:
        settings = Settings.model_validate({**SETTINGS, "shape": shape or "xaa"})
        self.platform: Platform = XPlatform(settings) if channel == "x" else GraphPlatform(settings)
        self.adapter, self.channel, self.now = adapter(channel), channel, NOW
        session = requests.Session()
        session.mount("https://", PlatformAdapter(self.platform, lambda: self.now))
        self.http = Http("https://x.example", "https://graph.example", session, clock=lambda: self.now.timestamp())
        customer = person(channel, "Anna Weber", handle="anna_weber" if channel == "x" else None)  # type: ignore[arg-type]
        platform: Any = self.platform
        self.entry, deliveries = platform.post(customer, text, NOW, private=private)
        self.post = next(event.post for event in self.heard(deliveries) if isinstance(event, Posted))
        self.outgoing = Outgoing(
            reply_id="reply-7",
            account=self.post.account,
            endpoint=self.adapter.endpoint(self.post),
            text=TEXT,
            in_reply_to=self.post.post_id,
            recipient=self.post.author.id if private else None,
            human=False,
            since=NOW,
        )

    def heard(self, deliveries: Any) -> list[Any]:
        """What the brand hears, after the door."""
        events = []
        for each in deliveries:
            headers = {name.lower(): value for name, value in each.headers.items()}
            door(self.channel).verify(headers, each.body, {"signing": [SECRET]}, self.now)
            events += self.adapter.parse(each.body, ACCOUNTS[self.channel])
        return events

    def send(self, **changes: Any) -> Any:
        return self.adapter.send(self.http, CREDENTIALS[self.channel], replace(self.outgoing, **changes))

    def find(self, **changes: Any) -> Any:
        return self.adapter.find_sent(self.http, CREDENTIALS[self.channel], replace(self.outgoing, **changes))


def a_stage(channel: str, private: bool, shape: str | None, text: str = "@LumoraHome my oven is dead & cold") -> Stage:
    return Stage(channel, private, shape, text)


@each_kind
def test_a_customers_words_are_read_as_they_were_written(channel: str, private: bool, shape: str | None) -> None:
    stage = a_stage(channel, private, shape)
    assert (stage.post.post_id, stage.post.text) == (stage.entry.id, stage.entry.text)
    assert (stage.post.author.id, stage.post.visibility) == (stage.entry.author.id, "private" if private else "public")


@each_kind
def test_a_reply_arrives_is_found_and_comes_back_as_own_words(channel: str, private: bool, shape: str | None) -> None:
    stage = a_stage(channel, private, shape)
    assert stage.find() is None
    sent = stage.send()
    assert stage.platform.sent()[0].text == TEXT
    assert stage.find().platform_id == sent.platform_id
    (echo,) = stage.heard(stage.platform.deliveries)
    assert isinstance(echo, OwnWords)
    assert (echo.post_id, echo.account) == (sent.platform_id, stage.post.account)
    assert stage.adapter.same_words(echo.text, TEXT)
    assert (echo.author_id if private else echo.parent_id) == (stage.post.author.id if private else stage.post.post_id)
    assert echo.tag == ("reply-7" if channel == "messenger" else None)


@each_kind
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("rate_limit", Wait), ("duplicate", Reword), ("deleted", Permanent), ("server_error", Unclear), ("cut", Unclear)],
)
def test_a_planned_refusal_means_what_it_says(
    channel: str, private: bool, shape: str | None, kind: Any, outcome: type[Outcome]
) -> None:
    stage = a_stage(channel, private, shape)
    stage.platform.faults.plan(channel, kind, NOW)
    with pytest.raises(outcome):
        stage.send()
    assert stage.platform.sent() == []


@each_kind
def test_an_unclear_reply_is_found_once_the_platform_shows_it(channel: str, private: bool, shape: str | None) -> None:
    stage = a_stage(channel, private, shape)
    stage.platform.faults.plan(channel, "unclear", NOW)
    stage.platform.faults.plan(channel, "delayed_visibility", NOW, seconds=30)
    with pytest.raises(Unclear):
        stage.send()
    assert stage.find() is None
    stage.now += timedelta(seconds=31)
    assert stage.find() is not None


def test_a_private_reply_opens_the_way_to_the_person() -> None:
    stage = a_stage("facebook", False, None)
    sent = stage.send(endpoint="private_replies")
    assert sent.recipient_id == stage.post.author.id
    (echo,) = stage.heard(stage.platform.deliveries)
    assert (echo.channel, echo.tag, echo.author_id) == ("messenger", "reply-7", stage.post.author.id)


def test_messages_after_the_window_are_an_agents_only() -> None:
    stage = a_stage("messenger", True, None)
    stage.now += timedelta(hours=25)
    with pytest.raises(Permanent, match="window_closed"):
        stage.send()
    assert stage.send(human=True).platform_id


@pytest.mark.parametrize("shape", ["aaa", "xaa"])
def test_an_edit_on_x_is_a_change_of_the_first_version(shape: str) -> None:
    stage = a_stage("x", False, shape)
    platform: Any = stage.platform
    fresh, deliveries = platform.edit(
        stage.entry.id, "@LumoraHome the fridge, not the oven", NOW + timedelta(minutes=1)
    )
    *_, edited = stage.heard(deliveries)
    assert fresh.id != stage.entry.id
    assert isinstance(edited, Edited)
    assert (edited.post_id, edited.text) == (stage.entry.id, fresh.text)


def test_x_refuses_whom_the_law_forbids_and_takes_whom_it_allows() -> None:
    stage = a_stage("x", False, "aaa")
    assert stage.adapter.law(stage.post, "self_serve").automatic
    platform: Any = stage.platform
    root, _ = platform.post(platform.brand(stage.platform.settings.account("x")), "New!", NOW, native=True)
    customer = person("x", "Ben", handle="ben")
    _, deliveries = platform.post(customer, "it leaks", NOW, parent_id=root.id)
    (event,) = stage.heard(deliveries)
    assert stage.adapter.law(event.post, "self_serve").because == "x_summoned"
    with pytest.raises(Permanent, match="not_summoned"):
        stage.send(in_reply_to=event.post.post_id)
