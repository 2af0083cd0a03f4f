"""`firstline playbook active` prints the policy that is live."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

from firstline.model.errors import Retry
from firstline.playbook import Playbook, load_yaml
from infra.ops import stack
from infra.ops.cli import main
from tests.builders import a_playbook


def run(active: Any) -> Any:
    services = SimpleNamespace(playbooks=SimpleNamespace(active=active))
    with patch.object(stack, "services_of", lambda name: services):
        return CliRunner().invoke(main, ["playbook", "active"])


def test_what_is_printed_can_be_published_again() -> None:
    live = a_playbook(version="2026-11-28.2")
    told = run(lambda: live)
    assert told.exit_code == 0 and "version 2026-11-28.2 is active" in told.stderr
    assert load_yaml(told.stdout, whole=False) == live


def test_without_a_published_version_it_says_so_plainly() -> None:
    def none() -> Playbook:
        raise Retry("no_playbook_published")

    told = run(none)
    assert told.exit_code == 1 and "no_playbook_published" in told.output and "Traceback" not in told.output
