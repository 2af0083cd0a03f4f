"""The bridge that docs/mastodon-bridge.md shows, against a stub of Mastodon, so that it cannot rot."""

from __future__ import annotations

import html
import io
import json
import runpy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter

from tests.builders import a_playbook
from tests.world import World, a_world, webhook_secret

EXAMPLE = Path(__file__).parents[3] / "docs/examples/mastodon_bridge.py"
INSTANCE, WEBHOOK, CALLBACK = "https://mastodon.example", "https://care.example", "https://bridge.example"
Handle = Callable[[requests.PreparedRequest, bytes], tuple[int, Mapping[str, str], Any]]


class Server(BaseAdapter):
    """A server in place of the network."""

    def __init__(self, handle: Handle) -> None:
        super().__init__()
        self.handle = handle

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        body = request.body or b""
        status, headers, content = self.handle(request, body.encode() if isinstance(body, str) else bytes(body))
        response = requests.Response()
        response.status_code, response.raw = status, io.BytesIO(json.dumps(content).encode())
        response.headers.update(headers)
        return response

    def close(self) -> None:
        """Nothing is open."""


class Mastodon:
    """As much of an instance as the bridge needs: mentions of the brand, statuses, keys kept for an hour."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.statuses: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, tuple[float, str]] = {}
        self.refuse: list[int] = []
        self.lost = 0
        """How many answers to a post are lost after their effect."""

    def write(self, text: str, visibility: str = "public", who: str = "anna@home.example", **more: Any) -> str:
        number = str(len(self.statuses) + 101)
        self.statuses[number] = {
            "id": number,
            "content": f"<p>{html.escape(text)}</p>",
            "created_at": "2026-11-23T10:00:00.000Z",
            "edited_at": None,
            "language": "en",
            "visibility": visibility,
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "url": f"{INSTANCE}/@{who}/{number}",
            "media_attachments": [],
            "account": {"id": "9", "acct": who, "display_name": "Anna", "followers_count": 7},
            **more,
        }
        return number

    def handle(self, request: requests.PreparedRequest, body: bytes) -> tuple[int, Mapping[str, str], Any]:
        address = urlsplit(request.url or "")
        assert request.headers["authorization"] == "Bearer token"
        if self.refuse:
            return self.refuse.pop(0), {}, {"error": "refused"}
        if request.method == "POST":
            return self._post(request.headers["Idempotency-Key"], json.loads(body))
        if address.path == "/api/v1/notifications":
            after = int(parse_qs(address.query)["min_id"][0])
            theirs = [each for each in self.statuses.values() if each["account"]["acct"] != "acme"]
            return (
                200,
                {},
                [{"id": each["id"], "type": "mention", "status": each} for each in theirs if int(each["id"]) > after],
            )
        found = self.statuses.get(address.path.split("/")[4])
        if found is None:
            return 404, {}, {"error": "Record not found"}
        if address.path.endswith("/context"):
            below = [each for each in self.statuses.values() if each["in_reply_to_id"] == found["id"]]
            return 200, {}, {"ancestors": [], "descendants": below}
        return 200, {}, found

    def _post(self, key: str, said: Mapping[str, str]) -> tuple[int, Mapping[str, str], Any]:
        kept = self.keys.get(key)
        if kept is None or self.clock() - kept[0] > 3600:
            number = self.write(said["status"], said["visibility"], "acme", in_reply_to_id=said["in_reply_to_id"])
            kept = self.keys[key] = (self.clock(), number)
        if self.lost:
            self.lost -= 1
            raise requests.ConnectionError("the answer was lost")
        return 200, {}, self.statuses[kept[1]]

    def answers(self) -> list[dict[str, Any]]:
        return [each for each in self.statuses.values() if each["account"]["acct"] == "acme"]


class Stage:
    """A world, an instance, and the bridge between them."""

    def __init__(self, world: World) -> None:
        self.world, self.mastodon = world, Mastodon(lambda: world.now.timestamp())
        session = requests.Session()
        session.mount(INSTANCE, Server(self.mastodon.handle))
        session.mount(WEBHOOK, Server(self._door))
        bridge: Callable[..., Any] = runpy.run_path(str(EXAMPLE), run_name="bridge")["Bridge"]
        self.bridge = bridge(
            instance=INSTANCE,
            token="token",
            webhook=f"{WEBHOOK}/webhooks/mastodon",
            secret=webhook_secret("mastodon"),
            callback_secret=webhook_secret("answers"),
            session=session,
            now=lambda: world.now.timestamp(),
        )
        world.web.mount(CALLBACK, Server(self._callback))
        callback = {"url": f"{CALLBACK}/", "signing": webhook_secret("answers")}
        world.services.tokens.put("generic", "mastodon", callback)
        value = world.secret()
        value["generic"]["sources"]["mastodon"] = {"signing": [webhook_secret("mastodon")]}
        text = json.dumps(value)
        world.secretsmanager.put_secret_value(SecretId=world.settings.channel_secrets_arn, SecretString=text)

    def _door(self, request: requests.PreparedRequest, body: bytes) -> tuple[int, Mapping[str, str], Any]:
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        return self.world.knock("mastodon", body, headers), {}, None

    def _callback(self, request: requests.PreparedRequest, body: bytes) -> tuple[int, Mapping[str, str], Any]:
        answer: tuple[int, Mapping[str, str], Any] = self.bridge.reply(
            {name.lower(): str(value) for name, value in request.headers.items()}, body
        )
        return answer


@pytest.fixture
def stage() -> Iterator[Stage]:
    playbook = a_playbook()
    account = playbook.accounts[0].model_copy(
        update={"id": "mastodon", "channel": "generic", "plan": None, "handle": None, "max_length": 480}
    )
    with a_world(playbook.model_copy(update={"accounts": (*playbook.accounts, account)})) as world:
        yield Stage(world)


def test_a_mention_is_answered_once_in_its_thread_and_the_author_is_named(stage: Stage) -> None:
    post = stage.mastodon.write("@acme my oven <3 is broken & cold")
    since = stage.bridge.poll()
    assert stage.bridge.poll() == since and stage.bridge.poll(since) == since
    stage.world.pass_time(300)
    (answer,) = stage.mastodon.answers()
    assert (answer["in_reply_to_id"], answer["visibility"]) == (post, "public")
    assert "@anna@home.example " in answer["content"] and len(answer["content"]) < 600
    (case,) = stage.world.cases()
    (stored,) = stage.world.records(case.id, "post#")
    assert stored.post.text == "@acme my oven <3 is broken & cold" and case.author.handle == "anna@home.example"


def test_a_direct_message_is_answered_directly(stage: Stage) -> None:
    stage.mastodon.write("@acme my oven is broken", "direct")
    stage.bridge.poll()
    stage.world.pass_time(300)
    assert [each["visibility"] for each in stage.mastodon.answers()] == ["direct"]


@pytest.mark.parametrize("hours", [0, 2])
def test_an_answer_whose_outcome_was_lost_is_said_once(stage: Stage, hours: int) -> None:
    """Within the hour Mastodon knows the key; later the bridge finds its own words in the thread."""
    stage.mastodon.write("@acme my oven is broken")
    stage.mastodon.lost = 1
    stage.bridge.poll()
    stage.world.pass_time(60)
    assert stage.mastodon.lost == 0
    if hours:
        stage.mastodon.refuse = [503] * 4
        stage.world.pass_time(hours * 3600, step=1800)
    stage.mastodon.refuse = []
    stage.world.pass_time(1200)
    assert len(stage.mastodon.answers()) == 1
    (reply,) = [each for case in stage.world.cases() for each in stage.world.records(case.id, "reply#")]
    assert reply.state == "sent"


def test_an_edited_status_comes_with_its_present_words(stage: Stage) -> None:
    stage.mastodon.write("@acme there is smoke now", edited_at="2026-11-23T10:01:00.000Z")
    stage.bridge.poll()
    stage.world.pass_time(60)
    (case,) = stage.world.cases()
    assert case.posts == 1


def test_what_somebody_wrote_by_hand_stops_the_robot(stage: Stage) -> None:
    post = stage.mastodon.write("@acme my oven is broken")
    stage.bridge.poll()
    stage.world.settle()
    number = stage.mastodon.write("Which one?", "public", "acme", in_reply_to_id=post)
    stage.mastodon.statuses[number]["created_at"] = "2026-11-23T10:00:20.000Z"
    stage.bridge.own(stage.mastodon.statuses[number])
    stage.world.pass_time(600)
    assert len(stage.mastodon.answers()) == 1


@pytest.mark.parametrize(
    ("status", "answered"),
    [(404, (404, "gone")), (401, (422, "account")), (422, (422, "refused")), (429, (429, None)), (500, (502, None))],
)
def test_refusals_of_mastodon_are_told_in_firstlines_words(stage: Stage, status: int, answered: Any) -> None:
    sent: list[Any] = []
    reply = stage.bridge.reply
    stage.mastodon.write("@acme my oven is broken")
    stage.bridge.poll()
    stage.mastodon.refuse = [status]
    object.__setattr__(stage.bridge, "reply", lambda *given: sent.append(reply(*given)) or sent[-1])
    stage.world.pass_time(120)
    code, headers, content = sent[0]
    assert (code, content.get("error")) == answered
    assert ("retry-after" in headers) == (code == 429)


def test_nobody_else_can_make_the_bridge_speak(stage: Stage) -> None:
    post = stage.mastodon.write("@acme my oven is broken")
    body = json.dumps({"data": {"in_reply_to": post, "text": "free ovens", "visibility": "public"}}).encode()
    stamp = str(int(stage.world.now.timestamp()))
    for headers in ({}, {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": "v1,AAAA"}):
        assert stage.bridge.reply(headers, body)[0] == 401
    assert stage.mastodon.answers() == []
