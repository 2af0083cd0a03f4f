"""The main job on the deployed template, driven by what .local/stack.json tells and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

import boto3
import pytest
import requests

from firstline.model.handoff import Action
from infra.local.demo import asked
from infra.ops.account_secrets import old_accounts

from . import outside
from .outside import deliver

PATIENCE = 60.0


def eventually(look: Callable[[], Any]) -> Any:
    """What ``look`` sees as soon as it sees anything; fails after a minute (a bound against hanging, no measure)."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.3)  # somebody else's processes work meanwhile
    raise AssertionError("it did not happen")


def a_mention(stack: dict[str, Any], text: str, author: str | None = None) -> dict[str, Any]:
    """A mention as X's Activity API tells of it. The author and the post are new."""
    post_id, author = str(uuid.uuid4().int)[:19], author or str(uuid.uuid4().int)[:12]
    account = stack["accounts"]["x"]
    return {
        "data": {
            "event_uuid": str(uuid.uuid4()),
            "filter": {"user_id": account},
            "event_type": "post.mention.create",
            "payload": {
                "id": post_id,
                "text": f"@LumoraCare {text}",
                "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
                "author_id": author,
                "conversation_id": post_id,
                "edit_history_tweet_ids": [post_id],
                "lang": "en",
                "entities": {"mentions": [{"start": 0, "end": 11, "username": "LumoraCare", "id": account}]},
            },
            "includes": {"users": [{"id": author, "username": f"c{author}", "name": "Anna Ross"}]},
        }
    }


def posted(stack: dict[str, Any], content: dict[str, Any]) -> str:
    """The post also exists at the simulated platform, which is asked to show it to those who answer it."""
    payload = content["data"]["payload"]
    user = content["data"]["includes"]["users"][0]
    request = {
        "channel": "x",
        "kind": "post",
        "account": stack["accounts"]["x"],
        "author": {"id": user["id"], "handle": user["username"], "name": user["name"]},
        "text": payload["text"],
        "deliver": True,
    }
    answer = requests.post(f"{stack['simulator']}/control/post", json=request, timeout=30)
    answer.raise_for_status()
    post_id: str = answer.json()["post_id"]
    return post_id


def sent(stack: dict[str, Any], post_id: str) -> list[dict[str, Any]]:
    """The replies that the platform received to a post."""
    replies = requests.get(f"{stack['simulator']}/sent", timeout=30).json()
    return [each for each in replies if each["in_reply_to"] == post_id]


def cases_of(author: str, stack: str = "firstline") -> list[Any]:
    """The author's cases in the table."""
    from infra.ops.stack import services_of

    return [case for case in services_of(stack).table.cases("open", 500) if case.author_key == f"x:{author}"]


def lane_items(stack: dict[str, Any], case_id: str) -> set[str]:
    """The live work ids in the lanes of a case."""
    sqs = boto3.client("sqs")
    found = set()
    for lane in ("UrgentLaneUrl", "StandardLaneUrl", "EmailLaneUrl"):
        for _ in range(20):
            url = stack["outputs"][lane]
            got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=2).get("Messages", ())
            if not got:
                break
            items = [json.loads(message["Body"]) for message in got]
            found |= {item["work_id"] for item in items if item["case_id"] == case_id}
    return found


def test_a_mention_gets_one_case_one_acknowledgement_one_work_item(stack: dict[str, Any]) -> None:
    content = a_mention(stack, "my oven is broken since Monday")
    post_id = posted(stack, content)
    author = content["data"]["includes"]["users"][0]["id"]
    assert len(eventually(lambda: sent(stack, post_id))) == 1
    (case,) = eventually(lambda: cases_of(author))
    assert eventually(lambda: lane_items(stack, case.id)) == {case.work_id}


def test_a_client_that_only_signs_a_mention_sees_its_answer(stack: dict[str, Any]) -> None:
    content = a_mention(stack, "my dishwasher is broken since Monday")
    assert deliver(stack, "x", content) == 200
    assert len(eventually(lambda: sent(stack, content["data"]["payload"]["id"]))) == 1


@pytest.mark.parametrize("channel", sorted(outside.WAYS))
def test_a_client_that_only_signs_webhooks_sees_one_answer_on_every_channel(
    stack: dict[str, Any], channel: str
) -> None:
    where, content = outside.WAYS[channel](stack, "My oven is broken since Monday, what now?")
    assert [deliver(stack, channel, content) for _ in range(3)] == [200] * 3
    (answer,) = eventually(lambda: sent(stack, where))
    assert answer["channel"] == ("generic" if channel == "reviews" else channel)


def test_a_field_level_text_is_mailed_to_the_right_branch(stack: dict[str, Any]) -> None:
    content = a_mention(stack, "no engineer came to repair my broken oven in Leeds")
    post_id = posted(stack, content)
    (reply,) = eventually(lambda: sent(stack, post_id))
    assert "Leeds" in reply["text"]
    mails = requests.get(f"{stack['aws_endpoint']}/_ministack/ses/messages", timeout=30).text
    assert "leeds@branches.lumora.example" in mails


