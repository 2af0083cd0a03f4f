"""Lines of the append-only trail (R14). Ids follow from what is recorded, so that a repeated try writes the same line."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from ..model.base import stamp
from ..model.records import Act, Audit
from ..table import keys

if TYPE_CHECKING:
    from .services import Services

ROBOT = "robot"


def line(
    case_id: str, now: datetime, what: str, *, by: str = ROBOT, about: tuple[str, ...] = (), why: str | None = None
) -> Audit:
    """What was done, by whom, about which posts, replies or handoffs, and why. Never a text of a person."""
    digest = hashlib.sha256("|".join((case_id, what, by, *about)).encode()).hexdigest()[:12]
    return Audit(case_id=case_id, at=now, what=what, by=by, about=about, why=why, id=digest)


def act(now: datetime, what: str, *, by: str, about: str = "", why: str = "") -> Act:
    """What a person did to the deployment. Never a customer's name or word: it is not erased."""
    digest = hashlib.sha256("|".join((stamp(now), what, by, about)).encode()).hexdigest()[:16]
    return Act(id=digest, at=now, by=by, what=what, about=about, why=why)


def acts(services: Services, most: int) -> list[Act]:
    """What people did to the deployment, the latest first."""
    found = services.table.listed(keys.acts_partition(), newest_first=True, most=most)
    return [each for each in found if isinstance(each, Act)]
