"""The table on moto and on the tests' own store always, and on AWS's own DynamoDB Local where it was asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from firstline.table import Table
from tests.case_table import make_case_table
from tests.conftest import chosen
from tests.dynamodb_local import Missing, a_dynamodb_local, client
from tests.memory_table import MemoryTables

TIER = "contract/table"


@pytest.fixture(scope="session")
def local_endpoint(request: pytest.FixtureRequest) -> Iterator[str]:
    """DynamoDB Local, started once."""
    if not chosen(TIER, request.config):
        pytest.skip(f"DynamoDB Local is fetched and started: set FIRSTLINE_TIERS={TIER} or all (make test does)")
    try:
        with a_dynamodb_local() as endpoint:
            yield endpoint
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def local(local_endpoint: str) -> Any:
    """A client of DynamoDB Local, for what only a server that serves several at once can show."""
    return client(local_endpoint, max_pool_connections=20)


@pytest.fixture(params=["moto", "memory", "dynamodb_local"])
def dynamodb(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of either."""
    if request.param == "moto":
        with mock_aws():
            yield client()
    elif request.param == "memory":
        asked = request.function.__code__.co_varnames[: request.function.__code__.co_argcount]
        if "dynamodb" in asked or "table" not in asked:
            pytest.skip("no wire that could be watched")
        yield MemoryTables()
    else:
        yield request.getfixturevalue("local")


def a_table(dynamodb: Any) -> Table:
    """A new, empty case table."""
    name = f"cases-{uuid.uuid4()}"
    make_case_table(dynamodb, name)
    return Table(dynamodb, name)


@pytest.fixture
def table(dynamodb: Any) -> Table:
    """A new, empty case table on either."""
    return a_table(dynamodb)
