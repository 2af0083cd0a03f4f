"""What the templates promise, read from the templates: no deployment, no network."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import pytest

from firstline.outward.settings import Settings

from .evaluation import Stack
from .templates import (
    FUNCTIONS,
    NESTED,
    ROOT,
    alarms,
    environment,
    function,
    nested,
    of_type,
    resources_of,
    root,
    timeout,
)
from .templates import statements as statements_of

DAY = 24 * 60 * 60
CONSUMERS = {"Intake": "Intake", "Lookups": "Lookup", "Replies": "Reply", "Handoffs": "Handoff"}
CONTRACT = {
    *("HttpApiUrl", "CaseTableName", "IntakeQueueUrl", "RepliesQueueUrl", "HandoffsQueueUrl", "LookupsQueueUrl"),
    *("UrgentLaneUrl", "StandardLaneUrl", "EmailLaneUrl", "QuarantineQueueUrl", "ChannelSecretsArn", "DeskUrl"),
}


def queues() -> dict[str, dict[str, Any]]:
    return of_type(nested("Queues"), "AWS::SQS::Queue")


def test_outputs_hold_what_others_build_on() -> None:
    assert set(root()["Outputs"]) >= CONTRACT


def test_every_parameter_is_explained_in_the_template_and_in_the_docs() -> None:
    documented = (ROOT / "docs/deploy.md").read_text()
    for name, parameter in root()["Parameters"].items():
        assert parameter["Description"]
        assert re.search(rf"^\| (.*, )?{name}(,.*)? \|", documented, re.M), f"{name} has no row in docs/deploy.md"


def test_what_differs_locally_is_a_parameter_and_is_listed_in_the_readme() -> None:
    local = json.loads((ROOT / "infra/local/parameters.json").read_text())
    readme = (ROOT / "README.md").read_text()
    for name in local:
        assert name in root()["Parameters"]
        assert name in readme, f"{name} is not in the README's list of differences"


def test_nested_templates_get_the_parameters_they_ask_for() -> None:
    for name in NESTED:
        given = set(root()["Resources"][name]["Properties"]["Parameters"])
        asked = nested(name)["Parameters"]
        assert given <= set(asked)
        assert {each for each, how in asked.items() if "Default" not in how} <= given


@pytest.mark.parametrize("queue", CONSUMERS)
def test_an_outage_of_a_day_sends_no_internal_message_to_the_dead_letters(queue: str) -> None:
    declared = queues()[f"{queue}Queue"]
    assert declared["VisibilityTimeout"] * declared["RedrivePolicy"]["maxReceiveCount"] >= DAY


@pytest.mark.parametrize(("queue", "consumer"), CONSUMERS.items())
def test_a_message_stays_invisible_six_times_as_long_as_its_function_may_take(queue: str, consumer: str) -> None:
    assert queues()[f"{queue}Queue"]["VisibilityTimeout"] >= 6 * timeout(consumer)


def test_looking_into_a_lane_often_is_no_failure() -> None:
    for lane in ("UrgentLane", "StandardLane", "EmailLane"):
        assert queues()[lane]["RedrivePolicy"]["maxReceiveCount"] == 1000


def test_every_queue_is_encrypted_has_dead_letters_and_refuses_plain_http() -> None:
    covered = [each["Ref"] for each in nested("Queues")["Resources"]["TlsOnlyPolicy"]["Properties"]["Queues"]]
    for name, properties in queues().items():
        assert "SqsManagedSseEnabled" in properties
        assert name in covered
        assert name.endswith("DeadLetters") != ("RedrivePolicy" in properties)


def test_every_dead_letter_queue_and_every_internal_queue_has_an_alarm() -> None:
    watched = {
        dimension["Value"]["Ref"]
        for alarm in alarms().values()
        for dimension in alarm.get("Dimensions", ())
        if dimension["Name"] == "QueueName"
    }
    assert {name for name in queues() if name.endswith("DeadLetters")} <= watched
    assert {f"{queue}Queue" for queue in CONSUMERS} <= watched


def test_every_lane_has_an_alarm_on_its_oldest_unclaimed_due_time() -> None:
    those = alarms().values()
    lanes = {alarm["Dimensions"][0]["Value"] for alarm in those if alarm["MetricName"] == "LaneOldestDueSeconds"}
    assert lanes == {"urgent", "standard", "email"}


def test_every_alarm_names_its_entry_in_the_runbook() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "docs/runbook.md").read_text(), re.M)
    links = {f"docs/runbook.md#{heading.lower().replace(' ', '-')}" for heading in headings}
    assert {alarm["AlarmDescription"].rpartition(" - ")[2] for alarm in alarms().values()} <= links


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_told_only_what_its_settings_know(name: str) -> None:
    assert set(environment(name)) <= {field.name.upper() for field in fields(Settings)}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_send_to_the_queues_it_is_told_of_and_to_no_other(name: str) -> None:
    told = {
        value["GetAtt"].removeprefix("Queues.Outputs.").removesuffix("Url")
        for variable, value in environment(name).items()
        if variable.endswith(("_QUEUE_URL", "_LANE_URL"))
    }
    allowed = {
        resource["Ref"].removesuffix("Arn")
        for statement in statements_of(name)
        if "sqs:SendMessage*" in statement["Action"]
        for resource in resources_of(statement)
    }
    assert told == allowed


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_role_and_a_log_group_of_its_own(name: str) -> None:
    assert function(name)["Role"] == {"GetAtt": f"Roles.Outputs.{name}RoleArn"}
    group = root()["Resources"][function(name)["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
    assert group["LogGroupName"]["Sub"].endswith(f"/{name.lower()}")
    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_role_holds_all_actions_or_all_resources(name: str) -> None:
    for statement in statements_of(name):
        assert all(re.fullmatch(r"[a-z0-9-]+:[A-Z]\w+\*?", action) for action in statement["Action"])
        # mail goes out from one address, which is a condition; the identity may be any domain above it
        assert "*" not in resources_of(statement) or {"ses:SendEmail", "translate:TranslateText"} & {
            *statement["Action"]
        }


def test_who_mails_does_so_from_one_address_alone_also_when_a_request_names_none() -> None:
    mailing = [
        statement
        for name in FUNCTIONS
        for statement in statements_of(name)
        if any(action.startswith("ses:") for action in statement["Action"])
    ]
    assert mailing
    for statement in mailing:
        assert statement["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}}


@pytest.mark.parametrize(("mfa", "asked"), [("on", "ON"), ("optional", "OPTIONAL"), ("off", "OFF")])
def test_a_second_factor_is_asked_for_as_the_parameter_says(mfa: str, asked: str) -> None:
    assert mfa in root()["Parameters"]["Mfa"]["AllowedValues"]
    (pool,) = of_type(nested("Identity"), "AWS::Cognito::UserPool").values()
    held = Stack(nested("Identity"), {"Mfa": mfa}).value(
        {each: pool[each] for each in ("MfaConfiguration", "EnabledMfas")}
    )
    factors = {} if mfa == "off" else {"EnabledMfas": ["SOFTWARE_TOKEN_MFA"]}  # Cognito refuses factors where it is off
    assert held == {"MfaConfiguration": asked, **factors}
    assert root()["Resources"]["Identity"]["Properties"]["Parameters"]["Mfa"] == {"Ref": "Mfa"}


@pytest.mark.parametrize(
    ("secret", "readers"),
    [
        # the doors; and until accounts' tokens have left it, who speaks to platforms and who renews
        ("ChannelSecrets", {"Receive", "Lookup", "Reply", "Privacy", "Diary"}),
        ("LinkKeys", {"Handoff", "Branch"}),  # who makes links, and who checks them
    ],
)
def test_a_secret_is_read_by_those_who_need_it_alone(secret: str, readers: set[str]) -> None:
    allowed = {
        name
        for name in FUNCTIONS
        for statement in statements_of(name)
        if "secretsmanager:GetSecretValue" in statement["Action"] and {"Ref": f"{secret}Arn"} in resources_of(statement)
    }
    told = {name for name in FUNCTIONS if {"GetAtt": f"Storage.Outputs.{secret}Arn"} in environment(name).values()}
    assert allowed == told == readers


def test_accounts_tokens_are_read_by_those_who_use_them_and_never_at_the_door() -> None:
    read = "secretsmanager:GetSecretValue"
    ours = {"Ref": "AccountSecretsArn"}
    allowed = {
        name
        for name in FUNCTIONS
        for statement in statements_of(name)
        if read in statement["Action"] and ours in resources_of(statement)
    }
    told = {name for name in FUNCTIONS if "ACCOUNT_SECRETS" in environment(name)}
    assert allowed == told == {"Lookup", "Reply", "Diary"}


def test_no_later_deployment_gives_the_channels_secret_another_name() -> None:
    """A name, or another one, makes CloudFormation put an empty secret in its place."""
    assert "Name" not in nested("Storage")["Resources"]["ChannelSecrets"]["Properties"]


def test_every_mapping_reports_partial_failures_and_bounds_its_concurrency() -> None:
    for name in CONSUMERS.values():
        (event,) = function(name)["Events"].values()
        assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert "MaximumConcurrency" in event["Properties"]["ScalingConfig"]
        assert "ReservedConcurrentExecutions" not in function(name)
    assert function("Reply")["Events"]["Replies"]["Properties"]["BatchSize"] == 1


def test_routes_are_those_of_the_contract() -> None:
    routes = {each["RouteKey"] for each in of_type(root(), "AWS::ApiGatewayV2::Route").values()}
    doors = {f"{verb} {path}" for verb in ("GET", "POST") for path in ("/webhooks/{channel}", "/branch/{token}")}
    privacy = {"POST /privacy/meta/deletion", "GET /privacy/status/{code}"}
    assert routes == {*doors, *privacy, "GET /desk", "GET /desk/{proxy+}", "ANY /api/{proxy+}"}


def test_the_desks_api_asks_for_a_token_of_the_issuer_made_out_to_the_desk() -> None:
    for route in of_type(root(), "AWS::ApiGatewayV2::Route").values():
        signed_in = "/api/" in route["RouteKey"]
        assert (route.get("AuthorizationType"), route.get("AuthorizerId")) == (
            ("JWT", {"Ref": "SignedIn"}) if signed_in else (None, None)
        )
    (authorizer,) = of_type(root(), "AWS::ApiGatewayV2::Authorizer").values()
    told = {"Issuer": {"GetAtt": "Identity.Outputs.Issuer"}, "Audience": [{"GetAtt": "Identity.Outputs.ClientId"}]}
    assert authorizer["JwtConfiguration"] == told


def test_people_sign_in_by_code_only_and_cannot_make_accounts_or_rights_for_themselves() -> None:
    (client,) = of_type(nested("Identity"), "AWS::Cognito::UserPoolClient").values()
    (pool,) = of_type(nested("Identity"), "AWS::Cognito::UserPool").values()
    assert client["AllowedOAuthFlows"] == ["code"] and client["GenerateSecret"] is False
    assert client["WriteAttributes"] == ["email"]  # no attribute carries a right
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    groups = {each["GroupName"] for each in of_type(nested("Identity"), "AWS::Cognito::UserPoolGroup").values()}
    assert groups == {"agent", "lead", "branch-desk", "auditor"}


def test_mail_is_received_for_one_address_scanned_and_only_where_it_is_asked_for() -> None:
    assert root()["Resources"]["Mail"]["Condition"] == "MailIsReceived"
    assert root()["Parameters"]["InboundMail"]["Default"] == "false"
    (rule,) = of_type(nested("Mail"), "AWS::SES::ReceiptRule").values()
    assert rule["Rule"]["Recipients"] == [{"Ref": "ReplyAddress"}]
    assert rule["Rule"]["ScanEnabled"] and rule["Rule"]["TlsPolicy"] == "Require"


def test_the_branch_function_touches_mails_and_attachments_and_nothing_else_in_the_bucket() -> None:
    in_bucket = {
        (action, resource["Sub"])
        for statement in statements_of("Branch")
        for resource in resources_of(statement)
        for action in statement["Action"]
        if "BodiesBucketArn" in str(resource)
    }
    assert in_bucket == {
        ("s3:GetObject", "${BodiesBucketArn}/mail/*"),
        ("s3:PutObject", "${BodiesBucketArn}/attachments/*"),
        ("s3:DeleteObject", "${BodiesBucketArn}/mail/*"),  # what an erased person's branch still writes
        ("s3:DeleteObject", "${BodiesBucketArn}/attachments/*"),
    }


def test_what_is_kept_outlives_the_stack() -> None:
    kept = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
    for resource in nested("Storage")["Resources"].values():
        assert resource["Type"] not in kept or resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_the_table_can_be_restored_and_serves_its_three_indexes() -> None:
    (table,) = of_type(nested("Storage"), "AWS::DynamoDB::Table").values()
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {"due", "order", "list"}


def test_no_bucket_is_public() -> None:
    for bucket in of_type(nested("Storage"), "AWS::S3::Bucket").values():
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
