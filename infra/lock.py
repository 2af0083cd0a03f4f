"""``python -m infra.lock [--upgrade]``: lock every environment that a `make` verb installs, with hashes.

One lock serves every Python and processor (a *universal* resolution by uv). What is locked already keeps its version
while the bounds allow it; ``--upgrade`` takes the newest that they allow. The layer's lock is then resolved for each
target that the template accepts: a package without a wheel for one of them would fail in somebody's `sam build`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAYER = "layers/firstline/requirements.txt"
LOCKS = {
    LAYER: ("layers/firstline/requirements.in",),
    # What the tests run on is what is deployed: the layer's versions are constraints here.
    "requirements/development.txt": ("pyproject.toml", "--all-extras", "--constraint", LAYER),
    "requirements/local-stack.txt": ("requirements/local-stack.in",),
    "requirements/runtime-client.txt": ("requirements/runtime-client.in",),
}
"""Each lock, and what it is resolved from."""
PYTHONS = ("3.14", "3.13", "3.12", "3.11")
PROCESSORS = ("aarch64", "x86_64")
LIBC = "manylinux_2_17"
"""The oldest C library that a runtime has (python3.11 runs on Amazon Linux 2); the layer's Makefile asks for the same."""


def uv(source: tuple[str, ...], output: Path | str, *options: str) -> None:
    """Resolve ``source``, wheels only, into ``output``. Raises CalledProcessError when there is no solution."""
    uv_compile = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-build"]
    command = [*uv_compile, *source, *options, "--output-file", str(output)]
    environment = {**os.environ, "UV_CUSTOM_COMPILE_COMMAND": "make lock"}
    subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def lock(upgrade: bool) -> None:
    """Write all locks."""
    for output, source in LOCKS.items():
        options = ["--universal", "--python-version", PYTHONS[-1], "--generate-hashes"]
        uv(source, output, *options, *(["--upgrade"] if upgrade else []))


def check_targets() -> None:
    """Resolve the layer's lock for each target. Exits with a message when one would get something else."""
    locked = versions(ROOT / LAYER)
    with tempfile.TemporaryDirectory() as folder:
        for python in PYTHONS:
            for processor in PROCESSORS:
                found = Path(folder) / f"{python}-{processor}.txt"
                platform = f"{processor}-{LIBC}"
                uv((LAYER,), found, "--python-version", python, "--python-platform", platform)
                if versions(found) != locked:
                    sys.exit(f"the layer's lock differs for Python {python} on {processor}")


def versions(file: Path) -> dict[str, str]:
    """Name -> what follows ``==`` (a version, and a marker if it has one) of every package in a lock."""
    lines = (line.removesuffix("\\").strip() for line in file.read_text().splitlines() if line[:1].isalnum())
    return {name: version for name, _, version in (line.partition("==") for line in lines)}


def main() -> None:
    """Lock, check, say what there is."""
    lock(upgrade="--upgrade" in sys.argv[1:])
    check_targets()
    for output in LOCKS:
        print(f"{output}: {len(versions(ROOT / output))} packages")


if __name__ == "__main__":
    main()
