"""No kind of data lives for ever by oversight: each kind of row, prefix of the bucket, log and queue says what ends it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firstline.outward import bodies
from firstline.table import keys
from firstline.table.items import KINDS, from_item, key_of, to_item
from tests.stack.templates import nested, of_type, root
from tests.stored import RELEASES, kind_of, rows

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PRIVACY = Path(__file__).resolve().parents[2] / "docs/privacy.md"
BY_TTL = {
    "author", "thread", "contact", "delivery", "lookup", "quarantine", "event", "heard", "erasure", "budget", "lease", "act",
    "erased_case", "silence",
}  # fmt: skip
WITH_THE_CASE = {"case", "post", "own", "reply", "note", "mail", "handoff", "author_case", "audit", "removed"}
"""The sweep removes them: tests/contract/path/test_retention.py sees them go."""
STAYS = {"account", "robots", "renewal", "mailbox", "digest", "pace"}
"""One for each account, branch or region of the brand, with nothing of a customer in it."""


def samples(kind: str) -> list[dict[str, Any]]:
    return [row for release in RELEASES for row in rows(release) if kind_of(row) == kind]


def test_every_kind_of_row_says_what_ends_it() -> None:
    """A new kind: decide, add it to one of the three here and to the table in docs/privacy.md."""
    assert {*BY_TTL, *WITH_THE_CASE, *STAYS} == {*KINDS, "pace"}
    assert not BY_TTL & WITH_THE_CASE and not (BY_TTL | WITH_THE_CASE) & STAYS


@pytest.mark.parametrize("kind", sorted(BY_TTL))
def test_what_ends_by_ttl_has_one(kind: str) -> None:
    for row in samples(kind):
        assert int(to_item(from_item(row), NOW, 4)["ttl"]["N"]) > NOW.timestamp()


@pytest.mark.parametrize("kind", sorted(WITH_THE_CASE - {"author_case"}))
def test_what_goes_with_the_case_lies_where_the_sweep_finds_it(kind: str) -> None:
    for row in samples(kind):
        assert (
            key_of(from_item(row)).pk == keys.case(from_item(row).model_dump().get("case_id") or from_item(row).id).pk
        )  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", sorted(STAYS - {"pace"}))
def test_what_stays_names_no_customer(kind: str) -> None:
    people = {"author", "author_key", "text", "post", "recipient", "contacts", "subjects"}
    assert not people & {*KINDS[kind].model_fields}


def test_the_table_in_the_docs_names_every_kind_of_row() -> None:
    table = PRIVACY.read_text().partition("| kind of row |")[2].partition("\n\n")[0]
    named = [name for line in table.splitlines()[2:] for name in re.findall(r"`([a-z_]+)`", line.split("|")[1])]
    assert sorted(named) == sorted({*KINDS, "pace"})


def test_every_prefix_of_the_bucket_ends() -> None:
    prefixes = {value for name, value in vars(bodies).items() if name.isupper() and str(value).endswith("/")}
    (rules,) = [
        each["LifecycleConfiguration"]["Rules"]
        for name, each in of_type(nested("Storage"), "AWS::S3::Bucket").items()
        if name == "BodiesBucket"
    ]
    ending = {rule["Prefix"] for rule in rules if "ExpirationInDays" in rule and rule["Status"] == "Enabled"}
    assert ending == prefixes
    assert all(f"`{prefix}`" in PRIVACY.read_text() for prefix in prefixes)


def test_every_log_group_ends() -> None:
    groups = of_type(root(), "AWS::Logs::LogGroup")
    assert groups and all("RetentionInDays" in each for each in groups.values())


def test_every_queue_forgets() -> None:
    queues = of_type(nested("Queues"), "AWS::SQS::Queue")
    assert queues and all("MessageRetentionPeriod" in each for each in queues.values())
