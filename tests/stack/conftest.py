"""The deployed template on the embedded AWS, IAM enforced: started once, stopped at the end if it was started here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from infra.local import stack as local

from . import second as side_by_side


@pytest.fixture(scope="package")
def stack() -> Iterator[dict[str, Any]]:
    """What stack.json says."""
    if os.environ.get("FIRSTLINE_TIERS") not in ("all", "stack"):
        pytest.skip("needs the network once for its tools: set FIRSTLINE_TIERS=all (make test does)")
    before = dict(os.environ)
    started = local.status() is None
    told = local.up(print)
    boto3.setup_default_session()  # the one of earlier tests has kept their credentials
    yield told
    if started:
        local.down(print)
    os.environ.clear()
    os.environ.update(before)
    boto3.setup_default_session()


@pytest.fixture(scope="package")
def second(stack: dict[str, Any]) -> side_by_side.Second:
    """Another stack in the same account and region, deployed from the same build."""
    return side_by_side.deployed(stack)
