"""Lines of the append-only trail (R14). Ids follow from what is recorded, so that a repeated try writes the same line."""

from __future__ import annotations

import hashlib
from datetime import datetime

from ..model.records import Audit

ROBOT = "robot"


def line(
    case_id: str, now: datetime, what: str, *, by: str = ROBOT, about: tuple[str, ...] = (), why: str | None = None
) -> Audit:
    """What was done, by whom, about which posts, replies or handoffs, and why. Never a text of a person."""
    digest = hashlib.sha256("|".join((case_id, what, by, *about)).encode()).hexdigest()[:12]
    return Audit(case_id=case_id, at=now, what=what, by=by, about=about, why=why, id=digest)
