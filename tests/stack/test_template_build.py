"""SAM's own judgement of the templates, and the artifact for AWS built on this host (whatever Python it has)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import stack as local

from .templates import FUNCTIONS, NESTED, ROOT, root

AARCH64 = 183
"""The processor's number in an ELF header (e_machine)."""


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
