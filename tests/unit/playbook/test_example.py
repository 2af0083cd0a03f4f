"""The worked example is complete, and its published schema is that of the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from firstline.channels.x.length import weighted_length
from firstline.decide.wording import filled
from firstline.model.work import WorkItem
from firstline.playbook import ADD_ONS, SITUATIONS, Playbook, compiled, load_yaml
from infra.ops.playbook import EXAMPLE

SCHEMAS = Path(__file__).resolve().parents[3] / "docs/schemas"
LANGUAGES = ("en", "es", "it", "de", "fr")
LONG = {
    "name": "Maximilian-Konst",
    "ref": "FL-0000-0000",
    "when": "when we are back on Wednesday at 10:00",
    "ask": "",
    "team": "– Team Lumora",
}


@pytest.fixture(scope="module")
def lumora() -> Playbook:
    return load_yaml(EXAMPLE.read_text())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_situation_has_six_wordings_in_every_language(lumora: Playbook, language: str) -> None:
    assert all(len(set(lumora.wordings[situation][language])) >= 6 for situation in SITUATIONS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wording_fits_a_post_on_x(lumora: Playbook, language: str) -> None:
    longest = max((branch.name for branch in lumora.branches), key=len)
    lengths = {
        text: weighted_length(filled(text, {**LONG, "branch": longest}))
        for situation in SITUATIONS
        if situation not in ADD_ONS
        for text in lumora.wordings[situation][language]
    }
    assert {text: length for text, length in lengths.items() if length > 280} == {}


def test_the_branches_stand_in_five_countries(lumora: Playbook) -> None:
    assert len(lumora.branches) >= 12
    assert {branch.region for branch in lumora.branches} == {"gb", "es", "it", "de", "fr"}
    assert all(branch.places and branch.postal_codes and branch.store_ids for branch in lumora.branches)


def test_authors_of_twenty_more_languages_are_told_why_we_answer_in_english(lumora: Playbook) -> None:
    assert len(set(lumora.explanations) - set(LANGUAGES)) >= 20


@pytest.mark.parametrize(("model", "file"), [(WorkItem, "work-item"), (Playbook, "playbook")])
def test_the_published_schemas_are_those_of_the_code(model: Any, file: str) -> None:
    assert json.loads((SCHEMAS / f"{file}.schema.json").read_text()) == model.model_json_schema()


def test_the_example_is_valid_by_the_published_schema(lumora: Playbook) -> None:
    schema = json.loads((SCHEMAS / "playbook.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(json.loads(compiled(lumora)))) == []
