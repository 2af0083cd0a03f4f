"""A second stack beside the one of .local/stack.json, in the same account and region."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from infra.local import stack as local
from infra.local.playbook import local_playbook
from infra.ops.playbook import publish

from .templates import NESTED

NAME = "firstline-second"


@dataclass
class Second:
    """``stack`` is what stack.json would say of it; ``given`` are the parameters that it was last deployed with."""

    packaged: Path
    given: dict[str, str]
    stack: dict[str, Any] = field(default_factory=dict)

    def deploy(self, template: Path | None = None, **changed: str) -> None:
        """Deploy again: plain `sam deploy`, with other parameters or another template."""
        self.given = {**self.given, **changed}
        self.stack["outputs"] = local.deploy(NAME, template or self.packaged, self.given)


def deployed(first: Mapping[str, Any]) -> Second:
    """The second stack, with the first one's secrets and playbook: the same platforms know both."""
    given = local.parameters(first["aws_endpoint"], first["simulator"], NAME)
    stack = {**first, "http": local.http_base(first["aws_endpoint"], NAME)}
    second = Second(package(local.LOCAL / "build/template.yaml"), given, stack)
    second.deploy()
    client, outputs = boto3.client("secretsmanager"), second.stack["outputs"]
    signing = client.get_secret_value(SecretId=first["outputs"]["ChannelSecretsArn"])["SecretString"]
    client.put_secret_value(SecretId=outputs["ChannelSecretsArn"], SecretString=signing)
    for name in account_secrets(local.STACK):
        text = client.get_secret_value(SecretId=name)["SecretString"]
        copied = f"{NAME}/{name.partition('/')[2]}"
        if copied not in account_secrets(NAME):
            client.create_secret(Name=copied, SecretString=text)
    publish(local_playbook(), outputs, boto3)
    return second


def package(template: Path) -> Path:
    """The built template with its code uploaded, so that deployments of it upload nothing large again."""
    packaged = local.LOCAL / f"packaged-{template.parent.name}.yaml"
    command = [str(local.SAM), "package", "--template-file", str(template), "--s3-bucket", local.ARTEFACTS]
    subprocess.run(
        [*command, "--region", local.REGION, "--output-template-file", str(packaged)], check=True, capture_output=True
    )
    text = packaged.read_text()
    for name in NESTED:  # `sam deploy` takes a path, or an address of AWS's own S3
        here = f"\\g<1>{template.parent / name / 'template.yaml'}"
        text, found = re.subn(rf"(\n  {name}:\n(?:    .*\n)*?      Location: )\S+", here, text)
        assert found == 1
    packaged.write_text(text)
    return packaged


def account_secrets(stack: str) -> list[str]:
    """The names of the secrets that hold accounts' tokens."""
    pages = boto3.client("secretsmanager").get_paginator("list_secrets").paginate()
    return [
        each["Name"] for page in pages for each in page["SecretList"] if each["Name"].startswith(f"{stack}/account/")
    ]


def functions(stack: str) -> dict[str, str]:
    """A stack's functions: what they are called in the template, to their names."""
    pages = boto3.client("lambda").get_paginator("list_functions").paginate()
    names = [each["FunctionName"] for page in pages for each in page["Functions"]]
    mine = {name.removeprefix(f"{stack}-").partition("Function-") for name in names if name.startswith(f"{stack}-")}
    return {
        logical: f"{stack}-{logical}{middle}{rest}" for logical, middle, rest in mine if middle and "-" not in logical
    }


def log_lines(stack: str, of: Iterable[str]) -> list[dict[str, Any]]:
    """The structured lines that a stack's functions wrote."""
    client, lines = boto3.client("logs"), []
    for name in of:
        pages = client.get_paginator("filter_log_events").paginate(logGroupName=f"/firstline/{stack}/{name}")
        lines += [event["message"] for page in pages for event in page["events"]]
    return [json.loads(line) for line in lines if line.startswith("{")]
