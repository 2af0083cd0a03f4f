"""``python -m infra.lock``: write the layer's requirements.txt, exact versions from requirements.in's bounds.

The versions are resolved for the default target (the current Lambda runtime on arm64), then each is checked to have a
wheel for every other target that the template accepts: what has none would fail in somebody's build.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LAYER = Path(__file__).resolve().parents[1] / "layers" / "firstline"
TARGETS = [(python, processor) for python in ("3.14", "3.13", "3.12", "3.11") for processor in ("aarch64", "x86_64")]
HEADER = "# Written by `make lock` from requirements.in; wheels exist for Python 3.11 to 3.14 on arm64 and x86_64.\n"


def resolve(requirements: Path, python: str, processor: str) -> list[str]:
    """``name==version`` of everything that pip would install for a target. Raises CalledProcessError if it cannot."""
    platforms = [f"--platform={name}_{processor}" for name in ("manylinux_2_28", "manylinux_2_17", "manylinux2014")]
    command = [
        *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"),
        *("--target", "unused", "--only-binary", ":all:", "--implementation", "cp", "--python-version", python),
        *(*platforms, "--requirement", str(requirements)),
    ]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    found = [
        (each["metadata"]["name"].lower().replace("_", "-"), each["metadata"]["version"]) for each in report["install"]
    ]
    return [f"{name}=={version}" for name, version in sorted(found)]


def main() -> None:
    """Resolve, write, check."""
    locked = LAYER / "requirements.txt"
    lines = resolve(LAYER / "requirements.in", *TARGETS[0])
    locked.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    for python, processor in TARGETS[1:]:
        if resolve(locked, python, processor) != lines:
            sys.exit(f"Python {python} on {processor} resolves to other packages than {TARGETS[0]}")
    print(f"{len(lines)} packages locked")


if __name__ == "__main__":
    main()
