"""Inviting people to the desk, at the deployment's user pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3.session
import pytest
from click.testing import CliRunner
from moto import mock_aws

from infra.ops import people
from infra.ops.people import add, groups_of


@pytest.fixture
def cognito() -> Iterator[Any]:
    with mock_aws():
        yield boto3.session.Session(region_name="eu-central-1").client("cognito-idp")


@pytest.fixture
def pool(cognito: Any) -> str:
    created: str = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    cognito.create_group(UserPoolId=created, GroupName="branch-desk")
    return created


def groups(cognito: Any, pool: str, email: str) -> set[str]:
    listed = cognito.admin_list_groups_for_user(UserPoolId=pool, Username=email)["Groups"]
    return {each["GroupName"] for each in listed}


def test_a_lead_of_branches_is_in_the_role_and_in_a_group_for_each_region(cognito: Any, pool: str) -> None:
    add(cognito, pool, "lea@acme.example", groups_of(["branch-desk"], ["uk", "dach"]))
    assert groups(cognito, pool, "lea@acme.example") == {"branch-desk", "branch-desk:uk", "branch-desk:dach"}


def test_adding_again_adds_what_is_missing(cognito: Any, pool: str) -> None:
    add(cognito, pool, "lea@acme.example", groups_of(["branch-desk"], ["uk"]))
    add(cognito, pool, "lea@acme.example", groups_of(["branch-desk", "agent"], ["dach"]))
    assert groups(cognito, pool, "lea@acme.example") == {"agent", "branch-desk", "branch-desk:uk", "branch-desk:dach"}


@pytest.mark.parametrize("given", [["--role", "branch-desk"], ["--role", "agent", "--region", "uk"]])
def test_the_branch_desk_and_nobody_else_has_regions(given: list[str]) -> None:
    answer = CliRunner().invoke(people.people, ["add", "lea@acme.example", *given])
    assert answer.exit_code == 1 and "branch-desk needs a --region" in answer.output


def test_with_an_own_issuer_roles_are_given_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "outputs", lambda stack: {"UserPoolId": "none"})
    answer = CliRunner().invoke(people.people, ["add", "lea@acme.example", "--role", "agent"])
    assert answer.exit_code == 1 and "your own issuer" in answer.output
