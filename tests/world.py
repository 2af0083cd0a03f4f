"""The whole path in one process: moto's AWS, the simulated platforms, and a clock that only tests move.

Queues redeliver, delay and hide by the same clock, so that an hour's outage takes no time. Nothing here decides
anything: messages are handed to the very operations that the functions call.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

import boto3
import requests
from botocore.config import Config
from moto import mock_aws
from requests.adapters import BaseAdapter

from firstline.model.base import stamp
from firstline.model.errors import LostRace, Retry, UnknownForm
from firstline.operations.agents import claim, reply
from firstline.operations.complete import complete
from firstline.operations.hand_over import hand_over
from firstline.operations.one_by_one import one_by_one
from firstline.operations.receive import Door, log_line, receive
from firstline.operations.send_reply import send_reply
from firstline.operations.services import Services
from firstline.operations.take_in import take_in
from firstline.operations.tend import run
from firstline.outward.account_secrets import AccountSecrets
from firstline.outward.bodies import Bodies
from firstline.outward.http import Http
from firstline.outward.links import Links
from firstline.outward.mail import Mailer
from firstline.outward.queues import Queues
from firstline.outward.secrets import ChannelSecrets, LinkKeys, old_credentials
from firstline.outward.settings import Settings
from firstline.playbook import Playbook
from firstline.table import Table, terms
from infra.local.simulators.adapter import PlatformAdapter
from infra.local.simulators.generic import GenericPlatform
from infra.local.simulators.graph import GraphPlatform
from infra.local.simulators.instagram import InstagramPlatform
from infra.local.simulators.meta import MetaApi
from infra.local.simulators.settings import Settings as PlatformSettings
from infra.local.simulators.settings import Token
from infra.local.simulators.store import Store
from infra.local.simulators.whatsapp import WhatsAppPlatform
from infra.local.simulators.wire import Delivery
from infra.local.simulators.x import XPlatform
from infra.ops.account_secrets import old_accounts
from infra.ops.connect.setup import without_accounts

from .builders import CARE, GRAM, MAIN, NUMBER, PAGE, SOURCES, a_playbook
from .case_table import make_case_table
from .memory_queues import MemoryQueues
from .memory_table import MemoryTables

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
REGION = "eu-central-1"
ACCOUNT_SECRETS = "firstline/account"
SITE = "https://care.acme.example"
"""Where the links of branches' mails lead."""
QUEUES = ("intake", "replies", "handoffs", "lookups", "quarantine", "urgent", "standard", "email")
WORKERS = {"replies": ("case_id", "reply_id"), "handoffs": ("case_id", "handoff_id"), "lookups": ("event_key",)}
FUNCTIONS = {"intake": "Intake", "replies": "Reply", "handoffs": "Handoff", "lookups": "Lookup"}
VISIBILITY = 180
ONE_TRY = Config(retries={"total_max_attempts": 1}, ignore_configured_endpoint_urls=True)


