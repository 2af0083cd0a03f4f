"""`make bench`: measure, print a table, write `.local/bench.json`. Takes about ten minutes; asserts no time.

``python -m tests.bench receive init`` measures only those parts.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import botocore

from infra.local.stack import LOCAL, ROOT
from tests.dynamodb_local import Missing

from . import cost, init, limits, post, receive, storm
from .figures import Figure

RESULTS = LOCAL / "bench.json"


def _posts() -> list[Figure]:
    found = post.count()
    return [*post.figures(found), *cost.figures(found)]


PARTS: dict[str, Callable[[], list[Figure]]] = {
    "receive": receive.figures,
    "init": init.figures,
    "post": _posts,
    "storm": storm.figures,
    "limits": limits.figures,
}


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "processor": names[0] if names else platform.processor(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(),
        "python": platform.python_version(),
        "botocore": botocore.__version__,
    }


def main(names: list[str]) -> int:
    """Measure the named parts (all, if none is named)."""
    where = machine()
    print(", ".join(f"{name} {value}" for name, value in where.items()))
    figures: list[Figure] = []
    for name in names or list(PARTS):
        try:
            found = PARTS[name]()
        except Missing as missing:
            print(f"\n{name}: not measured. {missing}")
            continue
        heading = ""
        for figure in found:
            if figure.part != heading:
                heading = figure.part
                print(f"\n{heading}")
            print("  " + figure.line(), flush=True)
        figures += found
    LOCAL.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": where, "figures": [asdict(figure) for figure in figures]}, indent=2))
    print(f"\nwritten to {RESULTS.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
