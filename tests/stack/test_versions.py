"""A changed parameter, and a changed line in the layer, make a new version of each function that they concern.

All triggers call the alias `live`, and an alias moves only to a new version. SAM makes one when the function's own
properties or the layer change in the template. A parameter's value is not in the template: CloudFormation makes one when
the version's description changes, so the description names the parameters that the function reads. It names no other,
since AWS refuses to publish a version of a function that has not changed.
"""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

from .evaluation import function_of, parameters_in
from .templates import FUNCTIONS, root

LONGEST = 256
"""Characters of a version's description, AWS's limit."""
GIVEN = {"MailFrom": "care@acme.example"}
TEXTS = {
    "Runtime": "python3.13",
    "HoldBackSeconds": "7",
    "ChatPauseSeconds": "7",
    "XApiBaseUrl": "https://x.example",
    "GraphApiBaseUrl": "https://graph.example",
    "InstagramApiBaseUrl": "https://instagram.example",
    "TranslateUrl": "https://translate.example",
    "PublicBaseUrl": "https://care.acme.example",
    "MailFrom": "other@acme.example",
    "ReplyAddress": "case@reply.acme.example",
    "OidcIssuer": "https://issuer.acme.example",
    "OidcClientId": "another",
    "OidcRolesClaim": "roles",
    "SignInBaseUrl": "https://sign-in.acme.example",
    "DiarySchedule": "rate(2 minutes)",
    "ReconcileSchedule": "cron(0 5 * * ? *)",
    "AlarmTopicArn": "arn:aws:sns:eu-central-1:111122223333:alarms",
    "AlarmMail": "alarms@acme.example",
    "KmsKeyArn": "arn:aws:kms:eu-central-1:111122223333:key/1",
}
"""A second value of each parameter that takes free text."""
SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"OidcIssuer": "https://issuer.acme.example/one", "OidcClientId": "one"},
    {"InboundMail": "true"},
    {"ReplyAddress": "case@acme.example", "PublicBaseUrl": "https://acme.example"},
    {"KmsKeyArn": "arn:aws:kms:eu-central-1:111122223333:key/2"},
)
"""Deployments in which parameters are looked at: some matter only beside others."""


def other_values(name: str, now: Any) -> list[Any]:
    """Other values that the parameter may have."""
    declared = root()["Parameters"][name]
    if "AllowedValues" in declared:
        return [each for each in declared["AllowedValues"] if each != now]
    if declared["Type"] == "Number":
        return [now + 1 if now + 1 <= declared.get("MaxValue", now + 1) else now - 1]
    text = TEXTS[name]
    assert re.fullmatch(declared.get("AllowedPattern", ".*"), text)
    return [text]


def concerned(name: str) -> set[str]:
    """The parameters that reach what a version of the function holds."""
    found = set()
    for setting in SETTINGS:
        before = {**GIVEN, **setting}
        for parameter, declared in root()["Parameters"].items():
            for value in other_values(parameter, before.get(parameter, declared.get("Default"))):
                if function_of(name, before)[0] != function_of(name, {**before, parameter: value})[0]:
                    found.add(parameter)
    return found


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_versions_description_names_the_parameters_that_the_function_reads_and_no_other(name: str) -> None:
    description = root()["Resources"][f"{name}Function"]["Properties"].get("VersionDescription")
    assert parameters_in(description) == concerned(name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_description_changes_exactly_when_the_function_does(name: str) -> None:
    for setting in SETTINGS:
        before = {**GIVEN, **setting}
        held, description = function_of(name, before)
        for parameter, declared in root()["Parameters"].items():
            for value in other_values(parameter, before.get(parameter, declared.get("Default"))):
                held_then, description_then = function_of(name, {**before, parameter: value})
                assert (held != held_then) == (description != description_then), (setting, parameter, value)


def longest(name: str) -> str:
    """As many characters as the parameter's value may have."""
    declared = root()["Parameters"][name]
    if declared["Type"] == "Number":
        return str(declared["MaxValue"])
    allowed = declared.get("AllowedValues") or ["x" * declared["MaxLength"]]
    return max(allowed, key=len)  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_description_is_longer_than_aws_allows_whatever_the_parameters_are(name: str) -> None:
    description = root()["Resources"][f"{name}Function"]["Properties"]["VersionDescription"]
    named = sorted(parameters_in(description))
    optional = [each for each in named if root()["Parameters"][each].get("Default") == ""]
    for left_out in product((False, True), repeat=len(optional)):
        empty = {parameter for parameter, out in zip(optional, left_out, strict=True) if out}
        given = {each: "" if each in empty else longest(each) for each in named}
        assert len(function_of(name, {**GIVEN, **given})[1]) <= LONGEST


def test_a_new_layer_is_a_new_version_of_every_function() -> None:
    common = root()["Globals"]["Function"]
    assert common["Layers"] == [{"Ref": "FirstlineLayer"}]
    assert common["AutoPublishAlias"] == "live" and common["AutoPublishAliasAllProperties"] is True
    assert root()["Resources"]["FirstlineLayer"]["Properties"]["PublishLambdaVersion"] is True
    for name in FUNCTIONS:  # it would replace SAM's own digest of properties and layer
        assert "AutoPublishCodeSha256" not in root()["Resources"][f"{name}Function"]["Properties"]
