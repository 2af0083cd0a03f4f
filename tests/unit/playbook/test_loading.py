"""A mistake in a playbook is named where it stands, with what to write instead; a playbook without one loads."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from firstline.playbook import Playbook, PlaybookError, PlaybookErrors, compiled, load_yaml
from infra.ops.playbook import EXAMPLE
from tests.builders import a_playbook

WHOLE = EXAMPLE.read_text()
LUMORA = re.sub(r"(?m)^ +(?!en|es|it|de|fr)[a-z]{2}: [\[{].*\n", "", WHOLE)
"""The example without the word lists of other languages than those it answers in: it is read in a third of the time."""


def mistakes(text: str) -> tuple[PlaybookError, ...]:
    with pytest.raises(PlaybookErrors) as caught:
        load_yaml(text)
    return caught.value.errors


def place(text: str, marked: str) -> tuple[int, int]:
    """Line and column (1-based) of the first occurrence of a piece of the text."""
    before = text[: text.index(marked)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def written(**changes: Any) -> str:
    """The small playbook as JSON, which is YAML, with changes that may be wrong."""
    return json.dumps({**a_playbook().model_dump(mode="json"), **changes})


def test_a_playbook_survives_being_compiled() -> None:
    lumora = load_yaml(WHOLE)
    assert Playbook.model_validate_json(compiled(lumora)) == lumora


def test_the_small_playbook_of_the_tests_has_no_mistake() -> None:
    assert load_yaml(written()) == a_playbook()


@pytest.mark.parametrize(
    ("right", "wrong", "marked", "path", "instead"),
    [
        ('version: "2026-11-24.1"', "version: 7", "7", "version", "quotes"),
        ("time_zone: Europe/Madrid", "time_zone: Europe/Madird", "Europe/Madird", "branches.3.hours.time_zone", "like"),
        ("hold_back_seconds: 60", "hold_back_seconds: 6000", "6000", "hold_back_seconds", "less than or equal to 900"),
        ("hold_back_seconds: 60", "hold_back_seconds: soon", "soon", "hold_back_seconds", "a whole number"),
        ("hold_back_seconds: 60", "hold_bak_seconds: 60", "hold_bak", "hold_bak_seconds", "right name"),
        ("  abuse:\n", "  abuse:\n    policy: bellow\n", "bellow", "rules.abuse.policy", "'house_rules' or 'silence'"),
        ("email: leeds@", "email: leeds at ", "leeds at", "branches.1.email", "like repairs.leeds@example.com"),
        ('store_ids: ["LDN01"]', "store_ids: LDN01", "LDN01", "branches.0.store_ids", "a list"),
        ("language: es\n", "language: Spanish\n", "Spanish", "branches.3.language", "such as en"),
        ("desk: milano", "desk: milan", "milan}", "regions.2.desk", "one of milano, roma"),
        ("region: it\n", "region: italy\n", "italy\n", "branches.6.region", "one of gb, es, it, de, fr"),
        ("country: ES, ", "country: Castile, ", "Castile, sub", "branches.3.hours.country", "ISO 3166"),
        ("subdivision: MD", "subdivision: Toledo", "Toledo, open", "branches.3.hours.subdivision", "AN, AR, AS, CB"),
        ('digest_time: "08:00"', "digest_time: 8", "8\n  link", "handoff.digest_time", "a text"),
        ('digest_time: "08:00"', 'digest_time: "8:00"', '"8:00"', "handoff.digest_time", '"08:00"'),
        ("remind_after: [0.5, 0.9]", "remind_after: [0.9, 0.5]", "remind_after", "handoff.remind_after", "rising"),
        ("- id: roma\n", "- id: milano\n", "milano\n    name: Lumora Roma", "branches.7.id", "a name of its own"),
        ("  - {id: es, name: España", "  - {id: gb, name: España", "gb, name: España", "regions.1.id", "of its own"),
    ],
)
def test_a_mistake_is_named_where_its_value_stands(
    right: str, wrong: str, marked: str, path: str, instead: str
) -> None:
    text = LUMORA.replace(right, wrong, 1)
    (found,) = (each for each in mistakes(text) if each.path == path)
    assert (found.line, found.column) == place(text, marked)
    assert instead in found.instead


def test_what_is_missing_is_named_where_it_belongs() -> None:
    (found,) = mistakes(LUMORA.replace("    name: Lumora Leeds\n", "", 1))
    assert (found.line, found.message) == (place(LUMORA, "id: leeds")[0], "name is missing")


def test_every_mistake_is_told_in_the_order_of_lines() -> None:
    text = LUMORA.replace("hold_back_seconds: 60", "hold_back_seconds: -1").replace("desk: london", "desk: 1")
    found = mistakes(text)
    assert [each.path for each in found] == ["hold_back_seconds", "regions.0.desk"]
    assert str(found[0]).startswith(f"line {found[0].line}, column {found[0].column}: hold_back_seconds: ")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("version: a\nbrand: {}\nversion: b\n", 3, "duplicate key"),
        ("version: a\n\tbrand: {}\n", 2, "cannot start any token"),
        ("version: [a\nbrand: b: c\n", 2, "expected ',' or ']'"),
        ("version: *nowhere\n", 1, "undefined alias"),
        ('version: a\nbrand: "\x01"\n', 2, "does not allow"),
        ("- version\n", 1, "names with values"),
        ("", 1, "names with values"),
    ],
)
def test_what_is_no_yaml_or_no_mapping_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    (found,) = mistakes(text)
    assert found.line == line and message in found.message and found.instead


def wordings(**changes: Any) -> dict[str, Any]:
    return {**a_playbook().model_dump(mode="json")["wordings"], **changes}


SIX = [f"We saw it, number {n}." for n in range(6)]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"wordings": wordings(first={"en": SIX[:5], "de": SIX})}, "wordings.first.en", "5 different texts in en"),
        ({"wordings": wordings(first={"en": SIX[:1] * 9, "de": SIX})}, "wordings.first.en", "1 different texts in en"),
        ({"wordings": wordings(praise={"en": SIX})}, "wordings.praise.de", "0 different texts in de"),
        ({"wordings": wordings(lunch={"en": SIX})}, "wordings.lunch", "no such situation"),
        ({"wordings": wordings(first={"en": [*SIX, "Hi {nme}"], "de": SIX})}, "wordings.first.en.6", "{nme}"),
        ({"wordings": wordings(first={"en": [*SIX, "https://a.example"], "de": SIX})}, "wordings.first.en.6", "a link"),
        ({"explanations": {"nl": "Zie www.a.example"}}, "explanations.nl", "a link"),
        ({"asks": {"en": {"product": "Which?", "place": "Where?", "since": "When?"}}}, "asks", "no questions in de"),
        ({"times": {"en": a_playbook().model_dump()["times"]["en"]}}, "times", "no times in de"),
        ({"brand": {**a_playbook().model_dump()["brand"], "language": "fr"}}, "brand.language", "has no wordings"),
    ],
)
def test_texts_that_a_robot_may_say_are_checked(changes: dict[str, Any], path: str, message: str) -> None:
    assert any(each.path == path and message in each.message for each in mistakes(written(**changes)))


def test_no_wording_says_what_the_voice_forbids() -> None:
    content = a_playbook().model_dump(mode="json")
    content["rules"]["voice"] = {"forbidden": {"en": ["please  call*"]}, "public_forbidden": {"en": ["compensation"]}}
    content["wordings"]["first"]["en"] += ["Please call us.", "You get compensation.", "A recompensation."]
    assert [each.path for each in mistakes(json.dumps(content))] == ["wordings.first.en.7", "wordings.first.en.8"]


def test_a_situation_without_wordings_is_missed() -> None:
    left = wordings()
    del left["safety"]
    (found,) = mistakes(written(wordings=left))
    assert (found.path, found.message) == ("wordings", "no wordings for safety")


def test_the_example_reads_the_same_in_another_yaml_reader() -> None:
    plain = YAML(typ="safe", pure=True).load(WHOLE)
    assert Playbook.model_validate(plain) == load_yaml(WHOLE)


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("See https://acme.example/e14", True),
        ("See www.acme.example", True),
        ("See acme.com/help for it", True),
        ("It is on help.acme.co.uk.", True),
        ("Write to care@acme.com or care.team@acme.co.uk, please", False),
        ("z.B. morgen um 9.30 Uhr, d.h. bald. Danke.", False),
        ("We are sorry.We look at it", True),
        ("Firmware 2.10.4 or newer, e.g. 3.0", False),
    ],
)
def test_a_known_answer_has_no_link_unless_the_playbook_insists(text: str, linked: bool) -> None:
    answer = {"id": "e14", "when": {"en": ["e14"]}, "texts": {"en": text}}
    granted = load_yaml(written(answers=[answer], approvals={"links": True}))
    assert granted.answers[0].texts["en"] == text
    if linked:
        (error,) = mistakes(written(answers=[answer]))
        assert error.path == "answers.0.texts.en" and "approvals.links" in error.message
    else:
        assert load_yaml(written(answers=[answer])).answers
