"""What earlier releases stored (tests/fixtures/stored/<commit>/), and a world that finds it there."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from firstline.playbook import Playbook
from infra.local.simulators.store import Entry, Person
from tests.world import ACCOUNT_SECRETS, World, a_world

FOLDER = Path(__file__).parent / "fixtures" / "stored"
RELEASES = tuple(sorted(each.name for each in FOLDER.iterdir() if (each / "rows.json").exists()))
FIRST = "ca7387d"
"""The release whose fixtures are of a whole deployment."""


def stored(release: str, name: str) -> Any:
    """One of a release's files; empty where it has none (a release that only added kinds of rows has only those)."""
    file = FOLDER / release / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else {}


def rows(release: str) -> list[dict[str, Any]]:
    """The items of its table, as DynamoDB holds them."""
    found: list[dict[str, Any]] = stored(release, "rows")
    return found


def kind_of(row: dict[str, Any]) -> str:
    """A row's kind; the few that are no records are named by their key."""
    return str(row["entity"]["S"] if "entity" in row else row["pk"]["S"].partition("#")[0])


@contextmanager
def a_world_found(release: str = FIRST, **how: Any) -> Iterator[World]:
    """A deployment as that release left it: table, queues, bucket, secrets, playbook, and what stands on the platforms."""
    playbook = Playbook.stored((FOLDER / release / "playbook.json").read_text())
    now = datetime.fromisoformat(stored(release, "now"))
    with a_world(playbook, start=now, reply_address="case@reply.lumora.example", mails_per_second=5, **how) as world:
        for row in rows(release):
            world.dynamodb.put_item(TableName="cases", Item=row)
        for key, body in stored(release, "bodies").items():
            world.s3.put_object(Bucket="bodies", Key=key, Body=base64.b64decode(body))
        secrets, put = stored(release, "secrets"), world.secretsmanager.put_secret_value
        put(SecretId=world.settings.channel_secrets_arn, SecretString=json.dumps(secrets["channels"]))
        put(SecretId=world.settings.link_keys_arn, SecretString=json.dumps(secrets["links"]))
        world.secrets_value = secrets["channels"]
        for channel, part in secrets["channels"].items():
            for account in (
                *part.get("accounts", {}),
                *part.get("sources", {}),
                *(["generic"] if channel == "generic" else []),
            ):
                name = f"{ACCOUNT_SECRETS}/{channel}/{account}"  # there was no such thing
                world.secretsmanager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        for name, messages in stored(release, "messages").items():
            for text in messages:
                world.sqs.send_message(QueueUrl=world.urls[name], MessageBody=text)
        for entry in stored(release, "platforms"):
            world.x.store.put(_entry(entry))
        yield world


def _entry(saved: dict[str, Any]) -> Entry:
    known = {each.name for each in fields(Entry)}
    times = {name: datetime.fromisoformat(saved[name]) for name in ("at", "seen_from", "edited_at") if saved[name]}
    told = {**saved, **times, "author": Person(**saved["author"]), "versions": tuple(saved["versions"])}
    return Entry(**{name: value for name, value in told.items() if name in known})
