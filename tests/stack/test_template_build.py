"""SAM's own judgement of the templates, and the artifact for AWS built on this host (whatever Python it has)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import stack as local

from .evaluation import CREATE_ONLY
from .templates import FUNCTIONS, NESTED, ROOT, root

AARCH64 = 183
"""The processor's number in an ELF header (e_machine)."""
TRANSLATE = """
import json, sys
from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

class NoPolicies:
    def load(self):
        return {}

template = yaml_parse(open("template.yaml").read())
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://artefacts/functions"
    if resource["Type"] == "AWS::Serverless::LayerVersion":
        resource["Properties"]["ContentUri"] = sys.argv[1]
print(json.dumps(transform(template, {"MailFrom": "care@acme.example"}, NoPolicies())["Resources"]))
"""
"""SAM's translator, as AWS runs it after the upload, with a layer of a given content."""


@pytest.fixture(scope="module")
def tools() -> Iterator[Path]:
    """Where `sam` and `cfn-lint` are."""
    if os.environ.get("FIRSTLINE_TIERS") not in ("all", "stack"):
        pytest.skip("needs the network once for its tools: set FIRSTLINE_TIERS=all (make test does)")
    local.LOCAL.mkdir(exist_ok=True)
    local.tools(print)
    yield local.LOCAL / "venv-sam/bin"


def run(*command: str | Path, **environment: str) -> str:
    """Run in the repository; fails with what it printed."""
    given = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-central-1", **environment}
    for name in ("LAYER_PYTHON", "LAYER_ARCHITECTURE"):
        given.pop(name, None)
    ended = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_sam_validates_the_template(tools: Path) -> None:
    assert "is a valid SAM Template" in run(tools / "sam", "validate", "--lint")


def test_nested_templates_are_free_of_findings(tools: Path) -> None:
    for name in NESTED:
        run(tools / "cfn-lint", root()["Resources"][name]["Properties"]["Location"])


def versions(tools: Path, layer: str) -> dict[str, str]:
    """By function: the logical id of the version that SAM publishes with a layer of this content."""
    resources = json.loads(run(tools / "python", "-c", TRANSLATE, layer))
    found = {}
    for logical_id, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::Version":
            found[resource["Properties"]["FunctionName"]["Ref"].removesuffix("Function")] = logical_id
            assert set(resource["Properties"]["Description"]) == {"Fn::Sub"}
    return found


def test_sam_publishes_a_version_of_every_function_for_another_layer_and_none_for_the_same(tools: Path) -> None:
    one, same, other = (versions(tools, f"s3://artefacts/{content}") for content in ("one", "one", "other"))
    assert set(one) == set(FUNCTIONS) and one == same
    assert all(one[name] != other[name] for name in FUNCTIONS)


def test_what_replaces_a_resource_is_what_aws_says(tools: Path) -> None:
    (folder,) = tools.parent.glob("lib/python3*/site-packages/cfnlint/data/schemas/providers/us_east_1")
    for kind, known in CREATE_ONLY.items():
        schema = json.loads((folder / f"{kind.lower().replace('::', '-')}.json").read_text())
        paths = (*schema.get("createOnlyProperties", ()), *schema.get("conditionalCreateOnlyProperties", ()))
        assert {path.split("/")[2] for path in paths} <= set(known), kind


def test_the_artifact_for_aws_is_arm64_on_the_templates_runtime_and_holds_the_package(
    tools: Path, tmp_path: Path
) -> None:
    # Only the layer and the functions' own files: neither Docker nor the Lambda runtime is asked for.
    run(tools / "sam", "build", "--build-dir", tmp_path / "build", PIP=f"{sys.executable} -m pip")
    layer = tmp_path / "build/FirstlineLayer/python"
    runtime = root()["Parameters"]["Runtime"]["Default"].removeprefix("python").replace(".", "")
    libraries = list(layer.rglob("*.so"))
    assert libraries
    for library in libraries:
        assert int.from_bytes(library.read_bytes()[18:20], "little") == AARCH64, library
        assert f"-{runtime}-" in library.name or "abi3" in library.name, library
    assert (layer / "firstline/model/post.py").exists()
    for name in FUNCTIONS:
        assert (tmp_path / f"build/{name}Function/app.py").exists()
        assert not list((tmp_path / f"build/{name}Function").rglob("__pycache__"))
