"""No setting exists that nothing reads: each key of the playbook, each variable of the environment, each parameter.

A key counts as read where code takes it as an attribute of its part of the playbook, outside of what only checks
playbooks. What is its part is told by names and annotations: ``playbook.case.window_hours``, ``weights.base`` after
``weights = rules.priority``, ``branch.email`` with ``branch: Branch``, ``self`` in the part's own methods.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache

import pytest
from pydantic import BaseModel

from firstline.outward.settings import Settings
from firstline.playbook import model as playbook_model
from firstline.playbook import parts, rules
from tests.stack.templates import ROOT, root

READERS = (ROOT / "layers/firstline/firstline", ROOT / "functions", ROOT / "infra/ops")
ONLY_CHECKS = {"checks.py", "coverage.py", "loading.py", "retired.py"}
"""They look at a playbook to say what is wrong with it."""
BY_CHECK = {("Approvals", "links")}
"""Keys whose whole effect is what `firstline playbook check` and `publish` allow."""
MODULES = (playbook_model, parts, rules)
PARTS: dict[str, type[BaseModel]] = {
    name: each
    for module in MODULES
    for name, each in inspect.getmembers(module, inspect.isclass)
    if issubclass(each, BaseModel) and each.__module__ == module.__name__
}
KEYS = [(part, name) for part, model in sorted(PARTS.items()) for name in model.model_fields]


def named(annotation: object) -> set[str]:
    """Which parts an annotation names."""
    return {part for part in PARTS if re.search(rf"\b{part}\b", str(annotation))}


@cache
def trees() -> tuple[ast.Module, ...]:
    files = [file for folder in READERS for file in sorted(folder.rglob("*.py")) if file.name not in ONLY_CHECKS]
    return tuple(ast.parse(file.read_text()) for file in files)


def used(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those of validators, which run when a playbook is made and not when it is used."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef) and any("validator" in ast.unparse(each) for each in node.decorator_list):
            continue
        yield node
        yield from used(node)


@cache
def holders() -> dict[str, set[str]]:
    """Which parts lie behind a name: fields that hold them, functions that return them, fields annotated with them."""
    found: dict[str, set[str]] = defaultdict(set)
    for model in PARTS.values():
        for name, field in model.model_fields.items():
            found[name] |= named(field.annotation)
    for tree in trees():
        for node in used(tree):
            if isinstance(node, ast.FunctionDef) and node.returns is not None:
                found[node.name] |= named(ast.unparse(node.returns))
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[node.target.id] |= named(ast.unparse(node.annotation))
    return found


def behind(value: ast.AST, known: dict[str, set[str]]) -> set[str]:
    """Which parts an expression may be: by the names in it."""
    found: set[str] = set()
    for node in ast.walk(value):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        found |= known.get(name, set()) | holders().get(name, set())
    return found


def variables(tree: ast.AST) -> dict[str, set[str]]:
    """Which parts a file's variables may be."""
    known: dict[str, set[str]] = defaultdict(set)
    for _ in range(2):  # a variable of a variable
        for node in used(tree):
            pairs: Iterable[tuple[ast.AST, ast.AST]] = ()
            if isinstance(node, ast.arg) and node.annotation is not None:
                known[node.arg] |= named(ast.unparse(node.annotation))
            elif isinstance(node, ast.Assign):
                pairs = [(target, node.value) for target in node.targets]
            elif isinstance(node, ast.NamedExpr):
                pairs = [(node.target, node.value)]
            elif isinstance(node, ast.For | ast.comprehension):
                pairs = [(node.target, node.iter)]
            elif isinstance(node, ast.Lambda):
                pairs = [(each, node) for each in node.args.args]
            for target, value in pairs:
                for each in ast.walk(target):
                    name = each.id if isinstance(each, ast.Name) else each.arg if isinstance(each, ast.arg) else ""
                    known[name] |= behind(value, known)
    return known


def by_name(tree: ast.AST) -> set[str]:
    """What a file takes by names that it holds as texts: ``getattr(rules, name) for name in ("order_number", …)``."""
    nodes = list(used(tree))
    dynamic = any(isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr" for node in nodes)
    return {str(node.value) for node in nodes if dynamic and isinstance(node, ast.Constant)}


@cache
def reads() -> frozenset[tuple[str, str]]:
    """``(part, key)`` of all that is read."""
    found: set[tuple[str, str]] = set()
    for tree in trees():
        known, texts = variables(tree), by_name(tree)
        for node in used(tree):
            if isinstance(node, ast.ClassDef) and node.name in PARTS:
                own = {
                    each.attr
                    for each in used(node)
                    if isinstance(each, ast.Attribute) and ast.unparse(each.value) == "self"
                }
                found |= {(node.name, name) for name in own}
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                found |= {(part, node.attr) for part in behind(node.value, known)}
        found |= {key for key in KEYS if key[1] in texts}
    return frozenset(found)


@pytest.mark.parametrize(("part", "key"), KEYS)
def test_every_key_of_the_playbook_is_read_somewhere(part: str, key: str) -> None:
    assert (part, key) in reads() | BY_CHECK, f"{part}.{key} is in the schema, and nothing reads it"


def test_keys_that_nothing_read_would_be_seen() -> None:
    assert ("CaseRules", "window_hours") in reads()
    assert not {("CaseRules", "walk_away_days"), ("Playbook", "objectives"), ("PriorityWeights", "csat")} & reads()
    assert len(KEYS) > 100 and {"Playbook", "Rules", "CaseRules", "Branch", "RetentionDays"} <= {*PARTS}


@pytest.mark.parametrize("name", [each.name for each in fields(Settings)])
def test_every_setting_of_the_functions_is_read(name: str) -> None:
    found = {ast.unparse(node.value) for tree in trees() for node in used(tree)
             if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load)}  # fmt: skip
    assert any(owner.endswith(("settings", "Settings.from_environment()")) for owner in found)


def test_every_variable_that_the_template_sets_is_read() -> None:
    texts = {node.value for tree in trees() for node in used(tree) if isinstance(node, ast.Constant)}
    known = {each.name.upper() for each in fields(Settings)} | {text for text in texts if isinstance(text, str)}
    functions = [root()["Globals"]["Function"], *(each.get("Properties", {}) for each in root()["Resources"].values())]
    given = {name for each in functions for name in each.get("Environment", {}).get("Variables", {})}
    assert given and not {name for name in given - known if not name.startswith(("POWERTOOLS_", "LOG_LEVEL"))}


def test_every_parameter_of_the_template_is_used() -> None:
    text = (ROOT / "template.yaml").read_text()
    assert not [name for name in root()["Parameters"] if not re.search(rf"!Ref {name}\b|\$\{{{name}\}}", text)]
