"""Which tiers run: plain `pytest` the fast ones; `FIRSTLINE_TIERS=all` (make test) or a tier's name the others as well.

Naming a tier's folder on the command line chooses it, too.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SLOW = {
    "faults": "disturbs every call of the flow, which takes minutes",
    "browser": "needs Chromium",
    "fuzz": "throws hundreds of mutated bodies at receive and intake, which takes a minute",
}
"""Folder to the reason why it is not part of plain `pytest`. The stack tier's fixtures skip by themselves."""
ORDER = ("unit", "contract", "fuzz", "faults", "browser", "stack", "bench")
"""The tiers' folders, fast ones first."""

spent: Counter[str] = Counter()
"""Seconds by tier, of all workers together."""


def chosen(tier: str, config: pytest.Config) -> bool:
    """Whether the environment or the command line asks for a tier."""
    if os.environ.get("FIRSTLINE_TIERS") == "all" or tier in os.environ.get("FIRSTLINE_TIERS", "").split(","):
        return True
    named = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]
    return any(path.is_relative_to(HERE / tier) for path in named)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Fast tiers first; skip, with the reason, what was not asked for."""
    items.sort(key=lambda item: ORDER.index(item.path.relative_to(HERE).parts[0]))
    for tier, reason in SLOW.items():
        if chosen(tier, config):
            continue
        skip = pytest.mark.skip(reason=f"{reason}: set FIRSTLINE_TIERS={tier} or all (make test does)")
        for item in items:
            if item.path.is_relative_to(HERE / tier):
                item.add_marker(skip)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count a test's time for its tier."""
    spent[Path(report.nodeid).parts[1]] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How long each tier took."""
    told = (f"{tier} {spent[tier]:.0f} s" for tier in ORDER if tier in spent)
    terminalreporter.write_line(f"time by tier: {', '.join(told)}")
