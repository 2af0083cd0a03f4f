"""A deployment as the stories use it: all that it calls can be watched, AppConfig and Translate as well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import Any

from firstline.outward.playbooks import Playbooks, object_key
from firstline.outward.translate import AmazonTranslate
from tests.world import REGION, World, a_world

PLAYBOOKS = "playbooks"


class Config:
    """AppConfig's data plane as far as it is used: which version is active, told once to each session."""

    def __init__(self, version: str) -> None:
        self.version = version

    def start_configuration_session(self, **_: str) -> Any:
        return {"InitialConfigurationToken": "new"}

    def get_latest_configuration(self, *, ConfigurationToken: str) -> Any:
        content = json.dumps({"version": self.version}) if ConfigurationToken != self.version else ""
        return {"NextPollConfigurationToken": self.version, "Configuration": BytesIO(content.encode())}


class Translation:
    """Amazon Translate's one call: the words, and the language in front."""

    def translate_text(self, *, Text: str, SourceLanguageCode: str, TargetLanguageCode: str) -> Any:
        return {"TranslatedText": f"[{TargetLanguageCode}] {Text}"}


@contextmanager
def a_deployment() -> Iterator[World]:
    """A world whose playbook comes from AppConfig and whose branches get translations; its own doubles are in memory."""
    with a_world(shards=1, mails_per_second=1) as world:
        playbook = world.published.now
        world.s3.create_bucket(Bucket=PLAYBOOKS, CreateBucketConfiguration={"LocationConstraint": REGION})
        world.s3.put_object(
            Bucket=PLAYBOOKS, Key=object_key(playbook.version), Body=playbook.model_dump_json().encode()
        )
        config, translation = Config(playbook.version), Translation()
        world.doubles |= {"appconfigdata": config, "translate": translation}
        playbooks = Playbooks(
            config,
            world.s3,
            application="firstline",
            environment="live",
            profile="playbook",
            bucket=PLAYBOOKS,
            monotonic=lambda: world.now.timestamp(),
        )
        world.services = replace(world.services, playbooks=playbooks, translator=AmazonTranslate(translation))
        yield world
