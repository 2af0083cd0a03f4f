"""The desk on the deployed template: a real sign-in, a real token, the API's own authorizer."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests

from infra.ops.people import add, groups_of
from tests.stack.test_deployed import a_mention, eventually, posted

PASSWORD = "Stack-Test-2026"


def sign_in(stack: dict[str, Any], username: str, password: str) -> dict[str, Any]:
    """The tokens that the page gets: authorization code with PKCE, at the issuer's own sign-in page."""
    told = requests.get(f"{stack['http']}/desk/config.json", timeout=30).json()
    verifier = secrets.token_urlsafe(40)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    common = {"client_id": told["client_id"], "redirect_uri": told["redirect_uri"]}
    asked = {
        **common,
        "response_type": "code",
        "scope": told["scope"],
        "state": "s",
        "nonce": "n",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    authorize = told["endpoints"]["authorize"].replace("localhost", "127.0.0.1")
    form = requests.get(authorize, params=asked, timeout=30).text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    back = requests.post(
        authorize.replace("/oauth2/authorize", "/login"),
        data={**{name: value.replace("&amp;", "&") for name, value in fields.items()}, "username": username,
              "password": password},
        allow_redirects=False,
        timeout=30,
    )  # fmt: skip
    (code,) = parse_qs(urlsplit(back.headers["location"]).query)["code"]
    exchange = {**common, "grant_type": "authorization_code", "code": code, "code_verifier": verifier}
    tokens: dict[str, Any] = requests.post(
        told["endpoints"]["token"].replace("localhost", "127.0.0.1"), data=exchange, timeout=30
    ).json()
    return tokens


def ask(stack: dict[str, Any], path: str, token: str | None) -> requests.Response:
    """The API's answer."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return requests.get(f"{stack['http']}/api/{path}", headers=headers, timeout=30)


@pytest.fixture(scope="module")
def lead(stack: dict[str, Any]) -> str:
    """The access token of the lead that stack.json names."""
    known = stack["sign_in"]["branch-desk"]
    token: str = sign_in(stack, known["username"], known["password"])["access_token"]
    return token


def a_person(stack: dict[str, Any], name: str, groups: tuple[str, ...]) -> str:
    """The access token of a new person in these groups."""
    pool = stack["outputs"]["UserPoolId"]
    add(boto3.client("cognito-idp"), pool, f"{name}@lumora.example", groups, PASSWORD)
    token: str = sign_in(stack, f"{name}@lumora.example", PASSWORD)["access_token"]
    return token


def test_a_lead_sees_the_own_regions_branches_and_a_handoff_that_came_in(stack: dict[str, Any], lead: str) -> None:
    content = a_mention(stack, "no engineer came to repair my broken oven in Leeds")
    author = content["data"]["includes"]["users"][0]["username"]
    posted(stack, content)
    seen = ask(stack, "branches", lead).json()
    assert {region["id"] for region in seen["regions"]} == set(stack["sign_in"]["branch-desk"]["regions"])

    def the_handoff() -> list[dict[str, Any]]:
        page = ask(stack, "branches/leeds/handoffs", lead).json()
        return [each for each in page["handoffs"] if each["customer"]["handle"] == author]

    assert eventually(the_handoff)[0]["stage"] == "waiting"


def test_a_branch_of_another_region_is_not_found(stack: dict[str, Any], lead: str) -> None:
    assert ask(stack, "branches/madrid/handoffs", lead).status_code == 404


def test_other_roles_are_refused(stack: dict[str, Any]) -> None:
    agent = a_person(stack, "agent", groups_of(["agent", "lead"], []))
    sly = a_person(stack, "sly", ("not-branch-desk", "branch-desk:gb"))
    nobody = a_person(stack, "nobody", ())
    assert [ask(stack, "branches", token).status_code for token in (agent, sly, nobody)] == [403, 403, 403]


def test_no_token_or_a_changed_one_is_stopped_at_the_door(stack: dict[str, Any], lead: str) -> None:
    head, claims, signature = lead.split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    told["cognito:groups"] = ["branch-desk", "branch-desk:es"]
    changed = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    forged = (None, "nonsense", f"{head}.{changed}.{signature}", f"{unsigned}.{changed}.", f"{head}.{claims}.")
    assert [ask(stack, "branches", token).status_code for token in forged] == [401] * 5


def test_a_code_without_its_verifier_is_worth_nothing(stack: dict[str, Any]) -> None:
    told = requests.get(f"{stack['http']}/desk/config.json", timeout=30).json()
    answer = requests.post(
        told["endpoints"]["token"].replace("localhost", "127.0.0.1"),
        data={"grant_type": "authorization_code", "client_id": told["client_id"], "code": "made-up",
              "redirect_uri": told["redirect_uri"], "code_verifier": "x" * 43},
        timeout=30,
    )  # fmt: skip
    assert answer.status_code == 400
