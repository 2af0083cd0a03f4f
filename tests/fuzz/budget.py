"""How long the fuzzing goes on: a fixed walk that is the same everywhere, or an exploration (``FIRSTLINE_FUZZ=explore``).

`make test` and CI take the walk: what fails there fails again. The exploration draws anew each time and takes ten times
as long; what it finds becomes an ``@example`` or a test of its own.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EXPLORE = os.environ.get("FIRSTLINE_FUZZ") == "explore"


def tries(count: int) -> settings:
    """So many examples; no time limit for one, because the machine's speed is nobody's bug."""
    return settings(
        max_examples=count * (10 if EXPLORE else 1),
        derandomize=not EXPLORE,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    )
