"""Everything that an account and region knows by a name carries the stack's: two stacks stand side by side."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from firstline.operations.receive import log_line

from .evaluation import Stack
from .templates import NESTED, function, nested, root

WITHIN_ANOTHER = {
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Stage",
    "AWS::AppConfig::ConfigurationProfile",
    "AWS::AppConfig::Environment",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Lambda::Permission",
    "AWS::Logs::MetricFilter",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SES::ReceiptRule",
}
"""Types that are named within a resource of the stack, or name one."""


def given_to(name: str) -> dict[str, Any]:
    """What a nested template is given."""
    properties: dict[str, Any] = root()["Resources"][name]["Properties"]["Parameters"]
    return properties


def carries_the_stack(name: Any, parameters: dict[str, Any]) -> bool:
    """Whether a name follows from the stack's, or from the id that AWS gave to the stack's HTTP API."""
    handed_over = [given for each, given in parameters.items() if each in json.dumps(name)]
    own = json.dumps([name, *handed_over])
    return "AWS::StackName" in own or {"Ref": "HttpApi"} in handed_over


@pytest.mark.parametrize("template", ["root", *NESTED])
def test_what_has_a_name_in_the_account_has_the_stacks(template: str) -> None:
    content, parameters = (root(), {}) if template == "root" else (nested(template), given_to(template))
    for logical_id, resource in content["Resources"].items():
        for key, value in resource.get("Properties", {}).items():
            if key.endswith(("Name", "Domain")) and key != "MetricName" and resource["Type"] not in WITHIN_ANOTHER:
                assert carries_the_stack(value, parameters), (logical_id, key, value)


def test_schedules_have_generated_names() -> None:
    events = function("Diary")["Events"].values()
    assert [event["Properties"].get("OmitName") for event in events if event["Type"] == "ScheduleV2"] == [True, True]


def test_the_layer_has_the_stacks_name() -> None:
    assert "AWS::StackName" in json.dumps(root()["Resources"]["FirstlineLayer"]["Properties"]["LayerName"])


def test_metrics_alarms_and_dashboard_use_one_namespace_of_the_stack() -> None:
    own = "Firstline/<AWS::StackName>"
    assert (
        Stack(root(), {}).value(root()["Globals"]["Function"]["Environment"]["Variables"])[
            "POWERTOOLS_METRICS_NAMESPACE"
        ]
        == own
    )
    for name in ("Observability", "Alarms"):
        assert Stack(root(), {}).value(given_to(name)["MetricNamespace"]) == own
        for resource in nested(name)["Resources"].values():
            properties = resource["Properties"]
            if "Namespace" in properties:
                aws = str(properties["Namespace"]).startswith("AWS/")
                assert aws or properties["Namespace"] == {"Ref": "MetricNamespace"}
            for each in properties.get("MetricTransformations", ()):
                assert each["MetricNamespace"] == {"Ref": "MetricNamespace"}
            assert '"Firstline"' not in str(properties.get("DashboardBody", ""))


def test_receives_metrics_are_in_the_namespace_that_it_is_given() -> None:
    lines: list[str] = []
    tell = log_line(lines.append, lambda: datetime(2026, 11, 28, tzinfo=UTC), namespace="Firstline/one")
    tell("refused", metric="Refused", channel="x")
    (metric,) = json.loads(lines[0])["_aws"]["CloudWatchMetrics"]
    assert metric["Namespace"] == "Firstline/one"
