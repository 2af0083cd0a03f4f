"""A key that nothing reads any more harms nobody; `firstline playbook check` says that it can go."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from firstline.playbook import Playbook, load_yaml, no_longer_used
from firstline.playbook.retired import RETIRED, take_retired
from infra.ops.cli import main
from infra.ops.playbook import EXAMPLE

WHOLE = EXAMPLE.read_text()
OLD = WHOLE.replace("watch_hours: 72\n", "watch_hours: 72\n  walk_away_days: 14\n").replace(
    "approvals: {", "objectives: {acknowledged: 0.99, csat: 4.0}\napprovals: {"
)
RESOLVE = WHOLE.replace("hold_back_seconds:", "  - {kind: resolve, minutes: 1440}\nhold_back_seconds:")


def test_a_playbook_with_retired_keys_is_the_same_without_them() -> None:
    assert OLD != WHOLE
    assert load_yaml(OLD) == load_yaml(WHOLE)


def test_check_names_each_retired_key_where_it_stands_and_is_content(tmp_path: Path) -> None:
    file = tmp_path / "playbook.yaml"
    file.write_text(OLD)
    told = CliRunner().invoke(main, ["playbook", "check", str(file)])
    assert told.exit_code == 0 and "is fine" in told.output
    lines = OLD.splitlines()
    for each in no_longer_used(OLD):
        assert each.path in RETIRED and each.path.rpartition(".")[2] in lines[each.line - 1]
        assert f"line {each.line}, column {each.column}: {each.path}: no longer used" in told.output
    assert {each.path for each in no_longer_used(OLD)} == {"case.walk_away_days", "objectives"}


def test_a_playbook_without_retired_keys_is_told_nothing() -> None:
    assert no_longer_used(WHOLE) == []


def test_a_key_that_is_no_key_at_all_is_still_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "playbook.yaml"
    file.write_text(WHOLE.replace("hold_back_seconds:", "hold_bak_seconds:"))
    told = CliRunner().invoke(main, ["playbook", "check", str(file)])
    assert told.exit_code == 1 and "hold_bak_seconds" in told.output


@pytest.mark.parametrize("pattern", ["branches.*.fax", "wordings.*"])
def test_a_retired_key_may_stand_at_many_places(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firstline.playbook.retired.RETIRED", (pattern,))
    document = {"branches": [{"id": "a", "fax": "1"}, {"id": "b"}], "wordings": {"first": 1, "praise": 2}}
    assert len(take_retired(document)) == (1 if "fax" in pattern else 2)
    assert "fax" not in str(document) or not document["wordings"]


def test_no_retired_key_is_one_that_the_playbook_has() -> None:
    for pattern in RETIRED:
        model: object = Playbook
        for part in pattern.split("."):
            fields = getattr(model, "model_fields", {})
            if part not in fields:
                break
            model = fields[part].annotation
        else:
            raise AssertionError(f"{pattern} is still in use")


def test_a_target_that_nobody_watches_is_named_and_changes_nothing() -> None:
    (told,) = no_longer_used(RESOLVE)
    assert told.path.startswith("targets.") and "kind: resolve" in RESOLVE.splitlines()[told.line - 1]
    active = load_yaml(RESOLVE)
    assert active.target("human", "x", "public") == load_yaml(WHOLE).target("human", "x", "public")
