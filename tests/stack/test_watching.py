"""Silence is not green: what stops, and what should beat and does not, rings."""

from __future__ import annotations

from typing import Any

import pytest

from ..world import World, a_world
from .templates import FUNCTIONS, alarms, nested, of_type, root

BEATS = {"SweepRuns": 15 * 60, "ReconcileRuns": 27 * 60 * 60}
"""Metrics that are written at the end of each run, and after how many silent seconds somebody must hear at the latest."""


def dimensions(alarm: dict[str, Any]) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in alarm.get("Dimensions", ())}


def watching(namespace: str, metric: str) -> list[dict[str, Any]]:
    return [each for each in alarms().values() if (each["Namespace"], each["MetricName"]) == (namespace, metric)]


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_alarms_for_errors_and_throttles(name: str, metric: str) -> None:
    watched = [dimensions(each)["FunctionName"] for each in watching("AWS/Lambda", metric)]
    assert watched.count({"Ref": f"{name}Function"}) == 1


def test_an_alarm_of_a_function_is_given_that_function() -> None:
    given = root()["Resources"]["Alarms"]["Properties"]["Parameters"]
    for name in FUNCTIONS:
        assert given[f"{name}Function"] == {"Ref": f"{name}Function"}


@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "WriteThrottleEvents"])
def test_the_table_and_each_of_its_indexes_have_alarms_for_throttles(metric: str) -> None:
    (table,) = of_type(nested("Storage"), "AWS::DynamoDB::Table").values()
    watched = {dimensions(each).get("GlobalSecondaryIndexName") for each in watching("AWS/DynamoDB", metric)}
    assert watched == {None, *(index["IndexName"] for index in table["GlobalSecondaryIndexes"])}


def test_bounces_and_complaints_of_this_stacks_mail_ring_before_aws_looks_at_the_account() -> None:
    for metric, looks_at in (("Reputation.BounceRate", 0.05), ("Reputation.ComplaintRate", 0.001)):
        (alarm,) = watching("AWS/SES", metric)
        assert 0 < alarm["Threshold"] < looks_at
        assert dimensions(alarm) == {"ses:configuration-set": {"Ref": "MailConfigurationSet"}}
    assert root()["Resources"]["MailSettings"]["Properties"]["ReputationOptions"]["ReputationMetricsEnabled"] is True


@pytest.mark.parametrize("beat", BEATS)
def test_no_beat_is_a_breach(beat: str) -> None:
    (alarm,) = [each for each in alarms().values() if each["MetricName"] == beat]
    assert alarm["TreatMissingData"] == "breaching"
    assert (alarm["ComparisonOperator"], alarm["Threshold"], alarm["Statistic"]) == ("LessThanThreshold", 1, "Sum")
    assert alarm["Period"] * alarm["EvaluationPeriods"] <= BEATS[beat]


def test_what_is_expected_beats_and_all_else_rings_only_for_what_happens() -> None:
    missing = {name: alarm["TreatMissingData"] for name, alarm in alarms().items()}
    beating = {name for name, alarm in alarms().items() if alarm["MetricName"] in BEATS}
    assert {name for name, how in missing.items() if how == "breaching"} == beating
    assert set(missing.values()) == {"breaching", "notBreaching"}


def beats(world: World) -> list[str]:
    return [name for name, _ in world.metrics if name in BEATS]


def test_a_sweep_beats_when_it_has_come_to_its_end_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    from firstline.operations import tend

    def fails(*_: Any) -> None:
        raise RuntimeError

    with a_world(shards=1) as world:
        tend.run(world.services)
        assert beats(world) == ["SweepRuns"]
        with monkeypatch.context() as patch:
            patch.setattr(tend, "measure_lanes", fails)
            with pytest.raises(RuntimeError):
                tend.run(world.services)
        assert beats(world) == ["SweepRuns"]


def test_a_day_that_was_reconciled_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    from firstline.operations.reconcile import reconcile_and_tell

    with a_world(shards=1, receive_log_group="receive") as world:
        world.logs.create_log_group(logGroupName="receive")
        monkeypatch.setattr(boto3, "client", {"logs": world.logs}.__getitem__)
        reconcile_and_tell(world.services)
        assert beats(world) == ["ReconcileRuns"]
