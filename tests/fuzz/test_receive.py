"""Whatever knocks at the door: never a redirect, never a 5xx but R4's 503, nothing kept that is not rightly signed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import assume, given
from hypothesis import strategies as st

from firstline.channels.answer import only_letters
from firstline.operations.receive import receive
from firstline.outward.messages import read_intake
from infra.local.simulators.wire import sign
from tests.world import World, a_world, webhook_secret

from .bodies import CHANNELS, mutants
from .budget import tries

ALLOWED = {200, 400, 401, 403, 404, 405, 413}
HEADERS = (
    "x-twitter-webhooks-signature",
    "X-Hub-Signature-256",
    "content-type",
    "x-hub-signature",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
)
NEXT = {
    **dict.fromkeys(("facebook", "messenger", "whatsapp", "instagram"), "meta-next"),
    "x": "x-next",
    "generic": webhook_secret("next"),
}
"""The second live secret of each channel: a rotation is under way."""
VALUES = st.text(max_size=80) | st.sampled_from(("", "sha256=", "sha256=" + "0" * 64, "sha1=00", "sha256=é", "v1,AAAA"))
SECRETS = st.sampled_from(("current", "next"))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with a_world(shards=1, in_memory=False) as world:
        for channel, secret in NEXT.items():
            world.secrets_value[channel]["signing"].append(secret)
        text = json.dumps(world.secrets_value)
        world.secretsmanager.put_secret_value(SecretId=world.settings.channel_secrets_arn, SecretString=text)
        yield world


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Any request as the HTTP API hands it on: what a stranger chooses is its method, path, query, headers and body."""
    body = draw(st.none() | st.text(max_size=200) | st.binary(max_size=200) | mutants().map(lambda mutant: mutant[1]))
    coded = isinstance(body, bytes) or draw(st.booleans())
    if isinstance(body, bytes):
        body = base64.b64encode(body).decode()
    return {
        "version": "2.0",
        "pathParameters": {"channel": draw(st.sampled_from(CHANNELS) | st.text(max_size=20))},
        "requestContext": {"http": {"method": draw(st.sampled_from(("GET", "POST", "PUT", "HEAD", "", "get")))}},
        "headers": draw(st.dictionaries(st.sampled_from(HEADERS) | st.text(max_size=20), VALUES, max_size=4)),
        "rawQueryString": draw(queries()),
        "body": body,
        "isBase64Encoded": coded,
    }


def queries() -> st.SearchStrategy[str]:
    """Query strings, some of them nearly handshakes."""
    names = st.sampled_from(("crc_token", "hub.mode", "hub.verify_token", "hub.challenge", "%ff", "", "a[]"))
    values = st.sampled_from(
        ("subscribe", "verify", "%00", "+", "%F0%9F%94%A5", "%ed%a0%80", "&&;=", "<script>", "%7B%7D", "a%0A", "aGk=")
    )
    pairs = st.tuples(names, values | st.text(max_size=20)).map("=".join)
    return st.lists(pairs, max_size=5).map("&".join) | st.text(max_size=60)


def answered(world: World, event: dict[str, Any]) -> dict[str, Any]:
    """The door's answer, after what holds for every answer."""
    answer = receive(event, world.door)
    json.dumps(answer).encode()
    assert answer["statusCode"] in ALLOWED
    assert "location" not in {name.lower() for name in answer["headers"]}
    return answer


def kept(world: World) -> list[bytes]:
    """The bodies that were made durable since the last look."""
    found = []
    got = world.sqs.receive_message(QueueUrl=world.urls["intake"], MaxNumberOfMessages=10).get("Messages", ())
    for message in got:
        intake = read_intake(message["Body"])
        found.append(world.services.bodies.get(intake.body_key) if intake.body_key else intake.body or b"")
        world.sqs.delete_message(QueueUrl=world.urls["intake"], ReceiptHandle=message["ReceiptHandle"])
    return found


def secret_of(world: World, channel: str, which: str) -> str:
    return NEXT[channel] if which == "next" else str(world.secrets_value[channel]["signing"][0])


