"""The simulated Instagram over its own HTTP paths: who may answer what where, under either login."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.local.simulators.server import Site
from infra.local.simulators.settings import Settings
from infra.local.simulators.simulation import Simulation

ACCOUNT, LINKED, PAGE = "17841400000000001", "17841400000000002", "200000000000001"
TOKENS = {ACCOUNT: {"token": "t-one"}, LINKED: {"token": "t-two", "page_id": PAGE}}


@pytest.fixture
def site() -> Any:
    told = {
        "webhook_base": "http://127.0.0.1:9",
        "signing": {"instagram": "s", "facebook": "s", "messenger": "s", "x": "s"},
        "accounts": {"instagram": [{"id": each, "name": "Lumora", "handle": f"h.{each[-1]}"} for each in TOKENS]},
        "tokens": {"instagram": TOKENS},
    }
    simulation = Simulation(Settings.model_validate(told))
    yield Site(simulation)
    simulation.close()


def call(site: Site, method: str, path: str, token: str = "t-one", **content: Any) -> dict[str, Any]:
    headers = {"host": "127.0.0.1", "authorization": f"Bearer {token}", "content-type": "application/json"}
    found: dict[str, Any] = site.handle(method, path, headers, json.dumps(content).encode()).json()
    return found


def says(site: Site, account: str = ACCOUNT, **how: Any) -> str:
    asked = {
        "channel": "instagram",
        "account": account,
        "author": {"name": "Ana", "handle": "ana.ruiz"},
        "text": "cold",
    }
    found = call(site, "POST", "/control/post", deliver=False, **asked, **how)
    post_id: str = found["post_id"]
    return post_id


def test_a_comment_is_answered_and_the_answer_is_listed_below_it(site: Site) -> None:
    comment = says(site, kind="comment")
    made = call(site, "POST", f"/instagram/v25.0/{comment}/replies", message="Sorry")
    listed = call(site, "GET", f"/instagram/v25.0/{comment}/replies?fields=id,text,user")
    assert [(each["id"], each["text"], each["user"]["id"]) for each in listed["data"]] == [
        (made["id"], "Sorry", ACCOUNT)
    ]
    below = call(site, "POST", f"/instagram/v25.0/{made['id']}/replies", message="Again")
    assert below["error"]["code"] == 100


def test_a_mention_is_read_by_its_ids_and_answered_as_one(site: Site) -> None:
    mention = says(site, kind="mention")
    told = call(
        site, "GET", f"/instagram/v25.0/{ACCOUNT}?fields=mentioned_comment.comment_id({mention}){{text,username}}"
    )
    assert (told["mentioned_comment"]["text"], told["mentioned_comment"]["username"]) == ("cold", "ana.ruiz")
    assert "error" in call(site, "POST", f"/instagram/v25.0/{mention}/replies", message="Sorry")
    made = call(site, "POST", f"/instagram/v25.0/{ACCOUNT}/mentions", message="Sorry", comment_id=mention, media_id="1")
    assert "id" in made


def test_one_private_reply_goes_to_a_comment(site: Site) -> None:
    asked = {"recipient": {"comment_id": says(site, kind="comment")}, "message": {"text": "Hello"}}
    assert "message_id" in call(site, "POST", f"/instagram/v25.0/{ACCOUNT}/messages", **asked)
    assert call(site, "POST", f"/instagram/v25.0/{ACCOUNT}/messages", **asked)["error"]["code"] == 10900
    (sent,) = call(site, "GET", "/sent")
    assert (sent["channel"], sent["kind"]) == ("instagram", "private_reply")


def test_by_facebook_login_messages_go_under_the_linked_page(site: Site) -> None:
    said = says(site, account=LINKED, kind="message")
    person = site.simulation.store.entries[said].author.id
    asked = {"recipient": {"id": person}, "message": {"text": "Hello"}}
    assert "message_id" in call(site, "POST", f"/v25.0/{PAGE}/messages", token="t-two", **asked)


@pytest.mark.parametrize("text", ["x" * 1001, "ä" * 501])
def test_a_message_has_a_thousand_bytes(site: Site, text: str) -> None:
    person = site.simulation.store.entries[says(site, kind="message")].author.id
    asked = {"recipient": {"id": person}, "message": {"text": text}}
    assert call(site, "POST", f"/instagram/v25.0/{ACCOUNT}/messages", **asked)["error"]["code"] == 100


@pytest.mark.parametrize(("kind", "code"), [("window_closed", 10), ("rate_limit", 4), ("expired_token", 190)])
def test_a_refusal_comes_on_demand(site: Site, kind: str, code: int) -> None:
    comment = says(site, kind="comment")
    call(site, "POST", "/control/faults", channel="instagram", kind=kind)
    assert call(site, "POST", f"/instagram/v25.0/{comment}/replies", message="Sorry")["error"]["code"] == code


def test_an_answer_to_a_story_is_a_message_that_names_the_story(site: Site) -> None:
    asked = {"channel": "instagram", "kind": "story_reply", "author": {"name": "Ana"}, "text": "Self-cleaning?"}
    told = call(site, "POST", "/control/post", deliver=False, **asked)
    [event] = json.loads(told["delivery_body"])["entry"][0]["messaging"]
    assert event["message"]["text"] == "Self-cleaning?"
    assert set(event["message"]["reply_to"]["story"]) == {"id", "url"}
    assert told["post"]["private"]
