"""Words in a language that has only some of the situations are never said; `firstline playbook check` tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from firstline.playbook import load_yaml, never_said
from infra.ops.cli import main
from infra.ops.playbook import EXAMPLE
from tests.builders import a_playbook

TEXTS = [f"Olá {number}, obrigado! {{ref}} {{team}}" for number in range(6)]


def check(tmp_path: Path, **more: Any) -> Any:
    """What `check` says of the small playbook with these parts changed."""
    file = tmp_path / "playbook.json"
    file.write_text(json.dumps({**a_playbook().model_dump(mode="json"), **more}, indent=1, ensure_ascii=False))
    return CliRunner().invoke(main, ["playbook", "check", str(file)])


def with_portuguese(*situations: str) -> dict[str, Any]:
    wordings = a_playbook().model_dump(mode="json")["wordings"]
    return {name: {**texts, "pt": TEXTS} if name in situations else texts for name, texts in wordings.items()}


def test_check_names_wordings_of_a_language_that_lacks_situations(tmp_path: Path) -> None:
    told = check(tmp_path, wordings=with_portuguese("praise", "repeated"))
    assert told.exit_code == 0 and "is fine" in told.output
    for situation in ("praise", "repeated"):
        assert f"wordings.{situation}.pt: never said, since pt has no wordings for safety, " in told.output
    assert "house_rules" in told.output and "(write those in pt, too)" in told.output


def test_check_names_questions_and_times_of_such_a_language(tmp_path: Path) -> None:
    playbook = a_playbook().model_dump(mode="json")
    parts = {part: {**playbook[part], "pt": playbook[part]["en"]} for part in ("asks", "times")}
    told = check(tmp_path, **parts).output
    assert "asks.pt: never said" in told and "times.pt: never said" in told


def test_a_playbook_whose_languages_are_whole_is_told_nothing(tmp_path: Path) -> None:
    assert "never said" not in check(tmp_path).output
    assert never_said(EXAMPLE.read_text()) == []


def test_the_place_is_that_of_the_language() -> None:
    text = json.dumps({**a_playbook().model_dump(mode="json"), "wordings": with_portuguese("praise")}, indent=1)
    load_yaml(text)
    (told,) = never_said(text)
    assert text.splitlines()[told.line - 1].strip() == '"pt": ['
