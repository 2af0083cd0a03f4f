"""The deployment's templates as plain data: ``!Ref X`` is ``{"Ref": "X"}``, ``!GetAtt A.B`` is ``{"GetAtt": "A.B"}``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

ROOT = Path(__file__).resolve().parents[2]
NESTED = ("Queues", "Storage", "Roles", "Identity", "Mail", "Observability", "Alarms")
FUNCTIONS = ("Receive", "Intake", "Lookup", "Reply", "Handoff", "Branch", "Privacy", "Desk", "Diary")


@cache
def template(name: str) -> dict[str, Any]:
    """A template by its path in the repository."""
    yaml = YAML(typ="safe", pure=True)

    def tagged(constructor: Any, tag: str, node: Any) -> dict[str, Any]:
        if isinstance(node, ScalarNode):
            return {tag: node.value}
        deep = constructor.construct_sequence if isinstance(node, SequenceNode) else constructor.construct_mapping
        assert isinstance(node, SequenceNode | MappingNode)
        return {tag: deep(node, deep=True)}

    yaml.constructor.add_multi_constructor("!", tagged)
    content: dict[str, Any] = yaml.load((ROOT / name).read_text())
    return content


def root() -> dict[str, Any]:
    """template.yaml."""
    return template("template.yaml")


def nested(name: str) -> dict[str, Any]:
    """A nested template by its logical id."""
    return template(root()["Resources"][name]["Properties"]["Location"])


def function(name: str) -> dict[str, Any]:
    """A function's properties."""
    properties: dict[str, Any] = root()["Resources"][f"{name}Function"]["Properties"]
    return properties


def timeout(name: str) -> int:
    """A function's time-out in seconds."""
    seconds: int = function(name).get("Timeout", root()["Globals"]["Function"]["Timeout"])
    return seconds


def environment(name: str) -> dict[str, Any]:
    """A function's own environment."""
    variables: dict[str, Any] = function(name)["Environment"]["Variables"]
    return variables


def statements(name: str) -> list[dict[str, Any]]:
    """What a function's role allows."""
    properties = nested("Roles")["Resources"][f"{name}Role"]["Properties"]
    return [one for policy in properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]


def resources_of(statement: dict[str, Any]) -> list[Any]:
    """A statement's resources, always a list."""
    resource = statement["Resource"]
    return resource if isinstance(resource, list) else [resource]


def of_type(content: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """A template's resources of a type: logical id to properties."""
    return {name: each["Properties"] for name, each in content["Resources"].items() if each["Type"] == kind}


def alarms() -> dict[str, dict[str, Any]]:
    """All alarms of a deployment."""
    those = (root(), *(nested(name) for name in NESTED))
    return {name: each for one in those for name, each in of_type(one, "AWS::CloudWatch::Alarm").items()}
