"""Record what a call outside did, whoever writes at the same moment.

Before a call a lost race is harmless: read again, decide again. After it the effect is there, and a record that is
dropped leaves a reply or a mail that nobody knows of: it is looked for, given to a person, or made a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from random import uniform
from typing import TypeVar

from ..model.errors import LostRace, Retry
from .services import Services

T = TypeVar("T")
RACES = 20
PAUSE, LONGEST_PAUSE = 0.03, 1.0
"""Seconds, on average half of them, doubled with every lost race; in all less than the function's time-out."""


def record_outcome(read: T, again: Callable[[], T | None], record: Callable[[T], None], services: Services) -> None:
    """``record`` commits the outcome on what was ``read`` before the call; after a lost race on what ``again`` reads.

    ``again`` returns None when there is nothing left to record: somebody else knew the outcome and was faster. Raises
    `Retry` when every race was lost.
    """
    present: T | None = read
    for race in range(RACES):
        if present is None:
            return
        try:
            record(present)
            return
        except LostRace:
            services.pause(uniform(0, min(PAUSE * 2**race, LONGEST_PAUSE)))
            present = again()
    raise Retry("contended")
