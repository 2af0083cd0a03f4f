"""``python -m infra.newest``: lint and the fast tests, run by an environment without the lock; says what is newer and
what breaks.

`make newest` makes that environment. What fails here fails for nobody yet: raise the lock, or a bound, knowing why.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .lock import ROOT, versions

CHECKS = {
    "style": ("-m", "ruff", "check", "."),
    "types": ("-m", "mypy"),
    "tests": ("-m", "pytest", "-q", "--numprocesses=auto", "--dist=loadfile", "tests/unit", "tests/contract"),
}


def newer() -> list[str]:
    """``name locked -> installed`` of every package that is installed here in another version than the lock's."""
    found = []
    for name, locked in versions(ROOT / "requirements/development.txt").items():
        try:
            here = version(name)
        except PackageNotFoundError:  # a package for other systems only
            continue
        if here != locked.partition(" ")[0]:
            found.append(f"{name} {locked.partition(' ')[0]} -> {here}")
    return found


def main() -> None:
    """Run every check, whatever the others did; exit 1 if one failed."""
    python = Path(sys.executable)
    broken = [name for name, check in CHECKS.items() if subprocess.run([python, *check], cwd=ROOT).returncode]
    if subprocess.run([python.with_name("lint-imports")], cwd=ROOT).returncode:
        broken.append("imports")
    others = newer()
    print(f"\n{len(others)} packages differ from the lock:", *others, sep="\n  ")
    print(f"With them {'these fail: ' + ', '.join(broken) if broken else 'everything holds'}.")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