def a_delivery(channel: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    return {
        "pathParameters": {"channel": channel},
        "requestContext": {"http": {"method": "POST"}},
        "headers": headers,
        "rawQueryString": "",
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


@tries(400)
@given(requests())
def test_a_stranger_gets_a_plain_answer_and_leaves_nothing(world: World, event: dict[str, Any]) -> None:
    answer = answered(world, event)
    if event["requestContext"]["http"]["method"] == "POST":
        assert answer["statusCode"] != 200
    assert kept(world) == []


@tries(150)
@given(queries(), st.sampled_from(CHANNELS), st.text(alphabet="abc123", min_size=12, max_size=20))
def test_no_challenge_is_given_back_to_who_does_not_know_the_token(
    world: World, query: str, channel: str, challenge: str
) -> None:
    assume("crc_token" not in query)
    asked = f"hub.mode=subscribe&hub.verify_token=guess&hub.challenge={challenge}"
    event = {**a_delivery(channel, b"", {}), "rawQueryString": f"{query}&{asked}"}
    event["requestContext"] = {"http": {"method": "GET"}}
    answer = answered(world, event)
    assert answer["statusCode"] in (400, 403)
    assert challenge not in answer["body"]


@tries(300)
@given(
    st.text(max_size=40) | st.text(alphabet='aZ09+/=_- {}"\n', max_size=300) | mutants().map(lambda mutant: mutant[1]),
    st.lists(st.tuples(st.sampled_from(("nonce", "crc_token", "a")), st.text(max_size=9)), max_size=2),
    st.data(),
)
def test_no_signature_that_a_stranger_gets_opens_the_door(
    world: World, token: str | bytes, beside: list[tuple[str, str]], data: st.DataObject
) -> None:
    """Whatever is asked for as a challenge: the answer is no signature of anything that is let in."""
    pairs = [("crc_token", token), *beside]
    asked = {
        **a_delivery("x", b"", {}),
        "rawQueryString": urlencode(data.draw(st.permutations(pairs)), errors="replace"),
    }
    asked["requestContext"] = {"http": {"method": "GET"}}
    answer = answered(world, asked)
    if answer["statusCode"] != 200:
        assert "sha256=" not in answer["body"]
        return
    headers = {"x-twitter-webhooks-signature": json.loads(answer["body"])["response_token"]}
    for _, asked_for in pairs:
        body = asked_for.encode("utf-8", "replace") if isinstance(asked_for, str) else asked_for
        assert answered(world, a_delivery("x", body, headers))["statusCode"] == 401
    assert kept(world) == []


@tries(150)
@given(mutants(), SECRETS, st.sampled_from((str.lower, str.upper, str.title)), st.booleans())
def test_a_rightly_signed_body_is_durable_byte_for_byte_before_the_200(
    world: World, mutant: tuple[str, bytes], which: str, spelling: Any, as_text: bool
) -> None:
    channel, body = mutant
    assume(not only_letters(body))  # no platform sends such, and X's challenges are such
    headers = {
        spelling(name): value
        for name, value in sign(channel, secret_of(world, channel, which), body, world.now).items()
    }
    event = a_delivery(channel, body, headers)
    if as_text:
        try:
            event |= {"body": body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass
    assert answered(world, event)["statusCode"] == 200
    assert kept(world) == [body]


@tries(200)
@given(mutants(), SECRETS, st.data())
def test_a_signature_that_is_wrong_by_a_hair_is_refused_and_nothing_is_stored(
    world: World, mutant: tuple[str, bytes], which: str, data: st.DataObject
) -> None:
    channel, body = mutant
    signed = sign(channel, secret_of(world, channel, which), body, world.now)
    name, right = next((name, value) for name, value in signed.items() if "signature" in name.lower())
    at = data.draw(st.integers(0, len(right) - 1))
    wrong = data.draw(
        st.sampled_from(
            (
                *(right[:at], right[:at] + "x" + right[at + 1 :], right + right, f"{right},{right}", f" {right}"),
                *(right.upper(), right.replace("sha256=", ""), right.replace("sha256=", "sha1="), right + "\0"),
                sign(channel, "guess", body, world.now)[name],
                sign(channel, secret_of(world, channel, which), body + b" ", world.now)[name],
                next(
                    iter(sign("facebook" if channel == "x" else "x", secret_of(world, channel, which), body).values())
                ),
            )
        )
    )
    assume((wrong.strip() if channel == "generic" else wrong) != right)  # of entries in a list, empty ones do not count
    assert answered(world, a_delivery(channel, body, {**signed, name: wrong}))["statusCode"] == 401
    assert kept(world) == []


@contextmanager
def away(*clients: Any) -> Iterator[None]:
    """These services are out of reach."""

    def refuse(request: Any, **_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=request.url)

    for client in clients:
        client.meta.events.register_first("before-send", refuse)
    yield
    for client in clients:
        client.meta.events.unregister("before-send", refuse)


@tries(60)
@given(mutants(), st.booleans())
def test_without_the_queue_it_is_parked_and_without_both_the_platform_is_asked_to_come_again(
    world: World, mutant: tuple[str, bytes], bucket_too: bool
) -> None:
    channel, body = mutant
    assume(not only_letters(body))
    headers = sign(channel, secret_of(world, channel, "current"), body, world.now)
    with away(world.sqs, world.s3) if bucket_too else away(world.sqs):
        answer = receive(a_delivery(channel, body, headers), world.door)
    assert answer["statusCode"] == (503 if bucket_too else 200)
    parked = list(world.services.bodies.parked())
    assert len(parked) == (0 if bucket_too else 1)
    for key in parked:
        intake = read_intake(world.services.bodies.get(key).decode())
        assert (world.services.bodies.get(intake.body_key) if intake.body_key else intake.body) == body
        world.services.bodies.delete(key)


def test_base64_that_is_none_is_the_senders_fault(world: World) -> None:
    with pytest.raises(binascii.Error):
        base64.b64decode("a", validate=True)
    event = {**a_delivery("x", b"", {}), "body": "a"}
    assert answered(world, event)["statusCode"] == 400
