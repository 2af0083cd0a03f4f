"""Every text of the corpus is decided about as people expect it; what is known to be missed says why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from firstline.playbook import Playbook, load_yaml
from infra.ops.playbook import EXAMPLE

from .texts import Case, cases, differences


@pytest.fixture(scope="module")
def lumora() -> Playbook:
    return load_yaml(EXAMPLE.read_text())


def marked(name: str) -> Iterator[Any]:
    for case in cases(name):
        known = [pytest.mark.xfail(strict=True, reason=case.miss)] if case.miss else []
        yield pytest.param(case, marks=known, id=f"{case.about}: {case.text[:60]}")


@pytest.mark.parametrize("case", [*marked("corpus"), *marked("held_out")])
def test_a_text_is_decided_about_as_people_expect(lumora: Playbook, case: Case) -> None:
    assert differences(case, lumora) == {}
