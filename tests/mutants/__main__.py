"""``python -m tests.mutants [WORD…]``: run every mutant (or those whose name has one of the words), print what caught it.

The tests first run without any fault: a test that fails by itself catches nothing. Ends with 1 when a mutant survives,
with 2 when one does not apply any more or its tests do not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from .apply import DoesNotApply, Mutant, mutated
from .faults import MUTANTS

PYTEST = [sys.executable, "-m", "pytest", "-q", "-x", "-rf", "--no-header", "-p", "no:cacheprovider"]
PASSED, FAILED = 0, 1
"""pytest's exit codes; every other one means that the tests did not run."""


def main() -> int:
    """See above."""
    words = sys.argv[1:]
    chosen = [mutant for mutant in MUTANTS if not words or any(word in mutant.name for word in words)]
    if not chosen:
        print("no mutant has such a name; there are", *(mutant.name for mutant in MUTANTS), sep="\n  ")
        return 2
    if outdated := [reason for mutant in chosen if (reason := _outdated(mutant))]:
        print(*outdated, sep="\n")
        return 2
    os.environ["FIRSTLINE_TIERS"] = "faults"
    tests = list(dict.fromkeys(test for mutant in chosen for test in mutant.caught_by))
    print(f"{len(chosen)} mutants; their tests without a fault:", flush=True)
    if (code := subprocess.run([*PYTEST, *tests]).returncode) != PASSED:
        print(f"the tests do not pass without a fault (pytest ended with {code})")
        return 2
    results = [_run(mutant) for mutant in chosen]
    print(f"{results.count(FAILED)} of {len(chosen)} mutants were caught")
    return 2 if any(code not in (PASSED, FAILED) for code in results) else int(PASSED in results)


def _outdated(mutant: Mutant) -> str | None:
    try:
        mutated(mutant)
    except DoesNotApply as error:
        return f"does not apply any more: {mutant.name}: {error}"
    return None


def _run(mutant: Mutant) -> int:
    """Run the mutant's tests, print a line; pytest's exit code."""
    environment = {**os.environ, "FIRSTLINE_MUTANT": mutant.name}
    command = [*PYTEST, "-p", "tests.mutants.plugin", *mutant.caught_by]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    test = re.search(r"^FAILED (\S+)", ended.stdout, re.M)
    if ended.returncode == FAILED and test is not None:
        print(f"caught    {mutant.name}\n          by {test[1]}", flush=True)
        return FAILED
    if ended.returncode == PASSED:
        print(f"SURVIVED  {mutant.name}", flush=True)
        return PASSED
    print(f"NOT RUN   {mutant.name}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}", flush=True)
    return ended.returncode if ended.returncode not in (PASSED, FAILED) else 3


if __name__ == "__main__":
    sys.exit(main())
