"""The worked example is a playbook without a mistake, and says what its readers would expect of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firstline.model.work import WorkItem
from firstline.playbook import SITUATIONS, Playbook, PlaybookErrors, load_yaml
from infra.ops.playbook import EXAMPLE, explained

ROOT = Path(__file__).resolve().parents[3]
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def lumora() -> Playbook:
    return load_yaml(EXAMPLE.read_text())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Can I use the dishwasher with tabs?", {"language": "en", "situation": "first", "lane": "standard"}),
        ("Mein Ofen raucht, was soll ich tun?", {"language": "de", "situation": "safety", "lane": "urgent"}),
        ("Il tecnico non è venuto a riparare il forno a Milano", {"language": "it", "branch": "milano"}),
        ("Nadie vino a reparar mi lavadora en Barcelona", {"language": "es", "branch": "barcelona"}),
        ("Merci beaucoup, j'adore mon four", {"language": "fr", "situation": "praise", "lane": None}),
        ("Idioten! Meine Waschmaschine ist kaputt", {"moderation": "none", "tone": "abusive", "lane": "standard"}),
        ("You are idiots", {"moderation": "abuse", "lane": None}),
        ("free followers crypto giveaway", {"moderation": "spam", "answer": None, "lane": None}),
        ("My oven is broken, ring me on 07911 123456", {"situation": "personal_data", "personal_data": ("phone",)}),
    ],
)
def test_explain_tells_what_the_brand_would_do(lumora: Playbook, text: str, expected: dict[str, Any]) -> None:
    told = explained(text, lumora, "x", private=False, now=TUESDAY)
    assert {name: told[name] for name in expected} == expected


@pytest.mark.parametrize("language", ["en", "es", "it", "de", "fr"])
def test_every_situation_has_six_wordings_in_every_language(lumora: Playbook, language: str) -> None:
    assert all(len(set(lumora.wordings[situation][language])) >= 6 for situation in SITUATIONS)


def test_a_mistake_is_named_with_its_line_and_what_to_write_instead() -> None:
    text = EXAMPLE.read_text().replace('    region: gb\n    places: ["leeds"', '    region: gbb\n    places: ["leeds"')
    line = text[: text.index("region: gbb")].count("\n") + 1
    with pytest.raises(PlaybookErrors) as caught:
        load_yaml(text)
    (error,) = caught.value.errors
    assert (error.line, error.path) == (line, "branches.1.region") and "one of gb" in error.instead


def test_an_unknown_key_is_named_with_its_line() -> None:
    with pytest.raises(PlaybookErrors) as caught:
        load_yaml(EXAMPLE.read_text() + "colour: blue\n")
    (error,) = caught.value.errors
    assert error.path == "colour" and error.line == EXAMPLE.read_text().count("\n") + 1


@pytest.mark.parametrize(
    ("model", "file"),
    [(WorkItem, "docs/schemas/work-item.schema.json"), (Playbook, "docs/schemas/playbook.schema.json")],
)
def test_the_published_schemas_are_those_of_the_code(model: Any, file: str) -> None:
    assert json.loads((ROOT / file).read_text()) == model.model_json_schema()
