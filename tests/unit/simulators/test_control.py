"""The control interface, the site around it, and webhooks on their way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from infra.local.simulators.server import Site
from infra.local.simulators.simulation import Simulation
from infra.local.simulators.store import Store
from tests.receiver import Receiver, a_receiver
from tests.unit.simulators.platforms import CARE, PAGE, a_settings

ANA = {"name": "Ana Ruiz", "handle": "ana_ruiz"}
HEADERS = {"host": "127.0.0.1:8123", "content-type": "application/json"}


@pytest.fixture
def receiver():
    with a_receiver() as started:
        yield started


@pytest.fixture
def site(receiver):
    simulation = Simulation(a_settings(webhook_base=receiver.url))
    yield Site(simulation)
    simulation.close()


def do(site: Site, name: str, expect: int = 200, **content: Any) -> Any:
    answered = site.handle("POST", f"/control/{name}", HEADERS, json.dumps(content).encode())
    assert answered.status == expect, answered.body
    return answered.json()


def see(site: Site, path: str) -> Any:
    return site.handle("GET", path, HEADERS, b"").json()


def a_post(site: Site, **changes: Any) -> Any:
    content = {"channel": "x", "account": CARE, "author": ANA, "text": "@AcmeCare my oven is cold"}
    return do(site, "post", **(content | changes))


def test_a_customers_post_arrives_signed(site, receiver: Receiver):
    told = a_post(site)
    [got] = receiver.got
    digest = hmac.new(b"x-secret", got.body, hashlib.sha256).digest()
    assert got.path == "/webhooks/x"
    assert got.headers["x-twitter-webhooks-signature"] == "sha256=" + base64.b64encode(digest).decode()
    assert got.body.decode() == told["delivery_body"]
    assert told["deliveries"][0]["status"] == 200


def test_a_post_can_be_delivered_many_times_or_later(site, receiver: Receiver):
    a_post(site, times=3)
    wait_for_all(site)
    assert len(receiver.got) == 3
    held = a_post(site, deliver=False)
    assert len(receiver.got) == 3
    do(site, "redeliver", post_id=held["post_id"], times=2)
    assert [each.body.decode() for each in receiver.got[3:]] == [held["delivery_body"]] * 2


def wait_for_all(site: Site) -> None:
    for journey in site.simulation.deliverer.all():
        journey.arrived.wait(5)


def test_a_forged_delivery_tells_of_a_post_that_is_nowhere(site, receiver: Receiver):
    receiver.status = 401
    for signature in ("wrong", "missing", "malformed"):
        content = {"channel": "facebook", "author": {"name": "Mallory"}, "text": "Free ovens"}
        assert do(site, "forge", **content, signature=signature)["status"] == 401
    assert see(site, "/posts")["posts"] == []
    signatures = [each.headers.get("x-hub-signature-256") for each in receiver.got]
    assert (len(signatures[0]), signatures[1:]) == (71, [None, "sha256=0"])


def test_raw_bodies_go_as_they_are(site, receiver: Receiver):
    assert do(site, "raw", channel="messenger", body='{"object": "page"')["status"] == 200
    assert receiver.got[0].body == b'{"object": "page"'


def test_the_brands_people_answer_in_the_platforms_own_app(site, receiver: Receiver):
    post = a_post(site, kind="dm", text="My order is late")
    do(site, "native_reply", post_id=post["post_id"], text="Maria here.")
    event = json.loads(receiver.got[-1].body)["data"]
    created = event["payload"]["direct_message_events"][0]["message_create"]
    assert (event["event_type"], created["sender_id"]) == ("dm.sent", CARE)
    assert created["source_app_id"] != site.simulation.settings.app_id
    assert see(site, "/sent") == []


def test_a_failing_receiver_is_tried_again(receiver: Receiver):
    receiver.answers = [503, 200]
    simulation = Simulation(a_settings(webhook_base=receiver.url), pauses=(0, 0))
    site = Site(simulation)
    a_post(site)
    wait_for_all(site)
    [journey] = see(site, "/deliveries")
    assert [each["status"] for each in journey["attempts"]] == [503, 200]
    simulation.close()


def test_what_was_sent_is_listed_for_any_client(site):
    post = do(site, "post", channel="facebook", author={"name": "Ben"}, text="My oven is cold")
    headers = HEADERS | {"authorization": "Bearer page-token"}
    path = f"/v25.0/{post['post_id']}/comments"
    assert site.handle("POST", path, headers, b'{"message":"Sorry!"}').status == 200
    [sent] = see(site, "/sent")
    assert set(sent) == {"channel", "account", "in_reply_to", "kind", "text", "at", "id"}
    assert (sent["channel"], sent["account"], sent["in_reply_to"]) == ("facebook", PAGE, post["post_id"])
    assert (sent["kind"], sent["text"]) == ("comment", "Sorry!")


def test_faults_tokens_and_reset(site):
    do(site, "faults", channel="x", kind="rate_limit", times=2)
    do(site, "tokens", channel="x", account=CARE, token={"bearer": "fresh"})
    assert site.simulation.x.tokens["x"][CARE].bearer == "fresh"
    do(site, "reset")
    assert site.simulation.x.faults.planned == []
    assert site.simulation.x.tokens["x"][CARE].bearer == "care-token"


def test_the_handshakes_are_checked(site, receiver: Receiver):
    receiver.text = "something else"
    for channel in ("x", "facebook"):
        assert do(site, "handshake", channel=channel) == {"channel": channel, "status": 200, "right": False}


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("nothing", {}, 404),
        ("post", {"channel": "x"}, 400),
        ("post", {"channel": "x", "author": ANA, "text": "a" * 20_001}, 400),
        ("post", {"channel": "x", "author": ANA, "text": "a", "colour": "red"}, 400),
        ("post", {"channel": "x", "author": ANA, "text": "a", "parent_id": "1"}, 404),
        ("edit", {"post_id": "1", "text": "a"}, 404),
        ("faults", {"channel": "x", "kind": "earthquake"}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(site, name, content, status):
    assert do(site, name, status, **content)["error"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "attacker.example"}, 421),
        ({"origin": "https://attacker.example"}, 403),
        ({"origin": "http://127.0.0.1:8123"}, 200),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_pages_elsewhere_cannot_drive_it(site, headers, status):
    assert site.handle("POST", "/control/reset", HEADERS | headers, b"{}").status == status


def test_only_the_pages_own_files_are_served(site):
    for path in ("/pages/../server.py", "/pages/%2e%2e/server.py", "/pages/server.py", "/etc/passwd", "/pages/"):
        assert site.handle("GET", path, HEADERS, b"").status == 404
    assert site.handle("GET", "/timeline", HEADERS, b"").status == 200


def test_an_unchanged_timeline_is_not_sent_again(site):
    first = site.handle("GET", "/posts", HEADERS, b"")
    again = HEADERS | {"if-none-match": first.headers["ETag"]}
    assert site.handle("GET", "/posts", again, b"").status == 304
    a_post(site)
    assert site.handle("GET", "/posts", again, b"").status == 200


def test_posts_survive_a_restart_when_a_folder_is_given(tmp_path):
    simulation = Simulation(a_settings(state_dir=tmp_path))
    told = a_post(Site(simulation), deliver=False)
    simulation.close()
    revived = Store(tmp_path)
    assert revived.entries == simulation.store.entries
    assert told["post_id"] in revived.entries
