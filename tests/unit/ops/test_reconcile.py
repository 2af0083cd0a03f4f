"""`firstline reconcile` says what is wrong with its own arguments before it asks anything."""

from __future__ import annotations

from click.testing import CliRunner

from infra.ops.cli import main


def test_a_mistyped_since_is_refused_with_what_to_write_instead() -> None:
    told = CliRunner().invoke(main, ["reconcile", "--since", "yesterday"])
    assert told.exit_code == 2
    assert "'yesterday' is no ISO time; write 2026-08-01T06:00" in told.output
