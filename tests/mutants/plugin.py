"""For pytest, by ``-p tests.mutants.plugin``: applies the mutant that FIRSTLINE_MUTANT names before any test is read."""

from __future__ import annotations

import os

from .apply import apply
from .faults import MUTANTS

apply(next(mutant for mutant in MUTANTS if mutant.name == os.environ["FIRSTLINE_MUTANT"]))
