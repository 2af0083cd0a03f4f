"""What CloudFormation makes of the templates for given parameters: values, never a deployment.

A resource is known by its logical id and its create-only properties: as long as these stay, CloudFormation keeps the
resource, and what refers to it stays, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .templates import nested, root

NO_VALUE = object()
CREATE_ONLY: dict[str, tuple[str, ...]] = {
    "AWS::ApiGatewayV2::Api": ("ProtocolType",),
    "AWS::AppConfig::Application": (),
    "AWS::AppConfig::ConfigurationProfile": ("ApplicationId", "LocationUri", "Type"),
    "AWS::AppConfig::Environment": ("ApplicationId",),
    "AWS::Cognito::UserPool": (),
    "AWS::Cognito::UserPoolClient": ("UserPoolId", "GenerateSecret"),
    "AWS::Cognito::UserPoolDomain": ("UserPoolId", "Domain"),
    "AWS::DynamoDB::Table": ("TableName", "KeySchema", "ImportSourceSpecification"),
    "AWS::IAM::Role": ("Path", "RoleName"),
    "AWS::Lambda::LayerVersion": (
        *("CompatibleRuntimes", "LicenseInfo", "CompatibleArchitectures", "LayerName", "Description", "Content"),
    ),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::S3::Bucket": ("BucketName", "BucketNamePrefix", "BucketNamespace", "MetadataConfiguration"),
    "AWS::SES::ConfigurationSet": ("Name",),
    "AWS::SNS::Topic": ("TopicName", "FifoTopic"),
    "AWS::SQS::Queue": ("FifoQueue", "QueueName"),
    "AWS::SecretsManager::Secret": ("Name",),
}
"""By type of resource: a change of which property replaces it. A test compares this with AWS's own schemas."""
SAME_AS = {"AWS::Serverless::LayerVersion": "AWS::Lambda::LayerVersion"}
NOT_IN_A_VERSION = {
    *("AutoPublishAlias", "AutoPublishAliasAllProperties", "VersionDescription"),
    *("Events", "DeploymentPreference", "ReservedConcurrentExecutions"),
}
"""Properties of a function that hold for all its versions, or that are SAM's own."""


class Stack:
    """A template with its parameters, evaluated."""

    def __init__(self, content: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        defaults = {name: each["Default"] for name, each in content["Parameters"].items() if "Default" in each}
        self._content = content
        self._parameters = {**defaults, **given}

    def value(self, expression: Any) -> Any:
        """The expression with all its functions worked out."""
        if isinstance(expression, list):
            return [each for each in map(self.value, expression) if each is not NO_VALUE]
        if not isinstance(expression, dict):
            return expression
        if len(expression) == 1:
            (function, argument), *_ = expression.items()
            known = getattr(self, f"_{function.lower()}", None)
            if known is not None:
                return known(argument)
        worked_out = {name: self.value(each) for name, each in expression.items()}
        return {name: each for name, each in worked_out.items() if each is not NO_VALUE}

    def output(self, name: str) -> Any:
        """An output's value."""
        return self.value(self._content["Outputs"][name]["Value"])

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name.startswith("AWS::"):
            return f"<{name}>"
        return self._parameters[name] if name in self._parameters else self._resource(name)

    def _getatt(self, path: str) -> Any:
        name, _, attribute = path.partition(".")
        if attribute.startswith("Outputs."):
            given = self.value(self._content["Resources"][name]["Properties"]["Parameters"])
            return Stack(nested(name), given).output(attribute.removeprefix("Outputs."))
        return f"{self._resource(name)}.{attribute}"

    def _resource(self, name: str) -> str:
        resource = self._content["Resources"][name]
        fixed = CREATE_ONLY[SAME_AS.get(resource["Type"], resource["Type"])]
        properties = {each: content for each, content in resource.get("Properties", {}).items() if each in fixed}
        return f"<{name} {self.value(properties)}>"

    def _sub(self, argument: Any) -> str:
        text, more = (argument, {}) if isinstance(argument, str) else argument

        def filled(found: re.Match[str]) -> str:
            name = found[1]
            if name in more:
                return str(self.value(more[name]))
            return str(self._getatt(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^!}]+)\}", filled, text)

    def _if(self, argument: Any) -> Any:
        condition, then, otherwise = argument
        return self.value(then if self._condition(condition) else otherwise)

    def _condition(self, name: str) -> bool:
        return bool(self.value(self._content["Conditions"][name]))

    def _not(self, argument: Any) -> bool:
        return not self.value(argument)[0]

    def _and(self, argument: Any) -> bool:
        return all(self.value(argument))

    def _or(self, argument: Any) -> bool:
        return any(self.value(argument))

    def _equals(self, argument: Any) -> bool:
        one, other = self.value(argument)
        return str(one) == str(other)

    def _join(self, argument: Any) -> str:
        separator, parts = argument
        return str(separator).join(str(each) for each in self.value(parts))

    def _findinmap(self, argument: Any) -> Any:
        name, *keys = self.value(argument)
        return self._content["Mappings"][name][keys[0]][keys[1]]


def function_of(name: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """What a version of the function holds for these parameters, and its description."""
    stack = Stack(root(), given)
    common, own = root()["Globals"]["Function"], root()["Resources"][f"{name}Function"]["Properties"]
    variables = {**common["Environment"]["Variables"], **own["Environment"]["Variables"]}
    merged = {**common, **own, "Environment": {"Variables": variables}}
    held = {each: stack.value(content) for each, content in merged.items() if each not in NOT_IN_A_VERSION}
    return held, stack.value(merged.get("VersionDescription", ""))


def parameters_in(expression: Any) -> set[str]:
    """The template's parameters that an expression names, conditions included."""
    content = root()
    if isinstance(expression, list):
        return {name for each in expression for name in parameters_in(each)}
    if not isinstance(expression, dict):
        return set()
    if "Ref" in expression:
        return {expression["Ref"]} & set(content["Parameters"])
    if "Sub" in expression:
        text, more = (expression["Sub"], {}) if isinstance(expression["Sub"], str) else expression["Sub"]
        return set(re.findall(r"\$\{(\w+)\}", text)) & set(content["Parameters"]) | parameters_in(list(more.values()))
    if "If" in expression:
        condition, *values = expression["If"]
        return parameters_in(content["Conditions"][condition]) | parameters_in(values)
    return {name for each in expression.values() for name in parameters_in(each)}
