"""What a region's lead sees of the region's branches (E7): read only.

Which regions is said by the token (`Person.regions`) and by nothing in the request. Each read is bounded: of a branch
the handoffs of four weeks, at most two hundred; of its list one page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from ..decide import mask
from ..decide.branch_pace import is_late, pace
from ..model.base import Instant, Value, stamp
from ..model.case import Case
from ..model.errors import NotAllowed, NotFound
from ..model.handoff import Handoff, MailState, Stage, Step
from ..model.person import BRANCH_DESK, Person
from ..model.records import StoredPost
from ..playbook import Branch, Playbook
from ..table import Record, keys
from ..table.keys import Key
from .services import Services

WINDOW = timedelta(days=28)
"""What the figures are about. Older handoffs went back to the agents long ago, if nobody did anything."""
MOST_COUNTED = 200
PAGE = 20
LAST_STEPS = 5


class BranchFigures(Value):
    """A branch and how it keeps up. Medians in its opening minutes since the mail; null when there is none yet."""

    id: str
    name: str
    region: str
    time_zone: str
    open: int
    late: int
    done: int
    accept_minutes: int | None
    contact_minutes: int | None
    helped: int
    not_helped: int
    """What customers said when they were asked whether it helped."""
    counted: int
    """How many handoffs the figures rest on."""
    complete: bool
    """False when the branch got more in this time than are counted."""


class RegionFigures(Value):
    """A region of the person's, with its branches."""

    id: str
    name: str
    branches: tuple[BranchFigures, ...]


class RegionsPage(Value):
    """Answer of ``GET /api/branches``."""

    now: Instant
    days: int
    regions: tuple[RegionFigures, ...]


class StepLine(Value):
    """A step of a handoff, without words. Who: the branch, the robot, or a colleague of the team."""

    at: Instant
    what: str
    by: Literal["branch", "robot", "team"]


class CustomerLine(Value):
    """Who asked, as the branch's mail names them."""

    channel: str
    name: str | None
    handle: str | None
    post_url: str | None


class HandoffLine(Value):
    """A handoff on the list. ``words``: the customer's first post, ``said`` the one that answered whether it ``helped``;
    personal data masked, null when there is none or it was deleted."""

    case_ref: str
    stage: Stage
    mail: MailState
    late: bool
    customer: CustomerLine
    words: str | None
    posts: int
    reason: str
    created_at: Instant
    accept_by: Instant | None
    contact_by: Instant
    escalated_at: Instant | None
    moved_to: str | None
    steps: tuple[StepLine, ...]
    helped: bool | None
    said: str | None


class HandoffsPage(Value):
    """Answer of ``GET /api/branches/{id}/handoffs``: newest first; ``next`` is where the next page begins, null at the
    end."""

    branch: str
    name: str
    time_zone: str
    now: Instant
    handoffs: tuple[HandoffLine, ...]
    next: str | None


def regions(person: Person, services: Services) -> RegionsPage:
    """The person's regions with their branches. Raises `NotAllowed`."""
    allowed = _regions(person)
    now, playbook = services.clock(), services.playbooks.active()
    return RegionsPage(
        now=now,
        days=WINDOW.days,
        regions=tuple(
            RegionFigures(
                id=region.id,
                name=region.name,
                branches=tuple(
                    _figures(branch, services) for branch in playbook.branches if branch.region == region.id
                ),
            )
            for region in playbook.regions
            if region.id in allowed
        ),
    )


def handoffs(person: Person, branch_id: str, before: str, services: Services) -> HandoffsPage:
    """A page of a branch's handoffs: the newest, or (``before`` being a page's ``next``) those that follow.

    Raises `NotAllowed`; `NotFound` also for a branch of another region: who may not see it need not know of it.
    """
    allowed = _regions(person)
    now, playbook = services.clock(), services.playbooks.active()
    branch = playbook.branch(branch_id)
    if branch is None or branch.region not in allowed:
        raise NotFound("there is no such branch in your regions")
    found = _listed(branch, services, before=before, most=PAGE + 1)
    page = found[:PAGE]
    records = services.table.read(
        key
        for given in page
        for key in (keys.case(given.case_id), *(keys.post(given.case_id, post) for post in _posts(given)))
    ).readable
    last = page[-1] if len(found) > PAGE else None
    return HandoffsPage(
        branch=branch.id,
        name=branch.name,
        time_zone=branch.time_zone,
        now=now,
        handoffs=tuple(
            _line(given, case, records, is_late(given, now), playbook)
            for given in page
            if isinstance(case := records.get(keys.case(given.case_id)), Case)
        ),
        next=keys.handoff_order(stamp(last.created_at), last.case_id) if last else None,
    )


def _regions(person: Person) -> frozenset[str]:
    if not person.may(BRANCH_DESK):
        raise NotAllowed("this needs the role branch-desk")
    return person.regions(BRANCH_DESK)


def _figures(branch: Branch, services: Services) -> BranchFigures:
    now = services.clock()
    since = keys.handoff_order(stamp(now - WINDOW))
    found = _listed(branch, services, since=since, most=MOST_COUNTED + 1)
    counted = found[:MOST_COUNTED]
    return BranchFigures(
        id=branch.id,
        name=branch.name,
        region=branch.region,
        time_zone=branch.time_zone,
        counted=len(counted),
        complete=len(found) <= MOST_COUNTED,
        **pace(counted, branch.hours, now)._asdict(),
    )


def _listed(branch: Branch, services: Services, *, most: int, since: str = "", before: str = "") -> list[Handoff]:
    found = services.table.listed(
        keys.branch_partition(branch.id), newest_first=True, most=most, since=since, before=before
    )
    return [each for each in found if isinstance(each, Handoff)]


def _posts(given: Handoff) -> tuple[str, ...]:
    """The keys of the posts that are shown."""
    return (given.post_keys[0], *([given.said] if given.said else []))


def _line(given: Handoff, case: Case, records: Mapping[Key, Record], late: bool, playbook: Playbook) -> HandoffLine:
    found = (records.get(keys.post(given.case_id, key)) for key in _posts(given))
    standing = [each.post if isinstance(each, StoredPost) and each.state == "standing" else None for each in found]
    post, said = standing[0], standing[1] if given.said else None
    return HandoffLine(
        case_ref=case.ref,
        stage=given.stage,
        mail=given.state,
        late=late,
        customer=CustomerLine(
            channel=case.channel,
            name=case.author.name,
            handle=case.author.handle,
            post_url=post.url if post else None,
        ),
        words=mask(post.text, playbook) if post else None,
        posts=len(given.post_keys),
        reason=mask(given.asks, playbook) if given.asks else given.reason,
        created_at=given.created_at,
        accept_by=given.accept_by,
        contact_by=given.contact_by,
        escalated_at=given.escalated_at,
        moved_to=given.moved_to,
        steps=tuple(StepLine(at=step.at, what=step.what, by=_who(step)) for step in given.steps[-LAST_STEPS:]),
        helped=given.helped,
        said=mask(said.text, playbook) if said else None,
    )


def _who(step: Step) -> Literal["branch", "robot", "team"]:
    if step.by.startswith("branch:"):
        return "branch"
    return "robot" if step.by == "robot" else "team"
