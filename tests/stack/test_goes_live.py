"""A second plain `sam deploy` reaches what runs: every parameter and every line of the layer, on the embedded AWS.

Each deployment changes parameters that no function reads two of, so that a function's move has one cause. InboundMail
makes resources that the embedded AWS lacks; test_versions works it out from the templates.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from infra.local import stack as local

from .evaluation import parameters_in
from .second import NAME, Second, functions, package
from .templates import FUNCTIONS, root
from .test_deployed import eventually

DEPLOYMENTS: tuple[dict[str, str], ...] = (
    {"SettlingSeconds": "6", "OidcRolesClaim": "roles"},
    {"MailFrom": "other@lumora.example", "HoldBackSeconds": "4", "SignInBaseUrl": "http://sign-in.localhost"},
    {"ReplyAddress": "case@lumora.example", "ChatPauseSeconds": "7", "OidcIssuer": "https://issuer.example"},
    {"MailsPerSecond": "3", "XApiBaseUrl": "http://x.localhost", "OidcClientId": "another-desk"},
    {"Translation": "off", "GraphApiBaseUrl": "http://graph.localhost"},
    {"TranslateUrl": "http://translate.localhost", "InstagramApiBaseUrl": "http://instagram.localhost"},
    {"PublicBaseUrl": "http://care.localhost"},
    {"Shards": "5"},
    {"LogLevel": "WARNING"},
    {"Runtime": "python3.13"},
    {"Architecture": "other"},
    {"SnapStart": "on"},
)
"""In this order, each on top of those before it."""
ELSEWHERE = {"InboundMail"}


def readers(parameter: str) -> set[str]:
    """The functions whose description names the parameter."""
    described = {name: root()["Resources"][f"{name}Function"]["Properties"]["VersionDescription"] for name in FUNCTIONS}
    return {name for name, description in described.items() if parameter in parameters_in(description)}


def live() -> dict[str, dict[str, Any]]:
    """By function: the configuration of the version that runs."""
    client = boto3.client("lambda")
    return {
        name: client.get_function_configuration(FunctionName=given, Qualifier="live")
        for name, given in functions(NAME).items()
    }


def settings(configuration: dict[str, Any]) -> dict[str, Any]:
    """What a version was published with, value by value."""
    return {
        **configuration["Environment"]["Variables"],
        "Runtime": configuration["Runtime"],
        "Architecture": configuration["Architectures"][0],
        "SnapStart": {"PublishedVersions": "on", "None": "off"}[configuration["SnapStart"]["ApplyOn"]],
    }


def moved(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> set[str]:
    """The functions of which another version runs."""
    return {name for name in before if before[name]["Version"] != after[name]["Version"]}


def test_every_parameter_that_a_function_reads_is_proven() -> None:
    proven = {parameter for changed in DEPLOYMENTS for parameter in changed}
    assert proven | ELSEWHERE == {each for each in root()["Parameters"] if readers(each)}
    for changed in DEPLOYMENTS:
        those = [readers(parameter) for parameter in changed]
        assert sum(map(len, those)) == len(set().union(*those)), changed


@pytest.fixture(scope="module")
def changing(second: Second) -> Iterator[Second]:
    """The second stack, whose parameters are put back at the end."""
    given = dict(second.given)
    yield second
    second.given = given


@pytest.mark.parametrize("changed", DEPLOYMENTS, ids=lambda changed: ", ".join(changed))
def test_a_changed_parameter_is_in_force_in_every_function_that_reads_it_and_moves_no_other(
    changing: Second, changed: dict[str, str]
) -> None:
    if changed.get("Architecture"):
        changed = {"Architecture": "x86_64" if changing.given["Architecture"] == "arm64" else "arm64"}
    before = live()
    changing.deploy(**changed)
    after = live()
    assert moved(before, after) == {name for parameter in changed for name in readers(parameter)}
    for parameter, value in changed.items():
        for name in readers(parameter):
            was, now = settings(before[name]), settings(after[name])
            assert value in {now[each] for each in now if was.get(each) != now[each]}, (parameter, name)


def test_a_deployment_that_changes_nothing_moves_nothing(changing: Second) -> None:
    before = live()
    changing.deploy()
    assert moved(before, live()) == set()


def test_one_changed_line_in_the_layer_runs_in_every_function(changing: Second, stack: dict[str, Any]) -> None:
    changing.deploy(**local.parameters(stack["aws_endpoint"], stack["simulator"], NAME))
    before = live()
    assert "changed" not in eventually(lambda: content_type(changing))
    changing.deploy(package(with_a_changed_line(local.LOCAL / "build")))
    assert moved(before, live()) == set(FUNCTIONS)
    assert "changed" in eventually(lambda: content_type(changing))


def content_type(second: Second) -> str | None:
    """What receive calls its answer; none while its process starts, which a busy machine does slowly."""
    try:
        return requests.get(f"{second.stack['http']}/webhooks/x", timeout=30).headers["content-type"]
    except requests.Timeout:
        return None


def with_a_changed_line(build: Path) -> Path:
    """A build like this one, in whose layer one line is another. Returns its template."""
    other = build.with_name("build-changed")
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(build, other, copy_function=os.link)
    file = other / "FirstlineLayer/python/firstline/operations/receive.py"
    line = 'GENERIC_TEXT = "text/plain; charset=utf-8"'
    text = file.read_text()
    assert text.count(line) == 1
    for each in (file, *file.parent.glob("**/receive*.pyc")):
        each.unlink()
    file.write_text(text.replace(line, 'GENERIC_TEXT = "text/plain; charset=utf-8; changed=1"'))
    return other / "template.yaml"
