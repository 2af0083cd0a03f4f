"""Builders: a brand that has just deployed, and somebody who connects it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import requests
from requests.adapters import BaseAdapter

from infra.local.simulators.settings import Token
from infra.local.simulators.whatsapp_bodies import WABA
from infra.ops.connect.setup import Person, Setup
from tests.builders import CARE, GRAM, MAIN, NUMBER, PAGE
from tests.world import ACCOUNT_SECRETS, SITE, DoorAdapter, World

APP = "28000001"
META = {"app_id": APP, "app_secret": "meta-signing"}
ANSWERS = {
    "x": {"consumer_key": "ck", "consumer_secret": "x-signing", "token": f"t-{CARE}", "token_secret": "ts"},
    "facebook": {**META, "token": "page"},
    "messenger": {**META, "token": "page"},
    "whatsapp": {**META, "token": "number", "waba_id": WABA},
    "instagram": {**META, "token": "gram"},
    "generic": {"callback_url": "https://sources.example/sources/generic"},
}
ACCOUNT = {"x": CARE, "facebook": PAGE, "messenger": PAGE, "whatsapp": NUMBER, "instagram": GRAM, "generic": "generic"}


def nothing_connected(world: World) -> None:
    """The secret as a deployment makes it; the platforms know the app and its accounts' tokens."""
    text = '{"placeholder": "x"}'
    world.secretsmanager.put_secret_value(SecretId=world.settings.channel_secrets_arn, SecretString=text)
    for name in [each["Name"] for each in world.secretsmanager.list_secrets(MaxResults=100)["SecretList"]]:
        if name.startswith(ACCOUNT_SECRETS):
            world.secretsmanager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    world.services.secrets.forget()
    world.services.tokens.forget()
    world.door.secrets.forget()
    for account in (MAIN, CARE):
        told = {"consumer_key": "ck", "consumer_secret": "x-signing", "token": f"t-{account}", "token_secret": "ts"}
        world.x.tokens["x"][account] = Token.model_validate(told)


def a_setup(world: World, channel: str, answers: dict[str, str] | None = None, **more: Any) -> Setup:
    """Somebody with these answers; time passes while they wait. ``agrees``: what they say to every question."""

    def passes(seconds: float) -> None:
        world.now += timedelta(seconds=seconds)

    web = more.pop("web", None) or a_web(world)
    person = Person(
        ANSWERS[channel] if answers is None else answers, interactive=False, always=more.pop("agrees", False)
    )
    more = {"wanted": ACCOUNT[channel], **more}
    return Setup(channel, world.services, SITE, web, person, pause=passes, **more)


class Page(BaseAdapter):
    """A page of the brand's own site that answers with this status."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:  # type: ignore[override]
        response = requests.Response()
        response.status_code, response._content = self.status, b""
        return response

    def close(self) -> None:
        """Nothing is open."""


def a_web(world: World, closed: bool = False, policy: int = 200) -> requests.Session:
    """What leads to the door from outside."""
    adapter = DoorAdapter(world)
    adapter.closed = closed
    web = requests.Session()
    web.mount(SITE, adapter)
    web.mount("https://acme.example/", Page(policy))
    return web


def stored(world: World) -> dict[str, Any]:
    """The channels' secret, with each account's tokens where an earlier release kept them: all in one place to look."""
    found, client = channels_secret(world), world.secretsmanager
    for name in [each["Name"] for each in client.list_secrets(MaxResults=100)["SecretList"]]:
        if name.startswith(ACCOUNT_SECRETS):
            channel, account = name.split("/")[2:]
            tokens = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
            part = found.setdefault(channel, {})
            if channel != "generic":
                part.setdefault("accounts", {})[account] = tokens
            elif account == "generic":
                part["callback"] = tokens
            else:
                part["sources"][account]["callback"] = tokens
    return found


def channels_secret(world: World) -> dict[str, Any]:
    text = world.secretsmanager.get_secret_value(SecretId=world.settings.channel_secrets_arn)["SecretString"]
    found: dict[str, Any] = json.loads(text)
    return found
