"""Publishing: a version is stored once and never changed, then made active; an earlier one can be made active again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3.session
import click
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from firstline.playbook import compiled
from infra.ops.playbook import activate, publish
from tests.builders import a_playbook

OUT = {
    "PlaybookBucketName": "playbooks",
    "PlaybookApplicationId": "app",
    "PlaybookProfileId": "profile",
    "PlaybookEnvironmentId": "environment",
}


class AppConfig:
    """The two calls by which a version becomes active, as recorded."""

    def __init__(self, *, busy: bool = False) -> None:
        self.contents: list[dict[str, Any]] = []
        self.deployed: list[dict[str, Any]] = []
        self._busy = busy

    def create_hosted_configuration_version(self, **call: Any) -> dict[str, int]:
        self.contents.append(json.loads(call["Content"]))
        return {"VersionNumber": len(self.contents)}

    def start_deployment(self, **call: Any) -> None:
        if self._busy:
            raise ClientError({"Error": {"Code": "ConflictException", "Message": "busy"}}, "StartDeployment")
        self.deployed.append(call)


class Session:
    def __init__(self, appconfig: AppConfig) -> None:
        self.appconfig = appconfig

    def client(self, name: str) -> Any:
        return self.appconfig if name == "appconfig" else boto3.session.Session(region_name="us-east-1").client(name)  # type: ignore[call-overload]


@pytest.fixture
def session() -> Iterator[Session]:
    with mock_aws():
        boto3.session.Session(region_name="us-east-1").client("s3").create_bucket(Bucket="playbooks")
        yield Session(AppConfig())


def stored(session: Session, key: str) -> str:
    body: bytes = session.client("s3").get_object(Bucket="playbooks", Key=key)["Body"].read()
    return body.decode()


def test_a_published_version_is_stored_and_active(session: Session) -> None:
    publish(a_playbook(), OUT, session)
    assert stored(session, "test-1.json") == compiled(a_playbook())
    assert session.appconfig.contents == [{"version": "test-1"}]
    (deployed,) = session.appconfig.deployed
    assert (deployed["ConfigurationVersion"], deployed["DeploymentStrategyId"]) == ("1", "AppConfig.AllAtOnce")


def test_the_stacks_own_strategy_is_used(session: Session) -> None:
    publish(a_playbook(), {**OUT, "PlaybookStrategyId": "slowly"}, session)
    assert session.appconfig.deployed[0]["DeploymentStrategyId"] == "slowly"


def test_publishing_the_same_again_only_activates_it(session: Session) -> None:
    publish(a_playbook(), OUT, session)
    publish(a_playbook(), OUT, session)
    assert len(session.appconfig.deployed) == 2


def test_a_version_never_changes(session: Session) -> None:
    publish(a_playbook(), OUT, session)
    with pytest.raises(click.ClickException, match="raise version"):
        publish(a_playbook(hold_back_seconds=1), OUT, session)
    assert stored(session, "test-1.json") == compiled(a_playbook())
    assert len(session.appconfig.deployed) == 1


def test_two_activations_at_once_are_told_plainly() -> None:
    with pytest.raises(click.ClickException, match="another version is being activated"):
        activate("test-1", OUT, Session(AppConfig(busy=True)))
