"""Two stacks in one account and region: each keeps to its own."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from infra.local import stack as local

from . import second as side_by_side
from .outside import deliver
from .second import Second, functions, log_lines
from .test_deployed import a_mention, cases_of, eventually, lane_items, sent


@pytest.fixture
def both(stack: dict[str, Any], second: Second) -> dict[str, dict[str, Any]]:
    """Both stacks by name."""
    return {local.STACK: stack, side_by_side.NAME: second.stack}


@pytest.mark.parametrize(
    ("here", "there"), [(local.STACK, side_by_side.NAME), (side_by_side.NAME, local.STACK)], ids=["first", "second"]
)
def test_what_one_stack_is_told_is_on_its_table_and_in_its_lanes_alone(
    both: dict[str, dict[str, Any]], here: str, there: str
) -> None:
    content = a_mention(both[here], "my oven is broken since Monday")
    author = content["data"]["includes"]["users"][0]["id"]
    assert deliver(both[here], "x", content) == 200
    assert len(eventually(lambda: sent(both[here], content["data"]["payload"]["id"]))) == 1
    (case,) = eventually(lambda: cases_of(author, here))
    assert cases_of(author, there) == []
    assert eventually(lambda: lane_items(both[here], case.id)) == {case.work_id}
    assert lane_items(both[there], case.id) == set()


def namespaces(stack: str, metric: str, of: str) -> set[str]:
    """Where a function counted something."""
    told = [line["_aws"]["CloudWatchMetrics"] for line in log_lines(stack, [of]) if metric in line and "_aws" in line]
    return {each["Namespace"] for metrics in told for each in metrics}


def test_each_stack_counts_in_a_namespace_of_its_own(both: dict[str, dict[str, Any]]) -> None:
    for name, stack in both.items():
        assert deliver(stack, "x", {}, signed=False) == 401
        diary = functions(name)["Diary"]
        boto3.client("lambda").invoke(FunctionName=f"{diary}:live", Payload=json.dumps({"job": "diary"}))
        assert eventually(lambda name=name: namespaces(name, "SweepRuns", "diary")) == {f"Firstline/{name}"}
        counted = [line for line in log_lines(name, ["receive", "intake", "reply", "diary"]) if "_aws" in line]
        spaces = {each["Namespace"] for line in counted for each in line["_aws"]["CloudWatchMetrics"]}
        assert spaces == {f"Firstline/{name}"}


def test_alarms_and_schedules_are_each_stacks_own(both: dict[str, dict[str, Any]]) -> None:
    alarms = boto3.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm"], MaxRecords=100)["MetricAlarms"]
    for metric in ("SweepRuns", "LaneOldestDueSeconds"):
        watched = {each["Namespace"] for each in alarms if each["MetricName"] == metric}
        assert watched == {f"Firstline/{name}" for name in both}
    client = boto3.client("scheduler")
    schedules = [client.get_schedule(Name=each["Name"]) for each in client.list_schedules()["Schedules"]]
    for name in both:
        diary = functions(name)["Diary"]
        started = [each["Target"] for each in schedules if f":{diary}:live" in each["Target"]["Arn"]]
        assert sorted(json.loads(each["Input"])["job"] for each in started) == ["diary", "reconcile"]