@cache
def a_session() -> boto3.session.Session:
    """One session for all worlds: it keeps what botocore reads about services; each world has clients of its own."""
    return boto3.session.Session(region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


class Died(BaseException):
    """The process ended here: nothing of it runs on, no handler cleans up."""


class Published:
    """Playbooks without AppConfig: the active one, and the versions there were."""

    def __init__(self, playbook: Playbook) -> None:
        self.versions = {playbook.version: playbook}
        self.now = playbook

    def active(self) -> Playbook:
        return self.now

    def version(self, version: str) -> Playbook:
        return self.versions[version]


def remember(client: Any, *reads: str) -> None:
    """Let a client of moto's give the same answers again until it is used for anything else (each takes moto 7 ms)."""
    ask, known = client._make_api_call, {}

    def answer(operation: str, content: Any) -> Any:
        if operation not in reads:
            known.clear()
            return ask(operation, content)
        asked = json.dumps([operation, content], sort_keys=True)
        if asked not in known:
            known[asked] = ask(operation, content)
        return deepcopy(known[asked])

    client._make_api_call = answer


class World:
    """One deployment in one process, on the tests' own table and queues, which cost a tenth of moto's.

    ``dynamodb`` is a client of another DynamoDB; ``in_memory=False`` takes moto's table and queues, for tests that look
    at the calls themselves."""

    def __init__(
        self,
        playbook: Playbook | None = None,
        start: datetime = START,
        dynamodb: Any = None,
        in_memory: bool = True,
        **settings: Any,
    ) -> None:
        self.now = start
        self.inside = False
        """Whether an operation is running: only then are its calls counted and disturbed by a recorder."""
        self.watched = True
        """False while a story only sets its scene."""
        self.function = ""
        """The function whose operation is running, as the template names it."""
        self.webhooks_from = start
        """Platforms' own webhooks come from then on."""
        self.log: list[dict[str, Any]] = []
        self.pauses: list[float] = []
        """How long operations waited between lost races, in seconds: no time passes."""
        self.metrics: list[tuple[str, dict[str, Any]]] = []
        self.secrets_value = _secrets()
        session = self.session = a_session()
        self.client: Callable[[str], Any] = lambda name: session.client(name, config=ONE_TRY)
        self.s3 = self.client("s3")
        self.sqs = MemoryQueues(lambda: self.now, VISIBILITY) if in_memory else self.client("sqs")
        self.dynamodb = dynamodb or (MemoryTables() if in_memory else self.client("dynamodb"))
        self.ses, self.secretsmanager, self.logs = map(self.client, ("sesv2", "secretsmanager", "logs"))
        self.doubles: dict[str, Any] = {"sqs": self.sqs, "dynamodb": self.dynamodb} if in_memory else {}
        """The clients that are not botocore's, by service."""
        if in_memory:
            remember(self.s3, "ListObjectsV2")
            remember(self.secretsmanager, "GetSecretValue", "ListSecrets")
        self.urls = {name: self._queue(name) for name in QUEUES}
        make_case_table(self.dynamodb, "cases")
        self.s3.create_bucket(Bucket="bodies", CreateBucketConfiguration={"LocationConstraint": REGION})
        arn = self._secrets_stored(old=settings.pop("old_secrets", False))
        self.link_keys = self.secretsmanager.create_secret(
            Name="links", SecretString='{"current": "k1", "previous": ""}'
        )
        self.client("ses").verify_domain_identity(Domain="acme.example")
        self.settings = Settings(
            table_name="cases",
            intake_queue_url=self.urls["intake"],
            replies_queue_url=self.urls["replies"],
            handoffs_queue_url=self.urls["handoffs"],
            lookups_queue_url=self.urls["lookups"],
            quarantine_queue_url=self.urls["quarantine"],
            urgent_lane_url=self.urls["urgent"],
            standard_lane_url=self.urls["standard"],
            email_lane_url=self.urls["email"],
            bodies_bucket="bodies",
            channel_secrets_arn=arn,
            account_secrets=ACCOUNT_SECRETS,
            link_keys_arn=self.link_keys["ARN"],
            mail_from="care@acme.example",
            **{"public_base_url": SITE, **settings},
        )
        self._platforms()
        self.published = Published(playbook or a_playbook())
        self._seconds = lambda: self.now.timestamp()
        channels = ChannelSecrets(lambda: self.secretsmanager, arn, self._seconds)
        self.services = Services(
            settings=self.settings,
            clock=lambda: self.now,
            table=Table(
                self.dynamodb,
                "cases",
                self.settings.shards,
                unknown=self._unknown_form,
                kept=lambda: terms(self.published.active().retention_days),
            ),
            queues=Queues(self.sqs),
            bodies=Bodies(self.s3, "bodies"),
            playbooks=self.published,  # type: ignore[arg-type]
            secrets=channels,
            tokens=AccountSecrets(lambda: self.secretsmanager, ACCOUNT_SECRETS, channels, self._seconds),
            http=Http("https://api.x.com", "https://graph.facebook.com", session=self.web, clock=self._seconds),
            mailer=Mailer(self.ses, "care@acme.example"),
            links=Links(
                LinkKeys(lambda: self.secretsmanager, self.settings.link_keys_arn, self._seconds),
                self.settings.public_base_url,
            ),
            tell=lambda message, **fields: self.log.append({"message": message, **fields}),
            count=lambda name, **dimensions: self.metrics.append((name, dimensions)),
            pause=self.pauses.append,
        )
        self.door = Door(
            secrets=ChannelSecrets(lambda: self.secretsmanager, arn, self._seconds),
            queues=Queues(self.sqs),
            bodies=lambda: Bodies(self.s3, "bodies"),
            intake_queue_url=self.urls["intake"],
            clock=lambda: self.now,
            tell=log_line(lambda text: self.log.append(json.loads(text)), lambda: self.now),
        )

    def _unknown_form(self, error: UnknownForm) -> None:
        self.services.tell("unknown_form", kind=error.what, why=error.why, metric="UnknownForm")

    # -- building ------------------------------------------------------------------------------------------------

    def _secrets_stored(self, old: bool) -> str:
        """The channels' secret and the accounts' own; with ``old`` all in one, as releases before kept it. Its ARN."""
        signing = self.secrets_value
        for channel, account in () if old else old_accounts(signing):
            text = json.dumps(old_credentials(self.secrets_value, channel, account))
            self.secretsmanager.create_secret(Name=f"{ACCOUNT_SECRETS}/{channel}/{account}", SecretString=text)
            signing = {**signing, channel: without_accounts(signing[channel], [account])}
        arn: str = self.secretsmanager.create_secret(Name="channels", SecretString=json.dumps(signing))["ARN"]
        return arn

    def _queue(self, name: str) -> str:
        attributes = {"VisibilityTimeout": str(VISIBILITY), "MessageRetentionPeriod": "1209600"}
        url: str = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url

    def _platforms(self) -> None:
        told = PlatformSettings.model_validate(
            {
                "webhook_base": "http://unused",
                "consumer_key": "ck",
                "signing": {channel: part["signing"] for channel, part in self.secrets_value.items()},
                "accounts": {
                    "x": [
                        {"id": MAIN, "name": "Acme", "handle": "AcmeHome"},
                        {"id": CARE, "name": "Acme care", "handle": "AcmeCare"},
                    ],
                    "facebook": [{"id": PAGE, "name": "Acme"}],
                    "messenger": [{"id": PAGE, "name": "Acme"}],
                    "whatsapp": [{"id": NUMBER, "name": "Acme"}],
                    "instagram": [{"id": GRAM, "name": "Acme", "handle": "acme.home"}],
                    "generic": [{"id": source, "name": "Acme"} for source in SOURCES],
                },
                "sources": {name: part["signing"] for name, part in self.secrets_value["generic"]["sources"].items()},
                "tokens": {
                    "generic": {source: {"token": CALLBACK_SECRET} for source in SOURCES},
                    **{name: part["accounts"] for name, part in self.secrets_value.items() if "accounts" in part},
                },
            }
        )
        store = Store()
        self.out: list[Delivery] = []
        self.x = XPlatform(told, store, self.out.append)
        self.graph = GraphPlatform(told, store, self.out.append)
        self.generic = GenericPlatform(told, store, self.out.append)
        self.whatsapp = WhatsAppPlatform(told, store, self.out.append)
        self.instagram = InstagramPlatform(told, store, self.out.append)
        self.web = requests.Session()
        self.web.mount("https://api.x.com", PlatformAdapter(self.x, lambda: self.now))
        meta = MetaApi(self.graph, self.whatsapp, self.instagram)
        self.web.mount("https://graph.facebook.com", PlatformAdapter(meta, lambda: self.now))
        self.web.mount("https://graph.instagram.com", PlatformAdapter(self.instagram, lambda: self.now))
        self.web.mount("https://sources.example", PlatformAdapter(self.generic, lambda: self.now))
        self.x.visit = self.graph.visit = self.visited

    def ids_only(self, delivery: Delivery) -> Delivery:
        """A delivery of the page as the platform sends it where it may not show authors and words (R8c)."""
        content = json.loads(delivery.body)
        for change in content["entry"][0]["changes"]:
            for name in ("from", "message"):
                change["value"].pop(name, None)
        return self.graph.delivery(delivery.channel, content, delivery.post_ids, self.now)

    def short_tokens(self, account: str) -> None:
        """From now on the account on X has an OAuth 2.0 token of two hours, as `firstline connect x` stores it."""
        given = {"client_id": "app", "client_secret": "app-secret", "bearer": "b-0", "refresh_token": "r-0"}
        self.has_tokens(account, {**given, "expires_at": stamp(self.now + timedelta(hours=2))})

    def has_tokens(self, account: str, tokens: dict[str, str]) -> None:
        """A person stored these tokens; X takes them."""
        self.x.tokens["x"][account] = Token.model_validate(tokens)
        self.store_tokens("x", account, tokens)

    def store_tokens(self, channel: str, account: str, tokens: Mapping[str, Any]) -> None:
        """A person stored these tokens, or this callback, where the account's are."""
        value = self.secret()
        if account in value[channel].get("accounts", {}):
            name = self.settings.channel_secrets_arn
            value[channel]["accounts"][account] = tokens
        else:
            name, value = f"{ACCOUNT_SECRETS}/{channel}/{account}", dict(tokens)
        self.secretsmanager.put_secret_value(SecretId=name, SecretString=json.dumps(value))

    def another_process(self) -> Services:
        """The same services in another process, which has read no secret yet."""
        secrets = ChannelSecrets(lambda: self.secretsmanager, self.settings.channel_secrets_arn, self._seconds)
        tokens = AccountSecrets(lambda: self.secretsmanager, ACCOUNT_SECRETS, secrets, self._seconds)
        return replace(self.services, secrets=secrets, tokens=tokens)

    def secret(self) -> dict[str, Any]:
        """The channels' secret as it is stored."""
        text = self.secretsmanager.get_secret_value(SecretId=self.settings.channel_secrets_arn)["SecretString"]
        value: dict[str, Any] = json.loads(text)
        return value

    def tokens_of(self, channel: str, account: str) -> dict[str, Any]:
        """An account's tokens as they are stored now."""
        return dict(self.another_process().tokens.present(channel, account))

    # -- time and queues -----------------------------------------------------------------------------------------

    def deliver(self, delivery: Delivery) -> int:
        """A platform's webhook reaches the door; returns the status."""
        return self.knock(delivery.door or delivery.channel, delivery.body, dict(delivery.headers_at(self.now)))

    def knock(self, channel: str, body: bytes, headers: dict[str, str], method: str = "POST", query: str = "") -> int:
        """Any request at the door; returns the status."""
        return self.answered(channel, body, headers, method, query)[0]

    def visited(self, url: str, query: Mapping[str, str]) -> tuple[int, str]:
        """A platform looks at a webhook's address; only ours answers."""
        if not url.startswith(f"{SITE}/webhooks/"):
            return 0, ""
        return self.answered(url.rpartition("/")[2], b"", {}, "GET", urlencode(query))

    def answered(
        self, channel: str, body: bytes, headers: Mapping[str, str], method: str, query: str
    ) -> tuple[int, str]:
        """Any request at the door: status and text."""
        event = {
            "pathParameters": {"channel": channel},
            "requestContext": {"http": {"method": method}},
            "headers": dict(headers),
            "rawQueryString": query,
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        with self.operation("Receive"):
            answer = receive(event, self.door)
            return int(answer["statusCode"]), str(answer["body"])
        return 502, ""

    def work(self, *only: str) -> int:
        """Hand what is visible on the internal queues to the operations, as event source mappings do; how many."""
        worked = 0
        for name in only or ("intake", *WORKERS):
            for message in self.sqs.receive_message(QueueUrl=self.urls[name], MaxNumberOfMessages=10).get(
                "Messages", ()
            ):
                worked += 1
                batch = [(message["MessageId"], message["Body"])]
                failed = [message["MessageId"]]
                with self.operation(FUNCTIONS[name]):
                    failed = self._invoke(name, batch)
                if not failed:
                    self.sqs.delete_message(QueueUrl=self.urls[name], ReceiptHandle=message["ReceiptHandle"])
        return worked

    def _invoke(self, name: str, batch: list[tuple[str, str]]) -> list[str]:
        if name == "intake":
            return take_in(batch, self.services)
        action = {"replies": send_reply, "handoffs": hand_over, "lookups": complete}[name]
        return one_by_one(batch, WORKERS[name], action, self.services)

    @contextmanager
    def operation(self, function: str) -> Iterator[None]:
        """A function's invocation: when it dies or fails, its cause comes again as it would on AWS."""
        before = self.inside, self.function
        self.inside, self.function = True, function
        try:
            yield
        except (Died, Retry, LostRace) as end:
            self.log.append({"message": "invocation_ended", "how": type(end).__name__})
        finally:
            self.inside, self.function = before

    def webhooks(self) -> None:
        """The platforms' own webhooks (echoes of replies) reach the door; a refused one comes again."""
        if self.now < self.webhooks_from:
            return
        waiting, self.out[:] = list(self.out), []
        for delivery in waiting:
            if self.deliver(delivery) != 200:
                self.out.append(delivery)

    def settle(self) -> None:
        """Work until the queues hold nothing that is visible now."""
        for _ in range(200):
            self.webhooks()
            if not self.work():
                return
        raise AssertionError("the queues never come to rest")

    def tick(self) -> None:
        """The diary's minute."""
        with self.operation("Diary"):
            run(self.services)

    def pass_time(self, seconds: float, step: float = 60) -> None:
        """Let time pass: the queues are worked and the diary ticks on the way."""
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.now = min(self.now + timedelta(seconds=step), end)
            self.settle()
            self.tick()
            self.settle()

    # -- what can be seen ----------------------------------------------------------------------------------------

    def sent(self, channel: str = "") -> list[Any]:
        """What platforms took from our API calls, oldest first."""
        platforms = (self.x, self.graph, self.whatsapp, self.instagram, self.generic)
        everything = sorted((one for each in platforms for one in each.sent()), key=lambda each: each.at)
        return [
            each for each in {each.id: each for each in everything}.values() if not channel or each.channel == channel
        ]

    def cases(self) -> list[Any]:
        """All cases, open and done."""
        return [*self.services.table.cases("open", 1000), *self.services.table.cases("done", 1000)]

    def lane(self, name: str) -> list[dict[str, Any]]:
        """The messages that lie in a lane (they stay there)."""
        found = []
        for _ in range(50):
            got = self.sqs.receive_message(
                QueueUrl=self.urls[name], MaxNumberOfMessages=10, VisibilityTimeout=5, WaitTimeSeconds=0
            ).get("Messages", ())
            if not got:
                break
            found += [json.loads(message["Body"]) for message in got]
        self.now += timedelta(seconds=6)
        return found

    def mails(self) -> list[Any]:
        """The mails that SES accepted."""
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.ses.models import ses_backends

        return [*ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages]

    def records(self, case_id: str, prefix: str = "") -> list[Any]:
        """All of a case."""
        return self.services.table.of_case(case_id, prefix)

    # -- people --------------------------------------------------------------------------------------------------

    def agent_answers(self, case_id: str, text: str, agent: str = "maria", **how: Any) -> Any:
        """An agent takes the case and answers."""
        claim(case_id, agent, self.services)
        return reply(case_id, agent, text, self.services, **how)


def webhook_secret(name: str) -> str:
    """A secret of Standard Webhooks that follows from a name."""
    key = base64.b64encode(name.encode().ljust(24, b"."))
    return f"whsec_{key.decode()}"


CALLBACK_SECRET = webhook_secret("callback")


def _secrets() -> dict[str, Any]:
    x_token = {"consumer_key": "ck", "consumer_secret": "cs", "token_secret": "ts"}

    def source(name: str) -> dict[str, Any]:
        callback = {"url": f"https://sources.example/sources/{name}", "signing": [CALLBACK_SECRET]}
        return {"signing": [webhook_secret(name)], "callback": callback}

    return {
        "generic": {**source("generic"), "sources": {name: source(name) for name in SOURCES if name != "generic"}},
        "x": {"signing": ["x-signing"], "accounts": {each: {**x_token, "token": f"t-{each}"} for each in (MAIN, CARE)}},
        "facebook": {"signing": ["meta-signing"], "verify_token": ["verify"], "accounts": {PAGE: {"token": "page"}}},
        "messenger": {"signing": ["meta-signing"], "verify_token": ["verify"], "accounts": {PAGE: {"token": "page"}}},
        "whatsapp": {
            "signing": ["meta-signing"],
            "verify_token": ["verify"],
            "accounts": {NUMBER: {"token": "number"}},
        },
        "instagram": {"signing": ["meta-signing"], "verify_token": ["verify"], "accounts": {GRAM: {"token": "gram"}}},
    }


class DoorAdapter(BaseAdapter):
    """The public address of a world's door, under `requests`."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.closed = False
        """Nobody comes through from outside."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:  # type: ignore[override]
        if self.closed:
            raise requests.ConnectionError("nothing listens there")
        address = urlsplit(request.url or "")
        body = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")
        headers = {str(name): str(value) for name, value in request.headers.items()}
        status, text = self.world.answered(
            address.path.rpartition("/")[2], body, headers, request.method or "GET", address.query
        )
        response = requests.Response()
        response.status_code, response.encoding, response.url = status, "utf-8", request.url or ""
        response._content = text.encode()
        return response

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def a_world(playbook: Playbook | None = None, **settings: Any) -> Iterator[World]:
    """A world, and moto's queues on its clock."""
    holder: list[World] = []

    def millis(*_: Any) -> float:
        return (holder[0].now if holder else START).timestamp() * 1000

    def seconds(*_: Any) -> float:
        return millis() / 1000

    with (
        mock_aws(),
        patch("moto.sqs.models.unix_time_millis", millis),
        patch("moto.sqs.models.unix_time", seconds),
    ):
        world = World(playbook, **settings)
        holder.append(world)
        yield world
