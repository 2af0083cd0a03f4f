"""The simulated sources: what they sign, what they take, and how they refuse."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from firstline.channels import door
from firstline.model.errors import Forged
from infra.local.simulators.control import Control
from infra.local.simulators.generic import GenericPlatform
from infra.local.simulators.platform import person
from infra.local.simulators.server import Site
from infra.local.simulators.simulation import Simulation
from infra.local.simulators.wire import Response, standard_webhook

from .platforms import NOW, a_settings

IN, OUT = "whsec_" + "aW4t" * 10, "whsec_" + "b3V0" * 10
SOURCES: dict[str, Any] = {
    "signing": {"x": "x", "facebook": "p", "messenger": "p", "generic": IN},
    "sources": {"reviews": OUT},
    "accounts": {"generic": [{"id": "generic", "name": "Acme"}, {"id": "reviews", "name": "Acme"}]},
    "tokens": {"generic": {"generic": {"token": OUT}, "reviews": {"token": OUT}}},
}
ANA = person("generic", "Ana Ruiz")


def a_generic() -> GenericPlatform:
    return GenericPlatform(a_settings(**SOURCES))


def answered(platform: GenericPlatform, post_id: str, webhook_id: str = "msg_1", **data: Any) -> Response:
    """A signed answer at the callback."""
    said = {"reply_id": "ack-1", "source": "reviews", "recipient_id": None, "visibility": "public", "text": "Sorry"}
    body = json.dumps({"type": "reply.created", "data": {**said, "in_reply_to": post_id, **data}}).encode()
    headers = standard_webhook(OUT, webhook_id, NOW, body)
    return platform.handle("POST", "/sources/reviews", headers, {}, body, NOW)


def test_every_attempt_of_a_delivery_bears_its_own_time_and_one_id() -> None:
    _, (delivery,) = a_generic().post(ANA, "my oven is cold", NOW, account="reviews")
    assert delivery.path == "/webhooks/reviews"
    later = NOW + timedelta(hours=2)
    first, second = delivery.headers_at(NOW), delivery.headers_at(later)
    assert first["webhook-id"] == second["webhook-id"]
    door("generic").verify(second, delivery.body, {"signing": OUT}, later)
    with pytest.raises(Forged):
        door("generic").verify(first, delivery.body, {"signing": OUT}, later)


def test_an_answer_is_taken_once_whatever_was_lost() -> None:
    platform = a_generic()
    post, _ = platform.post(ANA, "my oven is cold", NOW, account="reviews")
    platform.faults.plan("generic", "unclear", NOW)
    assert answered(platform, post.id).cut
    again = answered(platform, post.id)
    assert [again.json()["id"]] == [each.id for each in platform.sent()]
    assert answered(platform, post.id, "msg_2").status == 200 and len(platform.sent()) == 2


def test_an_answer_to_what_somebody_else_told_of_is_taken() -> None:
    platform = a_generic()
    assert answered(platform, "r-77").status == 200
    assert [each.parent_id for each in platform.sent()] == ["r-77"]


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("rate_limit", 429, "too many requests"),
        ("duplicate", 409, "duplicate_text"),
        ("expired_token", 401, "signature"),
        ("window_closed", 422, "window_closed"),
        ("deleted", 404, "gone"),
        ("blocked", 422, "blocked"),
        ("policy", 410, "this callback is closed for good"),
        ("server_error", 503, "try again"),
    ],
)
def test_refusals_come_on_demand(kind: Any, status: int, error: str) -> None:
    platform = a_generic()
    platform.faults.plan("generic", kind, NOW)
    refused = answered(platform, "r-1")
    assert (refused.status, refused.json()["error"], platform.sent()) == (status, error, [])


def test_what_is_not_signed_for_this_source_is_refused() -> None:
    platform = a_generic()
    wrong = standard_webhook(IN, "msg_1", NOW, b"{}")
    assert platform.handle("POST", "/sources/reviews", wrong, {}, b"{}", NOW).status == 401
    assert platform.handle("POST", "/sources/reviews", {}, {}, b"{}", NOW).status == 401
    assert platform.handle("POST", "/sources/nobody", wrong, {}, b"{}", NOW).status == 404
    assert platform.handle("GET", "/sources/reviews", wrong, {}, b"", NOW).status == 405


def test_what_the_brand_said_comes_back_with_its_reply_id() -> None:
    platform = a_generic()
    answered(platform, "r-1")
    (echo,) = platform.deliveries
    told = json.loads(echo.body)
    assert (told["type"], told["data"]["reply_id"], told["data"]["parent_id"]) == ("own.posted", "ack-1", "r-1")


def test_people_write_edit_hide_and_delete_over_the_control_interface() -> None:
    simulation = Simulation(a_settings(**SOURCES), lambda: NOW)
    try:
        control = Control(simulation)
        asked: dict[str, Any] = {
            "channel": "generic",
            "account": "reviews",
            "author": {"name": "Ana"},
            "deliver": False,
        }
        more = {"kind": "call", "text": "asks for a call", "contact": {"phone": "+44 7700 900123"}, "addressed": True}
        made = control.do("post", json.dumps({**asked, **more}).encode())
        told = json.loads(made["delivery_body"])["data"]
        assert told["author"]["verified_contact"] == {"phone": "+44 7700 900123"}
        assert (told["kind"], told["visibility"]) == ("call", "private")
        for name, change in (("edit", {"text": "again"}), ("hide", {}), ("delete", {})):
            changed = control.do(name, json.dumps({"post_id": made["post_id"], "deliver": False, **change}).encode())
            assert changed["deliveries"]
        body = b'{"data": {}}'
        site = Site(simulation)
        headers = {"host": "127.0.0.1", **standard_webhook(OUT, "msg_1", NOW, b"x")}
        assert site.handle("POST", "/sources/reviews", headers, body).status == 401
        assert [each["channel"] for each in simulation.posts()["posts"]] == ["generic"]
    finally:
        simulation.close()
