"""What `make` installs is locked: exact versions with hashes, within the project's bounds, and nothing of one machine."""

from __future__ import annotations

import re
import tomllib
from itertools import chain

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.lock import LAYER, LOCKS, ROOT, versions

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DEPENDENCIES = PROJECT["project"]["dependencies"]
EXTRAS = list(chain.from_iterable(PROJECT["project"]["optional-dependencies"].values()))
LAYER_WANTS = [
    line for line in (ROOT / "layers/firstline/requirements.in").read_text().splitlines() if not line.startswith("#")
]


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_one_exact_version_and_hashes(name: str) -> None:
    packages = re.split(r"^(?=\w)", re.sub(r"^\s*#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE), flags=re.M)
    assert len(packages) > 2
    for each in filter(None, packages):
        assert re.fullmatch(r"[\w.-]+==[\w.]+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n", each), each[:200]


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_an_index_a_host_or_a_folder(name: str) -> None:
    for line in (ROOT / name).read_text().splitlines():
        assert "://" not in line and not re.match(r"\s*(-i|-f|--\w*index|--find-links|--trusted)", line), line
        assert not re.search(r"(^|\s)/\w", line), line


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [("requirements/development.txt", DEPENDENCIES + EXTRAS), (LAYER, LAYER_WANTS)],
    ids=["development", "layer"],
)
def test_the_locked_versions_are_within_the_projects_bounds(lock: str, wanted: list[str]) -> None:
    locked = versions(ROOT / lock)
    for each in map(Requirement, wanted):
        assert each.specifier.contains(locked[canonicalize_name(each.name)]), each


def test_the_layers_bounds_are_the_projects() -> None:
    assert set(LAYER_WANTS) <= set(DEPENDENCIES)


def test_the_layer_is_the_same_for_every_target() -> None:
    """pip judges markers by the Python that it runs on, not by the layer's: the layer's lock must have none."""
    assert not [version for version in versions(ROOT / LAYER).values() if ";" in version]


def test_tests_run_on_the_versions_that_are_deployed() -> None:
    deployed, tested = versions(ROOT / LAYER), versions(ROOT / "requirements/development.txt")
    assert {name: tested[name] for name in deployed} == deployed


def test_every_pinned_tool_of_the_local_stack_is_locked_as_pinned() -> None:
    for source in ("local-stack", "runtime-client"):
        locked = versions(ROOT / f"requirements/{source}.txt")
        for line in (ROOT / f"requirements/{source}.in").read_text().splitlines():
            if not line.startswith("#"):
                name, _, version = line.partition("==")
                assert locked[name] == version