def test_a_branchs_links_open_change_nothing_and_act_when_posted(stack: dict[str, Any]) -> None:
    content = a_mention(stack, "no engineer came to repair my broken oven in Leeds")
    post_id = posted(stack, content)
    eventually(lambda: sent(stack, post_id))
    (case,) = cases_of(content["data"]["includes"]["users"][0]["id"])
    mails = requests.get(f"{stack['aws_endpoint']}/_ministack/ses/messages", timeout=30).json()["messages"]
    (mail,) = [each for account in mails.values() for each in account if case.ref in each["Subject"]]
    paths = list(dict.fromkeys(re.findall(r"(/branch/[\w.-]+)", mail["BodyText"])))
    assert len(paths) == len(get_args(Action))

    def pages(method: str, *those: str) -> list[requests.Response]:
        return [requests.request(method, stack["http"] + path, allow_redirects=False, timeout=30) for path in those]

    opened = pages("GET", *paths)
    assert {page.status_code for page in opened} == {200}
    assert all("Nobody has taken it yet" in page.text for page in opened + pages("GET", *paths))
    assert {page.status_code for page in pages("GET", paths[0] + "x", "/branch/none")} == {404}
    (accept,) = [path for path in paths if asked(path) == "accept"]
    (done,), (again,) = pages("POST", accept), pages("POST", accept)
    assert "it is yours" in done.text and "done before" in again.text
    assert all("has taken it" in page.text for page in pages("GET", *paths))


def test_more_posts_of_the_author_are_each_answered_in_other_words_on_the_same_case(stack: dict[str, Any]) -> None:
    author = str(uuid.uuid4().int)[:12]
    posts = [posted(stack, a_mention(stack, f"my oven is broken, {word}", author)) for word in ("one", "two", "three")]
    replies = [eventually(lambda post=post: sent(stack, post)) for post in posts]  # type: ignore[misc]
    texts = [each["text"] for reply in replies for each in reply]
    assert len(texts) == 3 == len(set(texts))
    (case,) = cases_of(author)
    assert case.posts == 3


@pytest.mark.parametrize("channel", ["x", *sorted(outside.WAYS)])
def test_a_forged_delivery_is_refused(stack: dict[str, Any], channel: str) -> None:
    assert deliver(stack, channel, a_mention(stack, "forged"), signed=False) == 401


def test_the_same_delivery_five_times_opens_one_case(stack: dict[str, Any]) -> None:
    content = a_mention(stack, "my fridge is broken")
    assert [deliver(stack, "x", content) for _ in range(5)] == [200] * 5
    author = content["data"]["includes"]["users"][0]["id"]
    (case,) = eventually(lambda: cases_of(author))
    assert case.posts == 1


def test_a_wrong_verify_token_is_refused_without_echo(stack: dict[str, Any]) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "wrong", "hub.challenge": "echo-me"}
    answer = requests.get(f"{stack['http']}/webhooks/facebook", params=query, timeout=30)
    assert answer.status_code == 403 and "echo-me" not in answer.text


def test_metas_deletion_callback_is_answered_and_its_page_tells_when_it_is_done(stack: dict[str, Any]) -> None:
    content = base64.urlsafe_b64encode(json.dumps({"user_id": outside.number(15)}).encode()).rstrip(b"=")
    proof = hmac.new(stack["signing"]["facebook"][0].encode(), content, hashlib.sha256).digest()
    signed = base64.urlsafe_b64encode(proof).rstrip(b"=").decode() + "." + content.decode()
    url = f"{stack['http']}/privacy/meta/deletion"
    assert requests.post(url, data={"signed_request": signed[1:]}, timeout=30).status_code == 401
    code = requests.post(url, data={"signed_request": signed}, timeout=30).json()["confirmation_code"]
    page = requests.get(f"{stack['http']}/privacy/status/{code}", headers={"accept-language": "es"}, timeout=30)
    assert page.status_code == 200 and ("Lo estamos haciendo" in page.text or "se han borrado" in page.text)
    assert requests.get(f"{stack['http']}/privacy/status/{'0' * 32}", timeout=30).status_code == 404


def test_what_the_webhooks_verify_with_holds_no_tokens(stack: dict[str, Any]) -> None:
    client = boto3.client("secretsmanager")
    arn = stack["outputs"]["ChannelSecretsArn"]
    value = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
    assert value["x"]["signing"] == stack["signing"]["x"] and old_accounts(value) == []
    pages = client.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": ["firstline/account/"]}])
    names = {each["Name"] for page in pages for each in page["SecretList"]}
    assert {f"firstline/account/{channel}/{stack['accounts'][channel]}" for channel in ("x", "facebook")} <= names
